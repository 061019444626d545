"""Expected gradients: Integrated Gradients from a whole background, one point on the way from each.

F  the score that is explained      x  the input      D  the background
b_k  a baseline drawn from it      α_k  how far on the way from b_k      x_k  the point there
g_k = ∇F(x_k)      s_k  what one draw says
"""

import torch
from torch import Tensor

from ...core.errors import OptionError, whole_number
from ...core.method import method
from ...core.model import Model
from ...core.sampling import generator
from ...core.score import score
from ...core.stack import Stack
from ...core.steps import Check, Step
from ...core.sums import along, moments
from ...core.types import Baseline, Steps, Target
from ...inputs import baselines


@method("Expected Gradients", paper="erion2021")
def gradient_shap(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    background: Baseline | None = None,  # (m, …) examples to compare with; None: ten pictures of noise
    n_samples: int = 50,  # draws, each of one baseline and one point on the way from it; 2 or more
    seed: int = 0,
) -> Steps[Tensor]:
    r"""How much did each input add, compared with a whole background instead of one baseline?

    $$\phi = \mathbb{E}_{b, \alpha} \left[ (x - b) \odot \nabla F(b + \alpha (x - b)) \right]$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score. b is
    drawn from the background and α from [0, 1]: Integrated Gradients from every baseline, a point of each.
    In expectation the parts sum to F(x) minus the mean score of the background.

    Deviations from the paper: 1. shap and captum can also add noise to x; here x stays as it is.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.gradient_shap(model, x, n_samples=10)
    >>> explanation["samples"].shape
    torch.Size([10, 3, 64, 64])

    See also
    integrated_gradients, deep_shap
    """
    F = score(model, x, target)
    if whole_number("n_samples", n_samples, 50) < 2:
        raise OptionError("one draw says nothing about its error: n_samples is 2 or more. Try 50.")
    pool = baselines.background(background, x, seed=seed)
    which = some_of(len(pool), n_samples, seed, x)
    alphas = uniform_numbers(n_samples, seed, x)

    drawn = F.rows(n_samples, lambda k: pool[which[k]])
    yield Step("baselines", drawn, r"b_k \sim D", "one of the background for each draw", kind="images")
    yield Step("alphas", alphas, r"\alpha_k \sim U(0, 1)", "how far on the way from it", kind="curve")
    points = F.rows(n_samples, lambda k: torch.lerp(drawn[k], x, along(alphas[k], x)))
    yield Step("points", points, r"x_k = b_k + \alpha_k (x - b_k)", "one point on each way", kind="images")

    _, gradients = F.with_gradients(points)
    yield Step("gradients", gradients, r"g_k = \nabla F(x_k)", "the slope there", kind="heatmaps")
    samples = gradients.map(lambda k, g: (x - drawn[k]) * g)
    yield Step("samples", samples, r"s_k = (x - b_k) \odot g_k", "what one draw would say", kind="heatmaps")

    each, again = which.unique(return_inverse=True)
    change = F(x) - F(pool[each])[again]
    attribution, error, gap = mean_and_error(samples, change, x)
    formula = r"\mathrm{SE} = \sqrt{\frac{1}{n (n - 1)} \sum_k (s_k - \phi)^2}"
    yield Step("standard_error", error, formula, "how far the mean may be off")
    yield Step("attribution", attribution, r"\phi = \frac{1}{n} \sum_k s_k", "what they say on average")

    formula = r"\sum_i \phi_i = F(x) - \frac{1}{n} \sum_k F(b_k)"
    yield Check("completeness", attribution.sum(), change.mean(), formula, rel_tol=1e-4, abs_tol=3 * gap)
    return attribution


def mean_and_error(samples: Stack, change: Tensor, x: Tensor) -> tuple[Tensor, Tensor, float]:
    """The mean of the samples, its standard error, and that of Σφ minus the mean change, in one pass."""

    def with_gap(where: slice, rows: Tensor) -> Tensor:
        flat = rows.flatten(1)
        return torch.cat([flat, flat.sum(1, keepdim=True) - change[where, None]], 1)

    mean, variance = moments(samples.map(with_gap))
    error = (variance / (len(samples) - 1)).sqrt()
    return mean[:-1].reshape(x.shape), error[:-1].reshape(x.shape), float(error[-1])


def some_of(n: int, count: int, seed: int, like: Tensor) -> Tensor:
    """`count` of n places, drawn with replacement, (count,), on the device of `like`."""
    return torch.from_numpy(generator(seed, 0).integers(n, size=count)).to(like.device)


def uniform_numbers(count: int, seed: int, like: Tensor) -> Tensor:
    """`count` numbers uniform in [0, 1), (count,), in the precision and on the device of `like`."""
    return torch.from_numpy(generator(seed, 1).random(count)).to(like)
