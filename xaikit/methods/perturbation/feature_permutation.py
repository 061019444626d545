"""Feature permutation: a row takes one feature from another row.

F  the score that is explained      x_k  the k-th row      S_j  the j-th group of features
π_j  the order in which its values are shuffled      d_jk  how much of the score the row lost
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...core.errors import InputError
from ...core.method import method
from ...core.model import Model
from ...core.sampling import generator
from ...core.score import score
from ...core.stack import Derived
from ...core.steps import Check, Step
from ...core.types import Steps, Target
from ...inputs.players import Groups, group_index
from ...inputs.regions import real_numbers
from .feature_ablation import Loss


@method("Feature Permutation", paper="fisher2019", takes=("rows",))
def feature_permutation(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # the class; None: the one that is predicted for the first row
    groups: Groups = None,  # whole numbers like one row: what is shuffled together; None: each column alone
    metric: Loss = None,  # instead of the score: output → one number a row, such as a loss
    permutations: Tensor | None = None,  # (groups, n): the row that each row takes its values from
    seed: int = 0,
) -> Steps[Tensor]:
    r"""What does a row lose when it takes one feature from another row?

    $$\phi_{k i} = F(x_k) - F(x_k^{j}), \quad x^j_{k, i} = x_{\pi_j(k), i} \; \mathrm{for} \; i \in S_j$$

    x is a batch, (n, features) or (n, C, H, W), and so is the result: one row of attributions for each, in
    units of the score. What replaces a feature is real, but the row may be one that cannot be: a feature that
    depends on another is torn from it.

    Example
    >>> import xaikit as xk
    >>> model, rows = xk.zoo.load("iris"), xk.data.table("iris", "test").X[:5]
    >>> xk.feature_permutation(model, rows).attribution.shape
    torch.Size([5, 4])

    See also
    feature_ablation
    """
    F = score(model, x[0], target if metric is None else metric)
    index = group_index(groups, x[0]).to(x.device)
    n = int(index.max()) + 1
    orders = checked_orders(permutations, n, len(x), seed).to(x.device)
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
    yield Check.bound("balance", differences.mean().abs(), 0.1 * spread + 1e-6, formula)
    return attribution


def checked_orders(given: Any, n: int, rows: int, seed: int) -> Tensor:
    """An order of the rows for each of n features, (n, rows): drawn, or checked. InputError for a misfit."""
    if given is None:
        return torch.from_numpy(np.stack([generator(seed, j).permutation(rows) for j in range(n)]))
    found = real_numbers(given)
    fits = found.shape == (n, rows) and not found.is_floating_point()
    if not fits or bool((found.sort(1).values != torch.arange(rows)).any()):
        raise InputError(
            f"permutations are orders of the {rows} rows, one for each of the {n} groups, ({n}, {rows}); "
            f"{tuple(found.shape)} was given. Try permutations=None."
        )
    return found.long()
