"""Lesson 06: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import numpy as np
import pytest
import torch

import xaikit as xk


def slopes(head, A):
    leaf = A.clone().requires_grad_()
    return torch.autograd.grad(head(leaf), leaf)[0]


def grad_cam(head, A):
    return torch.tensordot(slopes(head, A).mean((1, 2)), A, 1).clamp(min=0)


def without_relu(head, A):
    return torch.tensordot(slopes(head, A).mean((1, 2)), A, 1)


def hires(head, A):
    return (slopes(head, A) * A).sum(0)


def added_up(head, A):
    return torch.tensordot(slopes(head, A).sum((1, 2)), A, 1).clamp(min=0)


def relu_too_early(head, A):
    return (slopes(head, A).mean((1, 2))[:, None, None] * A).clamp(min=0).sum(0)


def at_another_place(head, A):
    return torch.tensordot(slopes(head, torch.ones_like(A)).mean((1, 2)), A, 1).clamp(min=0)


def maps(weights=(1, 0.5), grad_cam=((2, 2), (2, 2)), hires_cam=((8, -8), (4, 4))):
    return {"weights": weights, "grad_cam": grad_cam, "hires_cam": hires_cam}


A, G = np.array([[[3.0, 1], [0, 0]]]), np.array([[[-1.0, 4], [1, 0]]])


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("06.1", maps()),
        ("06.1", maps(grad_cam=torch.full((2, 2), 2.0), weights=[1.0, 0.5])),
        ("06.2", grad_cam),
        ("06.3", (A, G)),
        ("06.3", [A.tolist(), torch.from_numpy(G)]),
        ("06.4", {"nearest": 2 / 3, "bilinear": 26 / 48}),
        ("06.4", {"nearest": 0.67, "bilinear": 0.54}),
        ("06.5", {"P": (0, 1), "Q": (1, 0)}),
        ("06.5", {"P": torch.tensor([0.0, 1.0]), "Q": [1, 0.2]}),
    ],
)
def test_right_answers_pass(number, answer):
    assert xk.check(number, answer).message == "right."


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("06.1", maps((..., ...), ((..., ...), (..., ...)), ((..., ...), (..., ...)))),
        ("06.2", lambda head, A: None),
        ("06.2", lambda head, A: ...),
        ("06.3", (..., ...)),
        ("06.4", {"nearest": ..., "bilinear": ...}),
        ("06.5", {"P": (..., ...), "Q": (..., ...)}),
    ],
)
def test_stubs_fail(number, stub):
    verdict = xk.check(number, stub)
    assert not verdict
    assert verdict.message.startswith("not yet")


@pytest.mark.parametrize(
    ("number", "answer", "said", "unsaid"),
    [
        ("06.1", maps(weights=(4, 2)), "not their sum", "0.5"),
        ("06.1", maps(weights=(1, 1)), "below zero counts", "0.5"),
        ("06.1", maps(weights=(2, 0)), "not the products", "0.5"),
        ("06.1", maps(weights=(3, 3)), "the mean slope", "0.5"),
        ("06.1", maps(weights=(1, 2, 3)), "one a channel", "0.5"),
        ("06.1", maps(grad_cam=((8, -8), (4, 4))), "Average the slopes first", "2, 2"),
        ("06.1", maps(grad_cam=((2, 0), (1, 1))), "the two channels added", "2, 2"),
        ("06.1", maps(hires_cam=((8, 0), (4, 4))), "it has no ReLU", "8"),
        ("06.1", maps(hires_cam=((2, 2), (2, 2))), "then add up", "8"),
        ("06.1", maps(hires_cam=8), "two rows of two", "8,"),
        ("06.1", (1, 0.5), "dictionary", "0.5"),
        ("06.2", without_relu, "the ReLU is missing", "clamp"),
        ("06.2", hires, "HiResCAM", "clamp"),
        ("06.2", lambda head, A: hires(head, A).clamp(min=0), "HiResCAM with a ReLU", "clamp"),
        ("06.2", added_up, "not averaged", "clamp"),
        ("06.2", relu_too_early, "after the sum", "clamp"),
        ("06.2", at_another_place, "a head with squares: the map is wrong", "clamp"),
        ("06.2", lambda head, A: A, "one number a cell", "clamp"),
        ("06.2", lambda head, A: 3.0, "expected a tensor", "clamp"),
        ("06.2", 3, "a function", "clamp"),
        ("06.3", (A, np.abs(G)), "HiResCAM is 3.00 there", "-1"),
        ("06.3", (A, -G), "empty", "4"),
        ("06.3", (-A, G), "must not be below zero", "4"),
        ("06.3", (np.ones((1, 2, 2)), G), "several strongest", "4"),
        ("06.3", (A, G[0]), "one shape", "-1"),
        ("06.3", (np.ones((9, 2, 2)), np.ones((9, 2, 2))), "at most 4", "-1"),
        ("06.3", A, "two arrays", "-1"),
        ("06.4", {"nearest": 0.5, "bilinear": 26 / 48}, "repeated four times", "0.6"),
        ("06.4", {"nearest": 2 / 3, "bilinear": 2 / 3}, "on a line", "0.54"),
        ("06.4", {"nearest": 2 / 3, "bilinear": 0.9}, "it is wrong", "0.54"),
        ("06.4", {"nearest": 2 / 3, "bilinear": 54}, "from 0 to 1", "0.54"),
        ("06.4", (0.67, 0.54), "dictionary", "0.54"),
        ("06.5", {"P": (1, 0), "Q": (0, 1)}, "P must win", "(0, 1)"),
        ("06.5", {"P": (0, 3), "Q": (1, 0)}, "Q must be hotter", "(1, 0)"),
        ("06.5", {"P": (0, 1, 2), "Q": (1, 0)}, "two weights", "(1, 0)"),
        ("06.5", {"P": (0, 1)}, "dictionary", "(1, 0)"),
    ],
)
def test_wrong_answers_are_told_why_and_not_the_answer(number, answer, said, unsaid):
    verdict = xk.check(number, answer)
    assert not verdict
    assert said in verdict.message
    assert unsaid not in verdict.message


def test_aligned_corners_are_recognised():
    row = torch.tensor([0.0, 8, 4, 0]).reshape(1, 1, 1, 4)
    large = torch.nn.functional.interpolate(row, size=(1, 16), mode="bilinear", align_corners=True).flatten()
    answer = {"nearest": 2 / 3, "bilinear": float(large[4:8].sum() / large.sum())}
    assert "align_corners=True" in xk.check("06.4", answer).message
