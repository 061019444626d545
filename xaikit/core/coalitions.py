"""Coalitions: all of them, some of them, and what a table says of them.

n  players      S  a coalition, a row of n booleans; as a number, bit i says whether player i is in it
v(S)  its value      w(s)  the weight of a size
"""

import itertools
import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .players import coalition_names
from .sampling import generator
from .stack import Derived


def everyone(n: int) -> Derived:
    """All 2ⁿ coalitions, number k in row k; made a batch at a time, so that they take no memory."""
    bits = torch.arange(n)
    rows = lambda where: (torch.arange(where.start, where.stop)[:, None] >> bits & 1).bool()  # noqa: E731
    return Derived(2**n, rows, batch_size=2**14)


def share(n: int) -> Tensor:
    """w(s) = s! (n − s − 1)! / n!: in which share of the orders a set of s is what stands before a player."""
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


def shapley_of(v: Tensor, n: int) -> Tensor:
    """φ (n,) from all 2ⁿ values: the mean of what a player adds, weighed by the size of the set before it."""
    w, size = share(n), sizes(n)
    added = [marginal(v, i, n) for i in range(n)]
    return torch.stack([(w[size[S]] * d).sum() for S, d in added])


def in_order(S: Tensor, values: Tensor, v0: Tensor, v1: Tensor) -> Tensor:
    """All 2ⁿ values by the number of their coalition, from those of all but ∅ and N in any order."""
    n = S.shape[1]
    v = torch.empty(2**n, dtype=values.dtype)
    v[0], v[-1], v[(S.long() << torch.arange(n)).sum(1)] = v0, v1, values
    return v


# The axioms -----------------------------------------------------------------------------------------------


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


def not_additive(v: Tensor, phi: Tensor) -> float:
    """How far φ(v + u) lies from φ(v) + φ(u), at most, for a game u whose values are known: u(S) = |S|²."""
    n = len(phi)
    u = sizes(n).double() ** 2  # everybody adds n on average
    return float((shapley_of(v + u, n) - phi - n).abs().max())


# Tables ---------------------------------------------------------------------------------------------------


def frame(columns: dict[str, Any]) -> Any:
    """A pandas DataFrame."""
    import pandas  # it takes a while to import

    return pandas.DataFrame(columns)


def coalition_table(coalitions: Tensor, names: list[str], values: Tensor, weights: Any = None) -> Any:
    """Who is in each coalition, how many they are, maybe its weight, and what it is worth."""
    members = coalition_names(coalitions, names)
    weighed = {} if weights is None else {"weight": weights.cpu().numpy()}
    count = coalitions.sum(1).cpu().numpy()
    return frame({"members": members, "size": count, **weighed, "value": values.cpu().numpy()})


def contribution_table(v: Tensor, names: list[str]) -> Any:
    """For every player and every coalition without it: what it adds there, and how much that counts."""
    n, w, size = len(names), share(len(names)), sizes(len(names))
    of_all = np.array(coalition_names(everyone(n)[:], names), dtype=object)
    rows = [marginal(v, i, n) for i in range(n)]
    return frame(
        {
            "feature": np.repeat(np.array(names, dtype=object), 2 ** (n - 1)),
            "coalition": np.concatenate([of_all[S.numpy()] for S, _ in rows]),
            "contribution": torch.cat([d for _, d in rows]).numpy(),
            "weight": torch.cat([w[size[S]] for S, _ in rows]).numpy(),
        }
    )


def order_table(v: Tensor, names: list[str]) -> Any:
    """Every order in which the players may come, and what each adds when its turn comes."""
    n = len(names)
    orders = torch.tensor(list(itertools.permutations(range(n))))
    before = torch.cat([torch.zeros(len(orders), 1, dtype=torch.long), (1 << orders).cumsum(1)], 1)
    added = torch.zeros(len(orders), n, dtype=v.dtype).scatter_(1, orders, v[before].diff(dim=1))
    text = [" → ".join(names[i] for i in order) for order in orders.tolist()]
    table: dict[str, Any] = {"order": text}
    for i, name in enumerate(names):  # a word may stand twice in a text, but a column has a name of its own
        again = sum(other == name for other in ("order", *names[:i]))
        table[f"{name} ({again + 1})" if again else name] = added[:, i].numpy()
    return frame(table)


# Some coalitions ------------------------------------------------------------------------------------------


def antithetic(n: int, count: int, seed: int, first: int = 0) -> Tensor:
    """Orders of n players, (count, n): each second one is the one before it, backwards (Mitchell 2022).

    Number k is always the same, and `first` is the number of the first.
    """
    drawn = []
    for k in range(first, first + count):
        order = generator(seed, k // 2).permutation(n)
        drawn.append(order if k % 2 == 0 else order[::-1])
    return torch.from_numpy(np.stack(drawn).astype(np.int64))


def on_the_way(orders: Tensor) -> Tensor:
    """The coalitions inside each order, from one player to all but one: (count, n) → (count, n − 1, n)."""
    rank = orders.argsort(1)
    return rank[:, None, :] <= torch.arange(orders.shape[1] - 1)[None, :, None]


def kernel_samples(n: int, count: int, seed: int) -> tuple[Tensor, Tensor]:
    """Coalitions (k, n) with their weights (k,) in the regression of Kernel SHAP, k at most `count`.

    The sizes s and n − s weigh 2 (n − 1) / (s (n − s)) together, shared by their sets. They are taken whole,
    from 1 and n − 1 inwards, as long as their share of the room, by weight, is enough for all of them. What
    is left is drawn, each set with its complement, so many of a size as the root of its weight is large: that
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
