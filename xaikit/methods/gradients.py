"""Gradients: the slope of the score at the picture itself, and what is left of it when the picture trembles.

F  the score that is explained      x  the input      g = ∇F(x)  its gradient
ε_k  noise      g_k = ∇F(x + ε_k)  the gradient at a noisy input      n  their number
"""

import math

import torch
from torch import Tensor

from ..core.errors import number, whole_number
from ..core.method import method
from ..core.model import Model, Score, exact, score
from ..core.sampling import draws, generator, standard_normal
from ..core.stack import Lazy, Stack, moments
from ..core.steps import Check, Step
from ..core.types import Steps, Target

NOISY = r"x_k = x + \epsilon_k, \quad \epsilon_k \sim N(0, \sigma^2)"
SLOPES = r"g_k = \nabla F(x_k)"


@method("Saliency", paper="simonyan2014", promises=("finite_difference",))
def saliency(model: Model, x: Tensor, *, target: Target = None) -> Steps[Tensor]:
    r"""Which inputs change the score most if they change a little?

    $$\phi = \left| \nabla F(x) \right|$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score per unit
    of x.

    Deviations from the paper: 1. every channel keeps its value; the paper draws the largest of the three.
    """
    F = score(model, x, target)
    value, gradient = F.gradient(x)
    yield Step("score", value, r"F(x)", "what the model says of the target", kind="scalar")
    yield Step("gradient", gradient, r"g = \nabla F(x)", "up or down if this pixel grows")

    attribution = gradient.abs()
    yield Step(
        "attribution", attribution, r"\phi = \left| g \right|", "how sensitive, whichever way", kind="heatmap"
    )

    yield finite_difference(F, x, gradient)
    return attribution


@method("Input × Gradient", paper="shrikumar2016")
def input_x_gradient(model: Model, x: Tensor, *, target: Target = None) -> Steps[Tensor]:
    r"""How much would each input have added, had the model been linear with the slope it has here?

    $$\phi = x \odot \nabla F(x)$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score.
    The check compares the sum with F(x) − F(0): equal for a linear model, and the gap says how far this one
    is from it.
    """
    F = score(model, x, target)
    value, gradient = F.gradient(x)
    yield Step("score", value, r"F(x)", "what the model says of the target", kind="scalar")
    yield Step("gradient", gradient, r"g = \nabla F(x)", "the slope here")

    attribution = x * gradient
    yield Step(
        "attribution", attribution, r"\phi = x \odot g", "black pixels can never count", kind="heatmap"
    )

    yield Check("linearity", attribution.sum(), F(x) - F(torch.zeros_like(x)), r"\sum_i \phi_i = F(x) - F(0)")
    return attribution


@method("SmoothGrad", paper="smilkov2017")
def smoothgrad(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    n_samples: int = 50,  # noisy copies of x
    noise_std: float = 0.15,  # σ of the noise, in units of x
    seed: int = 0,
) -> Steps[Tensor]:
    r"""Which part of the gradient is still there when the picture trembles?

    $$\phi = \frac{1}{n} \sum_{k=1}^{n} \nabla F(x + \epsilon_k), \quad \epsilon_k \sim N(0, \sigma^2)$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score per unit
    of x.

    Look at the score of the noisy inputs first: where σ is so large that the model no longer sees the class,
    the mean answers another question (lesson 01).

    Deviations from the paper: 1. the noise is given in units of x, the paper's as a share of its range; for a
    picture in [0, 1] that is nearly the same. 2. signs are kept; the paper draws magnitudes.
    """
    F = score(model, x, target)
    noisy_inputs = tremble(model, x, n_samples, noise_std, seed)
    yield Step("noisy_inputs", noisy_inputs, NOISY, "the same picture, trembling", kind="images")

    _, gradients = F.with_gradients(noisy_inputs)
    yield Step("gradients", gradients, SLOPES, "every one looks different", kind="heatmaps")

    running_mean = Lazy(lambda: running(gradients.value))
    formula = r"\bar g_k = \frac{1}{k} \sum_{j \leq k} g_j"
    yield Step("running_mean", running_mean, formula, "the noise averages out", kind="heatmaps")

    attribution, variance = moments(gradients)
    yield Step("attribution", attribution, r"\phi = \bar g_n", "what they agree on")

    yield standard_error(attribution, variance, n_samples)
    return attribution


