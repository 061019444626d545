"""One painter for each kind of value: `PAINTERS[kind](ax, value, context)` draws it into the axes given.

A painter gives back the `Scale` of its colours, which the caller draws beside it, or None. Strips and tables
use the axes as a piece of paper in inches, so that type and gaps have one size in every figure.
Curves, bars and matrices are painted in charts.py, texts in texts.py, points and graphs in their own files.
"""

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from ..core.stack import Derived
from . import graph as _graph  # noqa: F401 (it registers its painter)
from . import palette, words
from . import points as _points  # noqa: F401
from .charts import bars, grid, named_bars
from .context import (
    PAINTERS,
    TINY,
    Context,
    kind_of,
    note,
    paint,
    paints,
    rectangle,
    row_labels,
    shown,
)
from .scales import Scale, array, blocks, fits_over, one_a_pixel, pooled, rgb
from .sheet import in_inches
from .texts import coloured, is_of_text, text

__all__ = ["PAINTERS", "Context", "kind_of", "paint"]

LABEL, GAP = 0.2, 0.07  # inches under a frame for its label, and between two frames
ROWS = 200  # of a matrix
LAYERS = 6  # so many segmentations side by side


# Pictures -------------------------------------------------------------------------------------------------


def proportion(height: int, width: int) -> float:
    """Width by height of a frame; what is very long is squeezed until it can be read."""
    return float(np.clip(width / height, 0.4, 3.0))


def frame_height(kind: str, value: Any, context: Context, room: float, most: float) -> float:
    """How high the frames of a picture or a stack stand in a column `room` wide, at most so high."""
    if kind in ("images", "heatmaps", "masks"):
        n = min(context.frames, len(value))
    elif kind == "segments" and value.ndim == 3:
        n = min(LAYERS, len(value))
    else:
        n = 2 if kind == "heatmap" and context.overlay and fits_over(value, context.x) else 1
    ratio = proportion(*value.shape[-2:])
    return min(most, (room - GAP * (n - 1)) / n / ratio)


def strip(
    ax: Axes,
    frames: list[np.ndarray],
    labels: list[str],
    context: Context,
    shape: tuple[int, ...] = (),  # height and width before pixels were averaged
) -> None:
    """RGB pictures side by side from the left, as large as the axes allow, each over its label."""
    w, h = in_inches(ax)
    ratio = proportion(*(shape or frames[0].shape)[:2])
    room = LABEL if any(labels) else 0.0
    fw = min((w - GAP * (len(frames) - 1)) / len(frames), (h - room) * ratio)
    fh = fw / ratio
    for k, (frame, label) in enumerate(zip(frames, labels, strict=True)):
        x = k * (fw + GAP)
        smooth = max(frame.shape[:2]) > 100 * max(fw, fh) / 1.9  # hard pixels where each has two dots or more
        ax.imshow(
            frame, extent=(x, x + fw, fh, 0), aspect="auto", interpolation="auto" if smooth else "nearest"
        )
        border = {"fill": False, "lw": 0.8, "ec": context.colours["line"], "clip_on": False}
        ax.add_patch(rectangle(x, 0, fw, fh, **border))
        note(
            ax,
            x + fw / 2,
            fh + 0.14,
            words.shorten(label, fw + GAP / 2, TINY),
            context,
            ha="center",
            va="baseline",
        )
    ax.set(xlim=(0, w), ylim=(h, 0))


@paints("image")
def image(ax: Axes, value: Any, context: Context) -> Scale | None:
    """A picture (C, H, W) or (H, W); a feature vector as bars."""
    picture = array(value)
    if picture.ndim < 2:
        return bars(ax, picture, context)
    strip(ax, [rgb(picture)], [""], context)
    return None


@paints("images", "masks")
def images(ax: Axes, value: Any, context: Context) -> Scale | None:
    """Some of n pictures, or all n feature vectors as rows of a matrix."""
    if len(value.shape) < 3:
        some = value[shown(len(value), ROWS)] if isinstance(value, Derived) else value
        return grid(ax, some, replace(context, limit=None, ends=("", "")))
    places = shown(len(value), context.frames)
    frames = array(value[places])
    frames = frames[:, 0] if frames.ndim == 5 else frames  # of a batch that was changed the first picture
    strip(ax, [rgb(frame) for frame in frames], row_labels(places, len(value), context), context)
    return None


