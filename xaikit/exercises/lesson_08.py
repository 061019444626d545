"""Lesson 08, DeepLIFT and DeepSHAP: what looks at the answers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import exercise, need, returned

EXAMPLE, BACKGROUND = np.ones(2), np.array([[0.0, 0], [-1, 1], [1, -1]])  # of exercise 08.5


def relu(z: Any) -> Any:
    """max(0, z), number by number."""
    return np.maximum(z, 0)


def lifted(W: np.ndarray, b: np.ndarray, top: np.ndarray, x: np.ndarray, x0: np.ndarray) -> np.ndarray:
    """Rescale through one hidden layer of ReLUs."""
    z, z0 = W @ x + b, W @ x0 + b
    same = np.abs(z - z0) < 1e-10
    ratio = np.where(same, z > 0, (relu(z) - relu(z0)) / np.where(same, 1, z - z0))
    return ((top * ratio) @ W) * (x - x0)


@exercise("08.1")
def by_hand(answer: Any) -> None:
    """Rescale by hand on a network of two hidden units, at (2, 1) from (0, 3)."""
    need(np.shape(answer) == (2,), "expected two numbers, one for x1 and one for x2.")
    given = np.asarray(answer, float)
    W, b, top = np.array([[1.0, -1], [2, 1]]), np.array([0.0, -1]), np.array([3.0, -1])
    x, x0 = np.array([2.0, 1]), np.array([0.0, 3])
    expected = lifted(W, b, top, x, x0)
    slopes = (top * (W @ x + b > 0)) @ W
    others = {
        "these are multipliers; multiply each by the difference of its input.": expected / (x - x0),
        "this is slope times difference. Each unit has a ratio instead of a slope.": slopes * (x - x0),
        "this is input × gradient. There is a reference here.": slopes * x,
        "this is from the reference (0, 0).": lifted(W, b, top, x, np.zeros(2)),
        "the sign is turned round: a difference is example less reference.": -expected,
        "the order is x1, then x2.": expected[::-1],
        "you left out the minus sign of h2.": lifted(W, b, np.abs(top), x, x0),
    }
    right = np.allclose(given, expected, atol=0.01)
    for reason, wrong in others.items():
        need(right or not np.allclose(given, wrong, atol=0.01), reason)
    need(
        right or abs(given.sum() - expected.sum()) < 0.01,
        "the two do not add up to the difference of the scores.",
    )
    need(right, "the sum is right, the parts are not. Look at the ratio of each of the two units.")


@exercise("08.2")
def multiplier(answer: Callable[..., Any]) -> None:
    """The learner's multiplier(f, x, x0) of an elementwise function."""
    need(callable(answer), "expected a function multiplier(f, x, x0).")

    def ask(f: Callable[[Tensor], Tensor], x: Tensor, x0: Tensor) -> Tensor:
        return returned(answer(f, x.clone(), x0.clone()), x)

    x, x0 = torch.tensor([3.0, -1.0, 2.0, -2.0]), torch.tensor([1.0, 2.0, -2.0, -1.0])
    expected = (x.relu() - x0.relu()) / (x - x0)
    given = ask(torch.relu, x, x0)
    need(
        not torch.allclose(given, (x > 0).to(x)),
        "these are slopes at x. Where x and x0 differ, take a ratio of differences.",
    )
    need(
        not torch.allclose(given, x.relu() - x0.relu()),
        "this is the difference of the outputs. Divide by the difference of the inputs.",
    )
    need(torch.allclose(given, expected, atol=1e-5), "on a ReLU the ratio is wrong.")
    x0 = torch.tensor([3.0, 2.0, 2.0, -2.0])  # three of four are equal
    given = ask(lambda z: z**2, x, x0)
    need(torch.isfinite(given).all(), "where x equals x0 the result is not a number.")
    need(abs(float(given[1]) - 1) < 1e-4, "beside places where x equals x0, the ratio elsewhere goes wrong.")
    need(
        torch.allclose(given[[0, 2, 3]], 2 * x[[0, 2, 3]], atol=1e-4),
        "where x equals x0, take the slope of f.",
    )
    near = torch.full((4,), 2e-7)  # and as far below zero: across the kink, the ratio is ½
    need(
        torch.allclose(ask(torch.relu, near, -near), torch.ones(4)),
        "where the difference is below 10⁻⁶ but not zero, take the slope at x, too.",
    )


