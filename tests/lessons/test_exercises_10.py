"""Lesson 10: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

from fractions import Fraction
from itertools import permutations
from math import comb, factorial

import pytest
import torch

import xaikit as xk

PARTNER = {"A": 0, "B": 0, "C": 0, "AB": 4, "AC": 6, "BC": 6, "ABC": 4}


def weight(s, n):
    return factorial(s) * factorial(n - s - 1) / factorial(n)


def counted(s, n):
    """By counting: the set of the first s players stands just before the last one."""
    orders = list(permutations(range(n)))
    fits = [o for o in orders if set(o[: o.index(n - 1)]) == set(range(s))]
    return Fraction(len(fits), len(orders))


def gains(v, order, nobody=None):
    came, added = frozenset(), {}
    for p in order:
        before = nobody if nobody is not None and not came else v(came)
        added[p] = v(came | {p}) - before
        came |= {p}
    return added


def mean(found, players):
    return [sum(g[p] for g in found) / len(found) for p in players]


def sampled(v, players, orders):
    return mean([gains(v, o) for o in orders], players)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("10.1", (4.5, 0.5)),
        ("10.1", torch.tensor([4.5, 0.5])),
        ("10.2", weight),
        ("10.2", lambda s, n: 1 / (n * comb(n - 1, s))),
        ("10.2", lambda s, n: counted(s, n) if n < 6 else weight(s, n)),
        ("10.3", sampled),
        ("10.3", lambda v, players, orders: torch.tensor(sampled(v, players, orders))),
        ("10.4", (2, 4)),
        ("10.4", (-4.5, -14 / 3)),
        ("10.4", torch.tensor([2.0, 4.0])),
        ("10.5", PARTNER),
        ("10.5", {"A": 0, "B": 0, "C": 0, "AB": 0, "AC": 1, "BC": 1, "ABC": 0}),
    ],
)
def test_right_answers_pass(number, answer):
    assert xk.check(number, answer).message == "right."


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("10.1", (..., ...)),
        ("10.2", lambda s, n: None),
        ("10.3", lambda v, players, orders: None),
        ("10.4", (..., ...)),
        ("10.5", dict.fromkeys(PARTNER, ...)),
    ],
)
def test_stubs_fail(number, stub):
    verdict = xk.check(number, stub)
    assert not verdict
    assert verdict.message.startswith("not yet")


@pytest.mark.parametrize(
    ("number", "answer", "said", "unsaid"),
    [
        ("10.1", (6.5, 2.5), "nobody is not zero", "4.5"),
        ("10.1", (6, 2), "adds alone", "4.5"),
        ("10.1", (3, -1), "adds to the other", "4.5"),
        ("10.1", (9, 1), "Take the mean", "4.5"),
        ("10.1", (3.75, 1.25), "in proportion", "4.5"),
        ("10.1", (0.5, 4.5), "the order", "4.5"),
        ("10.1", (4, 4), "do not add up", "4.5"),
        ("10.1", (4, 1), "the parts are not", "4.5"),
        ("10.1", 4.5, "two numbers", "0.5"),
        ("10.2", lambda s, n: 1 / n, "all sets of the size s", "factorial"),
        ("10.2", lambda s, n: factorial(s) * factorial(n - s - 1), "What share", "factorial"),
        ("10.2", lambda s, n: 1 / 2 ** (n - 1), "one share for every set", "factorial"),
        (
            "10.2",
            lambda s, n: factorial(s) * factorial(n - s) / factorial(n),
            "the player itself",
            "factorial",
        ),
        ("10.2", lambda s, n: 0.5, "sum to", "factorial"),
        (
            "10.2",
            lambda s, n: 1.0 if s == n - 1 else 0.0,
            "not divided rightly",
            "factorial",
        ),
        ("10.2", lambda s, n: [s, n], "one number", "factorial"),
        ("10.2", 0.5, "a function", "factorial"),
        ("10.3", lambda v, p, o: list(mean([gains(v, k) for k in o], o[0])), "order of the queue", "came"),
        ("10.3", lambda v, p, o: mean([gains(v, k, nobody=0) for k in o], p), "adds something to ∅", "came"),
        ("10.3", lambda v, p, o: [v(frozenset(k)) - v(frozenset()) for k in p], "adds alone", "came |"),
        ("10.3", lambda v, p, o: sampled(v, p, list(permutations(p))), "not all", "came"),
        ("10.3", lambda v, p, o: [len(o) * k for k in sampled(v, p, o)], "sum over the orders", "came"),
        ("10.3", lambda v, p, o: sampled(v, p, o[:1]), "only the first", "came"),
        ("10.3", lambda v, p, o: sampled(v, p, o[-1:]), "only the last", "came"),
        ("10.3", lambda v, p, o: sampled(v, p, o[:2]), "with three it is not", "came"),
        ("10.3", lambda v, p, o: [0, 0, 0], "gains are wrong", "came"),
        ("10.3", lambda v, p, o: gains(v, o[0]), "expected a list", "came"),
        ("10.3", lambda v, p, o: [1], "one number for each player", "came"),
        ("10.3", [1, 2, 3], "a function", "came"),
        ("10.4", (0, 0), "the model says 0.00", "(2, 4)"),
        ("10.4", (3, 2), "the example itself", "(2, 4)"),
        ("10.4", (4, 1), "x1 gets -3.50 and x2 3.50", "(2, 4)"),
        ("10.4", (2, 4, 1), "one row", "(2, 4)"),
        ("10.4", (float("nan"), 1), "finite", "(2, 4)"),
        ("10.5", PARTNER | {"C": 1}, "C alone is worth 1", "6"),
        ("10.5", PARTNER | {"ABC": 5}, "changes the worth by 1", "6"),
        ("10.5", PARTNER | {"A": 9}, "and A gets", "6"),
        ("10.5", PARTNER | {"B": 9}, "and B gets", "6"),
        ("10.5", PARTNER | {"AB": 6, "ABC": 6}, "C gets 2.00, and A gets 2.00", "AC"),
        ("10.5", PARTNER | {"AB": [1, 2]}, "one number", "6"),
        ("10.5", PARTNER | {"AB": float("inf")}, "finite", "6"),
        ("10.5", {"A": 0}, "seven sets", "6"),
        ("10.5", (0, 0, 0), "dictionary", "6"),
    ],
)
def test_wrong_answers_are_told_why_and_not_the_answer(number, answer, said, unsaid):
    verdict = xk.check(number, answer)
    assert not verdict
    assert said in verdict.message
    assert unsaid not in verdict.message
