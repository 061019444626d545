"""Lesson 01: solutions pass, stubs and plausible wrong answers fail, and no message gives the answer away."""

import math

import pytest
import torch

import xaikit as xk
from xaikit.exercises.lesson_01 import SAMPLES, TENTH, error_of_fifty

BY_HAND = {"gradient": (-2, -4), "saliency": (2, 4), "input_x_gradient": (-4, 4)}
STEADY, CANCELS = (3, 3, 3, 3), (3, -3, 3, -3)


def asking(f, x, h=0.01):
    nudges = h * torch.eye(len(x))
    return ((f(x + nudges) - f(x - nudges)) / (2 * h)).abs()


def one_sided(f, x):
    return torch.stack(
        [(f((x + 0.001 * e)[None])[0] - f(x[None])[0]) / 0.001 for e in torch.eye(len(x))]
    ).abs()


def by_autograd(f, x):
    z = x.clone().requires_grad_()
    return torch.autograd.grad(f(z[None]).sum(), z)[0].abs()


def spoiling(f, x):
    x += 0.01
    return asking(f, x)


def whole_point(f, x):
    h = 0.01
    return ((f((x + h)[None]) - f((x - h)[None])) / (2 * h)).abs().expand(len(x))


def fails(number, answer, *words, secrets=()):
    verdict = xk.check(number, answer)
    assert not verdict
    assert verdict.message.startswith("not yet")
    for word in words:
        assert word in verdict.message
    for secret in secrets:
        assert secret not in verdict.message


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("01.1", BY_HAND),
        ("01.1", {k: torch.tensor(v, dtype=torch.float32) for k, v in BY_HAND.items()}),
        ("01.2", asking),
        ("01.2", one_sided),
        ("01.2", by_autograd),
        ("01.3", (2.0, 2.0)),
        ("01.3", (-3, -1)),
        ("01.3", torch.tensor([0.5, 4.0])),
        ("01.5", {"cancels": CANCELS, "steady": STEADY}),
        ("01.5", {"cancels": [-3, 3, 3, -3], "steady": [-3, -3, -3, -3]}),
    ],
)
def test_solutions_pass(number, answer):
    assert xk.check(number, answer), xk.check(number, answer).message


def test_the_estimate_passes_rounded_either_way():
    exact = SAMPLES * (error_of_fifty() / TENTH) ** 2
    for answer in (round(exact), math.ceil(exact), exact, round(exact, -1)):
        assert xk.check("01.4", answer)


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("01.1", {"gradient": (..., ...), "saliency": (..., ...), "input_x_gradient": (..., ...)}),
        ("01.2", lambda f, x: ...),
        ("01.2", lambda f, x: None),
        ("01.3", (..., ...)),
        ("01.4", ...),
        ("01.5", {"cancels": (..., ..., ..., ...), "steady": (..., ..., ..., ...)}),
    ],
)
def test_stubs_fail(number, stub):
    fails(number, stub)


@pytest.mark.parametrize(
    ("name", "wrong", "words"),
    [
        ("gradient", (-4, -2), "order"),
        ("gradient", (2, 4), "sign"),
        ("gradient", (1, -4), "second term"),
        ("gradient", (-2, 4), "slope in x2"),
        ("gradient", (-2,), "two numbers"),
        ("saliency", (-2, -4), "negative"),
        ("saliency", (4, 2), "magnitude"),
        ("input_x_gradient", (4, -4), "sign"),
        ("input_x_gradient", (4, 4), "own input"),
    ],
)
def test_by_hand_says_which_part_is_wrong(name, wrong, words):
    fails("01.1", BY_HAND | {name: wrong}, name, words, secrets=("-2", "-4", "(2, 4)"))


def test_by_hand_wants_all_three():
    fails("01.1", (-2, -4), "dictionary")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (3, "function"),
        (lambda f, x: [1, 2, 3], "list"),
        (lambda f, x: f(x[None]), "must have the shape"),
        (
            lambda f, x: (f(x + 0.01 * torch.eye(len(x))) - f(x - 0.01 * torch.eye(len(x)))) / 0.02,
            "magnitude",
        ),
        (lambda f, x: 2 * asking(f, x), "twice"),
        (lambda f, x: 0.02 * asking(f, x), "divided"),
        (lambda f, x: asking(f, torch.zeros_like(x)), "at x"),
        (lambda f, x: (f(x + torch.eye(len(x))) - f(x[None])).abs(), "too large"),
        (lambda f, x: asking(f, x, h=1e-8), "not"),
        (whole_point, "one input"),
        (spoiling, "copy"),
        (lambda f, x: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_saliency_by_asking_says_what_is_wrong(wrong, words):
    fails("01.2", wrong, words)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ((0, 0), "nothing can be lost"),
        ((2, -1), "nothing can be lost"),
        ((0.5, 0.5), "the gradient there is"),
        ((1, 1), "the gradient there is"),
        ((1, 2, 3), "two numbers"),
    ],
)
def test_a_flat_place_must_be_flat_and_needed(wrong, words):
    fails("01.3", wrong, words)


def test_the_estimate_says_what_is_wrong():
    error = error_of_fifty()
    right = SAMPLES * (error / TENTH) ** 2
    secret = (f"{right:.0f}", f"{right:.2g}")
    fails("01.4", SAMPLES * error / TENTH, "1/n", secrets=secret)
    fails("01.4", SAMPLES * (error / TENTH) ** 4, "twice", secrets=secret)
    fails("01.4", 100, "an error of", secrets=secret)
    fails("01.4", 5000, "fewer", secrets=secret)
    fails("01.4", -4, "one number")
    fails("01.4", "many", "one number")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"cancels": STEADY, "steady": CANCELS}, "cancels: SmoothGrad of"),
        ({"cancels": CANCELS, "steady": CANCELS}, "steady: VarGrad of"),
        ({"cancels": (9, -9, 9, -9), "steady": STEADY}, "is 81, not 9"),
        ({"cancels": (3, -3), "steady": STEADY}, "four numbers"),
        ([3, 3, 3, 3], "dictionary"),
    ],
)
def test_four_gradients_says_which_average_is_off(answer, words):
    fails("01.5", answer, words)
