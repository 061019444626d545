"""Lesson 01, gradients and their noise: what looks at the answers."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import exercise, need, returned

MAPS = ("gradient", "saliency", "input_x_gradient")
SAMPLES, SIGMA, TENTH = 50, 0.05, 0.1


@exercise("01.1")
def by_hand(answer: Any) -> None:
    """Gradient, saliency and input × gradient of f = x1 x2² - 3 x1 at (2, -1)."""
    need(
        isinstance(answer, dict) and set(answer) == set(MAPS),
        f"expected a dictionary with {', '.join(MAPS)}.",
    )
    x, h = np.array([2.0, -1.0]), 1e-4

    def f(z: np.ndarray) -> float:
        return float(z[0] * z[1] ** 2 - 3 * z[0])

    slope = np.array([(f(x + h * e) - f(x - h * e)) / (2 * h) for e in np.eye(2)])
    expected = {"gradient": slope, "saliency": abs(slope), "input_x_gradient": x * slope}
    for name in MAPS:
        need(np.shape(answer[name]) == (2,), f"{name}: expected two numbers, one for x1 and one for x2.")
    given = {name: np.asarray(answer[name], float) for name in MAPS}

    def same(a: np.ndarray, b: np.ndarray) -> bool:
        return np.allclose(a, b, atol=0.01)

    for reason, wrong in {
        "gradient: the order is x1, then x2.": slope[::-1],
        "gradient: a slope has a sign; you gave magnitudes.": abs(slope),
        "gradient: does x1 count where it stands alone, in the second term?": slope + np.array([3.0, 0.0]),
    }.items():
        need(same(given["gradient"], slope) or not same(given["gradient"], wrong), reason)
    for name, mine, right in zip(("x1", "x2"), given["gradient"], slope, strict=True):
        need(abs(mine - right) < 0.01, f"gradient: the slope in {name} is wrong. Nudge {name} alone and see.")
    need((given["saliency"] >= 0).all(), "saliency: it does not ask which way; nothing in it is negative.")
    need(same(given["saliency"], expected["saliency"]), "saliency: it is not the magnitude of your gradient.")
    need(
        not same(given["input_x_gradient"], x * abs(slope)),
        "input_x_gradient: the gradient goes in with its sign.",
    )
    need(
        same(given["input_x_gradient"], expected["input_x_gradient"]),
        "input_x_gradient: each slope is multiplied by its own input, signs included.",
    )


def answered(answer: Callable[..., Any], f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """What the learner's function gives for f and x: a tensor of the shape of x, and x as it was."""
    before = x.clone()
    given = answer(f, x)
    need(torch.equal(x, before), "the function changes x itself. Work on a copy, x.clone().")
    return returned(given, x)


