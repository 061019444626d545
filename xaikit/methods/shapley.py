"""Shapley values: a prediction is a game, and what it pays is shared among the features that play.

F  the score that is explained      x  the input, a text, or the names of the players of a game
b  the background, what stands for a player who is absent      n  players
S  a coalition      v(S)  what it is worth: the mean of F over the background, with S taken from x
π  an order in which the players come      φ  the Shapley values, in units of the score
"""

import torch
from torch import Tensor

from ..core import coalitions as sets
from ..core.errors import OptionError, number, whole_number
from ..core.method import method
from ..core.model import Model
from ..core.players import Groups, Value, at_most, players_of
from ..core.regression import with_sum
from ..core.stack import Lazy
from ..core.steps import Check, Step
from ..core.types import Baseline, Steps, Target

ANYTHING = ("picture", "row", "text", "players")
SUM = r"\sum_i \phi_i = v(N) - v(\emptyset)"
MOST = 16  # players whose coalitions are all asked for
MOST_IN_ORDERS = 8  # players whose orders are all written down


@method(
    "Exact Shapley values",
    paper="shapley1953",
    promises=("efficiency", "symmetry", "dummy", "additivity"),
    takes=ANYTHING,
)
def exact_shapley(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    background: Baseline = "black",  # what is seen of who is absent: an example, or (m, …) of them
    groups: Groups = None,  # who plays together: numbers like x; None: columns, 8 superpixels, words
) -> Steps[Tensor]:
    r"""What does each feature add to the score, on average over all orders in which they could have come?

    $$\phi_i = \sum_{S \subseteq N \setminus i} \frac{|S|! \, (n - |S| - 1)!}{n!}
    \left( v(S \cup i) - v(S) \right)$$

    x is a row, a picture, a text, or the names of the players of a game; the model is then a function from a
    frozenset of names to a number. The result has the shape of x or of the groups, (H, W), or one number a
    word or player, in units of the score. Each of the 2ⁿ coalitions is asked for once, over the whole
    background; there are 16 players at most.
    """
    players = players_of(model, x, groups, background, cut=8)
    at_most(players, MOST, "exact_shapley")
    n, names = len(players), players.names
    v = Value(model, x, target, players)(sets.everyone(n))

    table = Lazy(lambda: sets.coalition_table(sets.everyone(n)[:], names, v))
    yield Step("coalitions", table, r"v(S)", "what every set is worth", kind="table")

    added = Lazy(lambda: sets.contribution_table(v, names))
    formula = r"v(S \cup i) - v(S), \quad w = \frac{|S|! \, (n - |S| - 1)!}{n!}"
    yield Step("marginal_contributions", added, formula, "what each adds to each set", kind="table")

    if n <= MOST_IN_ORDERS:
        paths = Lazy(lambda: sets.order_table(v, names))
        formula = r"v(S_\pi \cup i) - v(S_\pi)"
        yield Step("paths", paths, formula, "who comes late may find little left", kind="table")

    phi = sets.shapley_of(v, n)
    attribution = players.spread(phi).to(v if players.index is None else x)
    formula = r"\phi_i = \sum_S w(|S|) \left( v(S \cup i) - v(S) \right)"
    yield Step("attribution", attribution, formula, "the mean over all orders")

    small = 1e-9 * (float(v.abs().max()) + 1)
    yield Check("efficiency", phi.sum(), v[-1] - v[0], SUM, rel_tol=1e-6, abs_tol=small)
    formula = r"v(S \cup i) = v(S \cup j) \; \forall S \Rightarrow \phi_i = \phi_j"
    yield Check("symmetry", sets.asymmetry(v, phi), 0.0, formula, abs_tol=10 * small, bounded=True)
    formula = r"v(S \cup i) = v(S) \; \forall S \Rightarrow \phi_i = 0"
    yield Check("dummy", sets.paid_for_nothing(v, phi), 0.0, formula, abs_tol=10 * small, bounded=True)
    formula = r"\phi(v + u) = \phi(v) + \phi(u), \quad u(S) = |S|^2"
    yield Check(
        "additivity", sets.not_additive(v, phi), 0.0, formula, abs_tol=10 * small + 1e-9, bounded=True
    )
    return attribution


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
    """
    count, tolerance = orders_wanted(n_permutations, tolerance)
    players = players_of(model, x, groups, background)
    value = Value(model, x, target, players)
    ends = value.ends()
    orders, values, added, error = sampled_orders(value, ends, count, tolerance, seed)
    yield Step("permutations", orders, r"\pi_1, \dots, \pi_K", "in which order they come", kind="matrix")

    formula = r"v(\emptyset), v(\{\pi_1\}), \dots, v(N)"
    yield Step("coalition_values", values, formula, "the score, as one after the other comes", kind="matrix")
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
    """
    players = players_of(model, x, groups, background)
    n, names = len(players), players.names
    wanted = whole_number("n_samples", 2 * n + 2048 if n_samples is None else n_samples, 2048, least=2)
    S, weights = sets.kernel_samples(n, wanted, seed)
    value = Value(model, x, target, players)
    v0, v1 = value.ends()
    values = value(S)

    table = Lazy(lambda: sets.coalition_table(S, names, values, weights))
    formula = r"w(S) = \frac{n - 1}{\binom{n}{|S|} \, |S| \, (n - |S|)}"
    yield Step("coalitions", table, formula, "the smallest and the largest weigh most", kind="table")
    seen = players.stack(S, value.at_once)
    formula, kind = r"x_S \; \mathrm{and} \; b_{N \setminus S}", "text" if players.index is None else "images"
    if len(S):  # a single player makes no coalition besides nobody and everybody
        yield Step("perturbed", seen, formula, "the absent are replaced", kind=kind)
        yield Step("values", values, r"v(S)", "what is left of the score", kind="curve")

    phi = with_sum(S, values - v0, weights, v1 - v0)
    line = Lazy(lambda: sets.frame({"term": ["v(∅)", *names], "weight": [float(v0), *phi.tolist()]}))
    formula = r"v(S) \approx v(\emptyset) + \sum_{i \in S} \phi_i"
    yield Step("regression", line, formula, "one slope a feature", kind="table")

    attribution = players.spread(phi).to(phi if players.index is None else x)
    yield Step("attribution", attribution, r"\phi", "the slopes of the line")

    yield Check("efficiency", phi.sum(), v1 - v0, SUM, rel_tol=1e-6)
    if 0 < len(S) == 2**n - 2:
        yield exactness(phi, sets.shapley_of(sets.in_order(S, values, v0, v1), n))
    return attribution


# Helpers --------------------------------------------------------------------------------------------------


def exactness(phi: Tensor, exact: Tensor) -> Check:
    """The slopes of the line through all coalitions against the mean over all orders."""
    formula, near = r"\max_i |\phi_i - \phi_i^{\mathrm{exact}}| = 0", 1e-6 * (float(exact.abs().max()) + 1e-6)
    return Check("exactness", (phi - exact).abs().max(), 0.0, formula, abs_tol=near, bounded=True)


def orders_wanted(n_permutations: int, tolerance: float | None) -> tuple[int, float]:
    """How many orders at the most, an even number, and the error to stop at. OptionError for bad ones."""
    if whole_number("n_permutations", n_permutations, 50) < 2:
        raise OptionError("one order says nothing of its error: n_permutations is 2 or more. Try 50.")
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
        more = sets.antithetic(n, min(at_once, count - len(orders)), seed, first=len(orders))
        inside = value(sets.on_the_way(more).flatten(0, 1)).reshape(len(more), n - 1)
        nobody, everybody = (v.expand(len(more), 1) for v in ends)
        values = torch.cat([values, torch.cat([nobody, inside, everybody], 1)])
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
