"""LIME on texts: near one text, the model is a sum over the words that are left.

F  the score that is explained      x  the text      z_k  a sample: 1 where a word is left
x_k  the text with holes      d_k  how far it lies from x      w_k  how much it counts      β, c  the line
"""

from torch import Tensor

from ...core.errors import whole_number
from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Step
from ...core.types import Steps, Target
from ...inputs.text import tokens
from . import neighbours
from .line import fidelity, fitted, line_step


@method("LIME on texts", paper="ribeiro2016", takes=("text",), score="probability")
def lime_text(
    model: Model,
    x: str,
    *,
    target: Target = None,
    unit: str = "word",  # what is taken out: word, sentence or line
    n_samples: int = 1000,  # texts with pieces taken out
    kernel_width: float = 25.0,  # σ: how soon a sample counts less
    penalty: float = 1.0,  # λ on the slopes
    seed: int = 0,
) -> Steps[Tensor]:
    r"""Which words does the score rest on, if it is a sum over those that are left?

    $$F(x_k) \approx c + \sum_i \beta_i z_{k i}, \quad d_k = 100 \left( 1 - \sqrt{|z_k| / n} \right)$$

    x is a text, the model takes a list of them; the result has one number for each word, in units of the
    score, by default a probability.

    Deviations from the authors' code: 1. a word that stands twice is two words. 2. with a word goes its
    punctuation and one space. 3. all words stay in the line.

    Example
    >>> import xaikit as xk
    >>> model, text = xk.zoo.load("news"), "The storm broke the old harbour wall."
    >>> explanation = xk.lime_text(model, text, n_samples=200)
    >>> explanation["tokens"][:3]
    ['The ', 'storm ', 'broke ']

    See also
    lime_image, lime_tabular, kernel_shap
    """
    F = score(model, x, target)
    text = tokens(x, unit)
    n = len(text)
    yield Step("tokens", list(text.pieces), r"t_1, \dots, t_n", "what can be taken out", kind="tokens")

    z = neighbours.erasures(n, whole_number("n_samples", n_samples, 1000, least=2), seed)
    yield Step("samples", z, r"z_k \in \{0, 1\}^n", "which words are left", kind="matrix")
    texts = F.cheap_rows(len(z), lambda k: [text.without(left) for left in z[k] > 0])
    yield Step("perturbed_texts", texts, r"x_k", "the text with holes", kind="text")

    fit = yield from fitted(F(texts), z, 100 * neighbours.cosine(z), kernel_width, penalty)
    yield line_step(text.names, fit)
    attribution = fit.coefficients.float()
    yield Step("attribution", attribution, r"\phi_i = \beta_i", "the slope of each word")

    yield fidelity(fit)
    return attribution
