"""The record of a method: what the laws cannot find out by themselves, in one place a method."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

import xaikit as xk

from .. import networks

#: Four players of eight by eight pixels.
QUARTERS = (torch.arange(8)[:, None] // 4) * 2 + torch.arange(8) // 4


@dataclass(frozen=True)
class Call:
    """Options of a method, and the kind of example that it is given: "" is the first that it takes."""

    options: dict[str, Any]
    kind: str = ""

    def case(self, name: str) -> str:
        """Method and kind of example, as `networks.example` takes them."""
        return f"{name}: {self.kind}" if self.kind else name


def call(kind: str = "", /, **options: Any) -> Call:
    """`call(n_samples=5)`, or `call("row", n_samples=5)` for another kind of example."""
    return Call(options, kind)


def one_layer(w: Tensor) -> nn.Module:
    """F itself, for the methods that take any network."""
    return networks.linear(w, 0.75)


def nothing_more(x: Tensor, x0: Tensor) -> dict:
    """No option at all."""
    return {}


@dataclass(frozen=True)
class Record:
    """What the laws need to know about one method; whatever has a default is only said where it differs."""

    name: str

    #: The steps in their order, as the catalogue of methods promises them.
    steps: str

    #: (w, x, x0) → what the attribution is for F(x) = w · x + 0.75 and the baseline x0, by hand. All three
    #: are a picture where the method explains nothing else, a row of five numbers otherwise.
    rosetta: Callable[[Tensor, Tensor, Tensor], Tensor]

    #: w → that F as a network that fits the method.
    linear: Callable[[Tensor], nn.Module] = one_layer

    #: (x, x0) → options for that F, beside what replaces an input (baseline, background, hidden).
    told: Callable[[Tensor, Tensor], dict] = nothing_more

    #: The checks that need not hold on that F: they measure something else than exactness with a bias.
    open_checks: tuple[str, ...] = ()

    #: Options that make the method fast. No law depends on them.
    quick: dict[str, Any] = field(default_factory=dict)

    #: The same for its first kind of example only: groups of pixels.
    quick_groups: dict[str, Any] = field(default_factory=dict)

    #: Options without which the method explains nothing.
    needed: dict[str, Any] = field(default_factory=dict)

    #: A network of pictures → the network that the method can explain.
    around: Callable[[nn.Module], nn.Module] | None = None

    #: The other kinds of example for which the laws are run: keys of `networks.EXAMPLES`.
    also: tuple[str, ...] = ()

    #: Whether the target must be a class: a function of the model's answer is refused.
    needs_a_class: bool = False

    #: Whether it refuses a row, though neither its `takes` nor a parameter `layer` says so.
    refuses_rows: bool = False

    #: Whether the attribution of a picture has one number a pixel (H, W), not one a channel (C, H, W).
    one_a_pixel: bool = False

    #: Other ways to call the method, that have formulas, notes and promises of their own.
    variants: tuple[Call, ...] = ()

    #: Options that mean nothing, by what is wrong with them.
    senseless: dict[str, Call] = field(default_factory=dict)

    #: (explanation, F) → the attribution at any options, point by point with plain torch; None if unknown.
    oracle: Callable[[xk.Explanation, Callable[[Tensor], Tensor]], Tensor | None] | None = None

    @property
    def method(self) -> Any:
        """The method itself."""
        return xk.METHODS[self.name]

    @property
    def looks_at_a_layer(self) -> bool:
        """Whether it needs a layer with height and width."""
        return "layer" in self.method.parameters

    @property
    def pictures_only(self) -> bool:
        """Whether it explains pictures and nothing else."""
        takes = self.method.takes
        return takes[0] == "picture" and ("row" not in takes or self.looks_at_a_layer or self.refuses_rows)

    @property
    def cases(self) -> list[str]:
        """`exact_shapley`, given what it takes first, then `exact_shapley: row` and so on."""
        return [self.name, *(f"{self.name}: {kind}" for kind in self.also)]

    def options(self, kind: str) -> dict[str, Any]:
        """What the laws tell the method about a kind of example."""
        groups = self.quick_groups if kind == self.method.takes[0] else {}
        return {**self.needed, **self.quick, **groups}
