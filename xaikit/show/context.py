"""What every painter stands on: what it may know beside the value, the registry, and small helpers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ..core.steps import shape_of
from . import palette
from .scales import Scale
from .sheet import in_inches

TINY, SMALL = palette.SIZES["tiny"], palette.SIZES["small"]


@dataclass(frozen=True)
class Context:
    """What a painter may know beside the value: the theme, the example, how far each row is, the scale."""

    dark: bool = False
    x: np.ndarray | None = None
    alphas: np.ndarray | None = None
    limit: float | None = None  # of the colours, where several steps share one scale
    ends: tuple[str, str] = ("for", "against")
    cells: int = 64  # a side of a map, at most
    frames: int = 5
    bars: int = 20
    names: tuple[str, ...] | None = None  # of the inputs: columns, words, players
    text: bool = False  # whether they are the pieces of a text
    overlay: bool = True
    formula: str = ""

    @property
    def colours(self) -> dict[str, str]:
        """The named colours of the theme."""
        return palette.colours(self.dark)

    def scale(self, values: np.ndarray) -> Scale:
        """The scale for these values."""
        scale = Scale.of(values, self.limit)
        return Scale(scale.limit, scale.signed, self.ends)


Painter = Callable[[Axes, Any, Context], Scale | None]
PAINTERS: dict[str, Painter] = {}


def paints(*kinds: str) -> Callable[[Painter], Painter]:
    """Register a painter for these kinds."""

    def register(painter: Painter) -> Painter:
        PAINTERS.update(dict.fromkeys(kinds, painter))
        return painter

    return register


def paint(ax: Axes, kind: str, value: Any, context: Context) -> Scale | None:
    """Draw a value of some kind; one that has no painter yet is named in words."""
    return PAINTERS.get(kind, summary)(ax, value, context)


def note(ax: Axes, x: float, y: float, text: str, context: Context, **options: Any) -> None:
    """A small line of plain words in axes that are measured in their own data; a $ stays a $."""
    settings = {"fontsize": TINY, "color": context.colours["soft"], "parse_math": False, **options}
    ax.text(x, y, text, **settings)


def rectangle(x: float, y: float, w: float, h: float, **options: Any) -> Any:
    """A rectangle from its corner, width and height."""
    return Rectangle((x, y), w, h, **options)


def shown(n: int, most: int) -> list[int]:
    """Evenly chosen places from the first to the last of n, at most so many."""
    return sorted({round(k) for k in np.linspace(0, n - 1, min(n, most))})


def row_labels(places: list[int], n: int, context: Context) -> list[str]:
    """How far along each row is: its α if the explanation has one for each, otherwise its number."""
    if context.alphas is not None and len(context.alphas) == n:
        return [f"α = {context.alphas[k]:.2f}" for k in places]
    return [f"k = {k + 1}" for k in places]


def summary(ax: Axes, value: Any, context: Context) -> Scale | None:
    """What has no picture yet: its shape in words."""
    in_inches(ax)
    note(ax, 0, 0.15, shape_of(value), context)
    return None


def kind_of(value: Any) -> str:
    """What a result is, from its shape alone."""
    if isinstance(value, str):
        return "text"
    if hasattr(value, "columns") or isinstance(value, (dict, list, tuple)):
        return "table"
    dims = len(getattr(value, "shape", ()))
    return "scalar" if dims == 0 else "heatmap" if dims <= 3 else "heatmaps"
