"""VarGrad: how much the gradient varies from one noisy copy of the picture to the next.

F  the score that is explained      x  the input
ε_k  noise      g_k = ∇F(x + ε_k)  the gradient at a noisy input      ḡ  their mean
"""

from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Step
from ...core.sums import moments
from ...core.types import Steps, Target
from .noise import NOISY, SLOPES, noisy_copies, standard_error


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
    r"""Where does the gradient change most when noise is added to the picture?

    $$\phi = \frac{1}{n} \sum_{k=1}^{n} \left( g_k - \bar g \right)^2, \quad g_k = \nabla F(x + \epsilon_k)$$

    x and the result share one shape; the result is in squared units of score per unit of x, never negative.
    It is zero for a linear model, whose gradient is the same everywhere: it shows where the model is curved.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> bool((xk.vargrad(model, x, n_samples=8).attribution >= 0).all())
    True

    See also
    smoothgrad, smoothgrad_squared
    """
    F = score(model, x, target)
    noisy_inputs = noisy_copies(F, n_samples, noise_std, seed)
    yield Step("noisy_inputs", noisy_inputs, NOISY, "the same picture with noise", kind="images")

    _, gradients = F.with_gradients(noisy_inputs)
    yield Step("gradients", gradients, SLOPES, "every one looks different", kind="heatmaps")

    _, attribution = moments(gradients)
    formula = r"\phi = \frac{1}{n} \sum_k (g_k - \bar g)^2"
    yield Step("attribution", attribution, formula, "where the slope varies")

    # The variance of a sample variance, if the gradients were normally distributed: 2 σ⁴ / (n - 1) times n.
    yield standard_error(attribution, 2 * attribution**2, n_samples)
    return attribution
