"""Layer-CAM: positive slopes as weights of single cells.

F  the score that is explained      A^k  the k-th feature map, (h, w)      G^k = ∂F/∂A^k  the slope there
w^k  the weight of a cell      L  the map
"""

from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Step
from ...core.types import Layer, Steps, Target
from .maps import enlarged, maps_and_slopes


@method("Layer-CAM", paper="jiang2021")
def layer_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Where does the evidence for the class lie, even in an early, fine-grained layer?

    $$L = \max \left( 0, \sum_k \max(0, G^k) \odot A^k \right)$$

    x is (C, H, W), the result (H, W), in units of the score.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> xk.layer_cam(model, x).attribution.shape
    torch.Size([64, 64])

    See also
    hires_cam, grad_cam
    """
    F = score(model, x, target)
    seen = yield from maps_and_slopes(F, layer)
    A, G = seen.A, seen.G

    w = G.clamp(min=0)
    yield Step("cell_weights", w, r"w^k = \max(0, G^k)", "a weight for every cell", kind="heatmaps")
    L = (w * A).sum(0).clamp(min=0)
    yield Step("cam", L, r"L = \max(0, \sum_k w^k \odot A^k)", "what speaks for the class")
    return (yield from enlarged(L, x, upsample))
