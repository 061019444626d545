"""Grad-CAM: mean slopes as weights of the feature maps.

F  the score that is explained      A^k  the k-th feature map, (h, w)      G^k = ∂F/∂A^k  the slope there
α_k  the weight of a channel      L  the map
"""

import torch
from torch import Tensor

from ...core.errors import yes_or_no
from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Step
from ...core.types import Layer, Steps, Target
from .maps import RELU, enlarged, linearity, maps_and_slopes, weighted_maps


@method("Grad-CAM", paper="selvaraju2017")
def grad_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    relu: bool = True,  # keep only what speaks for the class
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Where would more of what the layer sees raise the score, channel by channel?

    $$L = \max \left( 0, \sum_k \alpha_k A^k \right), \quad
    \alpha_k = \frac{1}{Z} \sum_{ij} \frac{\partial F}{\partial A^k_{ij}}$$

    x is (C, H, W), the result (H, W), in units of the score per cell of the layer. On a network that ends in
    a global average and one linear layer it is `cam` divided by the number of cells.
    The check asks whether the map adds up to the change of the score from an empty layer: there it does.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.grad_cam(model, x)
    >>> explanation["channel_weights"].shape == explanation["feature_maps"].shape[:1]
    True

    See also
    cam, hires_cam, grad_cam_plus_plus, guided_grad_cam
    """
    F = score(model, x, target)
    seen = yield from maps_and_slopes(F, layer, compare=True)
    A, G = seen.A, seen.G

    alpha = G.mean((1, 2))
    formula = r"\alpha_k = \frac{1}{Z} \sum_{ij} G^k_{ij}"
    yield Step("channel_weights", alpha, formula, "one number a channel")
    yield weighted_maps(r"\alpha_k A^k", alpha, A)

    L = torch.tensordot(alpha, A, 1)
    yield Step("combination", L, r"\sum_k \alpha_k A^k", "before the ReLU")
    yield linearity(F, L, seen)
    L = L.clamp(min=0) if yes_or_no("relu", relu) else L
    yield Step("cam", L, RELU, "what speaks for the class")
    return (yield from enlarged(L, x, upsample))
