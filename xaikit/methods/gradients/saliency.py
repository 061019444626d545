"""Saliency: the slope of the score at the picture itself.

F  the score that is explained      x  the input      g = ∇F(x)  its gradient      h  a small step
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.sampling import generator
from ...core.score import Score, score
from ...core.stack import Lazy
from ...core.steps import Check, Step
from ...core.types import Steps, Target


@method("Saliency", paper="simonyan2014", promises=("finite_difference",))
def saliency(model: Model, x: Tensor, *, target: Target = None) -> Steps[Tensor]:
    r"""Which inputs change the score most when they change a little?

    $$\phi = \left| \nabla F(x) \right|$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score per unit
    of x.

    Deviations from the paper: 1. every channel keeps its value; the paper draws the largest of the three.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> xk.saliency(model, x).attribution.shape
    torch.Size([3, 64, 64])

    See also
    input_x_gradient, smoothgrad
    """
    F = score(model, x, target)
    value, gradient = F.gradient(x)
    yield Step("score", value, r"F(x)", "what the model says about the target", kind="scalar")
    yield Step("gradient", gradient, r"g = \nabla F(x)", "up or down if this pixel grows")

    attribution = gradient.abs()
    yield Step("attribution", attribution, r"\phi = \left| g \right|", "how sensitive, whichever way")

    yield finite_difference(F, x, gradient)
    return attribution


def finite_difference(F: Score, x: Tensor, gradient: Tensor, n_pixels: int = 64, step: float = 1e-4) -> Check:
    """The gradient against two calls of the model: a few sampled pixels move a little, each up its slope."""
    direction = torch.where(some_places(x, n_pixels), gradient.sign(), 0)
    slope = (gradient * direction).sum()

    def quotient() -> Tensor:
        with exact():
            there, back = F(torch.stack([x + step * direction, x - step * direction]))
        return (there - back) / (2 * step)

    rounding = torch.finfo(x.dtype).eps * 8 * max(1.0, float(F(x).abs())) / step
    formula = r"\nabla F(x) \cdot v = \frac{F(x + h v) - F(x - h v)}{2h}"
    return Check("finite_difference", slope, Lazy(quotient, once=True), formula, abs_tol=rounding)


def some_places(x: Tensor, n: int) -> Tensor:
    """n places of x chosen at random, always the same ones: booleans of the shape of x."""
    chosen = torch.zeros(x.numel(), dtype=torch.bool)
    chosen[torch.from_numpy(generator(0).permutation(x.numel())[:n])] = True
    return chosen.reshape(x.shape).to(x.device)


@contextmanager
def exact() -> Iterator[None]:
    """Convolutions in full single precision inside, even where an accelerator rounds them to ten bits."""
    before = torch.backends.cudnn.allow_tf32
    try:
        torch.backends.cudnn.allow_tf32 = False
        yield
    finally:
        torch.backends.cudnn.allow_tf32 = before
