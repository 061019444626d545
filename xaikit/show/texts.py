"""Painters of texts: the pieces of a text in lines, each in the colour of its value, and plain words."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from . import words
from .context import SMALL, Context, note, paints, rectangle
from .scales import Scale, array
from .sheet import in_inches

LINE, GAP, INSIDE = 0.3, 0.05, 0.05  # inches: a line of pieces, between two of them, and around their words


def lines_of(pieces: list[str], room: float) -> list[list[tuple[float, float, int]]]:
    """Where the pieces stand: for each line (left edge, width, number of the piece), in inches."""
    lines: list[list[tuple[float, float, int]]] = [[]]
    x = 0.0
    for k, piece in enumerate(pieces):
        wide = min(room, words.width(words.printable(piece.strip()) or "·", SMALL) + 2 * INSIDE)
        if x + wide > room and lines[-1]:
            lines.append([])
            x = 0.0
        lines[-1].append((x, wide, k))
        x += wide + GAP
    return lines


def tokens_height(pieces: list[str], room: float, most: float) -> float:
    """How high the pieces stand in a column `room` wide, at most so high."""
    return min(most, LINE * len(lines_of(pieces, room)) + 0.02)


@paints("tokens")
def tokens(ax: Axes, value: Any, context: Context) -> Scale | None:
    """The pieces of a text, each in a frame."""
    return coloured(ax, [str(piece) for piece in value], None, context)


def coloured(ax: Axes, pieces: list[str], values: np.ndarray | None, context: Context) -> Scale | None:
    """The pieces of a text in lines; with values each in the colour of its own."""
    w, h = in_inches(ax)
    scale = None if values is None else context.scale(values)
    fills = None if values is None or scale is None else scale.colours(values[None], context.dark)[0]
    shown = lines_of(pieces, w)[: max(1, int((h + 0.02) / LINE))]
    for row, line in enumerate(shown):
        for x, wide, k in line:
            fill = {"fc": fills[k]} if fills is not None else {"fill": False}
            y = row * LINE
            frame = rectangle(x, y, wide, LINE - GAP, ec=context.colours["line"], lw=0.8, **fill)
            ax.add_patch(frame)
            ink = context.colours["ink"] if fills is None else ink_on(fills[k])
            word = words.shorten(pieces[k].strip(), wide - INSIDE, SMALL)
            place = (x + wide / 2, y + (LINE - GAP) / 2)
            note(ax, *place, word, context, ha="center", va="center", fontsize=SMALL, color=ink)
    left = len(pieces) - sum(map(len, shown))
    if left:
        last = shown[-1][-1]
        note(ax, min(w, last[0] + last[1] + 0.08), len(shown) * LINE - 0.12, f"+ {left}", context)
    return scale


def ink_on(fill: np.ndarray) -> str:
    """Black or white, whichever stands out more on a colour: always 4.5 to 1 at least (WCAG 2)."""
    channels = np.asarray(fill[:3], float)
    light = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(light @ [0.2126, 0.7152, 0.0722])
    return "#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"


@paints("text")
def text(ax: Axes, value: Any, context: Context) -> Scale | None:
    """Words, wrapped; of several texts some, one a line."""
    w, h = in_inches(ax)
    room = max(1, int(h / 0.19))
    if isinstance(value, str):
        lines = words.wrap(value, w, SMALL, lines=room)
    else:
        some = value[:room] if isinstance(value, (list, tuple)) else value[slice(0, room)]
        lines = [words.shorten(str(line) or "(nothing is left)", w, SMALL) for line in some]
    for k, line in enumerate(lines):
        note(ax, 0, 0.15 + 0.19 * k, line, context, fontsize=SMALL, color=context.colours["ink"])
    return None


def is_of_text(values: Any, context: Context) -> bool:
    """Whether these are one number for each piece of the text that is explained."""
    return context.text and context.names is not None and array(values).shape == (len(context.names),)
