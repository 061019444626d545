"""Lesson 08: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import pytest
import torch

import xaikit as xk

W = [[1.0, 0.0], [0.0, 2.0], [1.0, 0.0]]
B = [0.5, -1.0, 1.5]


def slope_of(f, x):
    x = x.clone().requires_grad_()
    return torch.autograd.grad(f(x).sum(), x)[0]


def multiplier_below(least):
    def multiplier(f, x, x0):
        small = (x - x0).abs() < least
        return torch.where(small, slope_of(f, x), (f(x) - f(x0)) / torch.where(small, 1, x - x0))

    return multiplier


multiplier = multiplier_below(1e-6)


def by_a_loop(f, x, x0):
    slopes = slope_of(f, x)
    parts = [
        s if abs(a - b) < 1e-6 else (f(a) - f(b)) / (a - b) for a, b, s in zip(x, x0, slopes, strict=True)
    ]
    return torch.stack(parts)


def slopes_only(f, x, x0):
    return slope_of(f, x)


def no_division(f, x, x0):
    return f(x) - f(x0)


def no_slope(f, x, x0):
    return (f(x) - f(x0)) / (x - x0)


def zero_instead(f, x, x0):
    return torch.nan_to_num((f(x) - f(x0)) / (x - x0), nan=0.0)


def all_or_nothing(f, x, x0):
    return slope_of(f, x) if (x == x0).any() else no_slope(f, x, x0)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("08.1", (-2.5, 3.5)),
        ("08.1", torch.tensor([-2.5, 3.5])),
        ("08.2", multiplier),
        ("08.2", by_a_loop),
        ("08.3", (-3, 3)),
        ("08.3", torch.tensor([-3.0, 3.0])),
        ("08.4", {"rescale": (4, 0), "reveal_cancel": (3, 1)}),
        ("08.5", (W, B)),
        ("08.5", (torch.tensor(W), torch.tensor(B))),
        ("08.5", [[[2.0, 0], [0, -1], [0, 1]], [0.0, 0.5, 0.5]]),
    ],
)
def test_right_answers_pass(number, answer):
    assert xk.check(number, answer).message == "right."


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("08.1", (..., ...)),
        ("08.2", lambda f, x, x0: None),
        ("08.2", lambda f, x, x0: ...),
        ("08.3", (..., ...)),
        ("08.4", {"rescale": (..., ...), "reveal_cancel": (..., ...)}),
        ("08.5", ([[..., ...]] * 3, [...] * 3)),
    ],
)
def test_stubs_fail(number, stub):
    verdict = xk.check(number, stub)
    assert not verdict
    assert verdict.message.startswith("not yet")


@pytest.mark.parametrize(
    ("number", "answer", "said", "unsaid"),
    [
        ("08.1", (-1.25, -1.75), "multipliers", "3.5"),
        ("08.1", (2, 8), "slope times difference", "3.5"),
        ("08.1", (2, -4), "input × gradient", "3.5"),
        ("08.1", (2.8, -3.8), "reference (0, 0)", "3.5"),
        ("08.1", (2.5, -3.5), "turned round", "-2.5"),
        ("08.1", (3.5, -2.5), "the order", "-2.5, 3.5"),
        ("08.1", (5.5, -0.5), "minus sign of h2", "3.5"),
        ("08.1", (1, 1), "do not add up", "3.5"),
        ("08.1", (0, 1), "the parts are not", "3.5"),
        ("08.1", 1, "two numbers", "3.5"),
        ("08.2", slopes_only, "slopes at x", "where("),
        ("08.2", no_division, "Divide by", "where("),
        ("08.2", lambda f, x, x0: -no_slope(f, x, x0), "ratio is wrong", "where("),
        ("08.2", no_slope, "not a number", "where("),
        ("08.2", zero_instead, "take the slope of f", "where("),
        ("08.2", all_or_nothing, "elsewhere goes wrong", "where("),
        ("08.2", multiplier_below(1e-12), "not zero", "where("),
        ("08.2", lambda f, x, x0: torch.zeros(2), "shape", "where("),
        ("08.2", 3, "a function", "where("),
        ("08.3", (0, 0), "x1 gets 0.50 and x2 0.50", "-3"),
        ("08.3", (1, 1), "nothing to divide", "-3"),
        ("08.3", (2, 2), "nothing to divide", "-3"),
        ("08.3", (-1, 0), "rises by 2.00", "-3"),
        ("08.3", (3, -3), "x1 gets -1.00 and x2 2.00", "-3"),
        ("08.3", (1, 2, 3), "two numbers", "-3"),
        ("08.3", (float("inf"), 0), "finite", "-3"),
        ("08.4", {"rescale": (0, 2), "reveal_cancel": (3, 1)}, "rescale: this is the minimum", "4"),
        ("08.4", {"rescale": (4, 0), "reveal_cancel": (1, 1)}, "reveal_cancel: this is the minimum", "3"),
        ("08.4", {"rescale": (4, -2), "reveal_cancel": (3, 1)}, "rescale: this is the ReLU alone", "4, 0"),
        (
            "08.4",
            {"rescale": (4, 0), "reveal_cancel": (3, -1)},
            "reveal_cancel: this is the ReLU alone",
            "3, 1",
        ),
        ("08.4", {"rescale": (3, 1), "reveal_cancel": (4, 0)}, "other rule", "4"),
        ("08.4", {"rescale": (4, 2), "reveal_cancel": (3, 1)}, "must add up", "4, 0"),
        ("08.4", {"rescale": (4, 0), "reveal_cancel": (2, 2)}, "the parts are not", "3"),
        ("08.4", {"rescale": 4, "reveal_cancel": (3, 1)}, "two numbers", "4"),
        ("08.4", (4, 0), "dictionary", "3"),
        ("08.5", ([[1, 1], [1, -1], [2, 1]], [-0.5, 0, -1]), "DeepSHAP gives", "alone"),
        ("08.5", (W, [5.0, 5, 5]), "0 of your units cross", "alone"),
        ("08.5", ([[1.0, 0], [1, 0], [1, 0]], [0.5, 0.5, 0.5]), "gets nothing", "alone"),
        ("08.5", (W[:2], B), "(3, 2)", "alone"),
        ("08.5", (W, B[:2]), "one number for each unit", "alone"),
        ("08.5", (W, [float("nan")] * 3), "finite", "alone"),
        ("08.5", W, "(W, b)", "alone"),
    ],
)
def test_wrong_answers_are_told_why_and_not_the_answer(number, answer, said, unsaid):
    verdict = xk.check(number, answer)
    assert not verdict
    assert said in verdict.message
    assert unsaid not in verdict.message
