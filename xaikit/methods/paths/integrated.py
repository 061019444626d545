"""Integrated Gradients: the slope of the score, averaged on a straight line from nothing to the picture.

F  the score that is explained      x  the input      x0  the baseline
α_k, w_k  points and weights of the integral      x_k  a point on the line      g_k = ∇F(x_k)
"""

from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.stack import Lazy
from ...core.steps import Check, Step
from ...core.sums import along, weighted_sum
from ...core.types import Baseline, Rule, Steps, Target
from ...inputs import baselines
from .quadrature import Points, points_on, quadrature


@method("Integrated Gradients", paper="sundararajan2017", promises=("completeness",))
def integrated_gradients(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # the class to explain; None: the predicted one
    baseline: Baseline = "black",  # x0, the absence of signal
    n_steps: int = 50,  # points on the path
    tolerance: float | None = None,  # instead of n_steps: what share of the change the sum may miss
    rule: Rule = "midpoint",  # how the integral becomes a sum
) -> Steps[Tensor]:
    r"""How much did each input add to the score on the way from the baseline to the input?

    $$\phi_i = (x_i - x^0_i) \int_0^1 \partial_i F(x^0 + \alpha (x - x^0)) \, d\alpha$$

    x, baseline and result share one shape, (C, H, W) or (features,); the result is in units of the score.
    With a tolerance n_steps is not used: the points are doubled, 8, 16, … up to 1,024, until it is met.

    Deviations from the paper: 1. the paper sums at the right ends of its intervals; the midpoint rule is the
    default here, since its error falls with the square of the number of steps.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("photos"), xk.data.photo("cat", size=96)
    >>> explanation = xk.integrated_gradients(model, x, target="cat", n_steps=20)
    >>> explanation["interpolated"].shape
    torch.Size([20, 3, 96, 96])
    >>> explanation.checks[0].holds
    True

    See also
    path_integrated_gradients, gradient_shap, deep_lift
    """
    F = score(model, x, target)
    x0 = baselines.make(baseline, x)

    def on_the_line(n: int) -> Points:
        alphas, weights = quadrature(rule, n, x)
        interpolated = F.rows(n, lambda k: x0 + along(alphas[k], x) * (x - x0))
        return Points(alphas, weights, interpolated, *F.with_gradients(interpolated))

    total = lambda points: ((x - x0) * weighted_sum(points.weights, points.gradients)).sum()  # noqa: E731
    points = points_on(on_the_line, total, lambda: F(x) - F(x0), n_steps, tolerance)
    yield from points.steps(r"x_k = x^0 + \alpha_k (x - x^0)")

    weights, gradients = points.weights, points.gradients
    cumulative = Lazy(lambda: ((x - x0) * along(weights, x) * gradients.value).cumsum(0))
    formula = r"(x - x^0) \odot \sum_{j \leq k} w_j g_j"
    yield Step("cumulative", cumulative, formula, "added up so far", kind="heatmaps")

    average_gradient = weighted_sum(weights, gradients)
    yield Step("average_gradient", average_gradient, r"\bar g = \sum_k w_k g_k", "a mean cannot saturate")

    attribution = (x - x0) * average_gradient
    yield Step("attribution", attribution, r"\phi = (x - x^0) \odot \bar g", "distance times slope")

    share, formula = tolerance or 0.05, r"\sum_i \phi_i = F(x) - F(x^0)"
    yield Check("completeness", attribution.sum(), F(x) - F(x0), formula, rel_tol=share)
    return attribution
