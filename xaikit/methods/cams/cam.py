"""CAM: the weights of the last layer, laid over its feature maps.

F  the score that is explained      A^k  the k-th feature map, (h, w)
w_k, b  the weights and the bias of the class in the last layer      L  the map
"""

import torch
from torch import Tensor, nn

from ...core.errors import LayerError, OptionError
from ...core.method import method
from ...core.model import Model
from ...core.score import Score, score
from ...core.steps import Check, Step
from ...core.types import Layer, Steps, Target
from .maps import enlarged, feature_maps, weighted_maps


@method("CAM", paper="zhou2016", promises=("completeness",))
def cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # the one before the global average; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Where does the last layer, which only averages and weighs, find what it calls the class?

    $$L_{ij} = \sum_k w_k A^k_{ij}, \quad F(x) = \frac{1}{Z} \sum_{ij} L_{ij} + b$$

    x is (C, H, W), the result (H, W) in units of the score. It needs a network that ends in a global average
    and one linear layer; there the mean of the map is the score less its bias.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> xk.cam(model, x).checks[0].holds
    True

    See also
    grad_cam, hires_cam
    """
    F = score(model, x, target)
    A = yield from feature_maps(F, layer)
    w, b = class_weights(F, A)
    yield Step("class_weights", w, r"w_k", "what each channel means to the class")
    yield weighted_maps(r"w_k A^k", w, A)

    L = torch.tensordot(w, A, 1)
    yield Step("cam", L, r"L = \sum_k w_k A^k", "the score, before it was averaged")
    yield Check("completeness", L.mean(), F(x) - b, r"\frac{1}{Z} \sum_{ij} L_{ij} = F(x) - b", rel_tol=1e-3)
    return (yield from enlarged(L, x, upsample))


def class_weights(F: Score, A: Tensor) -> tuple[Tensor, Tensor]:
    """w (channels,) and b of the class in the layer behind the average. Raises LayerError without one."""
    index = F.prediction.index
    if index is None or F.model.score_kind != "logit":
        raise OptionError("cam explains the logit of a class. Try target=3 and score='logit', or grad_cam.")
    for module in reversed(list(F.model.module.modules())):
        if isinstance(module, nn.Linear) and module.in_features == len(A):
            w, b = module.weight.detach()[index], module.bias
            b = torch.zeros_like(w[0]) if b is None else b.detach()[index]
            if torch.isclose(w @ A.mean((1, 2)) + b, F(F.x), rtol=1e-3, atol=1e-4):
                return w, b
    raise LayerError(
        "cam needs a network that ends in a global average of this layer and one linear layer; this one does "
        "not. Try grad_cam, which needs neither."
    )
