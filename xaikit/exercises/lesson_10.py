"""Lesson 10, Shapley values by hand: what looks at the answers."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import exercise, need

Game = Callable[[frozenset[str]], float]

AND_MORE = {"": 1, "p": 3, "q": 0, "r": 2, "pq": 8, "pr": 4, "qr": 9, "pqr": 20}  # of exercise 10.3
SETS = ("A", "B", "C", "AB", "AC", "BC", "ABC")  # of exercise 10.5


def game_of(worth: dict[str, float]) -> Game:
    """The game of a table whose players have one letter each."""
    return {frozenset(members): float(value) for members, value in worth.items()}.__getitem__


def gains(v: Game, order: Sequence[str]) -> dict[str, float]:
    """What each adds when its turn comes."""
    came, added = frozenset[str](), {}
    for player in order:
        added[player] = v(came | {player}) - v(came)
        came |= {player}
    return added


def mean_gains(v: Game, players: Sequence[str], orders: Sequence[Sequence[str]]) -> np.ndarray:
    """The mean of that over some orders."""
    found = [gains(v, order) for order in orders]
    return np.array([np.mean([g[player] for g in found]) for player in players])


def shapley(v: Game, players: Sequence[str]) -> np.ndarray:
    """The mean over all orders."""
    return mean_gains(v, players, list(itertools.permutations(players)))


@exercise("10.1")
def by_hand(answer: Any) -> None:
    """Two players whose game does not start at zero."""
    need(np.shape(answer) == (2,), "expected two numbers, one for A and one for B.")
    given = np.asarray(answer, float)
    worth = {"": 4, "A": 10, "B": 6, "AB": 9}
    right = shapley(game_of(worth), "AB")
    others = {
        "the worth of nobody is not zero; whoever comes first is compared with it.": shapley(
            game_of(worth | {"": 0}), "AB"
        ),
        "this is what each adds alone. Half of the time each comes second.": np.array([6, 2]),
        "this is what each adds to the other. Half of the time each comes first.": np.array([3, -1]),
        "these are sums over the two orders. Take the mean.": 2 * right,
        "this shares in proportion to what each is worth alone. Walk the orders.": 5 * np.array([6, 2]) / 8,
        "the order is A, then B.": right[::-1],
    }
    found = np.allclose(given, right, atol=0.01)
    for reason, wrong in others.items():
        need(found or not np.allclose(given, wrong, atol=0.01), reason)
    need(found or abs(given.sum() - 5) < 0.01, "the two do not add up to v(AB) less v(∅).")
    need(found, "the sum is right, the parts are not. Write down both orders.")


@exercise("10.2")
def weight(answer: Callable[..., Any]) -> None:
    """The learner's weight(s, n) of one set of s players."""
    need(callable(answer), "expected a function weight(s, n).")
    cases = [(s, n) for n in (1, 2, 3, 5, 8) for s in range(n)]
    given = [answer(s, n) for s, n in cases]
    need(all(g is not None for g in given), "the function returns nothing. End it with return …")
    need(all(np.ndim(g) == 0 for g in given), "expected one number for each s and n.")
    values = np.asarray(given, float)
    sizes = np.array([math.comb(n - 1, s) for s, n in cases])
    right = np.array([1 / (n * math.comb(n - 1, s)) for s, n in cases])
    need(
        not np.allclose(values, right * sizes, rtol=1e-6),
        "this is the share of all sets of the size s together. Take one of them.",
    )
    need(
        not np.allclose(values, right * [math.factorial(n) for _, n in cases], rtol=1e-6),
        "this is how many orders there are. What share of all is it?",
    )
    need(
        not np.allclose(values, [2.0 ** (1 - n) for _, n in cases]),
        "this is one share for every set. Sets of different sizes stand there in differently many orders.",
    )
    need(
        not np.allclose(values, [1 / math.comb(n, s) for s, n in cases]),
        "the player itself is not in the set, and after the set it has to come at once.",
    )
    for n in (1, 2, 3, 5, 8):
        total = sum(math.comb(n - 1, s) * v for (s, m), v in zip(cases, values, strict=True) if m == n)
        need(abs(total - 1) < 1e-6, f"for n = {n} the shares of all sets sum to {total:.3f}, not to 1.")
    need(np.allclose(values, right, rtol=1e-6), "the shares sum to 1, but they are not divided rightly.")


