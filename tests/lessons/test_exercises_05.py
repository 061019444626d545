"""Lesson 05: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import numpy as np
import pytest
import torch

import xaikit as xk


def backward(weights, x, gate):
    inputs, h = [], x
    for W in weights[:-1]:
        inputs.append(W @ h)
        h = inputs[-1].clamp(min=0)
    R = weights[-1][0]
    for W, a in zip(weights[-2::-1], inputs[::-1], strict=True):
        R = gate(R, a) @ W
    return R


def guided(weights, x):
    return backward(weights, x, lambda R, a: R.clamp(min=0) * (a > 0))


def plain(weights, x):
    return backward(weights, x, lambda R, a: R * (a > 0))


def deconvnet(weights, x):
    return backward(weights, x, lambda R, a: R.clamp(min=0))


def nothing_gated(weights, x):
    return backward(weights, x, lambda R, a: R)


def cut_at_the_input(weights, x):
    phi = guided(weights, x)
    return phi.clamp(min=0) if len(weights) > 1 else phi


def only_the_last_relu(weights, x):
    return guided(weights, x) if len(weights) < 3 else backward(weights, x, lambda R, a: R.abs() * (a > 0))


def ranks(m):
    return m.abs().flatten().argsort().argsort().float()


def deafness(explain, target, others):
    mine = ranks(explain(target))
    return float(np.mean([np.corrcoef(mine, ranks(explain(c)))[0, 1] for c in others]))


def signed(explain, target, others):
    mine = explain(target).flatten().argsort().argsort()
    return np.mean([np.corrcoef(mine, explain(c).flatten().argsort().argsort())[0, 1] for c in others])


def without_ranks(explain, target, others):
    mine = explain(target).abs().flatten()
    return np.mean([np.corrcoef(mine, explain(c).abs().flatten())[0, 1] for c in others])


def best_only(explain, target, others):
    return max(deafness(explain, target, [c]) for c in others)


def never_negative(explain, target, others):
    return abs(deafness(explain, target, others))


def rules(gradient=(2, -5), deconvnet=(3, -2), guided=(2, -2)):
    return {"gradient": gradient, "deconvnet": deconvnet, "guided": guided}


def placed(upper_left=2.0, upper_right=0.0, lower_left=4.0, lower_right=3.0):
    R = np.zeros((4, 4))
    R[0, 1], R[1, 2], R[3, 0], R[2, 3] = upper_left, upper_right, lower_left, lower_right
    return R


PUZZLE = {"W": [[-1, 0], [0, 1], [0, 1]], "b": [2, 0, 0], "v": [-1, 1, -1]}


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("05.1", rules()),
        ("05.1", rules(gradient=torch.tensor([2.0, -5.0]), guided=[2.0, -2.0])),
        ("05.2", placed()),
        ("05.2", placed().tolist()),
        ("05.2", torch.from_numpy(placed())),
        ("05.3", guided),
        ("05.4", PUZZLE),
        ("05.4", {name: torch.tensor(part, dtype=torch.float) for name, part in PUZZLE.items()}),
        ("05.5", deafness),
        ("05.5", lambda *a: torch.tensor(deafness(*a))),
    ],
)
def test_right_answers_pass(number, answer):
    assert xk.check(number, answer).message == "right."


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("05.1", dict.fromkeys(("gradient", "deconvnet", "guided"), (..., ...))),
        ("05.2", [[..., ..., ..., ...]] * 4),
        ("05.3", lambda weights, x: None),
        ("05.3", lambda weights, x: ...),
        ("05.4", {"W": ..., "b": ..., "v": ...}),
        ("05.5", lambda explain, target, others: None),
    ],
)
def test_stubs_fail(number, stub):
    verdict = xk.check(number, stub)
    assert not verdict
    assert verdict.message.startswith("not yet")


@pytest.mark.parametrize(
    ("number", "answer", "said", "unsaid"),
    [
        ("05.1", rules(deconvnet=(2, -5)), "deconvnet: this is what gradient gives", "(3"),
        ("05.1", rules(guided=(3, -2)), "guided: this is what deconvnet gives", "(2"),
        ("05.1", rules(guided=(2, 0)), "At the input nothing is cut off", "(2"),
        ("05.1", rules(gradient=(3, -5)), "you let everything pass", "(2"),
        ("05.1", rules(gradient=(-5, 2)), "order", "(2"),
        ("05.1", rules(guided=(7, 7)), "for each of the three ReLUs", "(2"),
        ("05.1", rules(guided=7), "two numbers", "(2"),
        ("05.1", (2, -5), "dictionary", "(2"),
        ("05.2", placed(upper_right=-1), "the pool is undone", "0"),
        ("05.2", np.kron([[2, 0], [4, 3]], np.ones((2, 2))), "all four of a window", "0"),
        ("05.2", np.kron([[2, -1], [4, 3]], np.ones((2, 2))), "the ReLU has not acted", "0"),
        ("05.2", placed(10, 0, 36, 24), "not multiplied", "0"),
        ("05.2", placed(5, 7, 9, 8), "these are the maxima", "0"),
        ("05.2", placed(lower_left=3), "the lower left window", "0"),
        ("05.2", np.ones((2, 2)), "four rows", "0"),
        ("05.3", plain, "with one ReLU layer: this is the plain gradient", "clamp"),
        ("05.3", deconvnet, "this is deconvnet", "clamp"),
        ("05.3", nothing_gated, "it is wrong", "clamp"),
        ("05.3", cut_at_the_input, "nothing is cut off at the input", "clamp"),
        ("05.3", only_the_last_relu, "with three it is wrong", "clamp"),
        ("05.3", lambda weights, x: x, "with one layer there is no ReLU", "clamp"),
        ("05.3", lambda weights, x: x[:2], "shape", "clamp"),
        ("05.3", 3, "a function", "clamp"),
        ("05.4", PUZZLE | {"v": [1, 1, -1]}, "must not see x1", "[2"),
        ("05.4", PUZZLE | {"v": [-1, 1, 1]}, "Moving x2 must change nothing", "[2"),
        ("05.4", PUZZLE | {"b": [0, 0, 0]}, "Moving x1 must change", "[2"),
        ("05.4", {"W": [[-1, 0], [0, 1]], "b": [2, -2], "v": [-1, 1]}, "must see x2", "[2"),
        ("05.4", PUZZLE | {"b": [1, 0, 0]}, "kink", "[2"),
        ("05.4", PUZZLE | {"b": [2, 0]}, "3 numbers", "[2"),
        ("05.4", {"W": np.ones((3, 3)), "b": [0] * 3, "v": [0] * 3}, "two columns", "[2"),
        ("05.4", {"W": np.ones((9, 2)), "b": [0] * 9, "v": [0] * 9}, "at most six", "[2"),
        ("05.4", [1, 2, 3], "dictionary", "[2"),
        ("05.5", signed, "signs turned", "argsort"),
        ("05.5", without_ranks, "compare ranks", "argsort"),
        ("05.5", never_negative, "opposite order", "argsort"),
        ("05.5", best_only, "the mean", "argsort"),
        ("05.5", lambda explain, target, others: 1.0, "ask explain", "argsort"),
        ("05.5", lambda explain, target, others: [1.0, 2.0], "one number", "argsort"),
    ],
)
def test_wrong_answers_are_told_why_and_not_the_answer(number, answer, said, unsaid):
    verdict = xk.check(number, answer)
    assert not verdict
    assert said in verdict.message
    assert unsaid not in verdict.message
