"""Blur IG: the path begins at the picture itself, blurred, so no colour stands for nothing.

F  the score that is explained      x  the input
σ  the width of a blur      L_σ = x * G_σ  the picture blurred by it
α_k, w_k  points and weights of the integral      L_k  the picture at α_k      g_k = ∇F(L_k)
"""

from torch import Tensor

from ...core.admit import picture_shape
from ...core.errors import number, one_of
from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Check, Step
from ...core.sums import weighted_sum
from ...core.types import Rule, Steps, Target
from ...inputs.pictures import gaussian_blur
from .quadrature import quadrature
from .routes import Focus


@method("Blur IG", paper="xu2020", promises=("completeness",))
def blur_integrated_gradients(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    max_sigma: float | None = None,  # the widest blur, in pixels; None: a quarter of the shorter side
    edges: str = "black",  # what lies beyond the picture: black, or mirrored
    spacing: str = "quadratic",  # of the σ_k: quadratic, closer together where it is sharp, or linear
    n_steps: int = 50,  # points on the path
    rule: Rule = "midpoint",  # how the integral becomes a sum
) -> Steps[Tensor]:
    r"""At what sharpness of the picture does the evidence appear, and where?

    $$\phi = \int_{\sigma_{\max}}^{0} \frac{\partial L_\sigma}{\partial \sigma} \odot \nabla F(L_\sigma)
    \, d\sigma, \quad L_\sigma = x * G_\sigma$$

    x and the result share one shape, (C, H, W); the result is in units of the score. No colour stands for
    nothing: the path begins at the picture itself, blurred by max_sigma pixels.

    Deviations from the paper: 1. the integral does not depend on how the path is timed; equal steps of σ are
    those of the authors' code, steps that shrink with σ need about half as many points. 2. the blur is
    differentiated by σ exactly, where the authors' code takes a difference of two blurs, and the Gaussian is
    not cut off at 4 σ.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.blur_integrated_gradients(model, x, n_steps=10)
    >>> explanation["sigmas"].shape
    torch.Size([10])

    See also
    integrated_gradients, path_integrated_gradients
    """
    F = score(model, x, target)
    focus = focus_of(x, max_sigma, edges, spacing)

    alphas, weights = quadrature(rule, n_steps, x)
    sigmas = focus.sigma(alphas)
    yield Step("sigmas", sigmas, r"\sigma_k", "from the widest blur to none", kind="curve")
    blurred = F.rows(n_steps, lambda k: gaussian_blur(x, sigmas[k], edges))
    yield Step("blurred", blurred, r"L_k = x * G_{\sigma_k}", "the picture comes into focus", kind="images")

    scores, gradients = F.with_gradients(blurred)
    yield Step("scores", scores, r"F(L_k)", "how much detail does the model need?", kind="curve")
    yield Step("gradients", gradients, r"g_k = \nabla F(L_k)", "the slope at each sharpness", kind="heatmaps")

    added = gradients.map(lambda k, g: focus.speed(alphas[k], x) * g)
    attribution = weighted_sum(weights, added)
    formula = r"\phi = \sum_k w_k \frac{d L_k}{d \alpha} \odot g_k"
    yield Step("attribution", attribution, formula, "change of the picture times slope")

    most_blurred = focus.at(alphas.new_zeros(1), x)[0]
    formula = r"\sum_i \phi_i = F(x) - F(L_{\sigma_{\max}})"
    yield Check("completeness", attribution.sum(), F(x) - F(most_blurred), formula)
    return attribution


def focus_of(x: Tensor, max_sigma: float | None, edges: str, spacing: str) -> Focus:
    """How the picture comes into focus. Raises OptionError for options that mean nothing."""
    _, height, width = picture_shape(x, "Blur IG")
    one_of("edges", edges, ("black", "mirrored"))
    one_of("spacing", spacing, ("quadratic", "linear"))
    most = 20 * max(height, width)  # there is nothing left to blur long before
    meaning = f"a number of pixels above 0, for this picture at most {most}"
    widest = min(height, width) / 4 if max_sigma is None else max_sigma
    widest = number("max_sigma", widest, meaning, 1e-6, most, 10)
    return Focus(widest, 2 if spacing == "quadratic" else 1, edges)
