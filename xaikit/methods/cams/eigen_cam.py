"""Eigen-CAM: the first principal direction of the feature maps.

F  the score of the predicted class
A^k  the k-th feature map, (h, w)      v_1  the first principal direction      L  the map
"""

import torch
from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Step
from ...core.types import Layer, Steps, Target
from .maps import enlarged, feature_maps


@method("Eigen-CAM", paper="muhammad2020")
def eigen_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # the map is the same for every class
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""What does the layer respond to most, whatever the class?

    $$L = (A - \bar A) \, v_1, \quad v_1 \ \mathrm{the\ first\ principal\ direction\ of\ the\ channels}$$

    x is (C, H, W), the result (H, W), in units of the layer.

    Deviations from the paper: 1. the channels are centred before the decomposition. 2. of the direction's two
    signs, the one is taken in which the map grows with the mean of the channels.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> xk.eigen_cam(model, x).attribution.shape
    torch.Size([64, 64])

    See also
    grad_cam, score_cam
    """
    F = score(model, x, target)
    A = yield from feature_maps(F, layer)
    cells = A.flatten(1).T
    centered = cells - cells.mean(0)
    yield Step("centered", centered.T.reshape(A.shape), r"A^k - \bar A^k", "less its mean", kind="heatmaps")
    wide = centered.to(torch.promote_types(centered.dtype, torch.float32))  # no half precision in there
    _, singular_values, directions = (part.to(A) for part in torch.linalg.svd(wide, full_matrices=False))
    yield Step("singular_values", singular_values, r"s_1 \geq s_2 \geq \dots", "how even", kind="curve")
    v = directions[0]
    v = torch.where((centered @ v) @ centered.mean(1) < 0, -v, v)
    yield Step("principal_direction", v, r"v_1", "a weight for each channel")

    L = (centered @ v).reshape(A.shape[1:]).clamp(min=0)
    yield Step("cam", L, r"L = \max(0, \sum_k v_{1,k} (A^k - \bar A^k))", "the same for every class")
    return (yield from enlarged(L, x, upsample))
