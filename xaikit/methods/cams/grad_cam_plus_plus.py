"""Grad-CAM++: weights that count each place alike.

F  the score that is explained      A^k  the k-th feature map, (h, w)      G^k = ∂F/∂A^k  the slope there
a^k_ij  the share of a cell      α_k  the weight of a channel      L  the map
"""

import torch
from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Step
from ...core.sums import along
from ...core.types import Layer, Steps, Target
from .maps import enlarged, maps_and_slopes


@method("Grad-CAM++", paper="chattopadhay2018")
def grad_cam_plus_plus(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Where, if each place that speaks for the class counts alike, however small it is?

    $$\alpha_k = \sum_{ij} a^k_{ij} \max(0, G^k_{ij}), \quad
    a^k_{ij} = \frac{(G^k_{ij})^2}{2 (G^k_{ij})^2 + \sum_{pq} A^k_{pq} (G^k_{ij})^3}$$

    x is (C, H, W), the result (H, W), without a unit that means anything.

    Deviations from the paper: 1. the score stands where the paper has its exponential, whose derivatives are
    these powers up to a common factor.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> xk.grad_cam_plus_plus(model, x).attribution.shape
    torch.Size([64, 64])

    See also
    grad_cam, layer_cam
    """
    F = score(model, x, target)
    seen = yield from maps_and_slopes(F, layer)
    A, G = seen.A, seen.G

    total = along(A.sum((1, 2)), A[0])
    a = torch.where(G == 0, 0, G**2 / (2 * G**2 + total * G**3 + 1e-6))
    formula = r"a^k_{ij} = G^2 / (2 G^2 + \sum_{pq} A^k_{pq} G^3)"
    yield Step("alphas", a, formula, "a share for every cell", kind="heatmaps")
    alpha = (a * G.clamp(min=0)).sum((1, 2))
    yield Step("channel_weights", alpha, r"\alpha_k = \sum_{ij} a^k_{ij} \max(0, G^k_{ij})", "never below 0")

    L = torch.tensordot(alpha, A, 1).clamp(min=0)
    yield Step("cam", L, r"L = \max(0, \sum_k \alpha_k A^k)", "what speaks for the class")
    return (yield from enlarged(L, x, upsample))
