"""What class activation maps share: what the layer sees, and the map at the size of the picture."""

from torch import Tensor

from ...core.score import Score
from ...core.stack import Lazy
from ...core.steps import Check, Step
from ...core.sums import along
from ...core.types import Layer, Steps
from ...inputs.pictures import resized
from ...network import activations
from ...network.activations import Activations
from ...network.spatial import chosen_layer, spatial

SEEN = r"A^k"
RELU = r"L = \max(0, \cdot)"


def feature_maps(F: Score, layer: Layer) -> Steps[Tensor]:
    """A, (channels, height, width), as the first step."""
    name, A = activations.activations(F, chosen_layer(F, layer))
    yield Step("feature_maps", spatial(A, name, F), SEEN, "what the layer sees", kind="heatmaps")
    return A


def maps_and_slopes(F: Score, layer: Layer, *, compare: bool = False) -> Steps[Activations]:
    """A and G, (channels, height, width), as the first two steps."""
    seen = activations.activations_and_slopes(F, chosen_layer(F, layer), compare=compare)
    A = spatial(seen.A, seen.name, F)
    yield Step("feature_maps", A, SEEN, "what the layer sees", kind="heatmaps")
    formula = r"G^k = \partial F / \partial A^k"
    yield Step("gradients", seen.G, formula, "what a cell would change", kind="heatmaps")
    return seen


def weighted_maps(formula: str, weights: Tensor, A: Tensor) -> Step:
    """Each feature map times the weight of its channel; computed when somebody looks."""
    weighted = Lazy(lambda: along(weights, A[0]) * A)
    return Step("weighted_maps", weighted, formula, "for and against", kind="heatmaps")


def linearity(F: Score, L: Tensor, seen: Activations) -> Check:
    """Whether the map accounts for the score's change from an empty layer; if the rest is linear, it does."""
    formula = r"\sum_{ij} L_{ij} = F(x) - F(A = 0)"
    empty = seen.empty_score
    change = F(F.x) - empty if isinstance(empty, Tensor) else Lazy(lambda: F(F.x) - empty.value, once=True)
    return Check("linearity", L.sum(), change, formula)


def enlarged(L: Tensor, x: Tensor, upsample: str) -> Steps[Tensor]:
    """The last step: the map at the size of the picture, and whether its mean survived that."""
    attribution = resized(L[None], x, upsample)[0]
    note = "smooth, but no finer than its cells"
    yield Step("attribution", attribution, r"\phi = \mathrm{enlarge}(L)", note)
    formula = r"\mathrm{mean}\, \phi = \mathrm{mean}\, L"
    tolerance = 0.05 * float(L.abs().max()) + 1e-12
    yield Check("upsampling", attribution.mean(), L.mean(), formula, abs_tol=tolerance)
    return attribution
