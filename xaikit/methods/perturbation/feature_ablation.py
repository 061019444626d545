"""Feature ablation: take one feature, or one group of them, away.

F  the score that is explained      x  the input      x0  what is put in the place of what is taken
S_k  the k-th group of inputs      d_k  how much of the score is lost with it
"""

from collections.abc import Callable

import torch
from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Check, Step
from ...core.types import Baseline, Steps, Target
from ...inputs import baselines
from ...inputs.players import Groups, players_of

#: A number for each sample from the model's output for a batch, such as a loss.
Loss = Callable[[Tensor], Tensor] | None


@method("Feature Ablation", paper="covert2021")
def feature_ablation(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    baseline: Baseline = "black",  # x0, what a group is replaced by
    groups: Groups = None,  # whole numbers like x or (H, W), or how to cut: slic, quickshift, felzenszwalb
    metric: Loss = None,  # instead of the score: output → one number a sample, such as a loss
) -> Steps[Tensor]:
    r"""How much of the score is lost when one feature, or one group of them, is taken away?

    $$\phi_i = F(x) - F(x^{\setminus k}), \quad i \in S_k$$

    x is (features,) or (C, H, W); the result has its shape, or (H, W) where the groups have it, in units of
    the score: every member of a group gets the whole of what the group is worth. Without groups every column
    of a row is alone, and a picture is cut into about 50 superpixels.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.feature_ablation(model, x, baseline="gray")
    >>> len(explanation["scores"]) == int(explanation["groups"].max()) + 1
    True

    See also
    occlusion, feature_permutation, exact_shapley
    """
    F = score(model, x, target if metric is None else metric)
    players = players_of(model, x, groups, baselines.make(baseline, x))
    n = len(players)
    assert players.index is not None  # it is a picture or a row
    index = players.index.reshape(players.shape)
    yield Step("groups", index, r"S_1, \dots, S_n", "what is taken away together", kind=kind_of(index))

    others = F.cheap_rows(n, lambda where: left_out(n, where))
    ablated = players.stack(others, F.at_once)
    formula = r"x^{\setminus k}_i = x^0_i \; \mathrm{if} \; i \in S_k"
    yield Step("ablated", ablated, formula, "one group is missing in each", kind="images")

    scores = F(ablated)
    yield Step("scores", scores, r"F(x^{\setminus k})", "what is left of the score", kind="curve")
    differences = F(x) - scores
    formula = r"d_k = F(x) - F(x^{\setminus k})"
    yield Step("differences", differences, formula, "what was lost with the group", kind="curve")

    attribution = players.spread(differences)
    yield Step("attribution", attribution, r"\phi_i = d_{k(i)}", "its group's worth for each")

    nothing = players.inputs(torch.zeros(1, n, dtype=torch.bool))[0]
    formula = r"\sum_k d_k = F(x) - F(x^0)"
    yield Check("additivity", differences.sum(), F(x) - F(nothing), formula)
    return attribution


def left_out(n: int, where: slice) -> Tensor:
    """Everybody but one, for players `where` of n: (…, n) booleans."""
    return torch.arange(n) != torch.arange(where.start, where.stop)[:, None]


def kind_of(index: Tensor) -> str:
    """Groups of pixels are regions; those of a row are numbers along it."""
    return "segments" if index.dim() == 2 else "heatmap" if index.dim() == 1 else "heatmaps"
