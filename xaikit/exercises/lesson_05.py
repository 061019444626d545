"""Lesson 05, backward rules: what looks at the answers."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import exercise, need, returned

RULES = ("gradient", "deconvnet", "guided")


def handed_on(arriving: np.ndarray, a: np.ndarray, rule: str) -> np.ndarray:
    """What a ReLU whose input is `a` hands on of what arrives at it."""
    kept = arriving if rule == "gradient" else np.maximum(arriving, 0)
    return kept if rule == "deconvnet" else kept * (a > 0)


@exercise("05.1")
def by_hand(answer: Any) -> None:
    """Three rules on f = 2 relu(x1 - x2) - 3 relu(x2) + relu(x1 - 4) at (3, 1)."""
    need(
        isinstance(answer, dict) and set(answer) == set(RULES),
        f"expected a dictionary with {', '.join(RULES)}.",
    )
    inner, bias = np.array([[1.0, -1.0], [0.0, 1.0], [1.0, 0.0]]), np.array([0.0, 0.0, -4.0])
    outer, a = np.array([2.0, -3.0, 1.0]), inner @ np.array([3.0, 1.0]) + bias
    expected = {rule: handed_on(outer, a, rule) @ inner for rule in RULES}
    for rule in RULES:
        need(np.shape(answer[rule]) == (2,), f"{rule}: expected two numbers, one for x1 and one for x2.")
        mine = np.asarray(answer[rule], float)
        if np.allclose(mine, expected[rule], atol=0.01):
            continue
        for other in RULES:
            need(not np.allclose(mine, expected[other], atol=0.01), f"{rule}: this is what {other} gives.")
        need(
            not np.allclose(mine, np.maximum(expected["gradient"], 0), atol=0.01),
            f"{rule}: the rule belongs to the ReLUs. At the input nothing is cut off.",
        )
        need(
            not np.allclose(mine, outer @ inner, atol=0.01),
            f"{rule}: you let everything pass. Which of the three ReLUs are open, and what arrives at each?",
        )
        need(
            not np.allclose(mine, expected[rule][::-1], atol=0.01),
            f"{rule}: the order is x1, then x2.",
        )
        need(
            False,
            f"{rule}: write down, for each of the three ReLUs, what arrives, whether it is open, and what "
            "it hands on.",
        )


@exercise("05.2")
def switches(answer: Any) -> None:
    """Four numbers go back through a 2 x 2 max-pool, and through the deconvnet's ReLU below it."""
    need(np.shape(answer) == (4, 4), f"expected four rows of four; yours is {np.shape(answer)}.")
    a = np.array([[1.0, 5, 2, 0], [3, 4, 7, 1], [0, 0, 6, 8], [9, 2, 3, 5]])
    arriving, mine = np.array([[2.0, -1], [4, 3]]), np.asarray(answer, float)
    spread = np.kron(arriving, np.ones((2, 2)))
    switch = a == np.kron(a.reshape(2, 2, 2, 2).max((1, 3)), np.ones((2, 2)))
    unpooled = spread * switch
    expected = np.maximum(unpooled, 0)
    for reason, wrong in {
        "the pool is undone; what does the ReLU below it hand on?": unpooled,
        "you gave it to all four of a window. Only one of them was the maximum.": np.maximum(spread, 0),
        "you gave it to all four of a window, and the ReLU has not acted.": spread,
        "you shared it among the four; the switch gives it all to one.": np.maximum(spread, 0) / 4,
        "what arrives is put at the place, not multiplied with the value there.": expected * a,
        "you multiplied with the value there, and the ReLU has not acted.": unpooled * a,
        "these are the maxima. What arrives is to be put at their places.": a * switch,
    }.items():
        need(np.allclose(mine, expected, atol=0.01) or not np.allclose(mine, wrong, atol=0.01), reason)
    for (i, j), R in np.ndenumerate(arriving):
        window = (slice(2 * i, 2 * i + 2), slice(2 * j, 2 * j + 2))
        where = f"{('upper', 'lower')[i]} {('left', 'right')[j]}"
        need(
            np.allclose(mine[window], expected[window], atol=0.01),
            f"the {where} window is wrong. Where was its maximum, and what becomes of {R:g}?",
        )


def small_network(*sizes: int) -> list[Tensor]:
    """Weights of a network without biases, (out, in) each, the same every time."""
    draw = torch.Generator().manual_seed(1)
    return [torch.randn(m, n, generator=draw) for n, m in itertools.pairwise(sizes)]


def passed(weights: list[Tensor], x: Tensor, rule: str) -> Tensor:
    """The score's signal at x, under a rule."""
    inputs, h = [], x
    for W in weights[:-1]:
        inputs.append(W @ h)
        h = inputs[-1].relu()
    R = weights[-1][0]
    for W, a in zip(weights[-2::-1], inputs[::-1], strict=True):
        R = torch.from_numpy(handed_on(R.numpy(), a.numpy(), rule)) @ W
    return R


