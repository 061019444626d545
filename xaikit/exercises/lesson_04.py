"""Lesson 04, from pixels to regions: what looks at the answers."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from . import exercise, need

PARTS = ("mass", "rank", "hit")


@exercise("04.1")
def merge_by_hand(answer: Any) -> None:
    """Three overlapping pieces on two rows of four pixels: the order in which they enter, and their gains."""
    need(
        isinstance(answer, dict) and set(answer) == {"order", "gains"},
        'a dictionary with "order" and "gains"expected .',
    )
    A = np.array([[6.0, 4, 0, 2], [6, 4, -2, 2]])
    pieces = {name: np.zeros(A.shape, bool) for name in "abc"}
    pieces["a"][:, :2] = pieces["b"][:, 1:3] = pieces["c"][:, 1:] = True
    names, gains = [str(name) for name in answer["order"]], [float(gain) for gain in answer["gains"]]
    need(set(names) <= set(pieces), "the pieces are called a, b and c.")
    need(len(set(names)) == len(names), "no piece enters twice.")
    need(len(names) == len(gains), "each piece that enters has one gain, in the same order.")
    expected = merged(A, list(pieces.values()), 1)
    right = ["abc"[piece] for piece, _ in expected]
    need(names[:1] == right[:1], "another piece has the largest mean at the start.")
    need(len(names) >= len(right), "there is still something left that a piece can take.")
    need(
        len(names) <= len(right),
        "one of these pieces has no pixel left when its turn comes.",
    )
    need(names == right, "after the first piece, look again at what is left of each.")
    for name, mine, (_, gain) in zip(names, gains, expected, strict=True):
        alone = A[pieces[name]].mean()
        need(
            abs(mine - gain) < 0.01 or abs(mine - alone) > 0.01,
            f"that is what {name} has alone. What does it still add?",
        )
        need(
            abs(mine - gain) < 0.01,
            f"the gain of {name} is wrong. It is a mean over its pixels that are still free.",
        )


def order_by(answer: Callable[..., Any], A: np.ndarray, masks: list[np.ndarray], least: int) -> np.ndarray:
    """What the learner's function gives, if it is an order at all."""
    given = answer(A.copy(), [mask.copy() for mask in masks], least)
    need(given is not None, "the function returns nothing. End it with return …")
    need(np.shape(given) == A.shape, f"the order has one number a pixel, the shape {A.shape}.")
    return np.asarray(given)


@exercise("04.2")
def fast(answer: Callable[..., Any]) -> None:
    """The learner's fast(A, masks, min_pixels): the order of pieces that are ranked once."""
    need(callable(answer), "expected a function fast(A, masks, min_pixels).")
    order = functools.partial(order_by, answer)
    A = np.array([[1.0, 1, 5, 5, 3, 3]])
    apart = [np.array([[i == k for k in (0, 0, 1, 1, 2, 2)]]) for i in range(3)]
    given = order(A, apart, 1)
    need(int(np.min(given)) >= 1, "the numbers begin with 1, and every pixel has one.")
    need(not np.array_equal(given, [[1, 1, 3, 3, 2, 2]]), "the densest enters first, not last.")
    need(
        np.array_equal(given, [[3, 3, 1, 1, 2, 2]]),
        "three pieces that do not even touch come out wrong.",
    )
    given = order(A, apart[:2], 1)
    need(
        np.array_equal(given, [[2, 2, 1, 1, 3, 3]]),
        "what no piece takes must come last, all with one number.",
    )
    overlapping(order)


def overlapping(order: Callable[..., np.ndarray]) -> None:
    """The cases in which pieces overlap, or are dropped."""
    A = np.array([[9.0, 9, 1, 1, 2, 0, 0]])
    rows = ([1, 1, 0, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 0, 0], [0, 0, 0, 0, 0, 1, 1])
    masks = [np.array([row], bool) for row in rows]
    given = order(A, masks[:3], 1)
    need(
        not np.array_equal(given, [[1, 1, 3, 2, 2, 4, 4]]),
        "this is the full merge: it looks again at what is left. The quick one ranks the pieces once.",
    )
    need(
        np.array_equal(given, [[1, 1, 2, 2, 3, 4, 4]]),
        "with overlapping pieces the order is wrong. A pixel stays with the piece that took it first.",
    )
    need(
        np.array_equal(order(A, masks[:3], 2), [[1, 1, 2, 2, 3, 3, 3]]),
        "with min_pixels = 2 the order is wrong: a piece that would add less must not enter.",
    )
    need(
        np.array_equal(order(A, masks, 2), [[1, 1, 2, 2, 4, 3, 3]]),
        "a piece that is dropped takes no number.",
    )


