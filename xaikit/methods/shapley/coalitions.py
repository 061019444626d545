"""Coalitions: all sets of n players, by number.

n  players      S  a coalition, a row of n booleans; as a number, bit i says whether player i is in it
v(S)  its value      w(s)  the weight of a size
"""

import math

import torch
from torch import Tensor

from ...core.stack import Derived

#: What a game can be made of.
ANYTHING = ("picture", "row", "text", "players")
#: The parts share out what the game pays.
SUM = r"\sum_i \phi_i = v(N) - v(\emptyset)"


def everyone(n: int) -> Derived:
    """All 2ⁿ coalitions, number k in row k; made a batch at a time, so that they take no memory."""
    bits = torch.arange(n)
    rows = lambda where: (torch.arange(where.start, where.stop)[:, None] >> bits & 1).bool()  # noqa: E731
    return Derived(2**n, rows, batch_size=2**14)


def share(n: int) -> Tensor:
    """w(s) = s! (n − s − 1)! / n!: in what share of the orders s given players come before a player."""
    return torch.tensor([1 / (n * math.comb(n - 1, s)) for s in range(n)], dtype=torch.float64)


def sizes(n: int) -> Tensor:
    """How many are in coalition k, for all 2ⁿ."""
    found = torch.zeros(1, dtype=torch.long)
    for _ in range(n):
        found = torch.cat([found, found + 1])
    return found


def without(i: int, n: int) -> Tensor:
    """The numbers of the coalitions that player i is not in, (2ⁿ⁻¹,)."""
    low = torch.arange(2 ** (n - 1))
    return (low >> i << (i + 1)) | (low & ((1 << i) - 1))


def marginal(v: Tensor, i: int, n: int) -> tuple[Tensor, Tensor]:
    """The coalitions without player i, and what the player adds to each of them."""
    S = without(i, n)
    return S, v[S | 1 << i] - v[S]
