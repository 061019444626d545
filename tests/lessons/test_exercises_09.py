"""Lesson 09: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import pytest
import torch

import xaikit as xk


def drops(f, x, width):
    rows = x.repeat(len(x) - width + 1, 1)
    for k in range(len(rows)):
        rows[k, k : k + width] = 0
    return f(x[None]) - f(rows)


def one_by_one(f, x, width):
    found = []
    for k in range(len(x) - width + 1):
        hole = torch.cat([x[:k], torch.zeros(width), x[k + width :]])
        found.append(f(x[None])[0] - f(hole[None])[0])
    return torch.stack(found)


def turned(f, x, width):
    return -drops(f, x, width)


def what_is_left(f, x, width):
    return f(x[None]) - drops(f, x, width)


def only_one_wide(f, x, width):
    return drops(f, x, 1)


def writes_over(f, x, width):
    found = drops(f, x, width)
    x[:width] = 0
    return found


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("09.1", {"parts": (6, 6, 5), "too much": 6}),
        ("09.1", {"parts": [6.0, 6.0, 5.0], "too much": 6.0}),
        ("09.2", drops),
        ("09.2", one_by_one),
        ("09.3", (8, 5, 4, 6)),
        ("09.4", (5.5, 6, 6.5, 7)),
        ("09.4", torch.tensor([5.5, 6, 6.5, 7])),
        ("09.5", lambda z: z.amax(1)),
        ("09.5", lambda z: z.sum(1).clamp(max=1)),
    ],
)
def test_a_right_answer_passes(number, answer):
    assert xk.check(number, answer), xk.check(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "reason"),
    [
        ("09.1", {"parts": (..., ..., ...), "too much": ...}, "put your answer"),
        ("09.1", (6, 6, 5), "keep the two names"),
        ("09.1", {"parts": (6, 6), "too much": 6}, "3 numbers"),
        ("09.1", {"parts": (5, 5, 6), "too much": 6}, "that are left"),
        ("09.1", {"parts": (0, 0, 5), "too much": 6}, "when it is alone"),
        ("09.1", {"parts": (-6, -6, -5), "too much": 6}, "sign"),
        ("09.1", {"parts": (3, 3, 5), "too much": 0}, "Shapley"),
        ("09.1", {"parts": (6, 4, 5), "too much": 6}, "factor is 0"),
        ("09.1", {"parts": (6, 6, 5), "too much": 17}, "together"),
        ("09.1", {"parts": (6, 6, 5), "too much": 5}, "F(x) − F(0)"),
        ("09.2", None, "put your answer"),
        ("09.2", 3, "a function drops"),
        ("09.2", lambda f, x, width: None, "returns nothing"),
        ("09.2", turned, "sign"),
        ("09.2", what_is_left, "Subtract"),
        ("09.2", only_one_wide, "shape"),
        ("09.2", writes_over, "changes x itself"),
        ("09.3", (8, 10, 8, 6), "sums"),
        ("09.3", (4, 5, 4, 3), "one window only"),
        ("09.3", (8, 2, 6, 6), "Take the mean"),
        ("09.4", (1, 2, 3, 4), "weights"),
        ("09.4", (44, 48, 52, 56), "sums"),
        ("09.4", (2.75, 3, 3.25, 3.5), "divide by p"),
        ("09.4", (7, 6.5, 6, 5.5), "order"),
        ("09.5", lambda z: z.sum(1), "hiding one"),
        ("09.5", lambda z: (z.sum(1) / 2).clamp(max=1), "hiding two"),
        ("09.5", lambda z: z[:, 0] * 0, "all three changes nothing"),
        ("09.5", lambda z: 2 * z.amax(1), "exactly 1"),
        ("09.5", lambda z: z.amax(), "shape"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(number, answer, reason):
    verdict = xk.check(number, answer)
    assert not verdict
    assert reason in verdict.message
