"""Rules for ReLUs: deconvnet, guided backpropagation, guided Grad-CAM. `rectified.py` holds the rules.

F  the score that is explained      x  the input      a  the output of a ReLU
R  what arrives at a ReLU      R⁺ = max(0, R)
"""

import torch
from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Check, Step
from ...core.types import Layer, Steps, Target
from ...core.walk import nest
from ..cams import grad_cam
from .rectified import Rectified


@method("Deconvnet", paper="zeiler2014")
def deconvnet(model: Model, x: Tensor, *, target: Target = None) -> Steps[Tensor]:
    r"""What pattern would the network draw in the picture if it ran backwards?

    $$R_{\mathrm{in}} = \max(0, R_{\mathrm{out}}) \quad \mathrm{at\ every\ ReLU}$$

    x and the result share one shape, (C, H, W) or (features,); the result has no unit: at a ReLU it is no
    derivative. Maxima are undone with their switches, the places where they were found.
    The check asks whether the parts x ⊙ φ add up to the score, as those of a linear model would.

    Deviations from the paper: 1. it starts from the score of a class; the paper's from one feature map.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> len(xk.deconvnet(model, x)["relu_signals"]) > 1
    True

    See also
    guided_backprop, saliency
    """
    F = score(model, x, target)
    rectified = Rectified(model.module, "deconvnet")
    value, attribution = F.gradient(x, rectified)
    note = "what arrived, and what was handed on"
    yield Step("relu_signals", rectified.signals, r"R_{\mathrm{in}} = R^+", note, kind="layers")
    note = "which input each maximum came from"
    yield Step("switches", rectified.switches, r"\mathrm{argmax}", note, kind="layers")
    yield Step("attribution", attribution, r"\phi = R_x", "what is left at the input")
    yield adds_up(x, attribution, value)
    return attribution


@method("Guided Backpropagation", paper="springenberg2015")
def guided_backprop(model: Model, x: Tensor, *, target: Target = None) -> Steps[Tensor]:
    r"""Which pixels raise the neurons that raise the score?

    $$R_{\mathrm{in}} = \max(0, R_{\mathrm{out}}) \odot [a > 0] \quad \mathrm{at\ every\ ReLU}$$

    x and the result share one shape, (C, H, W) or (features,); the result has no unit: at a ReLU it is no
    derivative. Deconvnet's rule and the gradient's, one after the other.
    The check asks whether the parts x ⊙ φ add up to the score, as those of a linear model would.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> len(xk.guided_backprop(model, x)["relu_signals"]) > 1
    True

    See also
    deconvnet, guided_grad_cam
    """
    F = score(model, x, target)
    rectified = Rectified(model.module, "guided")
    value, attribution = F.gradient(x, rectified)
    note = "what arrived, and what was handed on"
    yield Step("relu_signals", rectified.signals, r"R_{\mathrm{in}} = R^+ [a > 0]", note, kind="layers")
    yield Step("attribution", attribution, r"\phi = R_x", "sharp, and hardly about the class")
    yield adds_up(x, attribution, value)
    return attribution


@method("Guided Grad-CAM", paper="selvaraju2017")
def guided_grad_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # of Grad-CAM: module or dotted name; None: the last with height and width
    upsample: str = "nearest",  # of Grad-CAM, to the size of x: nearest, or bilinear
) -> Steps[Tensor]:
    r"""Fine lines, but only where the class is?

    $$\phi = \mathrm{GuidedBackprop}(x) \odot \mathrm{GradCAM}(x)$$

    x and the result share one shape, (C, H, W); the product has no unit. It is as sharp as its first factor
    and as class-bound as its second, and no more faithful than either.
    The check asks whether the parts x ⊙ φ add up to the score, as those of a linear model would.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.guided_grad_cam(model, x)
    >>> explanation["grad_cam"]["cam"].dim()
    2

    See also
    guided_backprop, grad_cam
    """
    guided = yield from nest("guided_backprop", guided_backprop.walk(model, x, target=target))
    options = {"target": target, "layer": layer, "upsample": upsample}
    coarse = yield from nest("grad_cam", grad_cam.walk(model, x, **options))
    attribution = guided.attribution * coarse.attribution
    yield Step("attribution", attribution, r"\phi = \mathrm{GBP} \odot L", "fine lines, where the class is")
    assert guided.prediction is not None
    yield adds_up(x, attribution, torch.tensor(guided.prediction.score))
    return attribution


def adds_up(x: Tensor, attribution: Tensor, value: Tensor) -> Check:
    """Whether x ⊙ φ would account for the score: for these three it seldom does."""
    return Check("linearity", (x * attribution).sum(), value, r"\sum_i x_i \phi_i = F(x)")
