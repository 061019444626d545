"""What the figures read out of an explanation: its steps as arrays, and the scales that they share."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..core.errors import OptionError, nearest
from ..core.explanation import Explanation
from ..core.stack import Derived
from ..core.steps import Step, shape_of
from . import words
from .painters import Context, kind_of
from .scales import array, limit_of, one_a_pixel, pooled

MAPS = ("heatmap", "heatmaps")
PALEST = 3  # a step keeps a scale of its own if the shared one would leave it this many times paler

#: A symbol alone, such as `g`, `\bar g_k` or `\left| g \right|`: what stands for it has its units.
SYMBOL = re.compile(r"(?:\\left\s*\|)?\s*(?:\\bar\s*)?(\\?[A-Za-z]+)(?:_\{?\w+\}?)?\s*(?:\\right\s*\|)?")


@dataclass
class Shown:
    """A step ready to be drawn: looked at once, since what was put off may be expensive."""

    step: Step
    value: Any
    limit: float | None = None  # of its colours
    ends: tuple[str, str] = ("for", "against")
    like: int | None = None  # the place of the first step with which it shares them

    @property
    def kind(self) -> str:
        """What it is; of a nested explanation, what its result is."""
        return kind_of(self.value) if self.step.kind == "explanation" else self.step.kind


def shown_steps(explanation: Explanation, names: Any = None) -> list[Shown]:
    """The kept steps, or those named, in the order of the walk, with the scales that they share."""
    if not explanation.steps:
        raise OptionError(
            f"this explanation by {explanation.title} has kept no steps. "
            'Try keep="all" (the default), or explanation.plot() for the result alone.'
        )
    names = [names] if isinstance(names, str) else names
    for name in names or ():
        known(explanation, name)
    chosen = [s for s in explanation.steps.values() if names is None or s.name in names]
    ready = [Shown(step, plain(step.rows), ends=ends_of(step)) for step in chosen]
    share_scales(ready)
    return ready


def known(explanation: Explanation, name: str) -> Step:
    """The step of this name. Raises OptionError if there is none."""
    if name not in explanation.steps:
        hint = nearest(name, explanation.steps) if explanation.steps else 'Try keep="all": no step was kept.'
        raise OptionError(f"{explanation.title} has no step {name!r}. {hint}")
    return explanation.steps[name]


def plain(value: Any) -> Any:
    """A tensor as an array, a nested explanation as its result, everything else as it is."""
    if isinstance(value, Explanation):
        value = value.result
    return array(value) if hasattr(value, "detach") else value


def context_of(explanation: Explanation, **options: Any) -> Context:
    """What the painters may know of this explanation."""
    x = plain(explanation.x)
    alphas = array(explanation["alphas"]) if "alphas" in explanation else None
    names = tuple(explanation.names) if explanation.names else None
    x, text = (None, isinstance(x, str)) if not isinstance(x, np.ndarray) else (x, False)
    return Context(x=x, alphas=alphas, names=names, text=text, **options)


def ends_of(step: Step) -> tuple[str, str]:
    """What the ends of a signed scale say: a slope points up or down, the rest speaks for or against."""
    return ("up", "down") if "gradient" in step.name else ("for", "against")


# Scales that are shared -----------------------------------------------------------------------------------


def share_scales(ready: list[Shown]) -> None:
    """One scale for maps in the same units, unless it would leave one of them all but invisible."""
    maps = [s for s in ready if s.kind in MAPS and np.ndim(s.value) >= 2]
    groups: dict[str, list[Shown]] = {}
    for s in maps:
        stacked_maps = s.kind == "heatmaps" and np.ndim(s.value) == 3
        s.limit = limit_of(pooled(s.value if stacked_maps else one_a_pixel(s.value), Context.cells))
        groups.setdefault(units_of(s, maps), []).append(s)
    for group in groups.values():
        shared = max(s.limit for s in group)
        members = [s for s in group if s.limit * PALEST >= shared]
        for s in members:
            s.limit, s.ends = shared, members[0].ends
            s.like = ready.index(members[0]) if s is not members[0] else None


def units_of(shown: Shown, maps: list[Shown]) -> str:
    """A name for the units of a map: the symbol in its formula, or that of the map that it ends in."""
    name, _, meaning = shown.step.formula.partition("=")
    for part in (meaning, name):
        found = SYMBOL.fullmatch(part.strip())
        if found:
            return found[1]
    for other in maps:  # a running sum that ends in the attribution is in its units
        last = shown.value[-1]
        if (
            other.step.kind == "heatmap"
            and last.shape == other.value.shape
            and np.allclose(last, other.value, atol=1e-6)
        ):
            return units_of(other, [])
    return shown.step.name


# Words ----------------------------------------------------------------------------------------------------


def numbers_of(shown: Shown) -> list[str]:
    """The shape of a value, its smallest and largest entry, and its sum where that means something."""
    value = shown.value
    if isinstance(value, Derived):
        return [" × ".join(map(str, value.shape)) if shown.kind != "text" else f"{len(value)} texts"]
    if not isinstance(value, np.ndarray) or value.ndim == 0 or not np.issubdtype(value.dtype, np.number):
        return [shape_of(value)] if hasattr(value, "columns") else []
    if value.size == 0:
        return [shape_of(value)]
    low, high = words.number(value.min()), words.number(value.max())
    shape = " × ".join(map(str, value.shape)) + (" values" if value.ndim == 1 else "")
    total = f", sum {words.number(value.sum(dtype=float))}" if shown.kind in ("heatmap", "curve") else ""
    return [shape, f"from {low} to {high}{total}"]


def prediction_of(explanation: Explanation) -> tuple[str, str]:
    """The class that is explained, and what the model says about it."""
    p = explanation.prediction
    if p is None:
        return "", ""
    kind = explanation.unit
    said = f"{kind} {words.number(p.score)}"
    if p.probability is not None and kind != "probability":
        said += f" · probability {p.probability:.2f}"
    return p.label, said


def cost_of(explanation: Explanation) -> str:
    """What it cost, in samples that the model saw."""
    spent = [f"{n:,} {kind}" for kind, n in explanation.cost.items() if n]
    return " and ".join(spent) + " samples" if spent else "nothing"
