"""Paths: the evidence is added up on the way from nothing to the picture.

F  the score that is explained      x  the input      x0  the baseline
α ∈ [0, 1]  how far along      γ(α)  the path, γ(0) = x0 and γ(1) = x      γ'(α)  its velocity
α_k, w_k  points and weights of the integral      x_k = γ(α_k)      g_k = ∇F(x_k)
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..core import baselines, pictures
from ..core.errors import InputError, OptionError, one_of, whole_number
from ..core.method import method
from ..core.model import Model, Score, score
from ..core.stack import Lazy, Stack, along, weighted_sum
from ..core.steps import Check, Step
from ..core.types import Baseline, Path, Rule, Steps, Target

RULES = ("left", "right", "midpoint", "trapezoid", "gauss_legendre")
PATHS = ("line", "luminosity", "saturation", "blur")


@method("Integrated Gradients", paper="sundararajan2017", promises=("completeness",))
def integrated_gradients(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # the class to explain; None: the predicted one
    baseline: Baseline = "black",  # x0, the absence of signal; paths other than the line bring their own
    path: Path = "line",  # line, luminosity, saturation, blur, or a function alpha → image that ends at x
    n_steps: int = 50,  # points on the path
    tolerance: float | None = None,  # instead of n_steps: the share of the change that the sum may miss
    rule: Rule = "midpoint",  # how the integral becomes a sum
) -> Steps[Tensor]:
    r"""How much did each input add to the score on the way from the baseline to the input?

    $$\phi_i = (x_i - x^0_i) \int_0^1 \partial_i F(x^0 + \alpha (x - x^0)) \, d\alpha$$

    x, baseline and result share one shape, (C, H, W) or (features,); the result is in units of the score.
    Along a curved path γ the distance becomes the velocity: φ = ∫ γ'(α) ⊙ ∇F(γ(α)) dα.
    With a tolerance n_steps is not used: the points are doubled, 8, 16, … up to 1,024, until it is met.

    Deviations from the paper: 1. the paper sums at the right ends of its intervals; the midpoint rule is the
    default here, since its error falls with the square of the number of steps.
    """
    F = score(model, x, target)
    way = route(path, baseline, x)
    x0 = way.x0

    alphas, weights, interpolated, scores, gradients = sampled(F, way, rule, n_steps, tolerance)
    yield Step("alphas", alphas, r"\alpha_k", f"{len(alphas)} points from baseline to input", kind="curve")
    yield Step("weights", weights, r"w_k", "how much each point counts", kind="curve")
    yield Step("interpolated", interpolated, way.formula, "the input fades in", kind="images")
    yield Step("scores", scores, r"F(x_k)", "where does the model make up its mind?", kind="curve")
    yield Step("gradients", gradients, r"g_k = \nabla F(x_k)", "the slope, point by point", kind="heatmaps")

    steepness = Lazy(lambda: gradients.value.abs().flatten(1).mean(1))
    yield Step(
        "gradient_magnitudes", steepness, r"\mathrm{mean}_i |g_{k,i}|", "how steep it is", kind="curve"
    )

    added = contributions(way, alphas, gradients)
    cumulative = Lazy(lambda: (along(weights, x) * added.value).cumsum(0))
    formula = r"\sum_{j \leq k} w_j \gamma'(\alpha_j) \odot g_j"
    yield Step("cumulative", cumulative, formula, "added up so far", kind="heatmaps")

    average_gradient = Lazy(lambda: weighted_sum(weights, gradients), once=True)
    yield Step("average_gradient", average_gradient, r"\bar g = \sum_k w_k g_k", "a mean cannot saturate")

    attribution = (x - x0) * average_gradient.value if way.straight else weighted_sum(weights, added)
    yield Step("attribution", attribution, way.sum_formula, "distance times slope")

    formula, share = r"\sum_i \phi_i = F(x) - F(x^0)", tolerance or 0.05
    yield Check("completeness", attribution.sum(), F(x) - F(x0), formula, rel_tol=share)
    return attribution


# The path -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    """A path γ from x0 to x: `at(alphas)` gives its points, `velocity(alphas)` how fast each pixel moves."""

    x: Tensor
    x0: Tensor
    at: Callable[[Tensor], Tensor]
    straight: bool

    def velocity(self, alphas: Tensor) -> Tensor:
        """γ'(α), row by row; constant on a straight line, otherwise by differentiating the path."""
        if self.straight:
            return (self.x - self.x0)[None]
        try:
            return torch.autograd.functional.jvp(self.at, alphas, torch.ones_like(alphas), strict=True)[1]
        except RuntimeError as error:
            raise OptionError(
                "the path must be differentiable in alpha. Try torch operations on alpha, not float(alpha)."
            ) from error

    @property
    def formula(self) -> str:
        """A point on the path."""
        return r"x_k = x^0 + \alpha_k (x - x^0)" if self.straight else r"x_k = \gamma(\alpha_k)"

    @property
    def sum_formula(self) -> str:
        """The attribution."""
        if self.straight:
            return r"\phi = (x - x^0) \odot \bar g"
        return r"\phi = \sum_k w_k \gamma'(\alpha_k) \odot g_k"


