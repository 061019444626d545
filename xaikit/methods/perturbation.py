"""Perturbation: take something away, and see what the score says.

F  the score that is explained      x  the input      x0  what is put in the place of what is taken
S_k  the k-th group of inputs      w_k  the k-th window      d_k  how much of the score goes with it
M_k  a mask, 1 where the picture is shown      p  how often a place is shown      π_j  an order of the rows
"""

from collections.abc import Callable

import torch
from torch import Tensor

from ..core import baselines, masks
from ..core.errors import number, whole_number
from ..core.method import method
from ..core.model import Model, score
from ..core.players import Groups, group_index, players_of
from ..core.stack import Derived, Lazy
from ..core.steps import Check, Step
from ..core.types import Baseline, Steps, Target

#: A number for each sample from the model's output for a batch, such as a loss.
Metric = Callable[[Tensor], Tensor] | None


@method("Feature Ablation", paper="covert2021")
def feature_ablation(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    baseline: Baseline = "black",  # x0, what a group is replaced by
    groups: Groups = None,  # whole numbers like x or (H, W), or how to cut: slic, quickshift, felzenszwalb
    metric: Metric = None,  # instead of the score: output → one number a sample, such as a loss
) -> Steps[Tensor]:
    r"""How much of the score goes if one feature, or one group of them, is taken away?

    $$\phi_i = F(x) - F(x^{\setminus k}), \quad i \in S_k$$

    x is (features,) or (C, H, W); the result has its shape, or (H, W) where the groups have it, in units of
    the score: every member of a group gets the whole of what the group is worth. Without groups every column
    of a row is alone, and a picture is cut into about 50 superpixels.
    """
    F = score(model, x, target if metric is None else metric)
    players = players_of(model, x, groups, baselines.make(baseline, x))
    n = len(players)
    index = players.index.reshape(players.shape)
    yield Step("groups", index, r"S_1, \dots, S_n", "what is taken away together", kind=kind_of(index))

    others = Derived(n, lambda where: left_out(n, where), batch_size=model.rows_at_once(x))
    ablated = players.stack(others, model.rows_at_once(x))
    formula = r"x^{\setminus k}_i = x^0_i \; \mathrm{if} \; i \in S_k"
    yield Step("ablated", ablated, formula, "one group is gone in each", kind="images")

    scores = F(ablated)
    yield Step("scores", scores, r"F(x^{\setminus k})", "what is left of the score", kind="curve")
    differences = F(x) - scores
    formula = r"d_k = F(x) - F(x^{\setminus k})"
    yield Step("differences", differences, formula, "what went with the group", kind="curve")

    attribution = players.spread(differences)
    yield Step("attribution", attribution, r"\phi_i = d_{k(i)}", "its group's worth for each")

    nothing = players.inputs(torch.zeros(1, n, dtype=torch.bool))[0]
    formula = r"\sum_k d_k = F(x) - F(x^0)"
    yield Check("additivity", differences.sum(), F(x) - F(nothing), formula)
    return attribution


@method("Occlusion", paper="zeiler2014")
def occlusion(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    window: int | tuple[int, int] | None = None,  # pixels a side; None: an eighth of a picture, one column
    stride: int | tuple[int, int] | None = None,  # from one window to the next; None: half a window
    baseline: Baseline = "black",  # x0, what is seen in the window
) -> Steps[Tensor]:
    r"""How far does the score fall when a window slides over the picture and hides it?

    $$\phi_i = \frac{1}{|K_i|} \sum_{k \in K_i} \left( F(x) - F(x^{\setminus w_k}) \right),
    \quad K_i = \{ k : i \in w_k \}$$

    x is (C, H, W) and the result (H, W), or both are (features,); the result is in units of the score: what
    the windows over a pixel took, on average. All channels are hidden together. The last window of a row is
    cut off at the edge of the picture.

    Deviations from the paper: 1. the paper draws the score at the middle of its gray window; the mean over
    all windows that hide a pixel gives a map of the picture's own size.
    """
    F = score(model, x, target)
    x0 = baselines.make(baseline, x)
    grid = masks.windows(x, window, stride)
    at_once = model.rows_at_once(x)
    hidden = Derived(len(grid), lambda where: grid.masks(where), batch_size=at_once)
    yield Step("windows", hidden, r"w_k", "where the picture is hidden", kind="masks")
    occluded = Derived(len(grid), lambda where: grid.hide(x, x0, where), batch_size=at_once)
    formula = r"x^{\setminus w_k}_i = x^0_i \; \mathrm{if} \; i \in w_k"
    yield Step("occluded", occluded, formula, "the window slides", kind="images")

    scores = F(occluded)
    yield Step("scores", scores, r"F(x^{\setminus w_k})", "what is left of the score", kind="curve")
    differences = F(x) - scores
    formula = r"d_k = F(x) - F(x^{\setminus w_k})"
    yield Step("differences", differences, formula, "what the window took", kind="curve")

    attribution = grid.average(differences)
    formula = r"\phi_i = \mathrm{mean}_{k : i \in w_k} d_k"
    yield Step("attribution", attribution, formula, "the mean of the windows over it")

    formula = r"\sum_k d_k \, / \, \overline{|K|} = F(x) - F(x^0)"
    yield Check("additivity", differences.sum() / grid.times, F(x) - F(x0), formula)
    return attribution


