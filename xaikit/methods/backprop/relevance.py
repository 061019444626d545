"""Layer-wise relevance propagation as one pass: from the score down to the input, layer by layer."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import torch
from torch import Tensor

from ...core.errors import ModelError
from ...network.layers import Layer, by_autograd, layer_of, signs_of
from ...network.operations import (
    ACTIVATIONS,
    AVERAGES,
    DENSE,
    MAX_POOLS,
    MOVES,
    SCALINGS,
    SUMS,
    WEIGHTED,
    Call,
)
from ...network.rules import Rules, answered, depends_on_input
from .relevance_rules import STABILISER, Settings, divided, messages

ADVICE = (
    "Try a network of convolutions, dense layers, ReLUs, pooling, batch norm and sums, or "
    "integrated_gradients, which needs no rules."
)


class Made(NamedTuple):
    """A layer that has run: what it gave, what it was, and what it was given."""

    out: Tensor
    layer: Layer
    name: str
    rule: str
    x: Tensor


class Relevance(Rules):
    """A forward pass whose gradient is relevance.

    Convolutions and dense layers have the rules of `settings`; a batch norm is one layer with the convolution
    before it, and on its own a scaling. Sums and averages share by contribution; what takes one number to
    one number (activations, scalings, shifts by a constant) passes relevance on, a maximum to the winner.
    """

    nothing = "there is no layer to which a rule of relevance applies"

    def __init__(self, module: Any, settings: Settings, record: bool | None = None) -> None:
        super().__init__(module, record)
        self.settings = settings
        self.rule_of = settings.chooser(module)
        self.table: tuple[tuple[Any, Callable[[Call], Any]], ...] = (
            (WEIGHTED, self._weighted),
            ({"batch_norm"}, self._batch_norm),
            (SUMS, self._sum),
            (SCALINGS, self._scaling),
            (AVERAGES, self._average),
            (ACTIVATIONS, self._passed_on),
            (MAX_POOLS, self._maximum),
            (MOVES, self._moved),
        )

    def begin(self, batch: Tensor) -> None:
        """Forget the last pass."""
        super().begin(batch)
        self.activations: dict[str, Tensor] = {}
        self.relevances: dict[str, Tensor] = {}
        self.rules: dict[str, str] = {}  # of each layer that has one
        self._made: dict[int, Made] = {}
        low, high = (torch.full_like(batch[:1], end, requires_grad=False) for end in self.settings.box)
        self._box = {id(batch): (batch, low, high)}  # what is still the input, shifted and scaled at most

    def end(self) -> None:
        """Let go of the tensors of the pass."""
        super().end()
        self._made.clear()
        self._box.clear()

    def finished(self, output: Any) -> Any:
        """Relevance begins as the output times the slope of the score, which for a logit is the logit."""
        if not (isinstance(output, Tensor) and output.requires_grad):
            return output
        value = output.detach()
        return answered(value, lambda slope: (slope * value,), output)

    def answer(self, call: Call) -> Any:
        """The value of an operation, with its rule."""
        for names, rule in self.table:
            if call.name in names:
                return rule(call)
        value = call()
        if depends_on_input(value):  # a question about a tensor needs no rule, nor does a comparison
            raise self._no_rule(f"{call.name!r}")
        return value

    def _no_rule(self, what: str) -> ModelError:
        return ModelError(f"relevance has no rule for {what} (in {self.path() or 'the model'}). {ADVICE}")

    # Layers with weights --------------------------------------------------------------------------------

    def _weighted(self, call: Call) -> Tensor:
        """A convolution or a dense layer under its rule."""
        x, layer = layer_of(call)
        if depends_on_input(layer.W, layer.b):
            raise self._no_rule("a product of two activations, as in attention,")
        if id(x) in self._box:
            layer = replace(layer, box=self._box[id(x)][1:])
        rule = self.rule_of(self.path(), call.name not in DENSE, not self.rules)
        name = self.name(call.name)
        self.rules[name] = rule
        with torch.no_grad():
            value = call()
        return self._under(Made(value, layer, name, rule, x))

    def _under(self, made: Made) -> Tensor:
        value, layer, name, rule, x = made
        handed = lambda R: (messages(layer, value, R, rule, self.settings),)  # noqa: E731
        out = self._noted(name, answered(value, handed, x))
        self._made[id(out)] = made._replace(out=out)
        return out

    def _batch_norm(self, call: Call) -> Tensor:
        """One layer with the convolution that made its input: the batch norm goes into the weights."""
        names = ("input", "running_mean", "running_var", "weight", "bias", "training", "momentum", "eps")
        x, mean, var, weight, bias, training, _, eps = call.bound(*names)
        if training or mean is None or var is None:
            raise self._no_rule("a batch norm that uses the statistics of the batch")
        made = self._made.get(id(x))
        if made is None:
            return self._passed_on(call)
        layer = made.layer
        scale = (1 if weight is None else weight) / (var + (1e-5 if eps is None else eps)).sqrt()
        shift = (0 if bias is None else bias) - mean * scale
        shape = [1] * layer.W.dim()
        shape[layer.channel_axis] = -1
        W, b = layer.W * scale.reshape(shape), shift if layer.b is None else layer.b * scale + shift
        with torch.no_grad():
            value = call()
        return self._under(made._replace(out=value, layer=replace(layer, W=W, b=b)))

    # Everything else ------------------------------------------------------------------------------------

    def _moved(self, call: Call) -> Any:
        """Numbers that only move take their relevance along."""
        value = call()
        if id(call.x) in self._box and isinstance(value, Tensor) and value.shape == call.x.shape:
            self._box[id(value)] = (value, *self._box[id(call.x)][1:])
        return value

    def _maximum(self, call: Call) -> Any:
        """The winner takes all."""
        value = call()
        return self._noted(self.name(call.name), value) if isinstance(value, Tensor) else value

    def _passed_on(self, call: Call) -> Tensor:
        """One number becomes one number, and keeps its relevance."""
        if sum(map(depends_on_input, call.args)) > 1:
            raise self._no_rule(f"{call.name!r} of two activations")
        with torch.no_grad():
            value = call()
        return self._noted(self.name(call.name), answered(value, lambda R: (R,), call.x))

    def _scaling(self, call: Call) -> Tensor:
        """A factor that is a constant leaves relevance alone."""
        moving = [a for a in call.args if depends_on_input(a)]
        if len(moving) != 1 or (call.name == "rdiv"):
            raise self._no_rule("a product of two activations, as in a gate or in attention,")
        return self._by_constant(call, moving[0])

    def _by_constant(self, call: Call, x: Tensor) -> Tensor:
        """A shift or a scaling: relevance is passed on, and the box moves along."""
        with torch.no_grad():
            value = call()
        shape = x.shape
        out = answered(value, lambda R: (R.sum_to_size(shape),), x)
        if id(x) in self._box and value.shape == shape:
            again = lambda end: call.function(*[end if a is x else a for a in call.args], **call.kwargs)  # noqa: E731
            ends = [again(end) for end in self._box[id(x)][1:]]
            self._box[id(out)] = (out, torch.minimum(*ends), torch.maximum(*ends))
        self.applied += 1
        return out

    def _sum(self, call: Call) -> Tensor:
        """Two activations share by what each contributes; a constant gets nothing."""
        moving = [a for a in call.args if depends_on_input(a)]
        if len(moving) == 1:
            return self._by_constant(call, moving[0])
        with torch.no_grad():
            value = call()
        first, second = signs_of(call)
        a, b = (v.detach() for v in call.args[:2])

        def backward(R: Tensor) -> tuple[Tensor, Tensor]:
            s = divided(R, value, STABILISER)
            return (first * a * s).sum_to_size(a.shape), (second * b * s).sum_to_size(b.shape)

        return self._noted(self.name(call.name), answered(value, backward, *call.args[:2]))

    def _average(self, call: Call) -> Tensor:
        """Inputs of an average share by what each contributes."""
        with torch.no_grad():
            value = call()
        apply = lambda x, W, b: call.on(x)  # noqa: E731
        layer, settings = Layer(apply, by_autograd(apply), call.x.detach()), Settings(epsilon=STABILISER)
        handed = lambda R: (messages(layer, value, R, "epsilon", settings),)  # noqa: E731
        return self._noted(self.name(call.name), answered(value, handed, call.x))

    def _noted(self, name: str, value: Tensor) -> Tensor:
        """Write down a layer's output now, and its relevance when it arrives."""
        self.applied += 1
        if self.record:
            self.activations[name] = value.detach()[0]
            self.relevances[name] = torch.zeros_like(self.activations[name])  # its place in the order
            value.register_hook(lambda R: self.relevances.__setitem__(name, R.detach()[0]))
        return value
