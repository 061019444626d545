"""Integrated Gradients on a curved path: the picture does not have to fade in.

F  the score that is explained      x  the input
γ(α)  the path, γ(0) = x0 and γ(1) = x      γ'(α)  its velocity
α_k, w_k  points and weights of the integral      x_k = γ(α_k)      g_k = ∇F(x_k)
"""

from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.stack import Lazy, Stack
from ...core.steps import Check, Step
from ...core.sums import along, weighted_sum
from ...core.types import Path, Rule, Steps, Target
from .quadrature import Points, points_on, quadrature
from .routes import route


@method(
    "Path Integrated Gradients",
    paper="sundararajan2017",
    promises=("completeness",),
    takes=("picture", "row"),
)
def path_integrated_gradients(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # the class to explain; None: the predicted one
    path: Path = "luminosity",  # luminosity, saturation, blur, or a function alpha → image that ends at x
    n_steps: int = 100,  # points on the path; a curve needs more than a line
    tolerance: float | None = None,  # instead of n_steps: what share of the change the sum may miss
    rule: Rule = "midpoint",  # how the integral becomes a sum
) -> Steps[Tensor]:
    r"""How much did each input add to the score along a path of your choice?

    $$\phi = \int_0^1 \gamma'(\alpha) \odot \nabla F(\gamma(\alpha)) \, d\alpha$$

    x and the result share one shape; the result is in units of the score. The named paths are for pictures
    (C, H, W): the light, the colour or the focus is turned up; each begins where that is at its lowest. A
    function of your own takes a number alpha in [0, 1] and gives a tensor like x. It must be differentiable
    in alpha, and path(1) must be x.
    On a straight line the velocity is x − x0 everywhere, and this is `integrated_gradients`.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("photos"), xk.data.photo("cat", size=96)
    >>> explanation = xk.path_integrated_gradients(model, x, path="luminosity", n_steps=20)
    >>> explanation.checks[0].holds
    True

    See also
    integrated_gradients, blur_integrated_gradients
    """
    F = score(model, x, target)
    gamma = route(path, x)

    def on_the_path(n: int) -> Points:
        alphas, weights = quadrature(rule, n, x)
        interpolated = F.rows(n, lambda k: gamma.at(alphas[k]))
        return Points(alphas, weights, interpolated, *F.with_gradients(interpolated))

    def added(points: Points) -> Stack:
        return points.gradients.map(lambda k, g: gamma.velocity(points.alphas[k]) * g)

    total = lambda points: weighted_sum(points.weights, added(points)).sum()  # noqa: E731
    change = lambda: F(x) - F(gamma.start)  # noqa: E731
    points = points_on(on_the_path, total, change, n_steps, tolerance)
    yield from points.steps(r"x_k = \gamma(\alpha_k)")

    weights, contributions = points.weights, added(points)
    cumulative = Lazy(lambda: (along(weights, x) * contributions.value).cumsum(0))
    formula = r"\sum_{j \leq k} w_j \gamma'(\alpha_j) \odot g_j"
    yield Step("cumulative", cumulative, formula, "added up so far", kind="heatmaps")

    average_gradient = Lazy(lambda: weighted_sum(weights, points.gradients), once=True)
    yield Step("average_gradient", average_gradient, r"\bar g = \sum_k w_k g_k", "a mean cannot saturate")

    attribution = weighted_sum(weights, contributions)
    formula = r"\phi = \sum_k w_k \gamma'(\alpha_k) \odot g_k"
    yield Step("attribution", attribution, formula, "velocity times slope")

    share, formula = tolerance or 0.05, r"\sum_i \phi_i = F(x) - F(\gamma(0))"
    yield Check("completeness", attribution.sum(), change(), formula, rel_tol=share)
    return attribution
