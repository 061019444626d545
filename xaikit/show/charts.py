"""Painters of what is read by its numbers: curves, bars, matrices, scalars."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from . import words
from .context import TINY, Context, note, paints, rectangle, row_labels, shown
from .scales import Scale, array
from .sheet import in_inches, inset, size_of


@paints("curve")
def curve(ax: Axes, value: Any, context: Context) -> Scale | None:
    """One number a row against α, or against its number; the last one is written at its end."""
    ys = array(value).ravel()
    along = (
        context.alphas is not None
        and len(context.alphas) == len(ys)
        and not np.array_equal(context.alphas, ys)
    )
    xs = context.alphas if along else np.arange(1, len(ys) + 1)
    label_axis(ax, context)
    inset(ax, left=0.75, right=0.75, top=0.08, bottom=0.36)
    colour = context.colours["accent"]
    many = not along and len(ys) > 150  # a line through so many samples, one after another, says nothing
    shape = {"ls": "", "marker": ".", "ms": 2.5, "alpha": 0.6} if many else {}
    shape = shape or {"marker": "o" if len(ys) <= 30 else None, "ms": 3}
    ax.plot(xs, ys, color=colour, clip_on=False, **shape)
    ax.plot(xs[-1:], ys[-1:], "o", color=colour, ms=5, clip_on=False)
    end = {
        "xytext": (7, 0),
        "textcoords": "offset points",
        "va": "center",
        "fontsize": TINY,
        "fontweight": "bold",
    }
    ax.annotate(words.number(ys[-1]), (xs[-1], ys[-1]), color=colour, parse_math=False, **end)
    ax.set_xlim((0, 1) if along else (min(1, len(ys) - 1), max(len(ys), 2)))
    quiet_axis(ax, ys, whole=not along)
    ax.set_xlabel("α, from the baseline (0) to the input (1)" if along else "k", labelpad=2)
    return None


def label_axis(ax: Axes, context: Context) -> None:
    """The formula of the curve along its y axis, where it fits."""
    w, h = size_of(ax)
    measured = words.formula_size(context.formula, 10) if context.formula else None
    if measured and measured[0] < h - 0.36:
        middle = 1 - (0.08 + (h - 0.44) / 2) / h
        place = ax.get_position()
        ax.figure.text(
            place.x0 + (0.03 + measured[1] / 2) / w * place.width,
            place.y0 + middle * place.height,
            f"${context.formula}$",
            fontsize=10,
            color=context.colours["soft"],
            rotation=90,
            ha="center",
            va="center",
        )


def quiet_axis(ax: Axes, ys: np.ndarray, whole: bool) -> None:
    """A few numbers along y over hairlines, and room above and below the values."""
    low, high = float(np.min(ys)), float(np.max(ys))
    size = max(abs(low), abs(high))
    pad = 0.08 * (high - low) if high - low > 1e-5 * size else 0.5 * size or 1.0  # rounding is no variation
    low, high = low - pad, high + pad
    ax.set_ylim(low, high)
    n = max(1, min(5, int(size_of(ax)[1] / 0.3)))
    ticks_at(ax.yaxis, MaxNLocator(n, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high), (low, high))
    left, right = ax.get_xlim()
    along = MaxNLocator(6, steps=[1, 2, 5, 10], integer=whole).tick_values(left, right)
    ticks_at(ax.xaxis, along, (left, right))
    ax.grid(axis="y")
    ax.spines["left"].set_visible(False)
    ax.tick_params(length=0, pad=4)


def ticks_at(axis: Any, places: np.ndarray, within: tuple[float, float]) -> None:
    """Numbers at those of the places that lie within."""
    low, high = within
    inside = [p for p in places if low <= p <= high]
    axis.set_ticks(inside, labels=[words.number(0 if abs(p) < 1e-9 * (high - low) else p) for p in inside])


def bars(ax: Axes, values: np.ndarray, context: Context) -> Scale | None:
    """A feature vector: a bar a feature, the largest on top with its value; blue for, orange against."""
    values = np.atleast_1d(values)
    w, h = in_inches(ax)
    order = np.argsort(-np.abs(values), kind="stable")
    n = min(len(values), context.bars, max(1, int((h - 0.2) / 0.19)))
    signed, pitch = bool((values < 0).any()), min(0.27, (h - 0.2) / n)
    names = {k: words.shorten(name_of(k, len(values), context), 0.44 * w, TINY) for k in order[:n]}
    more = f"and {len(values) - n} more" if n < len(values) else ""
    left = 0.12 + max(words.width(name, TINY) for name in [*names.values(), more])
    right = 0.1 + max(words.width(words.number(values[k], sign=signed), TINY) for k in names)
    room = w - left - right - (right if signed else 0)
    zero = left + (right + room * _share(values) if signed else 0.0)
    per_inch = room / ((values.max(initial=0) - values.min(initial=0)) or 1.0)
    for row, (k, name) in enumerate(names.items()):
        y, v = (row + 0.5) * pitch, float(values[k])
        note(ax, left - 0.1, y, name, context, ha="right", va="center_baseline", color=context.colours["ink"])
        bar(ax, (zero, y), v * per_inch, 0.64 * pitch, words.number(v, sign=signed), context)
    ax.plot([zero, zero], [0, n * pitch], color=context.colours["line"], lw=0.8, zorder=0)
    note(ax, left - 0.1, n * pitch + 0.14, more, context, ha="right", va="baseline")
    ax.set(xlim=(0, w), ylim=(h, 0))
    return None


def name_of(k: int, n: int, context: Context) -> str:
    """What input k of n is called."""
    return context.names[k].strip() if context.names and len(context.names) == n else f"feature {k}"


def named_bars(ax: Axes, values: dict[str, np.ndarray], context: Context) -> Scale | None:
    """A number for each name, in their order, the last on top; blue above zero, orange below."""
    w, h = in_inches(ax)
    names = [list(values)[k] for k in shown(len(values), max(1, int(h / 0.19)))][::-1]
    numbers = np.array([float(values[name]) for name in names])
    signed, pitch = bool((numbers < 0).any()), min(0.27, h / len(names))
    left = 0.12 + min(2.4, max(words.width(name.removeprefix("model."), TINY) for name in names))
    right = 0.1 + max(words.width(words.number(v, sign=signed), TINY) for v in numbers)
    room = w - left - right - (right if signed else 0)
    zero = left + (right + room * _share(numbers) if signed else 0.0)
    per_inch = room / ((numbers.max(initial=0) - numbers.min(initial=0)) or 1.0)
    for row, (name, v) in enumerate(zip(names, numbers, strict=True)):
        y, label = (row + 0.5) * pitch, words.shorten(name.removeprefix("model."), left - 0.1, TINY)
        ink = context.colours["ink"]
        note(ax, left - 0.1, y, label, context, ha="right", va="center_baseline", color=ink)
        bar(ax, (zero, y), v * per_inch, 0.64 * pitch, words.number(v, sign=signed), context)
    ax.plot([zero, zero], [0, len(names) * pitch], color=context.colours["line"], lw=0.8, zorder=0)
    ax.set(xlim=(0, w), ylim=(h, 0))
    return None


def bar(ax: Axes, at: tuple[float, float], length: float, thick: float, label: str, context: Context) -> None:
    """One bar from zero, to the right in blue or to the left in orange, with its label at its end."""
    (zero, y), ahead = at, length >= 0
    colour = context.colours["accent" if ahead else "warm"]
    ax.add_patch(rectangle(zero, y - thick / 2, length, thick, fc=colour))
    end, side = zero + length + (0.06 if ahead else -0.06), "left" if ahead else "right"
    note(ax, end, y, label, context, va="center_baseline", ha=side)


def _share(values: np.ndarray) -> float:
    """How much of the width lies left of zero."""
    low, high = -values.min(initial=0), values.max(initial=0)
    return float(low / ((low + high) or 1.0))


@paints("scalar")
def scalar(ax: Axes, value: Any, context: Context) -> Scale | None:
    """A number, large."""
    in_inches(ax)
    text = words.number(array(value).ravel()[0], digits=4)
    note(ax, 0, 0.24, text, context, fontsize=15, color=context.colours["accent"], fontweight="bold")
    return None


@paints("matrix")
def matrix(ax: Axes, value: Any, context: Context) -> Scale | None:
    """Numbers (rows, columns), for and against nothing."""
    return grid(ax, value, replace(context, ends=("", "")), "column")


def grid(ax: Axes, value: Any, context: Context, across: str = "feature") -> Scale | None:
    """Numbers (rows, columns) as a grid of colours, the first row on top."""
    values = np.atleast_2d(array(value))
    w, h = in_inches(ax)
    scale = context.scale(values)
    rows, columns = values.shape
    left, bottom = 0.68, 0.34
    gw, gh = min(w - left, columns * 0.6), min(h - bottom, rows * 0.3)
    colours = scale.colours(values, context.dark)
    ax.imshow(colours, extent=(left, left + gw, gh, 0), aspect="auto", interpolation="nearest")
    ax.add_patch(rectangle(left, 0, gw, gh, fill=False, lw=0.8, ec=context.colours["line"], clip_on=False))
    places = shown(rows, max(1, min(4, int(gh / 0.17))))
    for k, label in zip(places, row_labels(places, rows, context), strict=True):
        y = np.clip((k + 0.5) / rows * gh, 0.07, max(0.07, gh - 0.07))
        note(ax, left - 0.07, y, label, context, ha="right", va="center")
    named = context.names if context.names and len(context.names) == columns else None
    below = shown(columns, max(1, min(10, int(gw / (0.8 if named else 0.4)))))
    apart = min([b - a for a, b in itertools.pairwise(below)], default=columns) * gw / columns
    for k in below:
        label = words.shorten(named[k].strip(), max(0.3, apart - 0.06), TINY) if named else str(k)
        note(ax, left + (k + 0.5) / columns * gw, gh + 0.15, label, context, ha="center", va="baseline")
    if named is None:
        note(ax, left, gh + 0.31, across, context, ha="left", va="baseline")
    ax.set(xlim=(0, w), ylim=(h, 0))
    return scale
