"""Input × gradient: the gradient as if the model were linear.

F  the score that is explained      x  the input      g = ∇F(x)  its gradient
"""

import torch
from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Check, Step
from ...core.types import Steps, Target


@method("Input × Gradient", paper="shrikumar2016")
def input_x_gradient(model: Model, x: Tensor, *, target: Target = None) -> Steps[Tensor]:
    r"""How much would each input have added if the model were linear with the slope it has here?

    $$\phi = x \odot \nabla F(x)$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score.
    The check compares the sum with F(x) − F(0): they are equal for a linear model, and the gap says how far
    this model is from linear.

    Example
    >>> import xaikit as xk
    >>> import torch
    >>> model, x = torch.nn.Linear(2, 1, bias=False), torch.tensor([2.0, 3.0])
    >>> xk.input_x_gradient(model, x).checks[0].holds
    True

    See also
    saliency, integrated_gradients, lrp
    """
    F = score(model, x, target)
    value, gradient = F.gradient(x)
    yield Step("score", value, r"F(x)", "what the model says about the target", kind="scalar")
    yield Step("gradient", gradient, r"g = \nabla F(x)", "the slope here")

    attribution = x * gradient
    yield Step("attribution", attribution, r"\phi = x \odot g", "black pixels can never count")

    yield Check("linearity", attribution.sum(), F(x) - F(torch.zeros_like(x)), r"\sum_i \phi_i = F(x) - F(0)")
    return attribution
