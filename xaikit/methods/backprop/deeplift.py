"""DeepLIFT and DeepSHAP: the difference from a reference, followed through the network.

F  the score that is explained      x  the input      x0  the reference      b_k  one of a background
a  an activation, Δa = a(x) − a(x0)
m  a multiplier: what one unit of Δa contributed to the difference of the scores      C = m Δa
"""

import torch
from torch import Tensor

from ...core.errors import one_of
from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Check, Step
from ...core.sums import moments
from ...core.types import Baseline, Steps, Target
from ...inputs import baselines
from .contrast import Contrast
from .reveal_cancel import RevealCancel


@method("DeepLIFT", paper="shrikumar2017", promises=("summation_to_delta",))
def deep_lift(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    baseline: Baseline = "black",  # x0, the reference
    rule: str = "rescale",  # of nonlinear operations: rescale, or reveal_cancel
) -> Steps[Tensor]:
    r"""How much of the difference from the reference's score does each difference in the input make?

    $$\phi = m \odot (x - x^0), \quad m_{\mathrm{in}} = m_{\mathrm{out}} \frac{\Delta a_{\mathrm{out}}}
    {\Delta a_{\mathrm{in}}} \quad \mathrm{at\ every\ nonlinearity}$$

    x, baseline and result share one shape, (C, H, W) or (features,); the result is in units of the score.
    reveal_cancel follows what raises a neuron and what lowers it apart, so that two inputs that cancel each
    other are both seen; `multipliers` then has two rows a layer, those of Δ⁺ and of Δ⁻.
    The rule for multipliers runs in `Contrast._rescaled`, or in `RevealCancel._compared`.

    Deviations from the paper: 1. at a maximum, what exceeds the lower of both maxima belongs to the place of
    the higher one (the paper has no rule; this one is SHAP's). 2. a factor is part of the weights before it.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> xk.deep_lift(model, x, baseline="gray").checks[0].holds
    True

    See also
    deep_shap, lrp, integrated_gradients
    """
    one_of("rule", rule, ("rescale", "reveal_cancel"))
    F, x0 = score(model, x, target), baselines.make(baseline, x)
    contrast = (Contrast if rule == "rescale" else RevealCancel)(model.module)
    contrast.remember(model, x0[None])
    up, down = (x - x0).clamp(min=0), (x - x0).clamp(max=0)
    if rule == "rescale":
        _, m = F.gradient(x, contrast)
        attribution = m * (x - x0)
    else:
        _, (m_up, m_down) = F.differentiate(torch.stack([x0 + up, x0 + down]), contrast)
        attribution = m_up * up + m_down * down
    yield Step("activations", contrast.activations, r"a(x)", "layer by layer, for the example", kind="layers")
    yield Step("reference_activations", contrast.others, r"a(x^0)", "and for the reference", kind="layers")
    note = "what one unit of difference is worth"
    yield Step("multipliers", contrast.multipliers, r"m = C / \Delta a", note, kind="layers")
    note = "each layer accounts for all of it"
    yield Step("contributions", contrast.contributions, r"C = m \Delta a", note, kind="layers")
    yield Step("attribution", attribution, r"\phi = m \odot (x - x^0)", "multiplier times difference")

    formula = r"\sum_i \phi_i = F(x) - F(x^0)"
    yield Check("summation_to_delta", attribution.sum(), F(x) - F(x0), formula)
    return attribution


@method("DeepSHAP", paper="lundberg2017", promises=("efficiency",))
def deep_shap(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    background: "Baseline | None" = None,  # examples (m, …) to compare with; None: ten pictures of noise
    seed: int = 0,
) -> Steps[Tensor]:
    r"""How much did each input add, compared with every example of a background by DeepLIFT?

    $$\phi = \frac{1}{n} \sum_{k=1}^{n} m_k \odot (x - b_k)$$

    x and the result share one shape, (C, H, W) or (features,), the background is (m, …) of that shape; the
    result is in units of the score. These are Shapley values only as far as DeepLIFT's multipliers are exact.

    Deviations from the paper: 1. one pass over x is compared with all of the background; the paper doubles x.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> xk.deep_shap(model, x).checks[0].holds
    True

    See also
    deep_lift, gradient_shap, kernel_shap
    """
    F = score(model, x, target)
    b = baselines.background(background, x, seed=seed)
    contrast = Contrast(model.module, record=False)
    contrast.remember(model, x[None])
    scores, multipliers = F.with_gradients(b, contrast)
    yield Step("multipliers", multipliers, r"m_k", "one slope for each comparison", kind="heatmaps")

    per_reference = multipliers.map(lambda where, m: m * (x - b[where]))
    formula = r"\phi_k = m_k \odot (x - b_k)"
    yield Step("per_reference", per_reference, formula, "DeepLIFT against each of them", kind="heatmaps")

    attribution, _ = moments(per_reference)
    yield Step("attribution", attribution, r"\phi = \frac{1}{n} \sum_k \phi_k", "their mean")

    formula = r"\sum_i \phi_i = F(x) - \frac{1}{n} \sum_k F(b_k)"
    yield Check("efficiency", attribution.sum(), F(x) - scores.value.mean(), formula)
    return attribution
