"""LIME on images: near one picture, the model is a sum over the superpixels that can be seen.

F  the score that is explained      x  the input      z_k  a sample: 1 where a superpixel is shown
x_k  the picture with holes      d_k  how far it lies from x      w_k  how much it counts      β, c  the line
"""

from typing import Any

import torch
from torch import Tensor

from ...core.errors import whole_number
from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Step
from ...core.types import Baseline, Steps, Target
from ...inputs.regions import segments_of
from . import neighbours
from .line import fidelity, fitted, line_step


@method("LIME on images", paper="ribeiro2016", takes=("picture",), score="probability")
def lime_image(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    segments: Any = "quickshift",  # quickshift, slic, felzenszwalb, or region numbers (H, W)
    hidden: Baseline = "mean",  # its mean colour, or a baseline for all: gray, blur, …
    n_samples: int = 1000,  # pictures with superpixels switched off
    kernel_width: float = 0.25,  # σ: how soon a sample counts less
    penalty: float = 1.0,  # λ on the slopes
    seed: int = 0,
) -> Steps[Tensor]:
    r"""Which superpixels does the score rest on, if it is a sum over those that can be seen?

    $$F(x_k) \approx c + \sum_i \beta_i z_{k i}, \quad w_k = \sqrt{\exp(-d_k^2 / \sigma^2)}$$

    x is (C, H, W), the result (H, W), in units of the score, by default a probability: the slope of each
    superpixel. d is the cosine distance between a sample and the whole picture.

    Deviations from the paper: 1. as in the authors' code all superpixels stay in the line, with a ridge
    penalty, where the paper picks K of them by the lasso. 2. superpixels are cut in the picture's own values.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.lime_image(model, x, segments="slic", n_samples=100)
    >>> explanation["samples"].shape[0]
    100

    See also
    lime_tabular, lime_text, kernel_shap
    """
    F = score(model, x, target)
    index = segments_of(segments, x)
    n = int(index.max()) + 1
    region = index.to(x.device)
    yield Step("segments", index, r"s_1, \dots, s_n", "what can be switched off", kind="segments")

    z = neighbours.coin_flips(n, whole_number("n_samples", n_samples, 1000, least=2), seed)
    yield Step("samples", z, r"z_k \in \{0, 1\}^n", "which of them can be seen", kind="matrix")
    instead, on = neighbours.covered(hidden, x, region), z.to(x.device)
    perturbed = F.cheap_rows(len(z), lambda k: torch.where(on[k][:, None, region] > 0, x, instead))
    yield Step("perturbed", perturbed, r"x_k", "the picture with holes", kind="images")

    fit = yield from fitted(F(perturbed), z, neighbours.cosine(z), kernel_width, penalty)
    yield line_step([f"segment {k}" for k in range(n)], fit)
    attribution = fit.coefficients.to(x)[region]
    yield Step("attribution", attribution, r"\phi_i = \beta_{s(i)}", "the slope of each superpixel")

    yield fidelity(fit)
    return attribution
