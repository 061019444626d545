"""Seg-Grad-CAM: the pixels of a segmentation, explained by the feature maps of one layer.

F  the sum over M of y^c_p, the score of class c at pixel p      M  the pixels that are explained
A^k  the k-th feature map, (h, w)      G^k = ∂F/∂A^k  the slope there      α_k  the weight of a channel
"""

import torch
from torch import Tensor

from ...core.errors import yes_or_no
from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Step
from ...core.types import Layer, Steps, Target
from ...network.pixelwise import Place, Region, explained_region, summed_over
from .maps import enlarged, linearity, maps_and_slopes


@method("Seg-Grad-CAM", paper="vinogradova2020", explains="pixels")
def seg_grad_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # the class; None: the one with most pixels besides the first, the background
    region: Region = "class",  # whose pixels: class, all of it; object, a part of it; pixel; or a mask (H, W)
    at: Place = None,  # (row, column): the pixel, or in the object; None: the surest, the largest
    layer: Layer = None,  # module or dotted name; None: the model's feature_layer, or the last
    relu: bool = True,  # keep only what speaks for the region
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Why did these pixels, one, an object or a whole class, get their label?

    $$L = \max \left( 0, \sum_k \alpha_k A^k \right), \quad
    \alpha_k = \frac{1}{Z} \sum_{ij} \frac{\partial}{\partial A^k_{ij}} \sum_{p \in M} y^c_p$$

    x is (C, H, W), the model answers with scores (classes, H, W); the result is (H, W). With one pixel, the
    slope is that of its own score.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("unet"), xk.data.slices(1, seed=0).images[0]
    >>> xk.seg_grad_cam(model, x, target="ventricle").attribution.shape
    torch.Size([96, 96])

    See also
    grad_cam, hires_cam
    """
    M, index, prediction = explained_region(model, x, target, region, at)
    formula = r"\mathrm{argmax}_c \, y^c_p"
    yield Step("mask_prediction", prediction, formula, "what the model sees", kind="segments")
    yield Step("region", M[None], r"M", "the pixels to be explained", kind="masks")
    F = score(model, x, summed_over(M, index, model))
    seen = yield from maps_and_slopes(F, layer, compare=True)
    A, G = seen.A, seen.G

    alpha = G.mean((1, 2))
    formula = r"\alpha_k = \frac{1}{Z} \sum_{ij} G^k_{ij}"
    yield Step("channel_weights", alpha, formula, "one number a channel")

    L = torch.tensordot(alpha, A, 1)
    yield linearity(F, L, seen)
    L = L.clamp(min=0) if yes_or_no("relu", relu) else L
    yield Step("cam", L, r"L = \max(0, \sum_k \alpha_k A^k)", "what speaks for the region")
    return (yield from enlarged(L, x, upsample))
