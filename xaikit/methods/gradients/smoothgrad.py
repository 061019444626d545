"""SmoothGrad: gradients of noisy copies of the picture, averaged.

F  the score that is explained      x  the input
ε_k  noise      g_k = ∇F(x + ε_k)  the gradient at a noisy input      n  their number
"""

from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.stack import Lazy
from ...core.steps import Step
from ...core.sums import moments
from ...core.types import Steps, Target
from .noise import NOISY, SLOPES, noisy_copies, standard_error
from .noise import running_mean as mean_so_far


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
    r"""What part of the gradient is still there when noise is added to the picture?

    $$\phi = \frac{1}{n} \sum_{k=1}^{n} \nabla F(x + \epsilon_k), \quad \epsilon_k \sim N(0, \sigma^2)$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score per unit
    of x.

    Look at the score of the noisy inputs first: where σ is so large that the model no longer sees the class,
    the mean answers another question (lesson 01).

    Deviations from the paper: 1. the noise is given in units of x, the paper's as a share of its range; for a
    picture in [0, 1] that is nearly the same. 2. signs are kept; the paper draws magnitudes.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.smoothgrad(model, x, n_samples=8)
    >>> explanation["gradients"].shape
    torch.Size([8, 3, 64, 64])

    See also
    smoothgrad_squared, vargrad, saliency
    """
    F = score(model, x, target)
    noisy_inputs = noisy_copies(F, n_samples, noise_std, seed)
    yield Step("noisy_inputs", noisy_inputs, NOISY, "the same picture with noise", kind="images")

    _, gradients = F.with_gradients(noisy_inputs)
    yield Step("gradients", gradients, SLOPES, "every one looks different", kind="heatmaps")

    running_mean = Lazy(lambda: mean_so_far(gradients.value))
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
    It is VarGrad plus the square of SmoothGrad, so a steady slope counts as much as one that varies.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> bool((xk.smoothgrad_squared(model, x, n_samples=8).attribution >= 0).all())
    True

    See also
    smoothgrad, vargrad
    """
    F = score(model, x, target)
    noisy_inputs = noisy_copies(F, n_samples, noise_std, seed)
    yield Step("noisy_inputs", noisy_inputs, NOISY, "the same picture with noise", kind="images")

    _, gradients = F.with_gradients(noisy_inputs)
    yield Step("gradients", gradients, SLOPES, "every one looks different", kind="heatmaps")

    attribution, variance = moments(gradients.map(lambda where, g: g**2))
    yield Step("attribution", attribution, r"\phi = \frac{1}{n} \sum_k g_k^2", "signs no longer cancel")

    yield standard_error(attribution, variance, n_samples)
    return attribution
