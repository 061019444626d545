"""Lesson 11: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import numpy as np
import pytest
import torch

import xaikit as xk


def solved(Z, y, w, intercept=True):
    """The normal equations."""
    A = np.column_stack([np.ones(len(Z)), Z]) if intercept else Z
    return np.linalg.solve(A.T @ (w[:, None] * A), A.T @ (w * y))


def by_ridge(Z, y, w):
    from sklearn.linear_model import LinearRegression

    return LinearRegression().fit(Z, y, sample_weight=w).coef_


TIED = [0, 1, 2, 3, 4, 4, 4, 4, 4, 5]


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("11.1", (6, 4)),
        ("11.1", torch.tensor([6.0, 4.0])),
        ("11.2", {1: 1 / 4, 2: 1 / 8, 3: 1 / 4}),
        ("11.3", lambda Z, y, w: solved(Z, y, w)[1:]),
        ("11.3", by_ridge),
        ("11.4", 20),
        ("11.4", torch.tensor(20)),
        ("11.5", torch.tensor(TIED)),
        ("11.5", TIED),
        ("11.5", [9, 8, 7, 6, 1, 1, 1, 1, 1, 3]),
    ],
)
def test_right_answers_pass(number, answer):
    assert xk.check(number, answer).message == "right."


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("11.1", (..., ...)),
        ("11.2", {1: ..., 2: ..., 3: ...}),
        ("11.3", lambda Z, y, w: None),
        ("11.4", ...),
        ("11.5", torch.arange(10)),
    ],
)
def test_stubs_fail(number, stub):
    verdict = xk.check(number, stub)
    assert not verdict
    assert verdict.message.startswith("not yet")


@pytest.mark.parametrize(
    ("number", "answer", "said", "unsaid"),
    [
        ("11.1", (3, -2), "slopes", "6"),
        ("11.1", (12, -2), "with zeros", "6"),
        ("11.1", (9, 0), "the first row only", "6"),
        ("11.1", (3, 8), "the second row only", "6"),
        ("11.1", (12, 8), "the sum over the two rows", "6"),
        ("11.1", (2, -2), "distances", "6"),
        ("11.1", (-6, -4), "turned round", "6"),
        ("11.1", (4, 6), "the order", "6"),
        ("11.1", (6, -4), "minus sign", "6"),
        ("11.1", (1, 1), "do not add up", "6"),
        ("11.1", (5, 5), "the parts are not", "6"),
        ("11.1", 6, "two numbers", "6"),
        ("11.2", {1: 1, 2: 3 / 4, 3: 1}, "together", "0.25"),
        ("11.2", {1: 1 / 12, 2: 1 / 12, 3: 1 / 4}, "lesson 10", "0.25"),
        ("11.2", {1: 1, 2: 1, 3: 1}, "the middle weighs less", "0.25"),
        ("11.2", {1: 1 / 4, 2: 1 / 8, 3: 1 / 2}, "weigh the same", "0.25"),
        ("11.2", {1: 2, 2: 1, 3: 2}, "up to a factor", "0.25"),
        ("11.2", {1: 1, 2: 1 / 4, 3: 1}, "proportion", "0.25"),
        ("11.2", (1, 2, 3), "dictionary", "0.25"),
        ("11.3", solved, "leave out the intercept", "sqrt"),
        ("11.3", lambda Z, y, w: solved(Z, y, w, False), "through zero", "sqrt"),
        ("11.3", lambda Z, y, w: solved(Z, y, np.ones(len(w)))[1:], "do not count", "sqrt"),
        ("11.3", lambda Z, y, w: solved(Z, y, w**2)[1:], "squared", "sqrt"),
        ("11.3", lambda Z, y, w: solved(Z, y, w)[:-1], "among the slopes", "sqrt"),
        ("11.3", lambda Z, y, w: np.zeros(4), "not the slopes", "sqrt"),
        ("11.3", lambda Z, y, w: np.zeros(3), "each column", "sqrt"),
        ("11.3", 3, "a function", "sqrt"),
        ("11.4", -1, "no such row", "20"),
        ("11.4", 331, "no such row", "20"),
        ("11.4", 2.5, "whole number", "20"),
        ("11.4", (1, 2), "whole number", "20"),
        ("11.5", torch.arange(10), "break the formula", "4, 4"),
        ("11.5", [0, 1, 2, 3, 4, 4, 4, 7, 4, 5], "ratio", "4, 4"),
        ("11.5", [0, 1, 2, 3, 4, 4, 4, 4, 4, 4], "5 groups", "4, 4"),
        ("11.5", [0] * 10, "1 groups", "4, 4"),
        ("11.5", [0.5] * 10, "whole numbers", "4, 4"),
        ("11.5", [0, 1], "ten numbers", "4, 4"),
    ],
)
def test_wrong_answers_are_told_why_and_not_the_answer(number, answer, said, unsaid):
    verdict = xk.check(number, answer)
    assert not verdict
    assert said in verdict.message
    assert unsaid not in verdict.message


def test_the_patient_compared_with_is_looked_at():
    """Of the first rows some have a lower forecast, some higher triglycerides, and none passes by luck."""
    said = [xk.check("11.4", k).message for k in range(12)]
    assert any("is lower than ours" in message for message in said)
    assert any("log triglycerides get -" in message for message in said)
    assert "right." not in said
