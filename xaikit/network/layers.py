"""Operations as maps that are linear in their input and their weights, and how such a map is transposed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import grad

from .operations import TRANSPOSED, Call


@dataclass(frozen=True)
class Layer:
    """A layer that is linear in its input and its weights, at one input.

    apply(x, W, b) is its output, pull(s, like, W) the transposed map of s, of the shape of `like`.
    """

    apply: Callable[[Tensor, Any, Any], Tensor]
    pull: Callable[[Tensor, Tensor, Any], Tensor]
    x: Tensor
    W: Any = None
    b: Tensor | None = None
    channel_axis: int = 0  # of W, along the output channels
    box: tuple[Tensor, Tensor] | None = None  # the lowest and the highest values that x can have


def layer_of(call: Call) -> tuple[Tensor, Layer]:
    """The input of a convolution or a dense layer, still on the graph, and the layer itself."""
    if call.name == "linear":
        x, W, b = call.bound("input", "weight", "bias")
        return x, Layer(nn.functional.linear, pull_dense, x.detach(), W, b)
    if call.name in ("matmul", "addmm"):
        b, x, W = call.args[:3] if call.name == "addmm" else (None, *call.args[:2])
        return x, Layer(nn.functional.linear, pull_dense, x.detach(), W.mT, b)
    turned = call.name in TRANSPOSED
    further = ("output_padding", "groups", "dilation") if turned else ("dilation", "groups")
    names = ("input", "weight", "bias", "stride", "padding", *further)
    x, W, b, *rest = call.bound(*names)
    options = {name: value for name, value in zip(names[3:], rest, strict=True) if value is not None}
    apply = lambda x, W, b: call.function(x, W, b, **options)  # noqa: E731
    pull = by_autograd(apply)
    if not turned and not isinstance(options.get("padding"), str):  # torch has it, without a pass forward
        direct = getattr(grad, f"{call.name}_input")
        pull = lambda s, like, W: direct(like.shape, W, s, **options)  # noqa: E731
    return x, Layer(apply, pull, x.detach(), W, b, channel_axis=int(turned))


def pull_dense(s: Tensor, like: Tensor, W: Tensor) -> Tensor:
    """The transposed map of x ↦ x Wᵀ."""
    return (s @ W).reshape(like.shape)


def by_autograd(apply: Callable[..., Tensor]) -> Callable[[Tensor, Tensor, Any], Tensor]:
    """The transposed map of a linear one, as its gradient."""

    def pull(s: Tensor, like: Tensor, W: Any) -> Tensor:
        with torch.enable_grad():
            leaf = like.detach().requires_grad_()
            return torch.autograd.grad(apply(leaf, W, None), leaf, s)[0]

    return pull


def signs_of(call: Call) -> tuple[float, float]:
    """The factors of the two terms of a sum."""
    alpha = call.kwargs.get("alpha", 1)
    return {"add": (1, alpha), "sub": (1, -alpha), "rsub": (-alpha, 1)}[call.name]
