"""Backward rules: the score goes back through the network, and every operation says what it hands on.

F  the score that is explained      x  the input      x0  the reference
R  what arrives at an operation      R⁺ = max(0, R)      a  an activation, Δa = a(x) − a(x0)
m  a multiplier: what one unit of Δa contributed to the difference of the scores
"""

import torch
from torch import Tensor

from ..core import baselines
from ..core.contrast import Contrast
from ..core.errors import InputError, number, one_of
from ..core.method import method, nest
from ..core.model import Model, Score, score
from ..core.relevance import Relevance
from ..core.relevance_rules import Composite, RuleBook, Settings
from ..core.reveal_cancel import RevealCancel
from ..core.rules import Rectified
from ..core.stack import moments
from ..core.steps import Check, Step
from ..core.types import Baseline, Layer, Steps, Target
from .cams import grad_cam

INPUT = "input"  # the name of x among the layers


@method("Deconvnet", paper="zeiler2014")
def deconvnet(model: Model, x: Tensor, *, target: Target = None) -> Steps[Tensor]:
    r"""Which pattern in the picture would the network draw if it ran backwards?

    $$R_{\mathrm{in}} = \max(0, R_{\mathrm{out}}) \quad \mathrm{at\ every\ ReLU}$$

    x and the result share one shape, (C, H, W) or (features,); the result has no unit: at a ReLU it is no
    derivative. Maxima are undone with their switches, the places where they were found.
    The check asks whether the parts x ⊙ φ add up to the score, as those of a linear model would.

    Deviations from the paper: 1. it starts from the score of a class; the paper's from one feature map.
    """
    F = score(model, x, target)
    rectified = Rectified(model.module, "deconvnet", record=model.keep != "result")
    value, attribution = at_input(F, rectified)
    note = "what arrived, and what was handed on"
    yield Step("relu_signals", rectified.signals, r"R_{\mathrm{in}} = R^+", note, kind="layers")
    note = "which input each maximum came from"
    yield Step("switches", rectified.switches, r"\mathrm{argmax}", note, kind="layers")
    yield Step("attribution", attribution, r"\phi = R_x", "what is left at the input")
    yield adds_up(x, attribution, value)
    return attribution


@method("Guided Backpropagation", paper="springenberg2015")
def guided_backprop(model: Model, x: Tensor, *, target: Target = None) -> Steps[Tensor]:
    r"""Which pixels drive the neurons that all pull the same way, up?

    $$R_{\mathrm{in}} = \max(0, R_{\mathrm{out}}) \odot [a > 0] \quad \mathrm{at\ every\ ReLU}$$

    x and the result share one shape, (C, H, W) or (features,); the result has no unit: at a ReLU it is no
    derivative. Deconvnet's rule and the gradient's, one after the other.
    The check asks whether the parts x ⊙ φ add up to the score, as those of a linear model would.
    """
    F = score(model, x, target)
    rectified = Rectified(model.module, "guided", record=model.keep != "result")
    value, attribution = at_input(F, rectified)
    note = "what arrived, and what was handed on"
    yield Step("relu_signals", rectified.signals, r"R_{\mathrm{in}} = R^+ [a > 0]", note, kind="layers")
    yield Step("attribution", attribution, r"\phi = R_x", "sharp, and hardly about the class")
    yield adds_up(x, attribution, value)
    return attribution


@method("Guided Grad-CAM", paper="selvaraju2017")
def guided_grad_cam(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    layer: Layer = None,  # of Grad-CAM: module or dotted name; None: the last with height and width
    upsample: str = "nearest",  # of Grad-CAM, to the size of x: nearest, or bilinear
) -> Steps[Tensor]:
    r"""Fine lines, but only where the class is?

    $$\phi = \mathrm{GuidedBackprop}(x) \odot \mathrm{GradCAM}(x)$$

    x and the result share one shape, (C, H, W); the product has no unit. It is as sharp as its first factor
    and as class-bound as its second, and no more faithful than either.
    The check asks whether the parts x ⊙ φ add up to the score, as those of a linear model would.
    """
    guided = yield from nest("guided_backprop", guided_backprop.walk(model, x, target=target))
    options = {"target": target, "layer": layer, "upsample": upsample}
    coarse = yield from nest("grad_cam", grad_cam.walk(model, x, **options))
    attribution = guided.attribution * coarse.attribution
    yield Step("attribution", attribution, r"\phi = \mathrm{GBP} \odot L", "fine lines, where the class is")
    assert guided.prediction is not None
    yield adds_up(x, attribution, torch.tensor(guided.prediction.score))
    return attribution