@exercise("04.3")
def metrics_by_hand(answer: Any) -> None:
    """Mass, rank and hit of a map of nine pixels."""
    need(
        isinstance(answer, dict) and set(answer) == set(PARTS),
        "expected a dictionary of mass, rank and hit.",
    )
    given = {name: float(answer[name]) for name in PARTS}
    phi = np.array([[2.0, 6, -4], [1, 3, 0], [8, -2, 0]])
    inside = np.zeros(phi.shape, bool)
    inside[:2, :2] = True
    expected, magnitude = judged(np.maximum(phi, 0), inside), judged(np.abs(phi), inside)
    for name in PARTS:
        right = abs(given[name] - expected[name]) < 0.005
        need(
            right or abs(given[name] - magnitude[name]) > 0.005,
            f"{name}: you counted what speaks against, too.",
        )
        need(
            right or name == "hit" or not 1 < given[name] <= 100,
            f"{name}: expected a share, from 0 to 1.",
        )
        hint = {
            "mass": "the sum of R inside, as a share of the sum of all R.",
            "rank": "take as many of the largest R as T has pixels, and count those that lie inside.",
            "hit": "1 or 0: where is the largest R?",
        }
        need(right, f"{name} is wrong. {hint[name]}")


@exercise("04.4")
def rising(answer: Any) -> None:
    """A picture and two pieces of which the second gain is larger than the first."""
    need(isinstance(answer, (tuple, list)) and len(answer) == 2, "expected a picture A and a list of pieces.")
    A, pieces = np.asarray(answer[0], float), [np.asarray(piece) for piece in answer[1]]
    need(A.ndim == 2 and max(A.shape) <= 6, f"A has rows and columns, at most 6 × 6; yours is {A.shape}.")
    need(np.isfinite(A).all(), "A must be finite.")
    need(len(pieces) == 2, "expected two pieces.")
    need(
        all(piece.shape == A.shape for piece in pieces),
        f"each piece has the shape of A, {A.shape}.",
    )
    need(all(np.isin(piece, (0, 1)).all() for piece in pieces), "a piece is True or False at each pixel.")
    pieces = [piece.astype(bool) for piece in pieces]
    entered = merged(A, pieces, 1)
    need(len(entered) == 2, "only one of your pieces enters: the other has nothing left, or is empty.")
    need((pieces[0] & pieces[1]).any(), "your pieces do not overlap. Then the second gain is never larger.")
    (_, first), (_, second) = entered
    need(
        second > first + 1e-9,
        f"the first gain is {first:.2f}, the second {second:.2f}. It must be larger than the first.",
    )


@exercise("04.5")
def lucky_hit(answer: Any) -> None:
    """A map of 4 x 4 that hits the four pixels in the middle, with mass and rank no better than chance."""
    phi = np.asarray(answer, float)
    need(phi.shape == (4, 4), f"expected a map of 4 × 4; yours is {phi.shape}.")
    need(np.isfinite(phi).all(), "the numbers must be finite.")
    need((phi > 0).any(), "nothing in this map speaks for the class.")
    inside = np.zeros((4, 4), bool)
    inside[1:3, 1:3] = True
    got = judged(np.maximum(phi, 0), inside)
    need(got["hit"] == 1, "the strongest pixel does not lie inside, or not alone.")
    need(got["mass"] < 0.25, f"the mass is {got['mass']:.2f}; chance is 0.25.")
    need(got["rank"] <= 0.25, f"the rank is {got['rank']:.2f}; it must be at most 0.25.")


def merged(A: np.ndarray, pieces: list[np.ndarray], min_pixels: int) -> list[tuple[int, float]]:
    """The greedy merge: (piece, gain) for each that enters."""
    free, entered = np.ones(A.shape, bool), []
    while True:
        means = [
            A[piece & free].mean() if (piece & free).sum() >= min_pixels else -np.inf for piece in pieces
        ]
        best = int(np.argmax(means))
        if means[best] == -np.inf:
            return entered
        entered.append((best, float(means[best])))
        free &= ~pieces[best]


def judged(R: np.ndarray, inside: np.ndarray) -> dict[str, float]:
    """Mass, rank and hit of a map that is nowhere negative; ties count as parts."""
    k = int(inside.sum())
    edge = np.sort(R, axis=None)[-k]
    top = (R > edge) + (R == edge) * (k - (R > edge).sum()) / (R == edge).sum()
    peak = R == R.max()
    return {
        "mass": float(R[inside].sum() / R.sum()),
        "rank": float(top[inside].sum() / k),
        "hit": float(peak[inside].sum() / peak.sum()),
    }
