"""The rules of layer-wise relevance propagation: what share of the relevance each input of a layer gets.

x  the input of a layer, W and b its weights and bias, z = W x + b its output      R  relevance
x⁺, x⁻  the positive and the negative part      s = R / z  relevance per unit of output

A rule says which terms make up the denominator z; each input then gets its share of it. For the rule
"epsilon" there is one term, (x, W, b); for "z_plus" there are two, (x⁺, W⁺, b⁺) and (x⁻, W⁻, 0).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import torch
from torch import Tensor

from ...core.errors import OptionError, one_of
from ...network.layers import Layer
from ...network.probe import find_layer

STABILISER = 1e-6  # keeps a denominator from zero, with its sign


class Part(NamedTuple):
    """Terms (input, weight, bias) that share one denominator, and the factor of what they hand down."""

    terms: list[tuple[Tensor, Any, Tensor | None]]
    factor: float | Tensor = 1.0


# The rules ------------------------------------------------------------------------------------------------


def plus(value: Any) -> Any:
    """The positive part; None stays None."""
    return None if value is None else value.clamp(min=0)


def minus(value: Any) -> Any:
    """The negative part; None stays None."""
    return None if value is None else value.clamp(max=0)


def epsilon(layer: Layer, z: Tensor, settings: "Settings") -> list[Part]:
    """R_i = Σ_j x_i w_ij / (z_j + ε sign z_j) · R_j; with ε = 0 the rule "zero"."""
    return [Part([(layer.x, layer.W, layer.b)])]


def z_plus(layer: Layer, z: Tensor, settings: "Settings") -> list[Part]:
    """Only contributions that raise the output count."""
    x, W, b = layer.x, layer.W, layer.b if settings.with_bias else None
    return [Part([(plus(x), plus(W), plus(b)), (minus(x), minus(W), None)])]


def alpha_beta(layer: Layer, z: Tensor, settings: "Settings") -> list[Part]:
    """α times the shares of what raises the output, less β = α − 1 times those of what lowers it."""
    x, W, b = layer.x, layer.W, layer.b
    raising = [(plus(x), plus(W), plus(b)), (minus(x), minus(W), None)]
    lowering = [(plus(x), minus(W), minus(b)), (minus(x), plus(W), None)]
    return [Part(raising, settings.alpha), Part(lowering, 1 - settings.alpha)]


def gamma(layer: Layer, z: Tensor, settings: "Settings") -> list[Part]:
    """As zero, with what points the way of the output counted 1 + γ times (Andéol 2021 where x < 0)."""
    x, W, b, g = layer.x, layer.W, layer.b, settings.gamma
    up, down = W + g * plus(W), W + g * minus(W)
    b_up, b_down = (None, None) if b is None else (b + g * plus(b), b + g * minus(b))
    positive = [(plus(x), up, b_up), (minus(x), down, None)]
    negative = [(plus(x), down, b_down), (minus(x), up, None)]
    return [Part(positive, (z > 0).to(z)), Part(negative, (z < 0).to(z))]


def z_box(layer: Layer, z: Tensor, settings: "Settings") -> list[Part]:
    """For pixels between l and h: shares of x w − l w⁺ − h w⁻, which is never negative."""
    if layer.box is None:
        raise OptionError(
            "z_box is for the layer that sees the input itself. Try it for the first layer alone."
        )
    low, high = (end.expand_as(layer.x) for end in layer.box)
    x, W = layer.x, layer.W
    if bool((x < low - STABILISER).any() | (x > high + STABILISER).any()):
        raise OptionError(
            f"z_box needs values between {settings.box[0]:g} and {settings.box[1]:g}; the input has others. "
            "Try box=(lowest, highest)."
        )
    return [Part([(x, W, None), (-low, plus(W), None), (-high, minus(W), None)])]


def w_square(layer: Layer, z: Tensor, settings: "Settings") -> list[Part]:
    """Shares by the squared weights alone, whatever the input."""
    return [Part([(torch.ones_like(layer.x), layer.W**2, None)])]


def flat(layer: Layer, z: Tensor, settings: "Settings") -> list[Part]:
    """Equal shares for all inputs that an output sees."""
    return [Part([(torch.ones_like(layer.x), torch.ones_like(layer.W), None)])]


RULES: dict[str, Callable[[Layer, Tensor, "Settings"], list[Part]]] = {
    "zero": epsilon,
    "epsilon": epsilon,
    "gamma": gamma,
    "alpha_beta": alpha_beta,
    "z_plus": z_plus,
    "z_box": z_box,
    "flat": flat,
    "w_square": w_square,
}


def messages(layer: Layer, z: Tensor, R: Tensor, rule: str, settings: "Settings") -> Tensor:
    """What a layer hands down to its input, of the shape of x, when R arrives at its output z."""
    handed_down = torch.zeros_like(layer.x)
    stabiliser = {"zero": 0.0, "epsilon": settings.epsilon}.get(rule, STABILISER)
    for terms, factor in RULES[rule](layer, z, settings):
        arriving = R if isinstance(factor, float) and factor == 1 else R * factor
        if not bool(arriving.any()):
            continue
        terms = [term for term in terms if term[2] is not None or bool(term[0].any())]
        if rule not in ("zero", "epsilon"):  # there it is the output, which is known
            z = sum(layer.apply(*term) for term in terms)  # type: ignore[assignment]
        s = divided(arriving, z, stabiliser)
        for x, W, _ in terms:
            handed_down = torch.addcmul(handed_down, x, layer.pull(s, x, W))
    return handed_down


def divided(R: Tensor, z: Tensor, stabiliser: float) -> Tensor:
    """R / (z + stabiliser · sign z), sign 0 being +1; without a stabiliser, nothing where z is zero."""
    if stabiliser == 0:
        return torch.where(z == 0, 0, R / torch.where(z == 0, 1, z))
    return R / torch.where(z < 0, z - stabiliser, z + stabiliser)


# Which rule for which layer -------------------------------------------------------------------------------


class Composite(NamedTuple):
    """The rule of convolutions and of dense layers, and of the first layer if it has one of its own."""

    convolution: str
    dense: str
    first_convolution: str | None = None
    first_dense: str | None = None

    def __call__(self, path: str, convolution: bool, first: bool) -> str:
        """The rule of a layer."""
        usual, special = (
            (self.convolution, self.first_convolution) if convolution else (self.dense, self.first_dense)
        )
        return special if first and special else usual


COMPOSITES = {
    "epsilon-plus": Composite("z_plus", "epsilon"),
    "epsilon-plus-flat": Composite("z_plus", "epsilon", "flat", "flat"),
    "epsilon-gamma-box": Composite("gamma", "epsilon", "z_box"),
    "epsilon-alpha2-beta1": Composite("alpha_beta", "epsilon"),
    "epsilon-alpha2-beta1-flat": Composite("alpha_beta", "epsilon", "flat", "flat"),
}

#: A rule or composite by name, or layer (module or dotted name) → rule; a layer includes what lies in it.
RuleBook: TypeAlias = str | Composite | Mapping[Any, str]


@dataclass(frozen=True)
class Settings:
    """Which layer has which rule, and the numbers of the rules."""

    rules: RuleBook = "epsilon-plus"
    epsilon: float = 1e-6
    gamma: float = 0.25
    alpha: float = 2.0
    box: tuple[float, float] = (0.0, 1.0)
    with_bias: bool = True  # whether z_plus counts biases in its denominator

    def chooser(self, module: Any) -> Callable[[str, bool, bool], str]:
        """(path, whether it is a convolution, whether it is the first layer) → the name of a rule."""
        if isinstance(self.rules, Composite):
            return self.rules
        if isinstance(self.rules, Mapping):
            return by_layer(module, self.rules)
        one_of("rules", self.rules, [*COMPOSITES, *RULES])
        return COMPOSITES.get(self.rules, Composite(self.rules, self.rules))


def by_layer(module: Any, given: Mapping[Any, str]) -> Callable[[str, bool, bool], str]:
    """The entry with the longest name that a layer lies in, otherwise epsilon."""
    named = {}
    for layer, rule in given.items():
        one_of(f"the rule of {layer if isinstance(layer, str) else type(layer).__name__}", rule, RULES)
        named[layer if layer == "" else find_layer(module, layer)[0]] = rule
    longest_first = sorted(named, key=len, reverse=True)

    def choose(path: str, convolution: bool, first: bool) -> str:
        inside = (name for name in longest_first if name in ("", path) or path.startswith(f"{name}."))
        return named.get(next(inside, None), "epsilon")  # type: ignore[arg-type]

    return choose