@exercise("10.3")
def sampled(answer: Callable[..., Any]) -> None:
    """The learner's sampled(v, players, orders)."""
    need(callable(answer), "expected a function sampled(v, players, orders).")
    v = game_of(AND_MORE)
    players, orders = ["q", "r", "p"], [("p", "q", "r"), ("r", "q", "p"), ("q", "p", "r")]

    def ask(players: list[str], orders: list[tuple[str, ...]]) -> np.ndarray:
        given = answer(v, list(players), list(orders))
        need(given is not None, "the function returns nothing. End it with return …")
        need(not isinstance(given, dict), "expected a list, in the order of the players.")
        need(np.shape(given) == (len(players),), "expected a list of one number for each player.")
        return np.asarray(given, float)

    first = mean_gains(v, players, orders[:1])
    given = ask(players, orders[:1])
    need(
        not np.allclose(given, mean_gains(v, orders[0], orders[:1])) or np.allclose(given, first),
        "the numbers stand in the order of the queue; they must stand in that of the players.",
    )
    from_zero = first + [v(frozenset()) if p == orders[0][0] else 0 for p in players]
    need(not np.allclose(given, from_zero), "whoever comes first adds something to ∅, which is worth 1 here.")
    alone = [v(frozenset(p)) - v(frozenset()) for p in players]
    need(not np.allclose(given, alone), "this is what each adds alone. Those before have come already.")
    need(not np.allclose(given, shapley(v, players)), "only the orders that are given count, not all.")
    need(np.allclose(given, first), "with one order the gains are wrong.")
    given, right = ask(players, orders), mean_gains(v, players, orders)
    need(not np.allclose(given, 3 * right), "this is the sum over the orders. Take the mean.")
    need(not np.allclose(given, first), "only the first order counted.")
    need(not np.allclose(given, mean_gains(v, players, orders[-1:])), "only the last order counted.")
    need(np.allclose(given, right), "with one order it is right, with three it is not.")


@exercise("10.4")
def row(answer: Any) -> None:
    """A background row of x1 x2 + 2 x1 at (3, 2) with nothing to explain, and 5 against -5."""
    need(np.shape(answer) == (2,), "expected one row of two numbers.")
    b1, b2 = (float(v) for v in answer)
    need(np.isfinite([b1, b2]).all(), "the numbers must be finite.")
    said = b1 * b2 + 2 * b1
    need(abs(said - 12) < 0.01, f"at this row the model says {said:.2f}.")
    one, two = (3 - b1) * (3 + b2 / 2), (2 - b2) * (3 + b1) / 2
    need(abs(one) + abs(two) > 0.01, "this row is the example itself, or as good: both features get nothing.")
    need(
        np.allclose((one, two), (5, -5), atol=0.05),
        f"there is nothing to explain, as wanted; but x1 gets {one:.2f} and x2 {two:.2f}.",
    )


@exercise("10.5")
def unseen(answer: Any) -> None:
    """A game in which C is worth nothing first and last, and still gets the most."""
    need(isinstance(answer, dict) and set(answer) == set(SETS), "expected a dictionary of the seven sets.")
    need(all(np.ndim(v) == 0 for v in answer.values()), "every set is worth one number.")
    worth = {members: float(value) for members, value in answer.items()}
    need(np.isfinite(list(worth.values())).all(), "the numbers must be finite.")
    need(abs(worth["C"]) < 1e-9, f"C alone is worth {worth['C']:g}.")
    lost = worth["ABC"] - worth["AB"]
    need(abs(lost) < 1e-9, f"taking C from all three changes the worth by {lost:g}.")
    a, b, c = shapley(game_of({"": 0} | worth), "ABC")
    for name, other in (("A", a), ("B", b)):
        need(c > other + 1e-9, f"C gets {c:.2f}, and {name} gets {other:.2f}.")
