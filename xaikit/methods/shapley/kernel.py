"""Kernel SHAP: Shapley values as the slopes of a line through the values of the coalitions.

F  the score that is explained      x  the input, a text, or the names of the players of a game
b  the background, what stands for a player who is absent      n  players
S  a coalition      v(S)  its value: the mean of F over the background, with S taken from x
w(S)  how much a coalition counts      φ  the Shapley values
"""

import itertools
import math

import numpy as np
import torch
from torch import Tensor

from ...core.errors import whole_number
from ...core.method import method
from ...core.model import Model
from ...core.sampling import generator
from ...core.stack import Lazy
from ...core.steps import Check, Step
from ...core.types import Baseline, Steps, Target
from ...inputs.players import Groups, players_of
from ...inputs.tables import frame
from .axioms import exactness
from .coalitions import ANYTHING, SUM
from .exact import shapley_of
from .game import Value
from .tables import coalition_table


@method("Kernel SHAP", paper="lundberg2017", promises=("efficiency",), takes=ANYTHING)
def kernel_shap(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    background: Baseline = "black",  # what is seen of who is absent: an example, or (m, …) of them
    groups: Groups = None,  # who plays together: numbers like x; None: columns, superpixels, words
    n_samples: int | None = None,  # coalitions that are asked for; None: 2 n + 2,048
    seed: int = 0,
) -> Steps[Tensor]:
    r"""Which line through the values of the coalitions has the Shapley values as its slopes?

    $$\phi = \mathrm{argmin}_{\phi} \sum_S \frac{n - 1}{\binom{n}{|S|} |S| (n - |S|)}
    \left( v(S) - v(\emptyset) - \sum_{i \in S} \phi_i \right)^2, \quad \sum_i \phi_i = v(N) - v(\emptyset)$$

    x and the result are as for `exact_shapley`, for any number of players. Where n_samples reaches all 2ⁿ − 2
    coalitions, the result is the exact one.

    Deviations from the paper: 1. coalitions come with their complements. 2. small and large sizes are
    taken whole where their share of the samples pays for it, of the others as many as the root of their
    weight says. 3. no feature is dropped from the line: efficiency is built into it.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("iris"), xk.data.table("iris", "test").X[0]
    >>> [check.name for check in xk.kernel_shap(model, x).checks]
    ['efficiency', 'exactness']

    See also
    exact_shapley, shapley_sampling, lime_tabular
    """
    players = players_of(model, x, groups, background)
    n, names = len(players), players.names
    wanted = whole_number("n_samples", 2 * n + 2048 if n_samples is None else n_samples, 2048, least=2)
    S, weights = kernel_samples(n, wanted, seed)
    value = Value(model, x, target, players)
    v0, v1 = value.ends()
    values = value(S)

    table = Lazy(lambda: coalition_table(S, names, values, weights))
    formula = r"w(S) = \frac{n - 1}{\binom{n}{|S|} \, |S| \, (n - |S|)}"
    yield Step("coalitions", table, formula, "the smallest and the largest weigh most", kind="table")
    seen = players.stack(S, value.at_once)
    formula, kind = r"x_S \; \mathrm{and} \; b_{N \setminus S}", "text" if players.index is None else "images"
    if len(S):  # a single player makes no coalition besides nobody and everybody
        yield Step("perturbed", seen, formula, "the absent are replaced", kind=kind)
        yield Step("values", values, r"v(S)", "what is left of the score", kind="curve")

    phi = with_sum(S, values - v0, weights, v1 - v0)
    line = Lazy(lambda: frame({"term": ["v(∅)", *names], "weight": [float(v0), *phi.tolist()]}))
    formula = r"v(S) \approx v(\emptyset) + \sum_{i \in S} \phi_i"
    yield Step("regression", line, formula, "one slope a feature", kind="table")

    attribution = players.spread(phi).to(phi if players.index is None else x)
    yield Step("attribution", attribution, r"\phi", "the slopes of the line")

    yield Check("efficiency", phi.sum(), v1 - v0, SUM, rel_tol=1e-6)
    if 0 < len(S) == 2**n - 2:
        yield exactness(phi, lambda: shapley_of(in_order(S, values, v0, v1), n))
    return attribution


