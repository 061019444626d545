"""Score-CAM: what each channel alone lets through of the score.

F  the score that is explained      A^k  the k-th feature map, (h, w)      H_k  the same as a mask
α_k  the weight of a channel      L  the map
"""

import torch
from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Step
from ...core.types import Layer, Steps, Target
from ...inputs.pictures import resized, stretched
from .maps import enlarged, feature_maps


@method("Score-CAM", paper="wang2020")
def score_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""How much of the score is left if only what one channel looks at is shown?

    $$L = \max \left( 0, \sum_k \alpha_k A^k \right), \quad
    \alpha = \mathrm{softmax}_k \, F(x \odot H_k)$$

    x is (C, H, W), the result (H, W), in units of the layer. H_k is the feature map, enlarged and stretched
    to [0, 1]; the model is asked once a channel, and no gradient is needed.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> xk.score_cam(model, x).attribution.shape
    torch.Size([64, 64])

    See also
    grad_cam, rise
    """
    F = score(model, x, target)
    A = yield from feature_maps(F, layer)
    masks = F.rows(len(A), lambda k: stretched(resized(A[k], x, upsample)))
    formula = r"H_k = (A^k - \min A^k) / (\max A^k - \min A^k)"
    yield Step("masks", masks, formula, "each channel as a mask", kind="masks")
    masked = masks.map(lambda where, H: x * H[:, None])
    yield Step("masked", masked, r"x \odot H_k", "what one channel lets through", kind="images")
    scores = torch.cat([F(rows) for _, rows in masked.batches()])
    yield Step("scores", scores, r"F(x \odot H_k)", "what the model says about it", kind="curve")
    alpha = scores.softmax(0)
    yield Step("channel_weights", alpha, r"\alpha = \mathrm{softmax}_k F(x \odot H_k)", "they add up to one")

    L = torch.tensordot(alpha, A, 1).clamp(min=0)
    yield Step("cam", L, r"L = \max(0, \sum_k \alpha_k A^k)", "what speaks for the class")
    return (yield from enlarged(L, x, upsample))
