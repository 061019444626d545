"""Lesson 02, integrated gradients: what looks at the answers."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import exercise, need, returned

RULES = ("midpoint", "gauss_legendre")
ENOUGH = 0.05  # the gap, as a share of the change in score


@exercise("02.1")
def by_hand(answer: Any) -> None:
    """Left sums of f = x1² x2 from (0, 0) to (2, 3), two steps, one for each input."""
    need(np.shape(answer) == (2,), "expected two numbers, one for x1 and one for x2.")
    given, x = np.asarray(answer, float), np.array([2.0, 3.0])

    def slopes(alphas: np.ndarray) -> np.ndarray:  # of f = x1² x2 at the points α · x
        x1, x2 = alphas * x[0], alphas * x[1]
        return np.array([2 * x1 * x2, x1**2])

    expected = x * slopes(np.array([0.0, 0.5])).mean(1)
    others = {
        "these are slopes; multiply each by the distance that its input goes.": slopes(
            np.array([0.0, 0.5])
        ).mean(1),
        "you took the right ends of the two steps.": x * slopes(np.array([0.5, 1.0])).mean(1),
        "you took the middles of the two steps.": x * slopes(np.array([0.25, 0.75])).mean(1),
        "this is the exact integral; two left steps give something else.": x
        * slopes((np.arange(10000) + 0.5) / 10000).mean(1),
        "each of the two points has weight ½.": 2 * expected,
        "the order is x1, then x2.": expected[::-1],
    }
    for reason, wrong in others.items():
        need(np.allclose(given, expected, atol=0.01) or not np.allclose(given, wrong, atol=0.01), reason)
    for name, mine, right in zip(("x1", "x2"), given, expected, strict=True):
        need(
            abs(mine - right) < 0.01,
            f"the part of {name} is wrong. Write down its slope at both points.",
        )


@exercise("02.2")
def integrated(answer: Callable[..., Any]) -> None:
    """The learner's integrated(f, x, x0, n): distance times mean slope at n midpoints."""
    need(callable(answer), "expected a function integrated(f, x, x0, n).")
    weights, x, x0 = torch.tensor([3.0, -2.0]), torch.tensor([2.0, 3.0]), torch.tensor([1.0, -1.0])

    def phi(f: Callable[[Tensor], Tensor], start: Tensor, n: int) -> Tensor:
        given = answer(f, x.clone(), start.clone(), n)
        return returned(given, x)

    linear = phi(lambda z: z @ weights, torch.zeros(2), 4)
    need(
        not torch.allclose(linear, weights, atol=1e-4),
        "on a linear f it gives the slopes. The distance is missing.",
    )
    need(
        torch.allclose(linear, weights * x, atol=1e-4),
        "on a linear f, from zero, every part is weight × input; yours is not.",
    )
    need(
        torch.allclose(phi(lambda z: z @ weights, x0, 4), weights * (x - x0), atol=1e-4),
        "from zero it is right, from another baseline not: where does x0 come in?",
    )
    need(
        torch.allclose(phi(lambda z: z[:, 0] * z[:, 1], x0, 200), torch.tensor([1.0, 6.0]), atol=0.05),
        "right on a linear f, wrong on f = x1·x2 from another baseline: look at the points on the path.",
    )
    few = phi(lambda z: (z**3).sum(1), torch.zeros(2), 2)  # the slope is 3 z²
    midpoints = x * 3 * x**2 * np.mean(np.square([0.25, 0.75]))
    need(
        torch.allclose(few, midpoints, rtol=1e-4),
        "with many steps it is right, with two it is not the midpoint rule: where do the two points stand?",
    )


@exercise("02.3")
def fewest_steps(answer: Any) -> None:
    """The smallest number of steps under 5 % on the coins, with each of two rules."""
    need(
        isinstance(answer, dict) and set(answer) == set(RULES),
        "expected a dictionary of two rules.",
    )
    for rule in RULES:
        n = answer[rule]
        need(
            isinstance(n, (int, np.integer)) and not isinstance(n, bool) and 1 <= n <= 64,
            f"{rule}: expected a whole number of steps from 1 to 64.",
        )
        need(
            gap(rule, int(n)) < ENOUGH,
            f"{rule}: {n} steps leave a gap of {gap(rule, int(n)):.0%}.",
        )
        need(
            all(gap(rule, k) >= ENOUGH for k in range(1, int(n))),
            f"{rule}: {n} steps will do, but so will fewer.",
        )


@lru_cache(maxsize=128)
def gap(rule: str, n: int) -> float:
    """How much of the change in score, from black to number 5 of the test crops, n steps miss."""
    from .. import data, zoo

    model = zoo.load("photos")
    place = next(model.parameters()).device
    example = data.photos(6, split="test")[5]
    x, target = example.image.to(place), model.labels.index(example.label)
    if rule == "midpoint":
        alphas, weights = (np.arange(n) + 0.5) / n, np.full(n, 1 / n)
    else:
        alphas, weights = np.polynomial.legendre.leggauss(n)
        alphas, weights = (alphas + 1) / 2, weights / 2
    points = (torch.as_tensor(alphas).to(x).reshape(-1, 1, 1, 1) * x).requires_grad_()
    slopes = torch.autograd.grad(model(points)[:, target].sum(), points)[0]
    total = float(((slopes * x).flatten(1).sum(1) * torch.as_tensor(weights).to(x)).sum())
    with torch.no_grad():
        end, start = model(torch.stack([x, torch.zeros_like(x)]))[:, target].tolist()
    return abs(total - (end - start)) / abs(end - start)


@exercise("02.4")
def blind_baseline(answer: Any) -> None:
    """A baseline from which x1 gets nothing on f = x1 x2 at (2, 3), while x2 gets something."""
    need(np.shape(answer) == (2,), "expected a baseline of two numbers, (x1, x2).")
    a, b = (float(v) for v in answer)
    first, second = (2 - a) * (3 + b) / 2, (3 - b) * (2 + a) / 2  # the slopes are linear on the way
    need(abs(first) < 1e-3, f"from there x1 still gets {first:.2f}. When is distance times mean slope zero?")
    need(
        abs(second) > 1e-3,
        "from there x2 gets nothing either. Find one where it gets something.",
    )


@exercise("02.5")
def own_path(answer: Callable[..., Any]) -> None:
    """The learner's path(alpha, x) from zero to x, on which x1 of f = x1 x2 gets all the credit."""
    need(callable(answer), "expected a function path(alpha, x).")
    x = torch.tensor([2.0, 3.0])

    def at(alpha: float) -> Tensor:
        given = answer(torch.tensor(alpha), x.clone())
        return returned(given, x)

    need(torch.allclose(at(0.0), torch.zeros(2), atol=1e-4), "at alpha = 0 the path must stand at zero.")
    need(torch.allclose(at(1.0), x, atol=1e-4), "at alpha = 1 the path must stand at x.")
    knots = torch.stack([at(float(alpha)) for alpha in np.linspace(0, 1, 401)])
    step, middle = knots.diff(dim=0), (knots[1:] + knots[:-1]) / 2
    need(float(step.abs().max()) < 0.5, "the path jumps. It has to go there continuously.")
    first, second = float((step[:, 0] * middle[:, 1]).sum()), float((step[:, 1] * middle[:, 0]).sum())
    need(
        abs(first - second) > 0.05,
        "both inputs get the same. Who moves first, and who while the other is already there?",
    )
    need(first > second, "on your path x2 gets more than x1. Turn the order round.")
    need(
        second < 0.05,
        f"x2 still gets {second:.2f}. What must x1 be while x2 moves?",
    )