def route(path: Path, baseline: Baseline, x: Tensor) -> Route:
    """The path by name or function. Raises OptionError for an unknown one, InputError for a misfit."""
    if isinstance(path, str) and path == "line":
        x0 = baselines.make(baseline, x)
        return Route(x, x0, pictures.line(x, x0), straight=True)
    if not (isinstance(baseline, str) and baseline == "black"):
        raise OptionError(
            "only path='line' starts at a baseline of your choice. Leave baseline out, or the path."
        )
    if callable(path):
        at = own_path(path, x)
    else:
        one_of("path", path, PATHS)
        baselines.picture_shape(x, f"path {path!r}")
        at = {
            "luminosity": pictures.luminosity,
            "saturation": pictures.saturation,
            "blur": pictures.sharpening,
        }[path](x)
    return Route(x, at(torch.zeros(1).to(x))[0], at, straight=False)


def own_path(path: Callable[[Tensor], Tensor], x: Tensor) -> Callable[[Tensor], Tensor]:
    """A learner's function alpha → image, for many alphas; it must end at x."""

    def at(alphas: Tensor) -> Tensor:
        try:
            images = [path(alpha) for alpha in alphas.cpu()]  # a number on the CPU fits pictures anywhere
        except Exception as error:
            raise OptionError(
                f"the path failed: {type(error).__name__}: {error}. Try lambda alpha: x0 + alpha * (x - x0)."
            ) from error
        if any(not isinstance(image, Tensor) or image.shape != x.shape for image in images):
            given = getattr(images[0], "shape", type(images[0]).__name__)
            raise InputError(
                f"the path must give tensors of shape {tuple(x.shape)}; it gave {given}. "
                "Try lambda alpha: x0 + alpha * (x - x0)."
            )
        return torch.stack([image.to(x) for image in images])

    end = at(torch.ones(1).to(x))[0]
    if not torch.allclose(end, x, atol=1e-4):
        raise InputError("the path must end at the input: path(1) is not x. Try x0 + alpha * (x - x0).")
    return at


def contributions(way: Route, alphas: Tensor, gradients: Stack) -> Stack:
    """γ'(α_k) ⊙ g_k: what each point of the path adds, before its weight. (n, …)"""
    return gradients.map(lambda where, rows: way.velocity(alphas[where]) * rows)


class Samples(NamedTuple):
    """The path at n points: α_k and w_k (n,), x_k and g_k (n, …), F(x_k) (n,)."""

    alphas: Tensor
    weights: Tensor
    interpolated: Stack
    scores: Lazy
    gradients: Stack


def sampled(F: Score, way: Route, rule: Rule, n_steps: int, tolerance: float | None) -> Samples:
    """The path at n_steps points; with a tolerance at 8, 16, 32, … until the sum misses no more."""
    whole_number("n_steps", n_steps, 50)
    if tolerance is None:
        return sample(F, way, rule, n_steps)
    if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)) or not 0 < tolerance < 1:
        raise OptionError(
            f"tolerance is a share of the change, between 0 and 1; {tolerance!r} was given. Try 0.01."
        )
    change = F(way.x) - F(way.x0)
    for n in (8, 16, 32, 64, 128, 256, 512, 1024):
        points = sample(F, way, rule, n)
        total = weighted_sum(points.weights, contributions(way, points.alphas, points.gradients)).sum()
        if (total - change).abs() <= tolerance * change.abs():
            break
    return points


def sample(F: Score, way: Route, rule: Rule, n: int) -> Samples:
    """The path at n points; the model is asked when somebody looks."""
    alphas, weights = (points.to(way.x) for points in quadrature(rule, n))
    at_once = F.model.rows_at_once(way.x)
    interpolated = Stack(n, lambda where: way.at(alphas[where]), batch_size=at_once, keep=F.model.retain)
    return Samples(alphas, weights, interpolated, *F.with_gradients(interpolated))


# The integral ---------------------------------------------------------------------------------------------


def quadrature(rule: Rule, n: int) -> tuple[Tensor, Tensor]:
    """Points α_k in [0, 1] and weights w_k with sum 1, both (n,); Gauss–Legendre: exact to degree 2n − 1."""
    one_of("rule", rule, RULES)
    if rule == "gauss_legendre" and n > 1024:
        raise OptionError(f"gauss_legendre has at most 1,024 points; {n} was given. Try rule='midpoint'.")
    k = np.arange(n)
    if rule == "gauss_legendre":
        nodes, weights = np.polynomial.legendre.leggauss(n)
        return torch.from_numpy((nodes + 1) / 2), torch.from_numpy(weights / 2)
    if rule == "trapezoid":
        if n < 2:
            raise OptionError(
                "the trapezoid rule needs both ends of the path: n_steps=2 or more. Try rule='midpoint'."
            )
        ends = np.where((k == 0) | (k == n - 1), 0.5, 1.0)
        return torch.from_numpy(k / (n - 1)), torch.from_numpy(ends / (n - 1))
    offset = {"left": 0.0, "midpoint": 0.5, "right": 1.0}[rule]
    return torch.from_numpy((k + offset) / n), torch.full((n,), 1 / n, dtype=torch.float64)