@paints("heatmap")
def heatmap(ax: Axes, value: Any, context: Context) -> Scale | None:
    """A map (C, H, W) or (H, W), beside itself over the greyed input; a feature vector as bars."""
    values = array(value)
    if is_of_text(values, context):
        return coloured(ax, list(context.names or ()), values, context)
    if values.ndim < 2:
        return bars(ax, values, context)
    values = pooled(one_a_pixel(values), context.cells)
    scale = context.scale(values)
    frames, labels = [scale.colours(values, context.dark)], [""]
    if context.overlay and fits_over(array(value), context.x):
        frames.append(over_input(values, scale, context))
        labels = ["the values", "over the input"]
    strip(ax, frames, labels, context, array(value).shape[-2:])
    return scale


def over_input(values: np.ndarray, scale: Scale, context: Context) -> np.ndarray:
    """A map over the greyed input, which keeps all its pixels."""
    picture = rgb(context.x)
    down, across = blocks(picture[..., 0], context.cells)
    fine = values.repeat(down, 0).repeat(across, 1)[: picture.shape[0], : picture.shape[1]]
    return scale.over(fine, picture, context.dark)


@paints("heatmaps")
def heatmaps(ax: Axes, value: Any, context: Context) -> Scale | None:
    """Some of n maps on one scale, or n feature vectors as rows of a matrix."""
    stack = array(value)
    if stack.ndim < 3:
        return grid(ax, stack, context)
    maps = pooled(one_a_pixel(stack) if stack.ndim > 3 else stack, context.cells)
    scale = context.scale(maps)
    places = shown(len(maps), context.frames)
    frames = [scale.colours(maps[k], context.dark) for k in places]
    strip(ax, frames, row_labels(places, len(maps), context), context, stack.shape[-2:])
    return scale


@paints("segments")
def segments(ax: Axes, value: Any, context: Context) -> Scale | None:
    """Regions (H, W) by number, or layers of them (n, H, W)."""
    layers = array(value)
    layers = layers[None] if layers.ndim == 2 else layers
    places = shown(len(layers), LAYERS)
    labels = [f"{len(np.unique(layers[k]))} regions" for k in places]
    strip(ax, [coloured_regions(layers[k], context.colours["bg"]) for k in places], labels, context)
    return None


def coloured_regions(numbers: np.ndarray, edge: str) -> np.ndarray:
    """Regions (H, W) by number as RGB, each in a colour, with a line where two of them meet."""
    numbers = numbers.astype(int)
    wheel = np.array([to_rgb(palette.category(k)) for k in range(7)])
    picture = wheel[numbers % len(wheel)]
    meet = np.zeros(numbers.shape, bool)
    meet[:-1] |= numbers[:-1] != numbers[1:]
    meet[:, :-1] |= numbers[:, :-1] != numbers[:, 1:]
    if max(numbers.shape) > 32:  # in a very small picture a line would cover the regions
        picture[meet] = to_rgb(edge)
    return picture


@paints("layers")
def layers(ax: Axes, value: Any, context: Context) -> Scale | None:
    """Something of every layer by its name: bars of numbers, or some maps, each on a scale of its own."""
    if not value:
        return text(ax, "none in this network", context)
    arrays = {name: array(v) for name, v in value.items()}
    if all(a.ndim == 0 for a in arrays.values()):
        return named_bars(ax, arrays, context)
    names = [list(arrays)[k] for k in shown(len(arrays), LAYERS)]
    maps = [one_map(arrays[name]) for name in names]
    frames = [context.scale(m).colours(m, context.dark) for m in maps]
    strip(ax, frames, [name.removeprefix("model.") for name in names], context, maps[0].shape)
    return None


def layers_height(value: Any, room: float) -> float:
    """How high the layers stand in a column `room` wide."""
    arrays = [array(v) for v in value.values()]
    if not arrays:
        return LABEL
    if all(a.ndim == 0 for a in arrays):
        return min(3.4, 0.2 * len(arrays) + 0.05)
    n = min(LAYERS, len(arrays))
    return min(1.3, (room - GAP * (n - 1)) / n / proportion(*one_map(arrays[0]).shape)) + LABEL


