"""Shapley sampling: the players come in random orders, and what each adds is averaged.

F  the score that is explained      x  the input, a text, or the names of the players of a game
b  the background, what stands for a player who is absent      n  players
S  a coalition      v(S)  its value: the mean of F over the background, with S taken from x
π  an order in which the players come      Δ_ki  what player i adds in order k      φ  the Shapley values
"""

import numpy as np
import torch
from torch import Tensor

from ...core.errors import OptionError, number, whole_number
from ...core.method import method
from ...core.model import Model
from ...core.sampling import generator
from ...core.stack import Lazy
from ...core.steps import Check, Step
from ...core.types import Baseline, Steps, Target
from ...inputs.players import Groups, players_of
from .coalitions import ANYTHING, SUM
from .game import Value


@method("Shapley sampling", paper="castro2009", promises=("efficiency",), takes=ANYTHING)
def shapley_sampling(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    background: Baseline = "black",  # what is seen of who is absent: an example, or (m, …) of them
    groups: Groups = None,  # who plays together: numbers like x; None: columns, superpixels, words
    n_permutations: int = 50,  # orders, two at least; each second one is the one before it, backwards
    tolerance: float | None = None,  # stop when no standard error is larger than this
    seed: int = 0,
) -> Steps[Tensor]:
    r"""What does each feature add to the score, on average over some orders in which they come?

    $$\phi_i = \frac{1}{K} \sum_{k=1}^{K} \left( v(S^{\pi_k}_i \cup i) - v(S^{\pi_k}_i) \right)$$

    x and the result are as for `exact_shapley`, for any number of players. Sᵢ are those who came before i.
    The parts of every single order sum to v(N) − v(∅), and so do their means. With a tolerance n_permutations
    are the most that are asked for.

    Deviations from the paper: 1. the orders come in pairs, one backwards: who came early comes late, and part
    of the noise goes (Mitchell 2022). The standard error is that of the means of the pairs.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("iris"), xk.data.table("iris", "test").X[0]
    >>> xk.shapley_sampling(model, x, n_permutations=10).checks[0].holds
    True

    See also
    exact_shapley, kernel_shap
    """
    count, tolerance = orders_wanted(n_permutations, tolerance)
    players = players_of(model, x, groups, background)
    value = Value(model, x, target, players)
    ends = value.ends()
    orders, values, added, error = sampled_orders(value, ends, count, tolerance, seed)
    yield Step("permutations", orders, r"\pi_1, \dots, \pi_K", "in which order they come", kind="matrix")

    formula = r"v(\emptyset), v(\{\pi_1\}), \dots, v(N)"
    yield Step("coalition_values", values, formula, "the score as one after the other comes", kind="matrix")
    formula = r"\Delta_{k i} = v(S^{\pi_k}_i \cup i) - v(S^{\pi_k}_i)"
    yield Step("contributions", added, formula, "what each added in each order", kind="matrix")

    running_mean = Lazy(lambda: added.cumsum(0) / torch.arange(1, len(added) + 1)[:, None])
    formula = r"\frac{1}{k} \sum_{j \leq k} \Delta_{j i}"
    yield Step("running_mean", running_mean, formula, "it settles down", kind="matrix")

    like = error if players.index is None else x
    formula = r"\mathrm{SE}_i = \mathrm{std}_{\mathrm{pairs}} \, / \sqrt{K / 2}"
    yield Step("standard_error", players.spread(error).to(like), formula, "how far the mean may be off")
    phi = added.mean(0)
    attribution = players.spread(phi).to(like)
    formula = r"\phi_i = \frac{1}{K} \sum_k \Delta_{k i}"
    yield Step("attribution", attribution, formula, "the mean over the orders")

    yield Check("efficiency", phi.sum(), ends[1] - ends[0], SUM, rel_tol=1e-5)
    return attribution


def orders_wanted(n_permutations: int, tolerance: float | None) -> tuple[int, float]:
    """How many orders at most, an even number, and the error to stop at. OptionError for bad ones."""
    if whole_number("n_permutations", n_permutations, 50) < 2:
        raise OptionError("one order says nothing about its error: n_permutations is 2 or more. Try 50.")
    meaning = "None, or a standard error above 0 in units of the score"
    stop = 0.0 if tolerance is None else number("tolerance", tolerance, meaning, 1e-30, 1e30, 0.1)
    return int(n_permutations) // 2 * 2, stop


def sampled_orders(
    value: Value, ends: tuple[Tensor, Tensor], count: int, tolerance: float, seed: int
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Orders (K, n), the values on the way (K, n + 1), what each player added (K, n), the error (n,).

    All orders at once, or ten pairs at a time until the error is within the tolerance.
    """
    n, at_once = len(value.players), 20 if tolerance else count
    orders, values = torch.zeros(0, n, dtype=torch.long), torch.zeros(0, n + 1, dtype=torch.float64)
    while len(orders) < count:
        more = antithetic(n, min(at_once, count - len(orders)), seed, first=len(orders))
        within = value(inside(more).flatten(0, 1)).reshape(len(more), n - 1)
        nobody, everybody = (v.expand(len(more), 1) for v in ends)
        values = torch.cat([values, torch.cat([nobody, within, everybody], 1)])
        orders = torch.cat([orders, more])
        added = torch.zeros(len(orders), n, dtype=torch.float64).scatter_(1, orders, values.diff(dim=1))
        error = error_of_pairs(added)
        if tolerance and len(orders) > 20 and float(error.max()) <= tolerance:
            break
    return orders, values, added, error


def error_of_pairs(added: Tensor) -> Tensor:
    """The standard error of the mean over orders that come in pairs, (K, n) → (n,); 0 for one pair."""
    pairs = (added[0::2] + added[1::2]) / 2
    return pairs.std(0, correction=1) / len(pairs) ** 0.5 if len(pairs) > 1 else torch.zeros_like(pairs[0])


def antithetic(n: int, count: int, seed: int, first: int = 0) -> Tensor:
    """Orders of n players, (count, n): each second one is the one before it, backwards (Mitchell 2022).

    Number k is always the same, and `first` is the number of the first.
    """
    drawn = []
    for k in range(first, first + count):
        order = generator(seed, k // 2).permutation(n)
        drawn.append(order if k % 2 == 0 else order[::-1])
    return torch.from_numpy(np.stack(drawn).astype(np.int64))


def inside(orders: Tensor) -> Tensor:
    """The coalitions inside each order, from one player to all but one: (count, n) → (count, n − 1, n)."""
    rank = orders.argsort(1)
    return rank[:, None, :] <= torch.arange(orders.shape[1] - 1)[None, :, None]