def with_sum(Z: Tensor, y: Tensor, w: Tensor, total: Tensor) -> Tensor:
    r"""$\min_\beta \sum_k w_k (y_k - z_k \beta)^2$ where $\sum_i \beta_i$ is the total, by Lagrange."""
    Z, y, w = Z.double(), y.double(), w.double()
    inverse = torch.linalg.pinv((Z * w[:, None]).T @ Z, hermitian=True, rtol=1e-12)
    free, ones = inverse @ (Z.T @ (w * y)), inverse.sum(1)
    if not bool(ones.sum() > 0):  # no sample: all share alike
        return (total / Z.shape[1]).expand(Z.shape[1]).clone()
    return free - ones * (free.sum() - total) / ones.sum()


def in_order(S: Tensor, values: Tensor, v0: Tensor, v1: Tensor) -> Tensor:
    """All 2ⁿ values by the number of their coalition, from those of all but ∅ and N in any order."""
    n = S.shape[1]
    v = torch.empty(2**n, dtype=values.dtype)
    v[0], v[-1], v[(S.long() << torch.arange(n)).sum(1)] = v0, v1, values
    return v


# Which coalitions are asked for ---------------------------------------------------------------------------


def kernel_samples(n: int, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Coalitions (k, n) with their weights (k,) in the regression of Kernel SHAP, k at most `count`.

    The sizes s and n − s weigh 2 (n − 1) / (s (n − s)) together, shared by their sets. They are taken whole,
    from 1 and n − 1 inwards, as long as their share of the room, by weight, is enough for all of them. What
    is left is drawn, each set with its complement, sizes in proportion to the root of their weight: that
    leaves less error than the weights themselves. If all 2ⁿ − 2 fit, all are taken.
    """
    weight = {s: (n - 1) / (s * (n - s)) * (1 if 2 * s == n else 2) for s in range(1, n // 2 + 1)}
    number = {s: math.comb(n, s) * (1 if 2 * s == n else 2) for s in weight}
    rows, weights, left, sizes = [], [], count, list(weight)
    while sizes:
        s, room = sizes[0], left * weight[sizes[0]] / sum(weight[k] for k in sizes)
        if room < number[s] and left < sum(number[k] for k in sizes):
            break
        rows += [all_of_size(n, k) for k in sorted({s, n - s})]
        weights.append(torch.full((number[s],), weight[s] / number[s], dtype=torch.float64))
        left -= number[s]
        sizes.pop(0)
    random, shares = generator(seed), [weight[s] ** 0.5 for s in sizes]
    for s, pairs in zip(sizes, shared_out(left // 2, shares), strict=True):
        if pairs:
            drawn = drawn_of_size(n, s, pairs, random)
            rows += [drawn, ~drawn]
            weights.append(torch.full((2 * len(drawn),), weight[s] / (2 * len(drawn)), dtype=torch.float64))
    if not rows:
        return torch.zeros(0, n, dtype=torch.bool), torch.zeros(0, dtype=torch.float64)
    return torch.cat(rows), torch.cat(weights)


def shared_out(whole: int, shares: list[float]) -> list[int]:
    """A whole number in parts, as near to the shares as whole numbers are; the largest remainders win."""
    exact = [whole * s / sum(shares) for s in shares]
    parts = [int(e) for e in exact]
    by_rest = sorted(range(len(shares)), key=lambda k: parts[k] - exact[k])
    for k in by_rest[: whole - sum(parts)]:
        parts[k] += 1
    return parts


def all_of_size(n: int, s: int) -> Tensor:
    """All sets of s players."""
    members = torch.tensor(list(itertools.combinations(range(n), s)))
    return torch.zeros(len(members), n, dtype=torch.bool).scatter_(1, members, True)


def drawn_of_size(n: int, s: int, count: int, random: np.random.Generator) -> Tensor:
    """So many different sets of s players, drawn at random; of two complements only one."""
    found: dict[bytes, np.ndarray] = {}
    halves = 2 * s == n
    most = math.comb(n, s) // (2 if halves else 1)
    while len(found) < min(count, most):
        keys = random.random((2 * (count - len(found)) + 4, n))
        rows = np.zeros(keys.shape, bool)
        np.put_along_axis(rows, np.argpartition(keys, s - 1, 1)[:, :s], True, 1)
        rows = np.where(halves & ~rows[:, :1], ~rows, rows) if halves else rows
        for row in rows:
            if len(found) < min(count, most):
                found.setdefault(row.tobytes(), row)
    return torch.from_numpy(np.stack(list(found.values())))
