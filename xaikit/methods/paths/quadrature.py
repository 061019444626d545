"""Quadrature: how an integral along a path becomes a sum over n points.

α_k, w_k  points and weights of the integral      x_k  a point on the path      g_k = ∇F(x_k)
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ...core.errors import OptionError, number, one_of, whole_number
from ...core.stack import Lazy, Stack
from ...core.steps import Step
from ...core.types import Rule, Steps

RULES = ("left", "right", "midpoint", "trapezoid", "gauss_legendre")


def quadrature(rule: Rule, n: int, like: Tensor) -> tuple[Tensor, Tensor]:
    """Points α_k in [0, 1] and weights w_k with sum 1, both (n,); Gauss–Legendre: exact to degree 2n − 1."""
    one_of("rule", rule, RULES)
    whole_number("n_steps", n, 50)
    if rule == "gauss_legendre" and n > 1024:
        raise OptionError(f"gauss_legendre has at most 1,024 points; {n} was given. Try rule='midpoint'.")
    if rule == "trapezoid" and n < 2:
        raise OptionError(
            "the trapezoid rule needs both ends of the path: n_steps=2 or more. Try rule='midpoint'."
        )
    k = np.arange(n)
    if rule == "gauss_legendre":
        nodes, node_weights = np.polynomial.legendre.leggauss(n)
        alphas, weights = (nodes + 1) / 2, node_weights / 2
    elif rule == "trapezoid":
        alphas, weights = k / (n - 1), np.where((k == 0) | (k == n - 1), 0.5, 1.0) / (n - 1)
    else:
        offset = {"left": 0.0, "midpoint": 0.5, "right": 1.0}[rule]
        alphas, weights = (k + offset) / n, np.full(n, 1 / n)
    return torch.from_numpy(alphas).to(like), torch.from_numpy(weights).to(like)


class Points(NamedTuple):
    """The path at n points: α_k and w_k (n,), x_k and g_k (n, …), F(x_k) (n,)."""

    alphas: Tensor
    weights: Tensor
    interpolated: Stack
    scores: Lazy
    gradients: Stack

    def steps(self, point: str) -> Steps[None]:
        """What there is to see on the path; `point` is the formula of x_k."""
        n, gradients = len(self.alphas), self.gradients
        yield Step("alphas", self.alphas, r"\alpha_k", f"{n} points from baseline to input", kind="curve")
        yield Step("weights", self.weights, r"w_k", "how much each point counts", kind="curve")
        yield Step("interpolated", self.interpolated, point, "the input fades in", kind="images")
        note = "where does the model make up its mind?"
        yield Step("scores", self.scores, r"F(x_k)", note, kind="curve")
        yield Step("gradients", gradients, r"g_k = \nabla F(x_k)", "the slope at each point", kind="heatmaps")
        steepness = Lazy(lambda: gradients.value.abs().flatten(1).mean(1))
        formula = r"\mathrm{mean}_i |g_{k,i}|"
        yield Step("gradient_magnitudes", steepness, formula, "how steep it is", kind="curve")


def points_on(
    sample: Callable[[int], Points],
    total: Callable[[Points], Tensor],
    change: Callable[[], Tensor],
    n_steps: int,
    tolerance: float | None,
) -> Points:
    """The path at n_steps points; with a tolerance at 8, 16, 32, … until the total misses no more."""
    whole_number("n_steps", n_steps, 50)
    if tolerance is None:
        return sample(n_steps)
    number("tolerance", tolerance, "a share of the change, between 0 and 1", 1e-12, 1 - 1e-12, 0.01)
    goal, points = change(), sample(8)
    while (total(points) - goal).abs() > tolerance * goal.abs() and len(points.alphas) < 1024:
        points = sample(2 * len(points.alphas))
    return points
