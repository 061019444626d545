"""Lesson 02: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import pytest
import torch

import xaikit as xk


def integrated(f, x, x0, n):
    alphas = ((torch.arange(n).to(x) + 0.5) / n).reshape(n, 1)
    points = (x0 + alphas * (x - x0)).requires_grad_()
    return (x - x0) * torch.autograd.grad(f(points).sum(), points)[0].mean(0)


def slopes_only(f, x, x0, n):
    points = (torch.arange(n).to(x).reshape(n, 1) / n * x).requires_grad_()
    return torch.autograd.grad(f(points).sum(), points)[0].mean(0)


def without_baseline(f, x, x0, n):
    return integrated(f, x, torch.zeros_like(x), n)


def distance_without_path(f, x, x0, n):
    alphas = ((torch.arange(n).to(x) + 0.5) / n).reshape(n, 1)
    points = (alphas * x).requires_grad_()
    return (x - x0) * torch.autograd.grad(f(points).sum(), points)[0].mean(0)


def right_rule(f, x, x0, n):
    alphas = ((torch.arange(n).to(x) + 1) / n).reshape(n, 1)
    points = (x0 + alphas * (x - x0)).requires_grad_()
    return (x - x0) * torch.autograd.grad(f(points).sum(), points)[0].mean(0)


def x2_first(alpha, x):
    return x * torch.stack([(2 * alpha - 1).clamp(0, 1), (2 * alpha).clamp(0, 1)])


def x1_first(alpha, x):
    return x * torch.stack([(2 * alpha).clamp(0, 1), (2 * alpha - 1).clamp(0, 1)])


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("02.1", (3, 1.5)),
        ("02.1", [3.0, 1.5]),
        ("02.2", integrated),
        ("02.3", {"midpoint": 4, "gauss_legendre": 6}),
        ("02.4", (2.0, 0.0)),
        ("02.4", (0.0, -3.0)),
        ("02.4", torch.tensor([2.0, 1.0])),
        ("02.5", x2_first),
    ],
)
def test_right_answers_pass(number, answer):
    assert xk.check(number, answer).message == "right."


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("02.1", (..., ...)),
        ("02.2", lambda f, x, x0, n: ...),
        ("02.2", lambda f, x, x0, n: None),
        ("02.3", {"midpoint": ..., "gauss_legendre": ...}),
        ("02.4", (..., ...)),
        ("02.5", lambda alpha, x: None),
    ],
)
def test_stubs_fail(number, stub):
    verdict = xk.check(number, stub)
    assert not verdict
    assert verdict.message.startswith("not yet")


@pytest.mark.parametrize(
    ("number", "answer", "said", "unsaid"),
    [
        ("02.1", (15, 7.5), "right ends", "1.5"),
        ("02.1", (8, 4), "exact integral", "1.5"),
        ("02.1", (1.5, 0.5), "distance", "(3"),
        ("02.1", (1.5, 3), "order", "1.5"),
        ("02.1", (6, 3), "weight", "1.5"),
        ("02.1", (3, 2), "part of x2", "1.5"),
        ("02.1", 3, "two numbers", "1.5"),
        ("02.2", slopes_only, "distance is missing", "x - x0"),
        ("02.2", without_baseline, "baseline", "x - x0"),
        ("02.2", distance_without_path, "points on the path", "x - x0"),
        ("02.2", right_rule, "midpoint", "0.5"),
        ("02.3", {"midpoint": 3, "gauss_legendre": 6}, "midpoint: 3 steps leave", "4"),
        ("02.3", {"midpoint": 8, "gauss_legendre": 6}, "fewer", "4"),
        ("02.3", {"midpoint": 4, "gauss_legendre": 5}, "gauss_legendre: 5 steps leave", "6"),
        ("02.3", {"midpoint": 4, "gauss_legendre": 50}, "fewer", "6"),
        ("02.3", {"midpoint": 4.0, "gauss_legendre": 6}, "whole number", "4 steps"),
        ("02.3", (4, 6), "dictionary", "4"),
        ("02.4", (0.0, 0.0), "x1 still gets", "-3"),
        ("02.4", (2.0, 3.0), "x2 gets nothing", "-3"),
        ("02.5", x1_first, "more than x1", "clamp"),
        ("02.5", lambda alpha, x: alpha * x, "both inputs get the same", "clamp"),
        ("02.5", lambda alpha, x: alpha**2 * x, "both inputs get the same", "clamp"),
        ("02.5", lambda alpha, x: x * torch.stack([alpha**2, alpha]), "x2 still gets", "clamp"),
        ("02.5", lambda alpha, x: x * x2_first(alpha, x) / x * 0.5, "alpha = 1", "clamp"),
        ("02.5", lambda alpha, x: x, "alpha = 0", "clamp"),
        ("02.5", lambda alpha, x: x * torch.stack([(alpha >= 1).float(), alpha]), "jumps", "clamp"),
        ("02.5", lambda alpha, x: alpha, "shape", "clamp"),
    ],
)
def test_wrong_answers_are_told_why_and_not_the_answer(number, answer, said, unsaid):
    verdict = xk.check(number, answer)
    assert not verdict
    assert said in verdict.message
    assert unsaid not in verdict.message
