"""Paths: the evidence is added up on the way from nothing to the picture.

F  the score that is explained      x  the input      x0  the baseline
α ∈ [0, 1]  how far along      γ(α)  the path, γ(0) = x0 and γ(1) = x      γ'(α)  its velocity
α_k, w_k  points and weights of the integral      x_k = γ(α_k)      g_k = ∇F(x_k)
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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
    tolerance: float
    | None = None,  # instead: double the points until the completeness error is this share or less
    rule: Rule = "midpoint",  # how the integral becomes a sum
) -> Steps[Tensor]:
    r"""How much did each input add to the score on the way from the baseline to the input?

    $$\phi_i = (x_i - x^0_i) \int_0^1 \partial_i F(x^0 + \alpha (x - x^0)) \, d\alpha$$

    x, baseline and result share one shape, (C, H, W) or (features,); the result is in units of the score.
    Along a curved path γ the distance becomes the velocity: φ = ∫ γ'(α) ⊙ ∇F(γ(α)) dα.

    Deviations from the paper: 1. the paper sums at the right ends of its intervals; the midpoint rule is the default
    here, since its error falls with the square of the number of steps.
    """
    F = score(model, x, target)
    way = route(path, baseline, x)
    for n in doublings(n_steps, tolerance):
        alphas, weights = (points.to(x) for points in quadrature(rule, n))
        interpolated = Stack(
            n, lambda where, a=alphas: way.at(a[where]), batch_size=model.rows_at_once(x), keep=model.retain
        )
        scores, gradients = F.with_gradients(interpolated)
        average_gradient = Lazy(lambda w=weights, g=gradients: weighted_sum(w, g), once=True)
        if (
            tolerance is None
            or incompleteness(F, way, alphas, weights, gradients, average_gradient) <= tolerance
        ):
            break

    yield Step("alphas", alphas, r"\alpha_k", f"{n} points from baseline to input", kind="curve")
    yield Step("weights", weights, r"w_k", "how much each point counts", kind="curve")
    yield Step("interpolated", interpolated, way.formula, "the input fades in", kind="images")
    yield Step("scores", scores, r"F(x_k)", "where does the model make up its mind?", kind="curve")
    yield Step("gradients", gradients, r"g_k = \nabla F(x_k)", "the slope, point by point", kind="heatmaps")

    magnitudes = Lazy(lambda: gradients.value.abs().flatten(1).mean(1))
    yield Step(
        "gradient_magnitudes",
        magnitudes,
        r"\mathrm{mean}_i |g_{k,i}|",
        "how steep the score is there",
        kind="curve",
    )
    cumulative = Lazy(lambda: (along(weights, x) * contributions(way, alphas, gradients).value).cumsum(0))
    yield Step(
        "cumulative",
        cumulative,
        r"\sum_{j \leq k} w_j \gamma'(\alpha_j) \odot g_j",
        "added up so far",
        kind="heatmaps",
    )

    yield Step(
        "average_gradient",
        average_gradient,
        r"\bar g = \sum_k w_k g_k",
        "a mean cannot saturate",
        kind="heatmap",
    )
    attribution = way.attribution(alphas, weights, gradients, average_gradient)
    yield Step("attribution", attribution, way.sum_formula, "distance times slope", kind="heatmap")

    yield Check("completeness", attribution.sum(), F(x) - F(way.x0), r"\sum_i \phi_i = F(x) - F(x^0)")
    return attribution


# The path -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    """A path γ from x0 to x: `at(alphas)` gives its points, `velocity(alphas)` how fast each pixel moves there."""

    x: Tensor
    x0: Tensor
    at: Callable[[Tensor], Tensor]
    straight: bool

    def velocity(self, alphas: Tensor) -> Tensor:
        """γ'(α), row by row; constant on a straight line, otherwise by forward differentiation."""
        if self.straight:
            return (self.x - self.x0)[None]
        try:
            with (
                warnings.catch_warnings()
            ):  # torch warns of the torch.jit that it loads itself at the first jvp
                warnings.simplefilter("ignore", FutureWarning)
                return torch.func.jvp(self.at, (alphas,), (torch.ones_like(alphas),), strict=True)[1]
        except RuntimeError as error:
            raise OptionError(
                "the path must be differentiable in alpha. Try torch operations on alpha, not float(alpha)."
            ) from error

    def attribution(
        self, alphas: Tensor, weights: Tensor, gradients: Stack, average_gradient: Lazy
    ) -> Tensor:
        """The sum over the points; on a straight line the distance stands before it."""
        if self.straight:
            return (self.x - self.x0) * average_gradient.value
        return weighted_sum(weights, contributions(self, alphas, gradients))

    @property
    def formula(self) -> str:
        """A point on the path."""
        return r"x_k = x^0 + \alpha_k (x - x^0)" if self.straight else r"x_k = \gamma(\alpha_k)"

    @property
    def sum_formula(self) -> str:
        """The attribution."""
        return (
            r"\phi = (x - x^0) \odot \bar g"
            if self.straight
            else r"\phi = \sum_k w_k \gamma'(\alpha_k) \odot g_k"
        )


def route(path: Path, baseline: Baseline, x: Tensor) -> Route:
    """The path by name or function. Raises OptionError for an unknown one, InputError where it does not fit x."""
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
            images = [path(alpha) for alpha in alphas]
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
        return torch.stack(images).to(x)

    end = at(torch.ones(1).to(x))[0]
    if not torch.allclose(end, x, atol=1e-4):
        raise InputError("the path must end at the input: path(1) is not x. Try x0 + alpha * (x - x0).")
    return at


def contributions(way: Route, alphas: Tensor, gradients: Stack) -> Stack:
    """γ'(α_k) ⊙ g_k: what each point of the path adds, before its weight. (n, …)"""

    def rows(where: slice) -> Tensor:
        return way.velocity(alphas[where]) * gradients[where]

    return Stack(len(gradients), rows, batch_size=gradients.batch_size, keep=False)


# The integral ---------------------------------------------------------------------------------------------


def quadrature(rule: Rule, n: int) -> tuple[Tensor, Tensor]:
    """Points α_k in [0, 1] and weights w_k that sum to 1, both (n,). Gauss–Legendre is exact for degree 2n − 1."""
    one_of("rule", rule, RULES)
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


def doublings(n_steps: int, tolerance: float | None, first: int = 8, last: int = 1024) -> Iterator[int]:
    """n_steps alone; with a tolerance 8, 16, 32, … up to 1,024, for as long as the caller goes on."""
    whole_number("n_steps", n_steps, 50)
    if tolerance is None:
        return iter([n_steps])
    if isinstance(tolerance, bool) or not isinstance(tolerance, (int, float)) or not 0 < tolerance < 1:
        raise OptionError(
            f"tolerance is a share of the change in score, between 0 and 1; {tolerance!r} was given. Try 0.01."
        )
    return iter([first * 2**k for k in range((last // first).bit_length())])


def incompleteness(
    F: Score, way: Route, alphas: Tensor, weights: Tensor, gradients: Stack, average_gradient: Lazy
) -> float:
    """How much of F(x) − F(x0) the sum misses, as a share of it."""
    change = F(way.x) - F(way.x0)
    missing = way.attribution(alphas, weights, gradients, average_gradient).sum() - change
    return float(missing.abs() / change.abs().clamp_min(1e-12))
