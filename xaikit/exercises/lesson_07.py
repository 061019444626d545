"""Lesson 07, relevance: what looks at the answers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from . import exercise, need, returned

ROOTS = {"all to a1": (1, 0), "all to a2": (0, 1), "the same": (0.5, 0.5)}  # the shares


@exercise("07.1")
def by_hand(answer: Any) -> None:
    """The rule zero through two layers with biases, at (2, -1, 3)."""
    need(
        isinstance(answer, dict) and set(answer) == {"relevance", "absorbed"},
        'a dictionary with "relevance" and "absorbed"expected .',
    )
    need(np.shape(answer["relevance"]) == (3,), "the relevance is three numbers, one for each input.")
    given, absorbed = np.asarray(answer["relevance"], float), float(answer["absorbed"])
    parts, bias, top_bias = np.array([2.0, 2.0, 1.5]), 0.5, 0.25  # a · w of the neuron that is not silent
    hidden = parts.sum() + bias
    output = hidden + top_bias
    others = {
        "this is what sums to the whole output. The biases take their shares, too.": parts
        * output
        / parts.sum(),
        "this divides the hidden neuron's relevance without its bias. The bias is part of z.": parts
        * hidden
        / parts.sum(),
        "these are weights; a contribution is input times weight.": np.array([1, -2, 0.5]),
        "the second hidden neuron is below zero, so it is silent and receives nothing.": parts
        - np.array([4.0, -1, -3]),
    }
    for reason, wrong in others.items():
        need(not np.allclose(given, wrong, atol=0.01), reason)
    for k, (mine, right) in enumerate(zip(given, parts, strict=True), 1):
        need(
            abs(mine - right) < 0.01,
            f"input {k} is wrong. What did it contribute to the hidden neuron that is not silent?",
        )
    for layer, part in (("first", bias), ("second", top_bias)):
        need(abs(absorbed - part) > 0.01, f"that is what the {layer} layer absorbs. There are two layers.")
    need(abs(absorbed - bias - top_bias) < 0.01, "absorbed is wrong: the output less what arrives.")


@exercise("07.2")
def which_rule(answer: Any) -> None:
    """Five relevances of one neuron, and the rules that made them."""
    need(
        isinstance(answer, dict) and set(answer) == set("ABCDE"),
        "expected a dictionary with A, B, C, D and E.",
    )
    a, w, received = np.array([2.0, 1, 1]), np.array([1.0, -1, 2]), 12.0
    given = {"A": (6, 0, 6), "B": (8, -4, 8), "C": (4, 4, 4), "D": (2, 2, 8), "E": (12, -12, 12)}

    def divided(parts: np.ndarray) -> np.ndarray:
        return parts / parts.sum() * received

    up, down = np.maximum(a * w, 0), np.minimum(a * w, 0)
    rules = {
        "zero": divided(a * w),
        "epsilon": a * w / (a @ w + 1) * received,
        "gamma": divided(a * w + up),
        "z_plus": divided(up),
        "alpha_beta": 2 * divided(up) - divided(down),
        "z_box": divided(a * w - 4 * np.minimum(w, 0)),
        "w_square": divided(w**2),
        "flat": divided(np.ones(3)),
    }
    for letter in "ABCDE":
        name = answer[letter]
        need(name in rules, f"{letter}: the rules are called {', '.join(rules)}.")
        need(
            np.allclose(rules[name], given[letter]),
            f"{letter}: {name} would give {tuple(round(float(v), 1) for v in rules[name])} here.",
        )


@exercise("07.3")
def alpha_beta(answer: Callable[..., Any]) -> None:
    """The learner's alpha_beta(a, W, R, alpha) for inputs that are not negative."""
    need(callable(answer), "expected a function alpha_beta(a, W, R, alpha).")
    a, R = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([10.0, 6.0])
    W = torch.tensor([[1.0, -1.0, 2.0], [0.0, 3.0, -1.0]])

    def ask(W: torch.Tensor, alpha: float) -> torch.Tensor:
        given = returned(answer(a.clone(), W.clone(), R.clone(), alpha), a)
        need(torch.isfinite(given).all(), "it divides by zero where a neuron has no part of one kind.")
        return given

    positive, both = ask(W.abs(), 1.0), ask(W, 1.0)
    parts = a * W.abs()
    need(
        torch.allclose(positive, (parts / parts.sum(1, keepdim=True) * R[:, None]).sum(0), atol=1e-3),
        "with α = 1 and positive weights it is the rule zero; yours is not.",
    )
    raising, lowering = ((a * W).clamp(min=0), (a * W).clamp(max=0))
    up, down = ((p / p.sum(1, keepdim=True) * R[:, None]).sum(0) for p in (raising, lowering))
    need(
        torch.allclose(both, up, atol=1e-3),
        "with α = 1 only what raises a neuron is paid, in proportion to the sum of what raises it.",
    )
    two = ask(W, 2.0)
    need(not torch.allclose(two, 2 * up + down, atol=1e-3), "those who lower are paid; they must be charged.")
    need(not torch.allclose(two, 2 * up - 2 * down, atol=1e-3), "β is not α: their difference is one.")
    need(not torch.allclose(two, 2 * up, atol=1e-3), "with α = 2 nobody is charged.")
    need(
        torch.allclose(two, 2 * up - down, atol=1e-3),
        "with α = 1 it is right, with α = 2 not. What is β then?",
    )
    need(
        torch.allclose(ask(W.abs(), 2.0), 2 * positive, atol=1e-3),
        "where nobody lowers a neuron, α times its relevance is paid out and nothing is charged.",
    )


@exercise("07.4")
def roots(answer: Any) -> None:
    """Three roots of max(0, 2 a1 + a2 - 2) below (1, 2)."""
    need(
        isinstance(answer, dict) and set(answer) == set(ROOTS),
        "expected a dictionary of three roots, with the keys of the question.",
    )
    a, w = np.array([1.0, 2.0]), np.array([2.0, 1.0])
    for name, shares in ROOTS.items():
        need(np.shape(answer[name]) == (2,), f"{name}: a root is two numbers.")
        root = np.asarray(answer[name], float)
        need((root >= -1e-6).all(), f"{name}: a root must have no negative number.")
        inside = float(w @ root - 2)
        need(
            abs(inside) < 1e-3,
            f"{name}: there 2 a1 + a2 − 2 is {inside:.2f}. A root is where the neuron just falls silent.",
        )
        terms = (a - root) * w
        need(
            np.allclose(terms, 2 * np.array(shares), atol=1e-2),
            f"{name}: from this root they get {terms[0]:.2f} and {terms[1]:.2f}.",
        )


@exercise("07.5")
def blind(answer: Any) -> None:
    """Three weights at (1, 1, 1): the input that matters most gets nothing under z_plus."""
    need(np.shape(answer) == (3,), "expected three weights.")
    w = np.asarray(answer, float)
    need(np.isfinite(w).all(), "the weights must be finite.")
    need(w.sum() > 1e-9, f"the weights sum to {w.sum():.2f}, so the neuron is silent.")
    nothing = w <= 0
    need(nothing.any(), "under z_plus each of your inputs gets something. When does one get nothing?")
    changes = np.abs(np.maximum(0, w.sum() - w) - w.sum())  # the ReLU without each input
    most = changes.max()
    need(
        changes[nothing].max() >= most - 1e-9,
        "the input that gets nothing changes the output by "
        f"{changes[nothing].max():.2f} when it is taken away, another by {most:.2f}.",
    )
    need(
        (changes >= most - 1e-9).sum() == 1,
        "two inputs change the output by the same. The blind one must change it most, alone.",
    )