@method("LRP", paper="bach2015")
def lrp(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    rules: RuleBook = "epsilon-plus",  # one rule, a composite, or {layer: rule} with epsilon for the rest
    epsilon: float = 1e-6,  # what the rule epsilon absorbs
    gamma: float = 0.25,  # how much more the rule gamma favours what points the way of the output
    alpha: float = 2.0,  # of alpha_beta; β = α − 1
    box: tuple[float, float] = (0.0, 1.0),  # the lowest and the highest value of the input, for z_box
) -> Steps[Tensor]:
    r"""How much of the score does each layer owe to each of its inputs, down to the picture?

    $$R_i = \sum_j \frac{x_i w_{ij}}{z_j + \epsilon \, \mathrm{sign} z_j} R_j, \quad
    z_j = \sum_i x_i w_{ij} + b_j$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score.
    rules: zero, epsilon, gamma, alpha_beta, z_plus, z_box, flat, w_square, or a composite: epsilon-plus,
    epsilon-plus-flat, epsilon-gamma-box, epsilon-alpha2-beta1, epsilon-alpha2-beta1-flat.

    Deviations from the paper: 1. a batch norm is folded into the convolution before it (Hui 2019). 2. sums
    and averages use epsilon, activations and constants pass relevance on, a maximum hands it to the winner.
    3. gamma with negative inputs is Andéol's (2021). 4. w_square and z_box leave the biases out.
    """
    F = score(model, x, target)
    settings = Settings(
        rules=rules,
        epsilon=number("epsilon", epsilon, "a number from 0", 0, 1e30, 1e-6),
        gamma=number("gamma", gamma, "a number from 0", 0, 1e30, 0.25),
        alpha=number("alpha", alpha, "a number from 1", 1, 1e30, 2),
        box=ends(box),
    )
    return (yield from relevance(F, settings))


@method("Deep Taylor Decomposition", paper="montavon2017", promises=("conservation",))
def deep_taylor(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    box: tuple[float, float] | None = (
        0.0,
        1.0,
    ),  # the range of the input: z_box; None, if there is none: w_square
) -> Steps[Tensor]:
    r"""If every neuron is expanded where it is silent, which inputs made it speak?

    $$R_i = \sum_j \frac{x_i w_{ij}^+}{\sum_{i'} x_{i'} w_{i'j}^+} R_j$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score and, for a
    score above zero, never negative. The first layer uses z_box (w_square where the input has no range).

    Deviations from the paper: 1. biases are left out of the denominators; the paper has none above zero.
    """
    F = score(model, x, target)
    first = "w_square" if box is None else "z_box"
    rules = Composite("z_plus", "z_plus", first, first)
    settings = Settings(rules=rules, box=(0.0, 1.0) if box is None else ends(box), with_bias=False)
    attribution = yield from relevance(F, settings)
    worst = (-attribution * F(x).sign()).clamp(min=0).max()
    tiny = 1e-5 * float(attribution.abs().max())
    yield Check("positivity", worst, 0.0, r"\min_i \phi_i \geq 0", abs_tol=max(tiny, 1e-12), bounded=True)
    return attribution


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

    Deviations from the paper: 1. at a maximum, what exceeds the lower of both maxima belongs to the place of
    the higher one (the paper has no rule; this one is SHAP's). 2. a factor is part of the weights before it.
    """
    one_of("rule", rule, ("rescale", "reveal_cancel"))
    F, x0 = score(model, x, target), baselines.make(baseline, x)
    record = model.keep != "result"
    contrast = (Contrast if rule == "rescale" else RevealCancel)(model.module, record)
    contrast.remember(model, x0[None])
    up, down = (x - x0).clamp(min=0), (x - x0).clamp(max=0)
    if rule == "rescale":
        _, m = at_input(F, contrast)
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


# What they have in common ---------------------------------------------------------------------------------


def at_input(F: Score, rules: "Rectified | Relevance | Contrast") -> tuple[Tensor, Tensor]:
    """The score of x, and what the rules leave of it at x."""
    scores, arrived = F.differentiate(F.x[None], rules)
    return scores[0], arrived[0]


def relevance(F: Score, settings: Settings) -> Steps[Tensor]:
    """The steps of a pass of relevance, from the score down to the input."""
    flow = Relevance(F.model.module, settings, record=F.model.keep != "result")
    value, attribution = at_input(F, flow)
    yield Step("activations", flow.activations, r"a^{(l)}", "what each layer gave", kind="layers")
    note = "the score, divided among its neurons"
    yield Step("relevances", flow.relevances, r"R^{(l)}", note, kind="layers")
    layer_sums = {INPUT: attribution.sum()} | {name: R.sum() for name, R in flow.relevances.items()}
    note = "is it kept from layer to layer?"
    yield Step("layer_sums", layer_sums, r"\sum_i R_i^{(l)}", note, kind="layers")
    yield Step("attribution", attribution, r"\phi = R^{(0)}", "the share of each input")
    yield Check("conservation", attribution.sum(), value, r"\sum_i \phi_i = F(x)")
    return attribution


def adds_up(x: Tensor, attribution: Tensor, value: Tensor) -> Check:
    """Whether x ⊙ φ would account for the score: for these three it seldom does."""
    return Check("linearity", (x * attribution).sum(), value, r"\sum_i x_i \phi_i = F(x)")


def ends(box: object) -> tuple[float, float]:
    """The lowest and the highest value of the input, or InputError."""
    if not isinstance(box, (tuple, list)) or len(box) != 2:
        raise InputError(f"box is (lowest, highest); {box!r} was given. Try (0.0, 1.0).")
    low, high = (number("box", end, "two numbers, the lower one first", -1e30, 1e30, 0.0) for end in box)
    if low >= high:
        raise InputError(f"box is (lowest, highest); {box!r} was given. Try (0.0, 1.0).")
    return low, high
