"""Lesson 03: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import pytest
import torch

import xaikit as xk


def integrated(f, x, x0, n, offset=0.5):
    alphas = ((torch.arange(n).to(x) + offset) / n).reshape(n, 1)
    points = (x0 + alphas * (x - x0)).requires_grad_()
    return (x - x0) * torch.autograd.grad(f(points).sum(), points)[0].mean(0)


def expected(f, x, background, n):
    return torch.stack([integrated(f, x, x0, n) for x0 in background]).mean(0)


def from_the_mean(f, x, background, n):
    return integrated(f, x, background.mean(0), n)


def from_the_first(f, x, background, n):
    return integrated(f, x, background[0], n)


def added_up(f, x, background, n):
    return torch.stack([integrated(f, x, x0, n) for x0 in background]).sum(0)


def right_ends(f, x, background, n):
    return torch.stack([integrated(f, x, x0, n, 1.0) for x0 in background]).mean(0)


def right_ends_when_few(f, x, background, n):
    return torch.stack([integrated(f, x, x0, n, 1.0 if n < 5 else 0.5) for x0 in background]).mean(0)


def slopes_only(f, x, background, n):
    return torch.stack([integrated(f, x, x0, n) / (x - x0 + 1e-9) for x0 in background]).mean(0)


def parts(one_one, two_one):
    return {(1, 1): one_one, (2, 1): two_one}


COINS = {"black": 0.41, "white": 0.45, "noise": 0.81, "blur": 0.31, "mean": 0.33}


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("03.1", parts((2, 3), (0, 4))),
        ("03.1", parts([2.0, 3.0], torch.tensor([0.0, 4.0]))),
        ("03.2", lambda x: (x < 0.5).float()),
        ("03.2", lambda x: (x <= 0.5).float()),
        ("03.2", lambda x: torch.where(x < 0.5, x + 0.5, x - 0.5)),
        ("03.3", expected),
        ("03.4", COINS),
        ("03.5", lambda w, x, wish: x - wish / w),
    ],
)
def test_right_answers_pass(number, answer):
    assert xk.check(number, answer).message == "right."


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("03.1", parts((..., ...), (..., ...))),
        ("03.2", lambda x: ...),
        ("03.2", lambda x: None),
        ("03.3", lambda f, x, background, n: None),
        ("03.4", dict.fromkeys(COINS, ...)),
        ("03.5", lambda w, x, wish: None),
    ],
)
def test_stubs_fail(number, stub):
    verdict = xk.check(number, stub)
    assert not verdict
    assert verdict.message.startswith("not yet")


@pytest.mark.parametrize(
    ("number", "answer", "said", "unsaid"),
    [
        ("03.1", parts((3, 3), (0, 4)), "from (0, 0)", "(2, 3)"),
        ("03.1", parts((2, 1.5), (0, 4)), "distance", "(2, 3)"),
        ("03.1", parts((3, 4), (0, 4)), "end of the way", "(2, 3)"),
        ("03.1", parts((1, 2), (0, 4)), "beginning", "(2, 3)"),
        ("03.1", parts((3, 2), (0, 4)), "order", "(2, 3)"),
        ("03.1", parts((4, 4.5), (0, 4)), "too far", "(2, 3)"),
        ("03.1", parts((2.5, 2.5), (0, 4)), "shared out wrongly", "(2, 3)"),
        ("03.1", parts((2, 3), (1, 4)), "(2, 1): your parts sum to 5.00", "4.00"),
        ("03.1", parts((2, 3), 4), "two numbers", "(0, 4)"),
        ("03.1", (2, 3), "dictionary", "(0, 4)"),
        ("03.2", torch.zeros_like, "away from your baseline", "<"),
        ("03.2", torch.ones_like, "away from your baseline", "<"),
        ("03.2", lambda x: torch.full_like(x, 0.5), "away from your baseline", "<"),
        ("03.2", lambda x: 1 - x, "away from your baseline", "<"),
        ("03.2", lambda x: x + 1, "leaves the range", "<"),
        ("03.2", lambda x: x / 0, "not finite", "<"),
        ("03.2", lambda x: torch.where(x == 0.5, 0.3, (x < 0.5).float()), "one half", "<"),
        ("03.2", lambda x: 0.0, "expected a tensor", "<"),
        ("03.3", from_the_mean, "mean of the background", "8.5"),
        ("03.3", from_the_first, "only the first row", "8.5"),
        ("03.3", added_up, "adds the rows up", "8.5"),
        ("03.3", slopes_only, "another number", "8.5"),
        ("03.3", right_ends, "midpoint", "0.5"),
        ("03.3", right_ends_when_few, "midpoint", "0.5"),
        ("03.3", lambda f, x, background, n: background, "shape", "8.5"),
        ("03.4", COINS | {"white": 0.39}, "white: at α = 0.39 the probability is", "0.45"),
        ("03.4", COINS | {"noise": 0.91}, "noise: at α = 0.91 it is above ½, but it was before", "0.81"),
        ("03.4", COINS | {"blur": 31}, "between 0 and 1", "0.31"),
        ("03.4", COINS | {"blur": (0.3, 0.3)}, "one number", "0.31"),
        ("03.4", {"black": 0.41}, "five baselines", "0.45"),
        ("03.5", lambda w, x, wish: x + wish / w, "wrong sign", "/ w"),
        ("03.5", lambda w, x, wish: wish / w, "distance", "/ w"),
        ("03.5", lambda w, x, wish: x - wish, "slopes", "/ w"),
        ("03.5", lambda w, x, wish: x - wish * w, "should get", "/ w"),
        ("03.5", lambda w, x, wish: torch.zeros(3), "should get", "/ w"),
        ("03.5", lambda w, x, wish: x / 0, "not finite", "/ w"),
    ],
)
def test_wrong_answers_are_told_why_and_not_the_answer(number, answer, said, unsaid):
    verdict = xk.check(number, answer)
    assert not verdict
    assert said in verdict.message
    assert unsaid not in verdict.message
