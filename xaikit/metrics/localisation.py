"""Localisation: does the evidence lie where the true explanation is known to lie?

φ  the attribution      R  the relevance of each pixel, never negative      T  the true region, a mask
"""

from typing import Any

import torch
from torch import Tensor

from ..core.errors import InputError, one_of, whole_number
from ..core.explanation import Explanation
from ..core.method import metric
from ..core.steps import Check, Step
from ..core.types import Steps
from ..inputs.regions import real_numbers


@metric("Relevance Mass", paper="arras2022")
def relevance_mass(
    explanation: Explanation,
    mask: Any,  # the true region: booleans (H, W)
    *,
    signs: str = "positive",  # what counts of an attribution: positive, or its magnitude
) -> Steps[Tensor]:
    r"""What share of the relevance lies inside the true region?

    $$\mathrm{mass} = \sum_{i \in T} R_i \, / \, \sum_i R_i$$

    The attribution is (C, H, W) or (H, W), the result a number from 0 to 1; a map that says the same
    everywhere scores the share of the picture that the region covers (`chance`).
    """
    R, T = relevance(explanation, signs), region(mask, explanation)
    yield Step("relevance", R, RELEVANCE[signs], "one number a pixel, none negative", kind="heatmap")
    yield Step("mask", T[None], r"T", "where the true explanation lies", kind="masks")
    yield Step("chance", T.mean(), r"|T| / (H W)", "what an even map would score", kind="scalar")
    yield Step("inside", R * T, r"R \odot T", "the relevance that hits", kind="heatmap")

    mass = (R * T).sum() / R.sum()
    yield Step("mass", mass, r"\sum_{i \in T} R_i / \sum_i R_i", "hits among all", kind="scalar")
    yield beats_chance(T, mass)
    return mass


@metric("Relevance Rank", paper="arras2022")
def relevance_rank(
    explanation: Explanation,
    mask: Any,  # the true region: booleans (H, W)
    *,
    signs: str = "positive",  # what counts of an attribution: positive, or its magnitude
    k: int | None = None,  # how many pixels may hit; None: as many as the region has
) -> Steps[Tensor]:
    r"""Of as many top pixels as the true region has, what share lies inside it?

    $$\mathrm{rank} = |\mathrm{top}_k(R) \cap T| \, / \, k, \quad k = |T|$$

    The attribution is (C, H, W) or (H, W), the result a number from 0 to 1; chance is the share of the
    picture that the region covers. Pixels that tie at the edge of the top k count as parts of a pixel, so
    that the order of equal pixels has no say (a map of regions has many).
    """
    R, T = relevance(explanation, signs), region(mask, explanation)
    k = int(T.sum()) if k is None else min(whole_number("k", k, int(T.sum())), R.numel())
    yield Step("relevance", R, RELEVANCE[signs], "one number a pixel, none negative", kind="heatmap")
    yield Step("mask", T[None], r"T", "where the true explanation lies", kind="masks")
    yield Step("chance", T.mean(), r"|T| / (H W)", "what any k pixels would score", kind="scalar")

    edge = R.flatten().topk(k).values[-1]
    above, at_edge = R > edge, R == edge
    top = above + at_edge * ((k - above.sum()) / at_edge.sum())
    yield Step("top", top, r"\mathrm{top}_k(R)", "the k largest, ties as parts", kind="heatmap")

    rank = (top * T).sum() / k
    yield Step("rank", rank, r"|\mathrm{top}_k(R) \cap T| / k", "hits among the top", kind="scalar")
    yield beats_chance(T, rank)
    return rank


@metric("Pointing Game", paper="zhang2018")
def pointing_game(
    explanation: Explanation,
    mask: Any,  # the true region: booleans (H, W)
    *,
    signs: str = "positive",  # what counts of an attribution: positive, or its magnitude
    tolerance: int = 0,  # a miss by this many pixels still hits; the paper's 15 belong to large photographs
) -> Steps[Tensor]:
    r"""Does the strongest pixel lie inside the true region?

    $$\mathrm{hit} = [\mathrm{argmax}_i R_i \in T]$$

    The attribution is (C, H, W) or (H, W). The result is 1 for a hit and 0 for a miss; where several pixels
    are strongest, the share of them that hits.
    """
    R, T = relevance(explanation, signs), region(mask, explanation)
    T = grown(T, whole_number("tolerance", tolerance, 15, least=0))
    yield Step("relevance", R, RELEVANCE[signs], "one number a pixel, none negative", kind="heatmap")
    yield Step("mask", T[None], r"T", "where a hit counts", kind="masks")
    yield Step("chance", T.mean(), r"|T| / (H W)", "how often any pixel would hit", kind="scalar")
    peak = (R == R.max()).to(R)
    yield Step("peak", peak, r"\mathrm{argmax}_i R_i", "the strongest pixel, or pixels", kind="heatmap")

    hit = (peak * T).sum() / peak.sum()
    yield Step("hit", hit, r"[\mathrm{argmax}_i R_i \in T]", "hit or miss", kind="scalar")
    yield beats_chance(T, hit)
    return hit


# What the three have in common ----------------------------------------------------------------------------

RELEVANCE = {
    "positive": r"R_i = \max(0, \sum_c \phi_{c,i})",
    "magnitude": r"R_i = |\sum_c \phi_{c,i}|",
}


def relevance(explanation: Explanation, signs: str) -> Tensor:
    """R, (H, W): an attribution summed over its channels, without the negative part or without signs."""
    one_of("signs", signs, RELEVANCE)
    R = explanation.attribution.detach().cpu().double()
    if R.dim() not in (2, 3):
        raise InputError(
            f"the attribution of a picture is needed, (C, H, W) or (H, W); {tuple(R.shape)} was given. "
            "Try an explanation of a picture."
        )
    R = R.sum(0) if R.dim() == 3 else R
    R = R.clamp_min(0) if signs == "positive" else R.abs()
    if not bool(R.any()):
        raise InputError(
            "nothing in this attribution speaks for the target, so there is no share of it. "
            "Try signs='magnitude', or another target."
        )
    return R


def region(mask: Any, explanation: Explanation) -> Tensor:
    """T, (H, W), 1 inside and 0 outside. Raises InputError for a misfit or an empty region."""
    shape = explanation.attribution.shape[-2:]
    given = real_numbers(mask).cpu()
    given = given[0] if given.dim() == 3 and len(given) == 1 else given
    if given.shape != shape or not bool(((given == 0) | (given == 1)).all()):
        raise InputError(
            f"the mask must be booleans of shape {tuple(shape)}; {tuple(given.shape)} {given.dtype} was "
            "given. Try example.mask."
        )
    if not bool(given.any()):
        raise InputError("the mask is empty: there is no region to hit. Try another example.")
    return given.double()


def beats_chance(T: Tensor, value: Tensor) -> Check:
    """Whether the map does at least as well as one that says the same everywhere."""
    return Check.bound("chance", T.mean(), float(value) + 1e-12, r"|T| / (H W) \leq \mathrm{result}")


def grown(T: Tensor, reach: int) -> Tensor:
    """The region and everything within `reach` pixels of it."""
    if reach == 0:
        return T
    from scipy.ndimage import distance_transform_edt  # scipy comes with scikit-image

    distance: Any = distance_transform_edt((T == 0).cpu().numpy())
    return torch.from_numpy(distance <= reach).to(T)