@exercise("01.2")
def asked(answer: Callable[..., Any]) -> None:
    """The learner's saliency(f, x), by finite differences."""
    need(callable(answer), "expected a function saliency_by_asking(f, x).")

    def phi(f: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
        return answered(answer, f, x)

    weights, x = torch.tensor([1.0, -2.0, 3.0]), torch.tensor([2.0, 0.5, -1.0])
    linear = phi(lambda z: z @ weights, x)
    need(
        not torch.allclose(linear, weights, atol=0.05),
        "on a linear f it gives the gradient with its sign. Saliency is a magnitude.",
    )
    need(
        not torch.allclose(linear, 2 * weights.abs(), atol=0.05),
        "on a linear f everything is twice too large: from the lower to the upper point it is two steps.",
    )
    need(
        bool((linear > 0.05).all()),
        "on a linear f some input gets nothing: is the difference divided by the step?",
    )
    need(
        torch.allclose(linear, weights.abs(), atol=0.05),
        "on a linear f the saliency is the size of each weight; yours is not. Is one input nudged at a time?",
    )
    need(
        torch.allclose(
            phi(lambda z: z[:, 0] * z[:, 1], torch.tensor([2.0, -3.0])), torch.tensor([3.0, 2.0]), atol=0.1
        ),
        "on a linear f it is right, on f = x1·x2 it is not: the slope must be taken at x.",
    )
    need(
        torch.allclose(phi(lambda z: (z**2).sum(1), torch.tensor([1.0])), torch.tensor([2.0]), atol=0.1),
        "on f = x² at 1 it is off. Is your step too large?",
    )
    need(
        torch.allclose(phi(lambda z: z.sum(1) + 1, torch.linspace(0, 9, 10)), torch.ones(10), atol=0.1),
        "on the sum of ten numbers it is off. Is your step too small for single precision?",
    )


@exercise("01.3")
def flat_but_needed(answer: Any) -> None:
    """A point where min(1, x1 x2) has no slope, though either input alone brings the whole score down."""
    need(np.shape(answer) == (2,), "expected two numbers, (x1, x2).")
    x1, x2 = (float(v) for v in answer)

    def f(a: float, b: float) -> float:
        return min(1.0, a * b)

    here, h = f(x1, x2), 1e-3
    need(
        here > 1e-9,
        f"the score is {here:.2g} there; nothing can be lost by switching off. Find a place where it is 1.",
    )
    slope = ((f(x1 + h, x2) - f(x1 - h, x2)) / (2 * h), (f(x1, x2 + h) - f(x1, x2 - h)) / (2 * h))
    need(
        max(map(abs, slope)) < 1e-6,
        f"the gradient there is ({slope[0]:.2g}, {slope[1]:.2g}), not (0, 0). Where does the minimum cut?",
    )
    need(
        here - f(0.0, x2) == 1.0 and here - f(x1, 0.0) == 1.0, "switching off does not cost the whole score."
    )


@exercise("01.4")
def enough_samples(answer: Any) -> None:
    """How many samples bring the relative error on the noisy cat down to a tenth."""
    whole = isinstance(answer, (int, float, np.number)) and not isinstance(answer, bool)
    need(whole and answer > 0, "expected one number, how many samples.")
    n, error = float(answer), error_of_fifty()
    need(
        not np.isclose(n, SAMPLES * error / TENTH, rtol=0.05),
        "so many would do if the error fell as 1/n. It falls more slowly.",
    )
    need(
        not np.isclose(n, SAMPLES * (error / TENTH) ** 4, rtol=0.05),
        "you squared twice.",
    )
    left = error * (SAMPLES / n) ** 0.5
    need(
        n > 0.85 * SAMPLES * (error / TENTH) ** 2,
        f"with {n:.0f} samples an error of {left:.0%} is to be expected.",
    )
    need(
        n < 1.3 * SAMPLES * (error / TENTH) ** 2,
        f"with {n:.0f} samples an error of {left:.0%} is to be expected: fewer will do.",
    )


@lru_cache(maxsize=1)
def error_of_fifty() -> float:
    """The relative standard error of SmoothGrad on number 2 of the test crops, from its own gradients."""
    from .. import data, methods, zoo

    model, x = zoo.load("photos"), data.photos(3, split="test").images[2]
    options = {"target": "cat", "n_samples": SAMPLES, "noise_std": SIGMA}
    gradients = methods.smoothgrad(model, x, **options)["gradients"].flatten(1)
    return float((gradients.var(0) / SAMPLES).sum().sqrt() / gradients.mean(0).norm())


@exercise("01.5")
def four_gradients(answer: Any) -> None:
    """Four gradients with a mean square of 9, once with mean 0 and once with variance 0."""
    need(
        isinstance(answer, dict) and set(answer) == {"cancels", "steady"},
        "expected a dictionary with cancels and steady.",
    )
    for name in ("cancels", "steady"):
        need(np.shape(answer[name]) == (4,), f"{name}: expected four numbers.")
        g = np.asarray(answer[name], float)
        square = float((g**2).mean())
        need(abs(square - 9) < 0.01, f"{name}: SmoothGrad² of these four is {square:.3g}, not 9.")
        wanted, value = ("SmoothGrad", g.mean()) if name == "cancels" else ("VarGrad", g.var())
        need(abs(value) < 0.01, f"{name}: {wanted} of these four is {float(value):.3g}, not 0.")
