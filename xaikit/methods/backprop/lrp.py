"""Layer-wise relevance propagation: the score is divided among the inputs of each layer, down to the picture.

F  the score that is explained      x  the input of a layer, W and b its weights and bias
z = W x + b  its output      R  relevance
"""

from torch import Tensor

from ...core.errors import InputError, number
from ...core.method import method
from ...core.model import Model
from ...core.score import Score, score
from ...core.steps import Check, Step
from ...core.types import Steps, Target
from .relevance import Relevance
from .relevance_rules import Composite, RuleBook, Settings


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
    The formula runs in `relevance_rules.messages`, once a layer; a rule says there what counts as x and w.
    rules: zero, epsilon, gamma, alpha_beta, z_plus, z_box, flat, w_square, or a composite: epsilon-plus,
    epsilon-plus-flat, epsilon-gamma-box, epsilon-alpha2-beta1, epsilon-alpha2-beta1-flat.

    Deviations from the paper: 1. a batch norm is folded into the convolution before it (Hui 2019). 2. sums
    and averages use epsilon, activations and constants pass relevance on, a maximum hands it to the winner.
    3. gamma with negative inputs is Andéol's (2021). 4. w_square and z_box leave the biases out.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.lrp(model, x, rules="epsilon-plus")
    >>> list(explanation["layer_sums"])[0]
    'input'

    See also
    deep_taylor, deep_lift, input_x_gradient
    """
    F = score(model, x, target)
    settings = Settings(
        rules=rules,
        epsilon=number("epsilon", epsilon, "a number from 0", 0, 1e30, 1e-6),
        gamma=number("gamma", gamma, "a number from 0", 0, 1e30, 0.25),
        alpha=number("alpha", alpha, "a number from 1", 1, 1e30, 2),
        box=ends(box),
    )
    return (yield from flow_of_relevance(F, settings))


@method("Deep Taylor Decomposition", paper="montavon2017", promises=("conservation",))
def deep_taylor(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    box: tuple[float, float] | None = (0.0, 1.0),  # the range of the input; None, if it has none
) -> Steps[Tensor]:
    r"""Which inputs made each neuron active, compared with a point where it is silent?

    $$R_i = \sum_j \frac{x_i w_{ij}^+}{\sum_{i'} x_{i'} w_{i'j}^+} R_j$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score and, for a
    score above zero, never negative. The formula runs in `relevance_rules.messages` with the rule z_plus; the
    first layer uses z_box (w_square where the input has no range).

    Deviations from the paper: 1. biases are left out of the denominators; the paper has none above zero.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> bool((xk.deep_taylor(model, x).attribution >= 0).all())
    True

    See also
    lrp
    """
    F = score(model, x, target)
    first = "w_square" if box is None else "z_box"
    rules = Composite("z_plus", "z_plus", first, first)
    settings = Settings(rules=rules, box=(0.0, 1.0) if box is None else ends(box), with_bias=False)
    attribution = yield from flow_of_relevance(F, settings)
    worst = (-attribution * F(x).sign()).clamp(min=0).max()
    tiny = max(1e-5 * float(attribution.abs().max()), 1e-12)
    yield Check.bound("positivity", worst, tiny, r"\min_i \phi_i \geq 0")
    return attribution


def flow_of_relevance(F: Score, settings: Settings) -> Steps[Tensor]:
    """The steps of a pass of relevance, from the score down to the input."""
    flow = Relevance(F.model.module, settings)
    value, attribution = F.gradient(F.x, flow)
    yield Step("activations", flow.activations, r"a^{(l)}", "what each layer gave", kind="layers")
    note = "the score, divided among its neurons"
    yield Step("relevances", flow.relevances, r"R^{(l)}", note, kind="layers")
    layer_sums = {"input": attribution.sum()} | {name: R.sum() for name, R in flow.relevances.items()}
    note = "is it kept from layer to layer?"
    yield Step("layer_sums", layer_sums, r"\sum_i R_i^{(l)}", note, kind="layers")
    yield Step("attribution", attribution, r"\phi = R^{(0)}", "the share of each input")
    yield Check("conservation", attribution.sum(), value, r"\sum_i \phi_i = F(x)")
    return attribution


def ends(box: object) -> tuple[float, float]:
    """The lowest and the highest value of the input, or InputError."""
    if not isinstance(box, (tuple, list)) or len(box) != 2:
        raise InputError(f"box is (lowest, highest); {box!r} was given. Try (0.0, 1.0).")
    low, high = (number("box", end, "two numbers, the lower one first", -1e30, 1e30, 0.0) for end in box)
    if low >= high:
        raise InputError(f"box is (lowest, highest); {box!r} was given. Try (0.0, 1.0).")
    return low, high