def one_map(value: np.ndarray) -> np.ndarray:
    """What a layer has as one map: summed over channels, pairs side by side, a row as a square."""
    if value.ndim == 4:
        pair = value.sum(1)
        gap = np.zeros((pair.shape[1], max(1, pair.shape[2] // 24)), pair.dtype)
        return np.concatenate([part for one in pair for part in (gap, one)][1:], 1)
    if value.ndim == 3:
        return value.sum(0)
    row = value.ravel()
    side = int(np.ceil(np.sqrt(len(row))))
    return np.pad(row, (0, side * -(-len(row) // side) - len(row))).reshape(-1, side)


# Words ----------------------------------------------------------------------------------------------------


@paints("table")
def table(ax: Axes, value: Any, context: Context) -> Scale | None:
    """The first rows and columns of a table, its headings in bold over a hairline."""
    w, h = in_inches(ax)
    headings, rows = cells_of(value)
    shown_rows = rows[: max(1, int((h - 0.5) / 0.19))]
    shown_columns = min(len(headings), max(1, int(w / 0.85)))
    pitches = column_widths([headings, *shown_rows], shown_columns, w)
    for j, pitch in enumerate(pitches):
        for i, row in enumerate([headings, *shown_rows]):
            colour, weight = ("ink", "bold") if i == 0 else ("soft", "normal")
            cell = words.shorten(row[j], pitch - 0.1, TINY, bold=i == 0)
            y = 0.14 + 0.19 * i + (0.05 if i else 0)
            note(ax, sum(pitches[:j]), y, cell, context, color=context.colours[colour], fontweight=weight)
    ax.plot([0, sum(pitches)], [0.21, 0.21], color=context.colours["line"], lw=0.8)
    more = [
        f"{n} more {what}"
        for n, what in ((len(rows) - len(shown_rows), "rows"), (len(headings) - shown_columns, "columns"))
        if n > 0
    ]
    if more:
        note(ax, 0, 0.2 + 0.19 * (len(shown_rows) + 1), "and " + ", ".join(more), context)
    ax.set(xlim=(0, w), ylim=(h, 0))
    return None


def column_widths(rows: list[list[str]], n: int, room: float) -> list[float]:
    """As wide as the longest cell of each column; if that is too wide in all, the widest give way."""
    wide = [
        max(words.width(words.printable(row[j])[:60], TINY, bold=True) for row in rows) + 0.25
        for j in range(n)
    ]
    while sum(wide) > room:
        k = wide.index(max(wide))
        wide[k] = max(wide[k] - 0.1, 0.3)
        if max(wide) <= 0.3:
            break
    return wide


def cells_of(value: Any) -> tuple[list[str], list[list[str]]]:
    """Headings and rows, in words, of a data frame, a dict of columns, a list of dicts, or a matrix."""
    if hasattr(value, "columns"):
        value = {str(name): list(value[name]) for name in value.columns}
    elif isinstance(value, (list, tuple)) and value and isinstance(value[0], dict):
        value = {str(name): [row.get(name, "") for row in value] for name in value[0]}
    if isinstance(value, dict):
        columns = [
            list(c) if hasattr(c, "__iter__") and not isinstance(c, str) else [c] for c in value.values()
        ]
        headings, rows = [str(name) for name in value], [list(row) for row in zip(*columns, strict=False)]
    else:
        grid = np.atleast_2d(array(value))
        headings, rows = [str(k) for k in range(grid.shape[1])], grid.tolist()
    return headings or ["(empty)"], [[cell_text(c) for c in row] for row in rows]


def cell_text(cell: Any) -> str:
    """One cell in words: numbers short, everything else as it is."""
    try:
        return words.number(cell) if not isinstance(cell, (str, bool)) else str(cell)
    except (TypeError, ValueError):
        return str(cell)


@paints("explanation")
def explanation(ax: Axes, value: Any, context: Context) -> Scale | None:
    """A method within the method: its result."""
    return paint(ax, kind_of(value.result), value.result, context)
