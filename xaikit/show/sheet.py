"""A sheet of paper measured in inches from its top left corner, and the figure that it is drawn on."""

import io
import math
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as _Figure
from matplotlib.lines import Line2D

from . import palette, words


class Figure(_Figure):
    """A matplotlib figure that keeps its own style, and shows once in a notebook, with or without pyplot."""

    def __init__(self, *args: Any, dark: bool = False, **kwargs: Any) -> None:
        self._xk_dark = dark
        with mpl.rc_context(palette.style(dark)):
            super().__init__(*args, **kwargs)
        FigureCanvasAgg(self)

    def draw(self, renderer: Any) -> None:
        """Draw in the style it was made with, whatever the settings are by now."""
        with mpl.rc_context(palette.style(self._xk_dark)):
            super().draw(renderer)

    def _repr_png_(self) -> bytes:
        """What a notebook shows where matplotlib has not registered itself."""
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=self.dpi, facecolor=self.get_facecolor())
        return buffer.getvalue()


class Sheet:
    """Places words, lines and axes on a figure; every length is in inches, y runs downwards."""

    def __init__(self, width: float, height: float, dark: bool = False) -> None:
        self.width, self.height = (math.ceil(100 * side - 1e-6) / 100 for side in (width, height))
        self.dark = dark
        self.colours = palette.colours(dark)
        self.figure = Figure(figsize=(self.width, self.height), dpi=100, dark=dark)

    def axes(self, x: float, y: float, w: float, h: float) -> Axes:
        """Empty axes with their top left corner at (x, y)."""
        place = (x / self.width, 1 - (y + h) / self.height, w / self.width, h / self.height)
        return self.figure.add_axes(place)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = palette.SIZES["small"],
        colour: str = "ink",
        *,
        bold: bool = False,
        math: bool = False,
        right: bool = False,
    ) -> None:
        """One line with its baseline at y. Only formulas are read as mathematics: a $ in a label stays."""
        self.figure.text(
            x / self.width,
            1 - y / self.height,
            text,
            fontsize=size,
            color=self.colours[colour],
            fontweight="bold" if bold else "normal",
            ha="right" if right else "left",
            va="baseline",
            parse_math=math,
        )

    def formula(
        self, x: float, y: float, formula: str, room: float, size: float, colour: str = "ink"
    ) -> float:
        """A formula with its top at y; gives the height that it took."""
        text, fitted, math = words.fit_formula(formula, room, size)
        if not math:
            self.text(x, y + fitted / 72, text, fitted, "soft")
            return fitted / 72 * 1.3
        _, height, depth = words.formula_size(formula, fitted) or (0, 0, 0)
        y += max(0.0, 0.15 - (height - depth))  # a lone symbol stands on the line on which a capital would
        self.text(x, y + height - depth, text, fitted, colour, math=True)
        return formula_height(formula, room, size)

    def line(self, x0: float, x1: float, y: float, colour: str = "line", thick: float = 0.8) -> None:
        """A horizontal rule."""
        xs, ys = (x0 / self.width, x1 / self.width), (1 - y / self.height,) * 2
        self.figure.add_artist(
            Line2D(xs, ys, color=self.colours[colour], lw=thick, solid_capstyle="butt", zorder=0)
        )


def formula_height(formula: str, room: float, size: float) -> float:
    """How high `Sheet.formula` will be."""
    if not formula:
        return 0.0
    _, fitted, math = words.fit_formula(formula, room, size)
    if not math:
        return fitted / 72 * 1.3
    _, height, depth = words.formula_size(formula, fitted) or (0, 0, 0)
    return max(height, 0.15 + depth)


def size_of(ax: Axes) -> tuple[float, float]:
    """Width and height of axes in inches."""
    place, (w, h) = ax.get_position(), ax.figure.get_size_inches()
    return place.width * w, place.height * h


def in_inches(ax: Axes) -> tuple[float, float]:
    """Axes without a frame whose coordinates are inches from the top left; gives their width and height."""
    w, h = size_of(ax)
    ax.set_axis_off()
    ax.set(xlim=(0, w), ylim=(h, 0))
    return w, h


def inset(ax: Axes, left: float = 0, top: float = 0, right: float = 0, bottom: float = 0) -> None:
    """Draw the axes in by so many inches on each side, to make room for the numbers along them."""
    place, (w, h) = ax.get_position(), ax.figure.get_size_inches()
    ax.set_position(
        (
            place.x0 + left / w,
            place.y0 + bottom / h,
            place.width - (left + right) / w,
            place.height - (top + bottom) / h,
        )
    )