@exercise("05.3")
def guided_by_hand(answer: Callable[..., Any]) -> None:
    """The learner's guided(weights, x) for a network of any depth, without autograd."""
    need(callable(answer), "expected a function guided(weights, x).")

    def phi(weights: list[Tensor], x: Tensor) -> Tensor:
        return returned(answer([W.clone() for W in weights], x.clone()), x)

    x = torch.tensor([1.0, -2.0, 0.5])
    line = [torch.tensor([[2.0, -1.0, 3.0]])]
    need(
        torch.allclose(phi(line, x), line[0][0], atol=1e-4),
        "with one layer there is no ReLU: the result is its row of weights. Yours is not.",
    )
    for depth, weights in (
        ("one ReLU layer", small_network(3, 6, 1)),
        ("three", small_network(3, 8, 7, 6, 1)),
    ):
        mine, right = phi(weights, x), passed(weights, x, "guided")
        same = torch.allclose(mine, right, atol=1e-4)
        for reason, rule in {
            "this is the plain gradient. What arrives below zero must stop.": "gradient",
            "this is deconvnet. A closed ReLU must hand on nothing.": "deconvnet",
        }.items():
            other = passed(weights, x, rule)
            need(same or not torch.allclose(mine, other, atol=1e-4), f"with {depth}: {reason}")
        need(
            same or not torch.allclose(mine, right.clamp(min=0), atol=1e-4),
            f"with {depth}: nothing is cut off at the input; there is no ReLU.",
        )
        need(
            same,
            f"with {depth} it is wrong. From the last layer down: at a ReLU two questions, then times W.",
        )


@exercise("05.4")
def opposite(answer: Any) -> None:
    """A network whose gradient at (1, 1) lies in x1 alone, and its guided map in x2 alone."""
    need(
        isinstance(answer, dict) and set(answer) == {"W", "b", "v"},
        "expected a dictionary with W, b and v.",
    )
    W, b, v = (np.asarray(answer[name], float) for name in ("W", "b", "v"))
    need(W.ndim == 2 and W.shape[1] == 2, f"W has two columns, one an input; yours is {W.shape}.")
    n = len(W)
    need(n <= 6, "at most six ReLUs.")
    need(b.shape == (n,) and v.shape == (n,), f"W has {n} rows; b and v must have {n} numbers each.")
    need(all(np.isfinite(part).all() for part in (W, b, v)), "the numbers must be finite.")
    a = W @ np.ones(2) + b
    need((np.abs(a) > 1e-6).all(), "one of your ReLUs stands exactly at its kink. Change its b a little.")
    slope, guided = handed_on(v, a, "gradient") @ W, handed_on(v, a, "guided") @ W
    given = f"gradient ({slope[0]:g}, {slope[1]:g}), guided ({guided[0]:g}, {guided[1]:g})."
    need(abs(slope[0]) > 1e-6, f"{given} Moving x1 must change the score.")
    need(abs(slope[1]) < 1e-6, f"{given} Moving x2 must change nothing.")
    need(abs(guided[0]) < 1e-6, f"{given} The guided map must not see x1.")
    need(abs(guided[1]) > 1e-6, f"{given} The guided map must see x2.")


@exercise("05.5")
def deafness(answer: Callable[..., Any]) -> None:
    """The learner's deafness(explain, target, others): the mean rank correlation of maps."""
    need(callable(answer), "expected a function deafness(explain, target, others).")
    base = torch.tensor([[1.0, -2.0, 3.0], [-4.0, 5.0, 6.0]])
    backwards = torch.tensor([[6.0, 5.0, 4.0], [3.0, 2.0, 1.0]])
    maps = {"cat": base, "same": base, "minus": -base, "steep": base**3, "other": backwards}
    asked: list[str] = []

    def explain(target: str) -> Tensor:
        asked.append(target)
        return maps[target].clone()

    def value(*others: str) -> float:
        given = answer(explain, "cat", list(others))
        need(given is not None, "the function returns nothing. End it with return …")
        need(isinstance(given, (int, float, np.number, Tensor)), "expected one number.")
        return float(given)

    need(abs(value("same") - 1) < 1e-3, "if the other class has the very same map, it must be 1.")
    need("cat" in asked and "same" in asked, "ask explain for the map of the target, and for the others'.")
    need(abs(value("minus") - 1) < 1e-3, "a map with all signs turned has the same magnitudes: expected 1.")
    need(abs(value("steep") - 1) < 1e-3, "the same order of magnitudes must give 1: compare ranks.")
    need(abs(value("other") + 1) < 1e-3, "the opposite order must give −1.")
    need(
        abs(value("same", "other", "other", "other") + 0.5) < 1e-3,
        "each alone is right, several are not: take the mean over the others.",
    )