@method("Feature Permutation", paper="fisher2019", takes=("rows",))
def feature_permutation(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # the class; None: the one that is predicted for the first row
    groups: Groups = None,  # whole numbers like one row: what is shuffled together; None: each column alone
    metric: Metric = None,  # instead of the score: output → one number a row, such as a loss
    permutations: Tensor | None = None,  # (groups, n): the row that each row takes its values from
    seed: int = 0,
) -> Steps[Tensor]:
    r"""What does a row lose if it takes one feature from another row?

    $$\phi_{k i} = F(x_k) - F(x_k^{j}), \quad x^j_{k, i} = x_{\pi_j(k), i} \; \mathrm{for} \; i \in S_j$$

    x is a batch, (n, features) or (n, C, H, W), and so is the result: one row of attributions for each, in
    units of the score. What replaces a feature is real, but the row may be one that cannot be: a feature that
    depends on another is torn from it.
    """
    F = score(model, x[0], target if metric is None else metric)
    index = group_index(groups, x[0]).to(x.device)
    n = int(index.max()) + 1
    orders = masks.orders(permutations, n, len(x), seed).to(x.device)
    yield Step("permutations", orders, r"\pi_j", "who takes its value from whom", kind="matrix")

    def shuffled(where: slice) -> Tensor:
        rows = [torch.where(index == j, x[orders[j]], x) for j in range(where.start, where.stop)]
        return torch.stack(rows)

    permuted = Derived(n, shuffled, batch_size=max(1, model.rows_at_once(x[0]) // len(x)))
    formula = r"x^j_{k,i} = x_{\pi_j(k), i} \; \mathrm{if} \; i \in S_j"
    yield Step("permuted", permuted, formula, "one feature is shuffled", kind="images")

    scores = torch.cat([F(rows.flatten(0, 1)).reshape(-1, len(x)) for _, rows in permuted.batches()])
    yield Step("scores", scores, r"F(x^j_k)", "a row for each feature", kind="matrix")
    differences = F(x) - scores
    formula = r"d_{jk} = F(x_k) - F(x^j_k)"
    yield Step("differences", differences, formula, "what each row lost", kind="matrix")

    attribution = differences.T[:, index.expand(x[0].shape)]
    yield Step("attribution", attribution, r"\phi_{k i} = d_{j(i) k}", "row by row", kind="heatmaps")

    spread = float(differences.abs().mean())
    formula = r"\left| \mathrm{mean}_{jk} \, d_{jk} \right| \leq 0.1 \, \mathrm{mean}_{jk} \, |d_{jk}|"
    yield Check("balance", differences.mean().abs(), 0.0, formula, abs_tol=0.1 * spread + 1e-6, bounded=True)
    return attribution


@method("RISE", paper="petsiuk2018", promises=("mask_mean",), takes=("picture",), score="probability")
def rise(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    n_samples: int = 4000,  # masks
    cells: int = 7,  # of the coarse grid, a side
    p: float = 0.5,  # how often a cell is shown
    seed: int = 0,
) -> Steps[Tensor]:
    r"""How high is the score, on average, when this pixel is among those that are shown?

    $$\phi_i = \frac{1}{n \, p} \sum_{k=1}^{n} F(x \odot M_k) \, M_{k,i}$$

    x is (C, H, W), the result (H, W), in units of the score, by default a probability. A mask is a coarse
    grid of zeros and ones, made larger than the picture without hard edges and shifted at random. Nothing is
    asked of the model but its score.
    """
    F = score(model, x, target)
    whole_number("n_samples", n_samples, 4000)
    p = number("p", p, "a share between 0 and 1, how often a cell is shown", 1e-6, 1, 0.5)
    draw = masks.soft_grid(x, whole_number("cells", cells, 7), p, seed)
    shown = Derived(n_samples, draw, batch_size=model.rows_at_once(x))
    formula = r"M_k = \mathrm{shift}(\mathrm{enlarge}(b_k)), \quad b_k \sim \mathrm{Bernoulli}(p)"
    yield Step("masks", shown, formula, "what is shown, softly", kind="masks")
    masked = Derived(n_samples, lambda where: x * shown[where][:, None], batch_size=shown.batch_size)
    yield Step("masked", masked, r"x \odot M_k", "the rest is black", kind="images")

    scores = F(masked)
    yield Step("scores", scores, r"F(x \odot M_k)", "which masks leave the class?", kind="curve")

    running_map = Lazy(lambda: masks.running(scores, shown) / p)
    formula = r"\frac{1}{k p} \sum_{j \leq k} F(x \odot M_j) \, M_j"
    yield Step("running_map", running_map, formula, "the noise averages out", kind="heatmaps")

    weights = torch.stack([scores, torch.ones_like(scores)], 1) / n_samples
    total, mean = masks.weighted_sums(weights, shown)
    attribution = total / p
    formula = r"\phi = \frac{1}{n p} \sum_k F(x \odot M_k) \, M_k"
    yield Step("attribution", attribution, formula, "the mean score of its masks")

    yield Check("mask_mean", mean.mean(), p, r"\mathrm{mean}_{k,i} \, M_{k,i} = p")
    return attribution


def left_out(n: int, where: slice) -> Tensor:
    """Everybody but one, for players `where` of n: (…, n) booleans."""
    return torch.arange(n) != torch.arange(where.start, where.stop)[:, None]


def kind_of(index: Tensor) -> str:
    """Groups of pixels are regions; those of a row are numbers along it."""
    return "segments" if index.dim() == 2 else "heatmap" if index.dim() == 1 else "heatmaps"
