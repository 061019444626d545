"""DeepLIFT's rule "reveal-cancel": what raises a neuron and what lowers it are followed apart.

Δx⁺, Δx⁻  the parts of Δx = Δx⁺ + Δx⁻ that came from what raised x and from what lowered it
m⁺, m⁻    the multiplier of each

The pass runs on two rows, x0 + Δx⁺ and x0 + Δx⁻, so that the gradients of the two rows are m⁺ and m⁻.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ...core.errors import ModelError
from ...network.layers import Layer, by_autograd, layer_of, signs_of
from ...network.operations import AVERAGES, MAX_POOLS, SCALINGS, SUMS, WEIGHTED, Call
from ...network.rules import answered, depends_on_input
from .contrast import Contrast, derivative, ratio
from .relevance_rules import minus, plus


class RevealCancel(Contrast):
    """A forward pass on (x0 + Δx⁺, x0 + Δx⁻) whose gradient is (m⁺, m⁻)."""

    def begin(self, batch: Tensor) -> None:
        """Forget the last pass, but not what was remembered."""
        super().begin(batch)
        if self._kept is not None and len(batch) != 2:
            raise ModelError("reveal-cancel needs both of its rows in one batch. Try rule='rescale'.")

    @staticmethod
    def example(value: Tensor, other: Tensor) -> Tensor:
        """What an operation gave for the example: both differences added."""
        return value[0] + value[1] - other[0]

    def linear(self, call: Call) -> Any:
        """A linear operation sorts what it adds up by sign."""
        moving = sum(map(depends_on_input, call.args))
        if call.name in WEIGHTED:
            x, layer = layer_of(call)
            return self._sorted(call, [x], lambda d: by_weight(layer, d))
        if call.name in AVERAGES:
            average = lambda x, W, b: call.on(x)  # noqa: E731
            return self._sorted(call, [call.x], lambda d: by_average(average, d))
        if call.name in SUMS and moving == 2:
            return self._sorted(call, list(call.args[:2]), lambda *d: by_sum(signs_of(call), d))
        if call.name in SCALINGS | {"batch_norm"} or (call.name == "rsub" and moving == 1):
            return self._scaled(call)
        return super().linear(call)

    def _answered(self, call: Call, inputs: list[Tensor], compute: Callable[..., Any]) -> Tensor:
        """In the first pass the value; in the second what `compute` makes of the deltas.

        compute(inputs and output of the other pass, (Δ⁺, Δ⁻) of each) gives Δy⁺, Δy⁻ and a backward step.
        """
        with torch.no_grad():
            value = call()
        box: list[Callable[[Tensor], Any]] = []
        if self._kept is None:
            out = answered(value, lambda m: box[0](m), *inputs)
            self._counterpart(call, out)
            return out
        x0s, y0 = self._kept[self._position][1:] if self._position < len(self._kept) else ((), value)
        deltas = [(v.detach()[:1] - x0, v.detach()[1:] - x0) for v, x0 in zip(inputs, x0s, strict=False)]
        with torch.no_grad():
            raised, lowered, backward = compute(x0s, y0, deltas)
        box.append(backward)
        out = answered(torch.cat([y0 + raised, y0 + lowered]), lambda m: box[0](m), *inputs)
        self._counterpart(call, out)
        return out

    def _sorted(self, call: Call, inputs: list[Tensor], by: Callable[..., Any]) -> Tensor:
        """Terms of a sum, sorted by whether they raise it or lower it."""
        return self._answered(call, inputs, lambda x0s, y0, ds: by(*(up + down for up, down in ds)))

    def _scaled(self, call: Call) -> Tensor:
        """A factor, as if it stood in the weights before it; a negative one exchanges the two parts."""
        if sum(map(depends_on_input, call.args)) > 1:
            raise self._no_rule("a product of two activations")
        x = next(a for a in call.args if depends_on_input(a))

        def compute(x0s: Any, y0: Tensor, deltas: Any) -> Any:
            again = lambda v: call.function(*[v if a is x else a for a in call.args], **call.kwargs)  # noqa: E731
            with torch.enable_grad():
                leaf = x0s[0].detach().requires_grad_()
                factor = torch.autograd.grad(again(leaf).sum(), leaf)[0]
            (up, down), negative = deltas[0], factor < 0
            raised = factor * torch.where(negative, down, up)
            lowered = factor * torch.where(negative, up, down)

            def backward(m: Tensor) -> tuple[Tensor]:
                return (factor * torch.where(negative, m.flip(0), m),)

            return raised, lowered, backward

        return self._answered(call, [x], compute)

    def _compared(self, call: Call) -> Any:
        """Half of the time Δ⁺ comes first, half of the time Δ⁻; a maximum is rescaled."""
        self.applied += 1
        if call.name in MAX_POOLS:
            return self._maximum(call)

        def compute(x0s: Any, y0: Tensor, deltas: Any) -> Any:
            (up, down), f, x0 = deltas[0], call.on, x0s[0]
            both = f(x0 + up + down)
            raised = (f(x0 + up) - y0 + both - f(x0 + down)) / 2
            lowered = (f(x0 + down) - y0 + both - f(x0 + up)) / 2

            def backward(m: Tensor) -> tuple[Tensor]:
                here = lambda: derivative(call, x0)  # noqa: E731
                return (m * torch.cat([ratio(raised, up, here), ratio(lowered, down, here)]),)

            return raised, lowered, backward

        return self._answered(call, [call.x], compute)

    def _maximum(self, call: Call) -> Tensor:
        """One difference, sorted by its sign."""

        def compute(x0s: Any, y0: Tensor, deltas: Any) -> Any:
            x = x0s[0] + sum(deltas[0])
            y = call.on(x)
            pooled = self._pooled(
                Call(call.name, call.function, (x, *call.args[1:]), call.kwargs), y, x0s[0], y0
            )

            def backward(m: Tensor) -> tuple[Tensor]:
                return (pooled(by_sign(y - y0, m[:1], m[1:])).expand(2, *x.shape[1:]),)

            return plus(y - y0), minus(y - y0), backward

        return self._answered(call, [call.x], compute)


def by_sign(delta: Tensor, up: Tensor, down: Tensor) -> Tensor:
    """`up` where the difference is positive, `down` where it is negative, their mean where there is none."""
    return torch.where(delta > 0, up, torch.where(delta < 0, down, (up + down) / 2))


def by_weight(layer: Layer, d: Tensor) -> Any:
    """Δy⁺ and Δy⁻ of a layer with weights, and its backward step."""
    W, apply, pull = layer.W, layer.apply, layer.pull
    raised = apply(plus(d), plus(W), None) + apply(minus(d), minus(W), None)
    lowered = apply(plus(d), minus(W), None) + apply(minus(d), plus(W), None)

    def backward(m: Tensor) -> tuple[Tensor]:
        if_up = pull(m[:1], d, plus(W)) + pull(m[1:], d, minus(W))
        if_down = pull(m[:1], d, minus(W)) + pull(m[1:], d, plus(W))
        return (by_sign(d, if_up, if_down).expand(2, *d.shape[1:]),)

    return raised, lowered, backward


def by_average(apply: Callable[..., Tensor], d: Tensor) -> Any:
    """Δy⁺ and Δy⁻ of an average, and its backward step."""
    pull = by_autograd(apply)

    def backward(m: Tensor) -> tuple[Tensor]:
        return (by_sign(d, pull(m[:1], d, None), pull(m[1:], d, None)).expand(2, *d.shape[1:]),)

    return apply(plus(d), None, None), apply(minus(d), None, None), backward


def by_sum(signs: tuple[float, float], ds: tuple[Tensor, Tensor]) -> Any:
    """Δy⁺ and Δy⁻ of a sum of two, and its backward step."""
    a, b = (sign * d for sign, d in zip(signs, ds, strict=True))

    def backward(m: Tensor) -> tuple[Tensor, ...]:
        parts = (by_sign(t, m[:1], m[1:]) for t in (a, b))
        pairs = zip(signs, parts, ds, strict=True)
        return tuple((sign * part).sum_to_size(d.shape).expand(2, *d.shape[1:]) for sign, part, d in pairs)

    return plus(a) + plus(b), minus(a) + minus(b), backward
