"""Exact Shapley values: a prediction is a game, and what it pays is shared among the features that play.

F  the score that is explained      x  the input, a text, or the names of the players of a game
b  the background, what stands for a player who is absent      n  players
S  a coalition      v(S)  its value: the mean of F over the background, with S taken from x
φ  the Shapley values      w(s)  the weight of a coalition of s players
"""

import torch
from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.stack import Lazy
from ...core.steps import Check, Step
from ...core.types import Baseline, Steps, Target
from ...inputs.players import Groups, players_of
from .axioms import asymmetry, not_additive, paid_for_nothing
from .coalitions import ANYTHING, SUM, everyone, marginal, share, sizes
from .game import Value, at_most
from .tables import coalition_table, contribution_table, order_table

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

    Example
    >>> import xaikit as xk
    >>> rain = lambda players: 4.0 * ("wind" in players) + 2.0 * ({"wind", "rain"} <= players)
    >>> xk.exact_shapley(rain, ["rain", "wind"]).attribution.tolist()
    [1.0, 5.0]

    See also
    shapley_sampling, kernel_shap
    """
    players = players_of(model, x, groups, background, cut=8)
    at_most(players, MOST, "exact_shapley")
    n, names = len(players), players.names
    v = Value(model, x, target, players)(everyone(n))

    table = Lazy(lambda: coalition_table(everyone(n)[:], names, v))
    yield Step("coalitions", table, r"v(S)", "what every set is worth", kind="table")

    added = Lazy(lambda: contribution_table(v, names))
    formula = r"v(S \cup i) - v(S), \quad w = \frac{|S|! \, (n - |S| - 1)!}{n!}"
    yield Step("marginal_contributions", added, formula, "what each adds to each set", kind="table")

    if n <= MOST_IN_ORDERS:
        paths = Lazy(lambda: order_table(v, names))
        formula = r"v(S_\pi \cup i) - v(S_\pi)"
        yield Step("paths", paths, formula, "whoever comes late may find little left", kind="table")

    phi = shapley_of(v, n)
    attribution = players.spread(phi).to(v if players.index is None else x)
    formula = r"\phi_i = \sum_S w(|S|) \left( v(S \cup i) - v(S) \right)"
    yield Step("attribution", attribution, formula, "the mean over all orders")

    small = 1e-9 * (float(v.abs().max()) + 1)
    yield Check("efficiency", phi.sum(), v[-1] - v[0], SUM, rel_tol=1e-6, abs_tol=small)
    formula = r"v(S \cup i) = v(S \cup j) \; \forall S \Rightarrow \phi_i = \phi_j"
    yield Check.bound("symmetry", asymmetry(v, phi), 10 * small, formula)
    formula = r"v(S \cup i) = v(S) \; \forall S \Rightarrow \phi_i = 0"
    yield Check.bound("dummy", paid_for_nothing(v, phi), 10 * small, formula)
    formula = r"\phi(v + u) = \phi(v) + \phi(u), \quad u(S) = |S|^2"
    yield Check.bound("additivity", not_additive(v, phi, shapley_of), 10 * small + 1e-9, formula)
    return attribution


def shapley_of(v: Tensor, n: int) -> Tensor:
    """φ (n,) from all 2ⁿ values: the mean of what a player adds, weighed by the size of the set before it."""
    w, size = share(n), sizes(n)
    added = [marginal(v, i, n) for i in range(n)]
    return torch.stack([(w[size[S]] * d).sum() for S, d in added])