@exercise("08.3")
def reference(answer: Any) -> None:
    """A reference of 1 - relu(1 - x1 - x2) at (1, 1), from which x1 gets 2 and x2 gets -1."""
    need(np.shape(answer) == (2,), "expected a reference of two numbers.")
    x0 = np.asarray(answer, float)
    need(np.isfinite(x0).all(), "the numbers must be finite.")
    score = 1 - relu(1 - x0.sum())
    need(
        abs(1 - score) > 1e-9, "there the score is the same as at the example, so there is nothing to divide."
    )
    need(
        abs(1 - score - 1) < 1e-3,
        f"from there the score rises by {1 - score:.2f}, not by 1.",
    )
    phi = lifted(-np.ones((1, 2)), np.ones(1), -np.ones(1), np.ones(2), x0)
    need(
        np.allclose(phi, (2, -1), atol=1e-2),
        f"the score rises by 1; from there x1 gets {phi[0]:.2f} and x2 {phi[1]:.2f}.",
    )


@exercise("08.4")
def larger(answer: Any) -> None:
    """Both rules on max(x1, x2) = x2 + relu(x1 - x2), at (4, 2) from (0, 0)."""
    rules = ("rescale", "reveal_cancel")
    need(isinstance(answer, dict) and set(answer) == set(rules), "expected a dictionary of both rules.")
    for rule in rules:
        need(np.shape(answer[rule]) == (2,), f"{rule}: expected two numbers.")
    x = np.array([4.0, 2.0])
    up, down, both = relu(x[0]), relu(-x[1]), relu(x[0] - x[1])
    raised, lowered = (up + both - down) / 2, (down + both - up) / 2
    ratio = both / (x[0] - x[1])
    right = {
        "rescale": np.array([ratio * x[0], x[1] - ratio * x[1]]),
        "reveal_cancel": np.array([raised, x[1] + lowered]),
    }
    minimum = {
        "rescale": np.array([x[0] - ratio * x[0], ratio * x[1]]),
        "reveal_cancel": np.array([x[0] - raised, -lowered]),
    }
    for rule in rules:
        given = np.asarray(answer[rule], float)
        if np.allclose(given, right[rule], atol=0.01):
            continue
        need(
            not np.allclose(given, minimum[rule], atol=0.01),
            f"{rule}: this is the minimum. Here it is the larger.",
        )
        need(
            not np.allclose(given, right[rule] - (0, x[1]), atol=0.01),
            f"{rule}: this is the ReLU alone. x2 stands outside it, too.",
        )
        other = right[rules[1 - rules.index(rule)]]
        need(not np.allclose(given, other, atol=0.01), f"{rule}: this is what the other rule gives.")
        need(
            abs(given.sum() - x.max()) < 0.01,
            f"{rule}: the two must add up to the difference of the scores.",
        )
        need(
            False,
            f"{rule}: the sum is right, the parts are not. Take the ReLU first, then what stands outside.",
        )


@exercise("08.5")
def exact(answer: Any) -> None:
    """Three ReLUs that cross their kinks, on which DeepSHAP and Shapley agree."""
    need(isinstance(answer, (tuple, list)) and len(answer) == 2, "expected weights and biases, (W, b).")
    W, b = (np.asarray(part, float) for part in answer)
    need(W.shape == (3, 2), f"W has a row for each unit, (3, 2); yours has {W.shape}.")
    need(b.shape == (3,), f"b has one number for each unit; yours has the shape {b.shape}.")
    need(np.isfinite(W).all() and np.isfinite(b).all(), "the numbers must be finite.")
    signs = np.array([W @ point + b > 1e-9 for point in (EXAMPLE, *BACKGROUND)])
    crossing = int((signs[1:] != signs[0]).any(0).sum())
    need(
        crossing >= 2,
        f"{crossing} of your units cross the kink between the example and a reference; two must.",
    )
    fast = np.mean([lifted(W, b, np.ones(3), EXAMPLE, point) for point in BACKGROUND], 0)

    def worth(*members: bool) -> float:
        return float(np.mean([relu(W @ np.where(members, EXAMPLE, point) + b).sum() for point in BACKGROUND]))

    nobody, one, two, both = worth(False, False), worth(True, False), worth(False, True), worth(True, True)
    true = np.array([one - nobody + both - two, two - nobody + both - one]) / 2
    need(
        np.allclose(fast, true, atol=1e-3),
        f"DeepSHAP gives {fast[0]:.3f} and {fast[1]:.3f}, Shapley {true[0]:.3f} and {true[1]:.3f}.",
    )
    need((np.abs(true) > 1e-3).all(), "one of the features gets nothing. Let both matter.")
