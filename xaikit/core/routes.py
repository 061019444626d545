"""Routes: the way from a baseline to the example, and the integral of the slope along it.

γ(α)  the path, γ(0) = x0 and γ(1) = x      γ'(α)  its velocity
α_k, w_k  points and weights of the integral      x_k = γ(α_k)      g_k = ∇F(x_k)
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor

from . import baselines, pictures
from .errors import InputError, OptionError, number, one_of, whole_number
from .model import Score
from .stack import Lazy, Recurrence, Stack, weighted_sum
from .types import Baseline, Path, Rule

RULES = ("left", "right", "midpoint", "trapezoid", "gauss_legendre")
PATHS = ("line", "luminosity", "saturation", "blur")


@dataclass(frozen=True)
class Route:
    """A path γ from x0 to x: `at(alphas)` gives its points, `velocity(alphas)` how fast each pixel moves."""

    x: Tensor
    x0: Tensor
    at: Callable[[Tensor], Tensor]
    straight: bool
    speed: Callable[[Tensor], Tensor] | None = None  # γ', where it is known

    def velocity(self, alphas: Tensor) -> Tensor:
        """γ'(α), row by row; constant on a straight line, otherwise by differentiating the path."""
        if self.straight:
            return (self.x - self.x0)[None]
        if self.speed is not None:
            return self.speed(alphas)
        try:
            pair = torch.autograd.functional.jvp(self.at, alphas, torch.ones_like(alphas), strict=True)
            return cast("Tensor", pair[1])
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
    speed = None
    if callable(path):
        at = own_path(path, x)
    else:
        one_of("path", path, PATHS)
        baselines.picture_shape(x, f"path {path!r}")
        if path == "blur":
            at, speed = pictures.sharpening(x)
        else:
            at = {"luminosity": pictures.luminosity, "saturation": pictures.saturation}[path](x)
    return Route(x, at(torch.zeros(1).to(x))[0], at, straight=False, speed=speed)


def focusing(
    x: Tensor, max_sigma: float | None, edges: str, spacing: str
) -> tuple[Route, Callable[[Tensor], Tensor]]:
    """The path from the picture blurred by σ_max to the picture itself, and σ as a function of α."""
    shape = baselines.picture_shape(x, "Blur IG")
    one_of("edges", edges, ("black", "mirrored"))
    one_of("spacing", spacing, ("quadratic", "linear"))
    most = 20 * max(shape[1:])  # there is nothing left to blur long before
    meaning = f"a number of pixels above 0, for this picture at most {most}"
    widest = min(shape[1:]) / 4 if max_sigma is None else max_sigma
    widest = number("max_sigma", widest, meaning, 1e-6, most, 10)
    power = 2 if spacing == "quadratic" else 1
    at, speed = pictures.sharpening(x, widest, edges, power)
    way = Route(x, at(torch.zeros(1).to(x))[0], at, straight=False, speed=speed)
    return way, lambda alphas: widest * (1 - alphas) ** power


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
    number("tolerance", tolerance, "a share of the change, between 0 and 1", 1e-12, 1 - 1e-12, 0.01)
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


# A path that the model itself decides ----------------------------------------------------------------------


def detour(
    F: Score, x: Tensor, x0: Tensor, n: int, fraction: float, max_distance: float, rule: str
) -> Recurrence:
    """The path round the steep places: (x_k, share that waits, F(x_k), g_k, φ so far, x_{k+1}) for k < n."""
    whole_number("n_steps", n, 200)
    one_of("rule", rule, ("left", "trapezoid"))
    fraction = number("fraction", fraction, "a share between 0 and 1", 0, 1, 0.25)
    max_distance = number("max_distance", max_distance, "a share between 0 and 1", 0, 1, 0.02)

    def run() -> Iterator[tuple[Tensor, ...]]:
        precise = torch.promote_types(x.dtype, torch.float32)
        distance, moves, attribution = (x - x0).abs().to(precise), x != x0, torch.zeros_like(x)
        progress, here = torch.zeros_like(distance), x0  # progress: 0 where x_k is x0, 1 where it is x
        value, slope = F.gradient(x0)
        for k in range(1, n + 1):
            late, early = max(k / n - max_distance, 0.0), min(k / n + max_distance, 1.0)
            steepness = slope.abs().to(precise)
            gone = advance(progress.clamp_min(late), distance, steepness, 1 - k / n, early, fraction)
            there = torch.lerp(x0, x, gone.to(x.dtype))
            next_value, next_slope = F.gradient(there) if k < n or rule != "left" else (value, slope)
            mean_slope = slope if rule == "left" else (slope + next_slope) / 2
            attribution = attribution + (there - here) * mean_slope
            waits = ((gone == progress) & moves).sum() / moves.sum().clamp_min(1)
            yield here, waits, value, slope, attribution, there
            progress, here, value, slope = gone, there, next_value, next_slope

    return Recurrence(n, 4, run, keep=F.model.retain)


def advance(
    progress: Tensor, distance: Tensor, slope: Tensor, left: float, ahead: float, fraction: float
) -> Tensor:
    """Move the flattest values on, at most to `ahead`, until the share `left` of the distance is left."""
    k, whole = 1 + int(fraction * (slope.numel() - 1)), float(distance.sum())
    finite, rounding = torch.finfo(slope.dtype).max, 1e-6 * whole if left > 0 else 0.0
    while (excess := float((distance * (1 - progress)).sum()) - left * whole) > rounding:
        steepness = slope.masked_fill((progress >= ahead) | (distance == 0), math.inf)
        moving = steepness <= min(kth_smallest(steepness, k), finite)
        room = float((distance * (ahead - progress) * moving).sum())
        if left > 0 and excess < (1 - 1e-6) * room:  # the last ones go only a part of the way
            return progress + excess / room * (ahead - progress) * moving
        if not bool(moving.any()):
            break
        progress = progress.masked_fill(moving, ahead)
    return progress


def kth_smallest(values: Tensor, k: int) -> float:
    """The k-th smallest of all values; on a CPU numpy finds it ten times as fast as torch."""
    if values.device.type == "cpu" and values.dtype in (torch.float32, torch.float64):
        return float(np.partition(values.flatten().numpy(), k - 1)[k - 1])
    return float(values.flatten().kthvalue(k).values)


# The integral ---------------------------------------------------------------------------------------------


def quadrature(rule: Rule, n: int) -> tuple[Tensor, Tensor]:
    """Points α_k in [0, 1] and weights w_k with sum 1, both (n,); Gauss–Legendre: exact to degree 2n − 1."""
    one_of("rule", rule, RULES)
    whole_number("n_steps", n, 50)
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
