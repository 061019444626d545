"""What several figures have in common: colour scales, the prediction, checks, and the small print."""

import numpy as np
from matplotlib.axes import Axes

from ..core.explanation import Explanation
from ..core.steps import Check
from . import palette, words
from .painters import Context
from .prepare import prediction_of
from .scales import PERCENTILE, Scale, blocks
from .sheet import Sheet, in_inches

TINY, SMALL, TEXT = (palette.SIZES[name] for name in ("tiny", "small", "text"))


def draw_prediction(sheet: Sheet, explanation: Explanation, x: float, y: float, room: float) -> None:
    """The class in the accent colour, and its score beside it."""
    label, said = prediction_of(explanation)
    if not label:
        return
    sheet.text(x, y, "explains", SMALL, "soft")
    x, room = x + 0.66, room - 0.66
    label = words.shorten(label, room - words.width(said, SMALL) - 0.15, TEXT, True)
    sheet.text(x, y, label, TEXT, "accent", bold=True)
    sheet.text(x + words.width(label, TEXT, True) + 0.12, y, said, SMALL, "soft")


def colour_bar(ax: Axes, scale: Scale, context: Context, like: str = "") -> None:
    """What the colours mean: an upright bar with the numbers at its ends and the words that go with them."""
    w, h = in_inches(ax)
    c, thick = context.colours, 0.12
    if like:
        ax.text(0, h + 0.15, like, fontsize=TINY, color=c["soft"], va="baseline")
    if scale.limit == 0:
        ax.text(0, 0.12, "all zero", fontsize=TINY, color=c["soft"])
        return
    ramp = scale.colours(np.linspace(scale.limit, scale.low, 129)[:, None], context.dark)
    ax.imshow(ramp, extent=(0, thick, h, 0), aspect="auto", interpolation="nearest")
    ax.plot([0, thick, thick, 0, 0], [0, 0, h, h, 0], color=c["line"], lw=0.8, clip_on=False)
    x = thick + 0.08
    top, bottom = words.number(scale.limit, sign=scale.signed), words.number(scale.low, sign=True)
    ax.text(x, 0.09, top, fontsize=TINY, color=c["ink"], va="baseline")
    ax.text(x, h - 0.01, bottom, fontsize=TINY, color=c["ink"], va="baseline")
    if scale.signed:
        ax.text(x, 0.24, scale.ends[0], fontsize=TINY, color=c["accent"], va="baseline")
        ax.text(x, h - 0.16, scale.ends[1], fontsize=TINY, color=c["warm"], va="baseline")
        if h > 0.9:
            ax.text(x, h / 2, "0", fontsize=TINY, color=c["soft"], va="center_baseline")
    ax.set(xlim=(0, w), ylim=(h, 0))


def level_bar(ax: Axes, scale: Scale, context: Context) -> None:
    """The same lying down in one line: lower number, colours, upper number."""
    w, h = in_inches(ax)
    c = context.colours
    if scale.limit == 0:
        ax.text(0, h / 2, "all zero", fontsize=TINY, color=c["soft"], va="center_baseline")
        return
    low, high = words.number(scale.low, sign=True), words.number(scale.limit, sign=scale.signed)
    left, right = words.width(low, TINY) + 0.08, w - words.width(high, TINY) - 0.08
    ramp = scale.colours(np.linspace(scale.low, scale.limit, 129)[None], context.dark)
    box = (left, right, h / 2 + 0.045, h / 2 - 0.045)
    ax.imshow(ramp, extent=box, aspect="auto", interpolation="nearest")
    ax.text(0, h / 2, low, fontsize=TINY, color=c["soft"], va="center_baseline")
    ax.text(w, h / 2, high, fontsize=TINY, color=c["soft"], va="center_baseline", ha="right")
    ax.set(xlim=(0, w), ylim=(h, 0))


def draw_sides(ax: Axes, check: Check, c: dict[str, str], colour: str) -> None:
    """Left side over right side, as bars from zero with their numbers."""
    w, _ = in_inches(ax)
    sides = np.nan_to_num([check.left, check.other], posinf=0, neginf=0)
    low, high = min(0.0, *sides), max(0.0, *sides)
    room = w - 0.85
    per = room / ((high - low) or 1.0)
    for row, (side, value) in enumerate(zip(sides, (check.left, check.other), strict=True)):
        y, ends = 0.1 + 0.2 * row, ((min(side, 0) - low) * per, (max(side, 0) - low) * per)
        ax.plot([0, room], [y, y], color=c["panel"], lw=8, solid_capstyle="butt")
        ax.plot(ends, [y, y], color=c[colour], lw=8, solid_capstyle="butt", alpha=1 - 0.4 * row)
        ax.text(
            room + 0.1,
            y,
            words.number(value, digits=4),
            fontsize=SMALL,
            fontweight="bold",
            va="center_baseline",
        )


def verdict(check: Check) -> tuple[str, str]:
    """Whether a check holds, in words and as a colour of the theme."""
    return ("✓ holds", "good") if check.holds else ("✗ does not hold", "bad")


def small_print(explanation: Explanation, cells: int) -> str:
    """How the maps are drawn."""
    if getattr(explanation.x, "ndim", 0) != 3:
        return ""
    down, across = blocks(explanation.x, cells)
    averaged = f" and averages over {down} × {across} pixels" if down * across > 1 else ""
    return (
        f"Maps show sums over the channels{averaged}; a colour scale ends where {PERCENTILE} % of the values "
        "lie within it."
    )
