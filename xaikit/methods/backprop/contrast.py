"""DeepLIFT: how much of a difference in the output comes from each difference in the input.

x, x0  the example and its reference      Δx = x − x0      y, y0, Δy  the same for an operation's output
m  the multiplier: of a difference that reaches the output, what one unit of Δx contributed

Two forward passes, over the reference and over the example, are compared operation by operation. What is
linear has its slope as multiplier; a nonlinear operation has Δy / Δx.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ...core.errors import ModelError
from ...network.layers import layer_of
from ...network.operations import AVERAGES, ELEMENTWISE, MAX_POOLS, MOVES, SCALINGS, SUMS, WEIGHTED, Call
from ...network.rules import Rules, answered, depends_on_input

TINY = 1e-10  # where Δx is no larger, the slope takes the place of Δy / Δx
NONLINEAR = ELEMENTWISE | MAX_POOLS
LINEAR = WEIGHTED | AVERAGES | SUMS | SCALINGS | MOVES | {"batch_norm"}
ADVICE = (
    "Try a network of convolutions, dense layers, elementwise activations, pooling, batch norm and sums, or "
    "integrated_gradients, which needs no rules."
)


class Contrast(Rules):
    """A forward pass whose gradient is the multiplier: the rule "rescale".

    `remember(model, rows)` makes a first pass, over what the second one is held against: one row, or as many
    as the second has. Which of the two is the reference makes no difference to a multiplier.
    """

    nothing = "nothing is computed on the way from the input to the score"

    def __init__(self, module: Any, record: bool | None = None) -> None:
        super().__init__(module, record)
        self._kept: list[tuple[str, tuple[Tensor, ...], Tensor]] | None = None  # of the first pass, when done
        self._keeping: list[tuple[str, tuple[Tensor, ...], Tensor]] = []

    def begin(self, batch: Tensor) -> None:
        """Forget the last pass, but not what was remembered."""
        super().begin(batch)
        self._position = 0
        self.activations: dict[str, Tensor] = {}
        self.others: dict[str, Tensor] = {}
        self.multipliers: dict[str, Tensor] = {}
        self.contributions: dict[str, Tensor] = {}

    def remember(self, model: Callable[[Tensor], Any], rows: Tensor) -> None:
        """The first pass: what goes into each operation and what comes out of it."""
        self._kept, self._keeping = None, []
        with torch.enable_grad():  # what depends on the input is known by its graph
            self(model, rows.detach().clone().requires_grad_())
        self._kept = self._keeping

    def finished(self, output: Any) -> Any:
        """Both passes must have met the same operations."""
        if self._kept is not None and self._position != len(self._kept):
            raise self._differs()
        return output

    def answer(self, call: Call) -> Any:
        """The value of an operation; with a rule, if it is not linear."""
        together = sum(map(depends_on_input, call.args)) > 1
        if call.name in NONLINEAR and not together:
            return self._compared(call)
        if call.name == "rdiv" or (call.name in SCALINGS | NONLINEAR and together):
            raise self._no_rule("a product of two activations, as in a gate or in attention,")
        return self.linear(call)

    def linear(self, call: Call) -> Any:
        """The value of an operation that is linear, whose multiplier is its slope."""
        value = call()
        if call.name not in LINEAR and depends_on_input(value):
            raise self._no_rule(repr(call.name))
        if call.name in WEIGHTED:
            _, layer = layer_of(call)
            if depends_on_input(layer.W, layer.b):
                raise self._no_rule("a product of two activations, as in attention,")
            self._counterpart(call, value)
        self.applied += 1
        return value

    def _no_rule(self, what: str) -> ModelError:
        return ModelError(f"deep_lift has no rule for {what} (in {self.path() or 'the model'}). {ADVICE}")

    def _differs(self) -> ModelError:
        return ModelError(
            "the model did other operations for the reference than for the example: they cannot be compared. "
            "Try a model without branches that depend on the input."
        )

    # Pairs of operations --------------------------------------------------------------------------------

    def _counterpart(self, call: Call, value: Tensor) -> tuple[tuple[Tensor, ...], Tensor] | None:
        """Inputs and output of the same operation in the other pass; None in the first pass."""
        inputs = tuple(a.detach() for a in call.args if isinstance(a, Tensor) and depends_on_input(a))
        name = self.name(call.name)
        if self._kept is None:
            self._keeping.append((call.name, inputs, value.detach()))
            return None
        if self._position >= len(self._kept):
            raise self._differs()
        kind, others, other = self._kept[self._position]
        if kind != call.name or other.shape[1:] != value.shape[1:]:
            raise self._differs()
        self._position += 1
        if self.record:
            self.activations[name], self.others[name] = self.example(value.detach(), other), other[0]
            difference = value.detach() - other
            self.contributions[name] = torch.zeros_like(self.activations[name])  # its place in the order
            self.multipliers[name] = self.contributions[name]
            value.register_hook(lambda m: self._arrived(name, m.detach(), difference))
        return others, other

    @staticmethod
    def example(value: Tensor, other: Tensor) -> Tensor:
        """What an operation gave for the example."""
        return value[0]

    def _arrived(self, name: str, m: Tensor, difference: Tensor) -> None:
        """Write down the multiplier of an output, and what its difference contributed."""
        self.multipliers[name] = m[0] if len(m) == 1 else m
        self.contributions[name] = (m * difference).sum(0)

    def _compared(self, call: Call) -> Any:
        """An operation that is not linear."""
        self.applied += 1
        rule = self._pooled if call.name in MAX_POOLS else self._rescaled
        box: list[Callable[[Tensor], Tensor]] = []
        with torch.no_grad():
            result = call()
        value = result if isinstance(result, Tensor) else result[0]
        out = answered(value, lambda m: (box[0](m),), call.x)
        other = self._counterpart(call, out)
        if other is not None:
            box.append(rule(call, value, other[0][0], other[1]))
        return out if isinstance(result, Tensor) else (out, *result[1:])

    def _rescaled(self, call: Call, y: Tensor, x0: Tensor, y0: Tensor) -> Callable[[Tensor], Tensor]:
        x = call.x.detach()

        def backward(m: Tensor) -> Tensor:
            return m * ratio(y - y0, x - x0, lambda: derivative(call, x))

        return backward

    def _pooled(self, call: Call, y: Tensor, x0: Tensor, y0: Tensor) -> Callable[[Tensor], Tensor]:
        """The part of Δy above the lower of both maxima comes from where the higher one was found."""
        x = call.x.detach()
        pool = getattr(nn.functional, f"{call.name}_with_indices")
        given = {k: v for k, v in call.kwargs.items() if k not in ("return_indices", "input")}
        places, places0 = (pool(v, *call.args[1:], **given)[1] for v in (x, x0))

        def backward(m: Tensor) -> Tensor:
            higher = torch.maximum(y, y0)
            contributed = scattered(m * (higher - y0), places, x) + scattered(m * (y - higher), places0, x)
            return ratio(contributed, x - x0, lambda: scattered(m, places, x))

        return backward


def ratio(part: Tensor, whole: Tensor, otherwise: Callable[[], Tensor]) -> Tensor:
    """part / whole, and something else where the whole is next to nothing."""
    none = whole.abs() < TINY
    if not bool(none.any()):
        return part / whole
    return torch.where(none, otherwise(), part / torch.where(none, 1, whole))


def derivative(call: Call, x: Tensor) -> Tensor:
    """The derivative of an elementwise operation at x."""
    with torch.enable_grad():
        leaf = x.detach().requires_grad_()
        return torch.autograd.grad(call.on(leaf).sum(), leaf)[0]


def scattered(values: Tensor, places: Tensor, like: Tensor) -> Tensor:
    """Values (n, C, …) brought to the places (n or 1, C, …) that a maximum found in maps like `like`."""
    spatial = places.dim() - 2
    places = places.expand(len(values), *places.shape[1:])
    out = torch.zeros_like(like).flatten(-spatial)
    return out.scatter_add(-1, places.flatten(-spatial), values.flatten(-spatial)).reshape(like.shape)
