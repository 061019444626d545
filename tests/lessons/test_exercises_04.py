"""Lesson 04: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import numpy as np
import pytest
import torch

import xaikit as xk


def numbered(A, pieces):
    """Each pixel gets the number of the first piece in the list that has it; the rest comes last."""
    order = np.zeros(A.shape, int)
    for k, piece in enumerate(pieces, 1):
        order[piece & (order == 0)] = k
    order[order == 0] = len(pieces) + 1
    return order


def ranked(A, masks):
    return sorted(masks, key=lambda m: -A[m].mean())


def fast(A, masks, min_pixels):
    free, entering = np.ones(A.shape, bool), []
    for m in ranked(A, masks):
        if (m & free).sum() >= min_pixels:
            entering.append(m & free)
            free &= ~m
    return numbered(A, entering)


def greedy(A, masks, min_pixels):
    free, entering = np.ones(A.shape, bool), []
    while left := [m & free for m in masks if (m & free).sum() >= min_pixels]:
        entering.append(ranked(A, left)[0])
        free &= ~entering[-1]
    return numbered(A, entering)


def worst_first(A, masks, min_pixels):
    return fast(-A, masks, min_pixels)


def without_rest(A, masks, min_pixels):
    order = fast(A, masks, min_pixels)
    covered = np.any(masks, axis=0)
    return np.where(covered, order, 0)


def without_min_pixels(A, masks, min_pixels):
    return fast(A, masks, 1)


def whole_size_counts(A, masks, min_pixels):
    return fast(A, [m for m in masks if m.sum() >= min_pixels], 1)


def dropped_ones_are_counted(A, masks, min_pixels):
    order = np.zeros(A.shape, int)
    for k, m in enumerate(ranked(A, masks), 1):
        if (new := m & (order == 0)).sum() >= min_pixels:
            order[new] = k
    order[order == 0] = order.max() + 1
    return order


def last_one_wins(A, masks, min_pixels):
    order = np.zeros(A.shape, int)
    for k, m in enumerate(ranked(A, masks), 1):
        order[m] = k
    order[order == 0] = len(masks) + 1
    return order


ROW = np.array([[10.0, 10, 0, 8, 8]])
BOTH = [np.array([[1, 1, 1, 0, 0]], bool), np.array([[0, 0, 1, 1, 1]], bool)]
LUCKY = np.array([[1.0, 1, 1, 1], [1, 2, 0, 1], [1, 0, 0, 1], [1, 1, 1, 1]])


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("04.1", {"order": ["a", "c"], "gains": [5, 0.5]}),
        ("04.1", {"order": ("a", "c"), "gains": (5.0, 1 / 2)}),
        ("04.2", fast),
        ("04.3", {"mass": 0.6, "rank": 0.75, "hit": 0}),
        ("04.3", {"mass": 12 / 20, "rank": 3 / 4, "hit": False}),
        ("04.4", (ROW, BOTH)),
        ("04.4", (ROW.tolist(), [m.astype(int).tolist() for m in BOTH])),
        ("04.4", (torch.from_numpy(ROW), BOTH)),
        ("04.5", LUCKY),
        ("04.5", torch.from_numpy(LUCKY)),
    ],
)
def test_right_answers_pass(number, answer):
    assert xk.check(number, answer).message == "right."


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("04.1", {"order": [...], "gains": [...]}),
        ("04.2", lambda A, masks, min_pixels: None),
        ("04.2", lambda A, masks, min_pixels: ...),
        ("04.3", {"mass": ..., "rank": ..., "hit": ...}),
        ("04.4", (..., [..., ...])),
        ("04.5", ...),
    ],
)
def test_stubs_fail(number, stub):
    verdict = xk.check(number, stub)
    assert not verdict
    assert verdict.message.startswith("not yet")


@pytest.mark.parametrize(
    ("number", "answer", "said", "unsaid"),
    [
        ("04.1", {"order": ["a", "c", "b"], "gains": [5, 0.5, 0]}, "no pixel left", "0.5"),
        ("04.1", {"order": ["a", "c"], "gains": [5, 10 / 6]}, "has alone", "0.5"),
        ("04.1", {"order": ["a", "c"], "gains": [20, 0.5]}, "gain of a", "5"),
        ("04.1", {"order": ["c", "a"], "gains": [1.7, 5]}, "at the start", "a,"),
        ("04.1", {"order": ["a", "b"], "gains": [5, -1]}, "look again", "0.5"),
        ("04.1", {"order": ["a"], "gains": [5]}, "something left", "0.5"),
        ("04.1", {"order": ["a", "c"], "gains": [5]}, "one gain", "0.5"),
        ("04.1", {"order": ["a", "a"], "gains": [5, 5]}, "twice", "0.5"),
        ("04.1", {"order": ["a", "d"], "gains": [5, 5]}, "called a, b and c", "0.5"),
        ("04.1", ["a", "c"], "dictionary", "0.5"),
        ("04.2", greedy, "full merge", "sorted"),
        ("04.2", worst_first, "not last", "sorted"),
        ("04.2", without_rest, "must come last", "sorted"),
        ("04.2", without_min_pixels, "min_pixels = 2", "sorted"),
        ("04.2", whole_size_counts, "min_pixels = 2", "sorted"),
        ("04.2", dropped_ones_are_counted, "takes no number", "sorted"),
        ("04.2", last_one_wins, "took it first", "sorted"),
        ("04.2", lambda A, masks, min_pixels: np.ones(3), "shape", "sorted"),
        ("04.2", lambda A, masks, min_pixels: np.ones(A.shape, int), "do not even touch", "sorted"),
        ("04.2", 3, "a function", "sorted"),
        ("04.3", {"mass": 12 / 26, "rank": 0.75, "hit": 0}, "speaks against", "0.6"),
        ("04.3", {"mass": 0.6, "rank": 0.5, "hit": 0}, "speaks against", "0.75"),
        ("04.3", {"mass": 12, "rank": 0.75, "hit": 0}, "a share", "0.6"),
        ("04.3", {"mass": 0.6, "rank": 1, "hit": 0}, "rank is wrong", "0.75"),
        ("04.3", {"mass": 0.6, "rank": 0.75, "hit": 1}, "hit is wrong", "0.75"),
        ("04.3", (0.6, 0.75, 0), "dictionary", "0.75"),
        ("04.4", (np.array([[10.0, 10, 5, 8, 8]]), BOTH), "second 8.00", "0.00"),
        ("04.4", (np.array([[9.0, 9, 9, 1, 1]]), BOTH), "larger than the first", "8.00"),
        ("04.4", (ROW, [BOTH[0], ~BOTH[0]]), "do not overlap", "8.00"),
        ("04.4", (ROW, [np.ones((1, 5), bool), BOTH[0] & BOTH[1]]), "only one", "8.00"),
        ("04.4", (ROW, BOTH[:1]), "two pieces", "8.00"),
        ("04.4", (ROW, [np.ones(5, bool), np.ones(5, bool)]), "shape of A", "8.00"),
        ("04.4", (np.ones((7, 7)), BOTH), "at most 6", "8.00"),
        ("04.4", (ROW * np.nan, BOTH), "finite", "8.00"),
        ("04.5", np.eye(4), "strongest pixel", "2."),
        ("04.5", np.pad(np.full((2, 2), [[2.0, 1], [1, 1]]), 1), "the mass is 1.00", "2/14"),
        ("04.5", np.where(LUCKY == 0, 1.2, LUCKY + 3 * (LUCKY < 2)), "strongest pixel", "2/14"),
        ("04.5", np.where(LUCKY == 1, 0.9, 1.0) + (LUCKY == 2), "the mass is", "2/14"),
        ("04.5", np.where(LUCKY == 0, 1.1, LUCKY), "the mass is", "2/14"),
        ("04.5", np.pad(np.array([[2.0, 1.5], [0, 0]]), 1, constant_values=1), "the rank is", "2/14"),
        ("04.5", -LUCKY, "nothing", "2/14"),
        ("04.5", np.ones((3, 3)), "4 × 4", "2/14"),
    ],
)
def test_wrong_answers_are_told_why_and_not_the_answer(number, answer, said, unsaid):
    verdict = xk.check(number, answer)
    assert not verdict
    assert said in verdict.message
    assert unsaid not in verdict.message
