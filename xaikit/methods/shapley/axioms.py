"""The axioms of Shapley values, measured: how far a solution is from each of them.

v  the values of all 2ⁿ coalitions      φ  a solution, one number a player
"""

import itertools
from collections.abc import Callable

import torch
from torch import Tensor

from ...core.steps import Check
from .coalitions import marginal, sizes, without


def asymmetry(v: Tensor, phi: Tensor) -> float:
    """How far apart the values of two players lie, at most, who add the same to every coalition."""
    n, gap, near = len(phi), 0.0, 1e-9 * float(v.abs().max()) + 1e-12
    alone = v[1 << torch.arange(n)].tolist()
    for i, j in itertools.combinations(range(n), 2):
        if abs(alone[i] - alone[j]) > near:  # what they add to nobody differs already
            continue
        S = without(i, n)
        S = S[(S >> j & 1) == 0]
        if bool(((v[S | 1 << i] - v[S | 1 << j]).abs() <= near).all()):
            gap = max(gap, float((phi[i] - phi[j]).abs()))
    return gap


def paid_for_nothing(v: Tensor, phi: Tensor) -> float:
    """The largest value, at most, of a player who never adds anything."""
    n, near = len(phi), 1e-9 * float(v.abs().max()) + 1e-12
    idle = [bool((marginal(v, i, n)[1].abs() <= near).all()) for i in range(n)]
    return max((float(phi[i].abs()) for i in range(n) if idle[i]), default=0.0)


def not_additive(v: Tensor, phi: Tensor, solve: Callable[[Tensor, int], Tensor]) -> float:
    """How far φ(v + u) lies from φ(v) + φ(u), at most, for a game u whose values are known, u(S) = |S|²."""
    n = len(phi)
    u = sizes(n).double() ** 2  # everybody adds n on average
    return float((solve(v + u, n) - phi - n).abs().max())


def exactness(phi: Tensor, solve: Callable[[], Tensor]) -> Check:
    """The slopes of the line through all coalitions against the mean over all orders."""
    exact = solve()
    near = 1e-6 * (float(exact.abs().max()) + 1e-6)
    formula = r"\max_i |\phi_i - \phi_i^{\mathrm{exact}}| = 0"
    return Check.bound("exactness", (phi - exact).abs().max(), near, formula)