@method("SmoothGrad²", paper="hooker2019")
def smoothgrad_squared(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    n_samples: int = 50,  # noisy copies of x
    noise_std: float = 0.15,  # σ of the noise, in units of x
    seed: int = 0,
) -> Steps[Tensor]:
    r"""Where is the gradient large, on average, whichever way it points?

    $$\phi = \frac{1}{n} \sum_{k=1}^{n} \left( \nabla F(x + \epsilon_k) \right)^2$$

    x and the result share one shape; the result is in squared units of score per unit of x, never negative.
    It is VarGrad plus the square of SmoothGrad, so a steady slope counts as much as a trembling one.
    """
    F = score(model, x, target)
    noisy_inputs = tremble(model, x, n_samples, noise_std, seed)
    yield Step("noisy_inputs", noisy_inputs, NOISY, "the same picture, trembling", kind="images")

    _, gradients = F.with_gradients(noisy_inputs)
    yield Step("gradients", gradients, SLOPES, "every one looks different", kind="heatmaps")

    attribution, variance = moments(gradients.map(lambda where, rows: rows**2))
    yield Step(
        "attribution",
        attribution,
        r"\phi = \frac{1}{n} \sum_k g_k^2",
        "signs no longer cancel",
        kind="heatmap",
    )

    yield standard_error(attribution, variance, n_samples)
    return attribution


@method("VarGrad", paper="adebayo2018vargrad")
def vargrad(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    n_samples: int = 50,  # noisy copies of x
    noise_std: float = 0.15,  # σ of the noise, in units of x
    seed: int = 0,
) -> Steps[Tensor]:
    r"""Where does the gradient change most when the picture trembles?

    $$\phi = \frac{1}{n} \sum_{k=1}^{n} \left( g_k - \bar g \right)^2, \quad g_k = \nabla F(x + \epsilon_k)$$

    x and the result share one shape; the result is in squared units of score per unit of x, never negative.
    It is zero for a linear model, whose gradient is the same everywhere: it shows where the model is curved.
    """
    F = score(model, x, target)
    noisy_inputs = tremble(model, x, n_samples, noise_std, seed)
    yield Step("noisy_inputs", noisy_inputs, NOISY, "the same picture, trembling", kind="images")

    _, gradients = F.with_gradients(noisy_inputs)
    yield Step("gradients", gradients, SLOPES, "every one looks different", kind="heatmaps")

    _, attribution = moments(gradients)
    yield Step(
        "attribution",
        attribution,
        r"\phi = \frac{1}{n} \sum_k (g_k - \bar g)^2",
        "where the slope is unsteady",
        kind="heatmap",
    )

    # The variance of a sample variance, if the gradients were normally distributed: 2 σ⁴ / (n - 1) times n.
    yield standard_error(attribution, 2 * attribution**2, n_samples)
    return attribution


def tremble(model: Model, x: Tensor, n_samples: int, noise_std: float, seed: int) -> Stack:
    """The noisy copies x_k of x, (n, …). Raises OptionError for fewer than one sample or a negative σ."""
    whole_number("n_samples", n_samples, 50)
    noise_std = number("noise_std", noise_std, "a number from 0, in units of x", 0, 1e30, 0.15)
    at_once = model.rows_at_once(x)
    noise = draws(n_samples, standard_normal(x), x, seed=seed, batch_size=at_once, keep=False)
    return Stack(n_samples, lambda where: x + noise_std * noise[where], batch_size=at_once, keep=model.retain)


def running(rows: Tensor) -> Tensor:
    """The mean of the first k rows, for every k: (n, …) → (n, …)."""
    counts = torch.arange(1, len(rows) + 1).to(rows)
    return rows.cumsum(0) / counts.reshape(-1, *[1] * (rows.dim() - 1))


def standard_error(mean: Tensor, variance: Tensor, n: int) -> Check:
    """How large the sampling error is beside the result itself: the ratio of the norms, near zero at best."""
    if n == 1:
        error = torch.tensor(math.inf)  # one sample says nothing of its error
    else:
        spread = (variance.sum() / (n - 1)).sqrt()
        error = spread / mean.norm() if bool(mean.any()) else spread
    formula = r"\|\mathrm{SE}(\phi)\| / \|\phi\| \to 0"
    return Check("standard_error", error, 0.0, formula, abs_tol=0.1, bounded=True)


def finite_difference(F: Score, x: Tensor, gradient: Tensor, n_pixels: int = 64, step: float = 1e-4) -> Check:
    """The gradient against two calls of the model: a few sampled pixels move a little, each up its slope."""
    chosen = torch.from_numpy(generator(0).permutation(x.numel())[:n_pixels]).to(x.device)
    direction = torch.zeros_like(x).flatten()
    direction[chosen] = gradient.flatten()[chosen].sign()
    direction = direction.reshape(x.shape)
    with exact():
        there, back = F(torch.stack([x + step * direction, x - step * direction]))
    slope = (gradient * direction).sum()
    noise = torch.finfo(x.dtype).eps * 8 * max(1.0, float(there.abs())) / step  # what rounding alone can do
    formula = r"\nabla F(x) \cdot v = \frac{F(x + h v) - F(x - h v)}{2h}"
    return Check("finite_difference", slope, (there - back) / (2 * step), formula, abs_tol=noise)
