"""XRAI: regions of the picture enter one by one, the one that adds most evidence a pixel first.

F  the score that is explained      x  the input      A  one number a pixel
s_k  the k-th region      M_k  all pixels of the first k regions
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from ...core.admit import picture_shape
from ...core.errors import whole_number
from ...core.method import method
from ...core.model import Model
from ...core.score import Score, score
from ...core.steps import Check, Step
from ...core.types import Steps, Target
from ...core.walk import nest
from ...inputs import regions
from .integrated import integrated_gradients
from .ranking import Ranking


@method("XRAI", paper="kapishnikov2019", promises=("ranked_once", "conservation"))
def xrai(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    base_attribution: Tensor | None = None,  # instead of Integrated Gradients from black and from white
    segments: Tensor | None = None,  # instead of Felzenszwalb's: region numbers, or boolean masks
    n_steps: int = 50,  # points on each path
    min_pixels: int = 20,  # a region that would add fewer is dropped
) -> Steps[Tensor]:
    r"""Which regions of the picture, rather than which pixels, does the score rest on?

    $$s_{k+1} = \mathrm{argmax}_s \frac{1}{|s \setminus M_k|} \sum_{i \in s \setminus M_k} A_i,
    \quad M_{k+1} = M_k \cup s_{k+1}$$

    x has the shape (C, H, W), the result (H, W), in units of the score a pixel: the mean of A over what its
    region added. A is the largest channel of the base attribution, which is (C, H, W) or (H, W).
    The regions enter one by one, always the one that adds most relevance a pixel.

    Deviations from the paper: 1. min_pixels counts what a region would still add, as in the authors' code.
    2. regions are not widened by five pixels; masks that are can be given as segments. 3. the scales are
    Felzenszwalb's for values in [0, 1] and the picture's own size; the authors' code resizes it to 224×224
    and stretches it to [−1, 1] first.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.xrai(model, x, n_steps=5)
    >>> explanation["order"].shape
    torch.Size([64, 64])

    See also
    xrai_fast, integrated_gradients
    """
    F = score(model, x, target)
    whole_number("min_pixels", min_pixels, 20)
    A = yield from pixel_evidence(F, base_attribution, n_steps)
    layers = yield from over_segmentation(x, segments)
    entering = Ranking(A, layers).greedily(min_pixels)
    return (yield from region_map(A, entering, "the densest of what is left enters"))


@method("Fast XRAI", paper="kapishnikov2019", promises=("ranked_once", "conservation"))
def xrai_fast(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    base_attribution: Tensor | None = None,  # instead of Integrated Gradients from black and from white
    segments: Tensor | None = None,  # instead of Felzenszwalb's: region numbers, or boolean masks
    n_steps: int = 50,  # points on each path
    min_pixels: int = 20,  # a region that would add fewer is dropped
) -> Steps[Tensor]:
    r"""Which regions does the score rest on, if their overlaps are ignored while they are ranked?

    $$s_1, s_2, \dots \quad \mathrm{by} \quad \frac{1}{|s|} \sum_{i \in s} A_i,
    \quad M_{k+1} = M_k \cup s_{k+1}$$

    As `xrai`, but the regions are ranked once, by the density that each has alone, and enter in that order.
    That saves the search at every step, and gives another map where regions overlap.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.xrai_fast(model, x, n_steps=5)
    >>> explanation["order"].shape
    torch.Size([64, 64])

    See also
    xrai
    """
    F = score(model, x, target)
    whole_number("min_pixels", min_pixels, 20)
    A = yield from pixel_evidence(F, base_attribution, n_steps)
    layers = yield from over_segmentation(x, segments)
    entering = Ranking(A, layers).by_density(min_pixels)
    return (yield from region_map(A, entering, "in the order of their own density"))


# What both share ------------------------------------------------------------------------------------------


def pixel_evidence(F: Score, base_attribution: Tensor | None, n_steps: int) -> Steps[Tensor]:
    """A, (H, W): what each pixel says, before the regions are asked."""
    picture_shape(F.x, "XRAI")
    if base_attribution is not None:
        base = regions.pixel_map(base_attribution, F.x)
    else:
        options = {"target": F.target, "n_steps": n_steps}
        walk = integrated_gradients.walk(F.model, F.x, baseline="black", **options)
        black = yield from nest("attribution_black", walk)
        walk = integrated_gradients.walk(F.model, F.x, baseline="white", **options)
        white = yield from nest("attribution_white", walk)
        base = (black.attribution + white.attribution) / 2
    A = base.amax(0) if base.dim() == 3 else base
    yield Step("base_attribution", A, r"A_i = \max_c \phi_{c,i}", "one number a pixel")
    if base_attribution is None:
        formula = r"\sum_i A_i = F(x) - \frac{1}{2} (F(0) + F(1))"
        yield Check("completeness", A.sum(), (black.checks[0].right + white.checks[0].right) / 2, formula)
    return A


def over_segmentation(x: Tensor, segments: Tensor | None) -> Steps[Tensor]:
    """Layers of region numbers (layers, H, W): from these pieces the regions are chosen."""
    layers = regions.felzenszwalb(x) if segments is None else regions.numbered(segments, x)
    formula = r"s \in S_1 \cup S_2 \cup \dots"
    yield Step("segmentations", layers, formula, "the pieces, from fine to coarse", kind="segments")
    return layers


def region_map(A: Tensor, entering: Iterator[Tensor], note: str) -> Steps[Tensor]:
    """The attribution (H, W) from the new pixels of each region, in the order in which they enter."""
    values = A.detach().cpu().double().flatten()
    order, gains, entered = torch.zeros(values.shape, dtype=torch.long), [], 0
    for new in entering:
        gains.append(values[new].mean())
        order[new] = len(gains)
        entered += len(new)
    if (rest := order == 0).any():  # what no region covers, or only regions that are too small
        gains.append(values[rest].mean())
        order[rest] = len(gains)
    gains, order = torch.stack(gains), order.reshape(A.shape)
    formula = r"\frac{1}{|s_k \setminus M_{k-1}|} \sum_{i \in s_k \setminus M_{k-1}} A_i"
    yield Step("region_gains", gains.to(A), formula, note, kind="curve")
    yield Step("order", order, r"k : i \in s_k \setminus M_{k-1}", "when each pixel entered, 1 the first")

    attribution = gains[order - 1].to(A)
    yield Step("attribution", attribution, r"\phi_i = \mathrm{gain}_{k(i)}", "one value a region")

    formula = r"\sum_i \phi_i = \sum_i A_i"
    yield Check("conservation", gains[order - 1].sum(), values.sum(), formula, rel_tol=1e-6)
    formula = r"\sum_k |s_k \setminus M_{k-1}| = H \cdot W"
    yield Check("ranked_once", entered + rest.sum(), A.numel(), formula, rel_tol=0)
    return attribution
