"""Lesson 07: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import pytest
import torch

import xaikit as xk

NAMES = {"A": "z_plus", "B": "zero", "C": "flat", "D": "w_square", "E": "alpha_beta"}
ROOTS = {"all to a1": (0, 2), "all to a2": (1, 0), "the same": (0.5, 1)}
PAID = (2, 2, 1.5)


def paid(parts, R):
    z = parts.sum(1)
    return (parts * torch.where(z == 0, 0, R / torch.where(z == 0, 1, z))[:, None]).sum(0)


def alpha_beta(a, W, R, alpha):
    return alpha * paid((a * W).clamp(min=0), R) - (alpha - 1) * paid((a * W).clamp(max=0), R)


def negative_weights_only(a, W, R, alpha):
    up, down = W.clamp(min=0), W.clamp(max=0)
    return a * (alpha * (up.T @ (R / (up @ a + 1e-12))) + (1 - alpha) * (down.T @ (R / (down @ a - 1e-12))))


def zero(a, W, R, alpha):
    return paid(a * W, R)


def beta_is_alpha(a, W, R, alpha):
    charged = 0 if alpha == 1 else alpha * paid((a * W).clamp(max=0), R)
    return alpha * paid((a * W).clamp(min=0), R) - charged


def nobody_is_charged(a, W, R, alpha):
    return alpha * paid((a * W).clamp(min=0), R)


def lowering_ones_are_paid(a, W, R, alpha):
    return alpha * paid((a * W).clamp(min=0), R) + (alpha - 1) * paid((a * W).clamp(max=0), R)


def divides_by_zero(a, W, R, alpha):
    parts = (a * W).clamp(max=0)
    return alpha * paid((a * W).clamp(min=0), R) + (1 - alpha) * (parts * (R / parts.sum(1))[:, None]).sum(0)


def without_inputs(a, W, R, alpha):
    return alpha * paid(W.clamp(min=0), R) - (alpha - 1) * paid(W.clamp(max=0), R)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("07.1", {"relevance": PAID, "absorbed": 0.75}),
        ("07.1", {"relevance": torch.tensor(PAID), "absorbed": 3 / 4}),
        ("07.2", NAMES),
        ("07.3", alpha_beta),
        ("07.3", negative_weights_only),
        ("07.4", ROOTS),
        ("07.4", {name: torch.tensor(root) for name, root in ROOTS.items()}),
        ("07.5", (3, 3, -5)),
        ("07.5", (-2.0, 1.5, 1.4)),
    ],
)
def test_right_answers_pass(number, answer):
    assert xk.check(number, answer).message == "right."


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("07.1", {"relevance": (..., ..., ...), "absorbed": ...}),
        ("07.2", dict.fromkeys("ABCDE", ...)),
        ("07.3", lambda a, W, R, alpha: None),
        ("07.3", lambda a, W, R, alpha: ...),
        ("07.4", dict.fromkeys(ROOTS, (..., ...))),
        ("07.5", (..., ..., ...)),
    ],
)
def test_stubs_fail(number, stub):
    verdict = xk.check(number, stub)
    assert not verdict
    assert verdict.message.startswith("not yet")


@pytest.mark.parametrize(
    ("number", "answer", "said", "unsaid"),
    [
        ("07.1", PAID, "dictionary", "1.5"),
        ("07.1", {"relevance": (2, 2), "absorbed": 0.75}, "three numbers", "1.5"),
        ("07.1", {"relevance": [p * 6.25 / 5.5 for p in PAID], "absorbed": 0}, "whole output", "1.5"),
        ("07.1", {"relevance": [p * 6 / 5.5 for p in PAID], "absorbed": 0.25}, "without its bias", "1.5"),
        ("07.1", {"relevance": (1, -2, 0.5), "absorbed": 0.75}, "input times weight", "1.5"),
        ("07.1", {"relevance": (-2, 3, 4.5), "absorbed": 0.75}, "silent", "1.5"),
        ("07.1", {"relevance": (2, 2, 1), "absorbed": 0.75}, "input 3 is wrong", "1.5"),
        ("07.1", {"relevance": PAID, "absorbed": 0.5}, "first layer", "0.75"),
        ("07.1", {"relevance": PAID, "absorbed": 0.25}, "second layer", "0.75"),
        ("07.1", {"relevance": PAID, "absorbed": 0}, "less what arrives", "0.75"),
        ("07.2", {**NAMES, "A": "gamma"}, "A: gamma would give (6.9, -1.7, 6.9)", "z_plus"),
        ("07.2", {**NAMES, "B": "epsilon"}, "B: epsilon would give", "zero"),
        ("07.2", {**NAMES, "D": "z_box"}, "D: z_box would give", "w_square"),
        ("07.2", {**NAMES, "E": "z_plus"}, "E: z_plus would give", "alpha"),
        ("07.2", {**NAMES, "C": "even"}, "the rules are called", "C: flat"),
        ("07.2", list(NAMES.values()), "dictionary", "flat"),
        ("07.3", zero, "only what raises", "1 - alpha"),
        ("07.3", without_inputs, "it is the rule zero", "1 - alpha"),
        ("07.3", beta_is_alpha, "difference is one", "1 - alpha"),
        ("07.3", nobody_is_charged, "nobody is charged", "1 - alpha"),
        ("07.3", lowering_ones_are_paid, "must be charged", "1 - alpha"),
        ("07.3", divides_by_zero, "divides by zero", "1 - alpha"),
        ("07.3", lambda a, W, R, alpha: torch.zeros(2), "shape", "1 - alpha"),
        ("07.3", 3, "a function", "1 - alpha"),
        ("07.4", {**ROOTS, "all to a1": (0, 0)}, "all to a1: there 2 a1 + a2 − 2 is -2.00", "(0, 2)"),
        ("07.4", {**ROOTS, "all to a1": (1, 0)}, "they get 0.00 and 2.00", "(0, 2)"),
        ("07.4", {**ROOTS, "all to a2": (2, -2)}, "no negative number", "(1, 0)"),
        ("07.4", {**ROOTS, "the same": (0.6, 0.8)}, "they get 0.80 and 1.20", "0.5"),
        ("07.4", list(ROOTS.values()), "dictionary", "0.5"),
        ("07.4", {**ROOTS, "the same": (1, 1, 1)}, "two numbers", "0.5"),
        ("07.5", (1, 1, 1), "each of your inputs gets something", "-5"),
        ("07.5", (1, 1, -5), "silent", "(3"),
        ("07.5", (3, 3, -1), "by 1.00 when it is taken away, another by 3.00", "-5"),
        ("07.5", (3, 1, -2), "two inputs", "-5"),
        ("07.5", (3, 3, 0), "by 0.00 when it is taken away", "-5"),
        ("07.5", (3, 3), "three weights", "-5"),
        ("07.5", (float("nan"), 3, 3), "finite", "-5"),
    ],
)
def test_wrong_answers_are_told_why_and_not_the_answer(number, answer, said, unsaid):
    verdict = xk.check(number, answer)
    assert not verdict
    assert said in verdict.message
    assert unsaid not in verdict.message
