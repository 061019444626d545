"""HiResCAM: slopes times feature maps, cell by cell.

F  the score that is explained      A^k  the k-th feature map, (h, w)      G^k = ∂F/∂A^k  the slope there
L  the map
"""

from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.stack import Lazy
from ...core.steps import Step
from ...core.types import Layer, Steps, Target
from .maps import enlarged, linearity, maps_and_slopes


@method("HiResCAM", paper="draelos2020")
def hires_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # module or dotted name; None: the last with height and width
    upsample: str = "bilinear",  # to the size of x: bilinear, or nearest
) -> Steps[Tensor]:
    r"""Where did the network look, if no slope is averaged away?

    $$L = \sum_k G^k \odot A^k$$

    x is (C, H, W), the result (H, W) in units of the score, with its sign. Where one linear layer follows
    the feature maps, the map adds up to the score less its bias: the check measures how near that is.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> xk.hires_cam(model, x).checks[0].holds
    True

    See also
    grad_cam, layer_cam
    """
    F = score(model, x, target)
    seen = yield from maps_and_slopes(F, layer, compare=True)
    A, G = seen.A, seen.G

    products = Lazy(lambda: G * A)
    yield Step("products", products, r"G^k \odot A^k", "cell by cell, nothing averaged", kind="heatmaps")
    L = (G * A).sum(0)
    yield Step("cam", L, r"L = \sum_k G^k \odot A^k", "the evidence, cell by cell")
    yield linearity(F, L, seen)
    return (yield from enlarged(L, x, upsample))
