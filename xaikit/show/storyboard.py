"""The storyboard: every step of an explanation, with its formula, its picture and its numbers.

Three columns: words, picture, colour scale. The page is planned first (how high is each row?) and drawn then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import matplotlib as mpl
import numpy as np

from ..core.explanation import Explanation
from ..core.steps import Check
from . import palette, words
from .painters import LABEL, Context, frame_height, layers_height, paint, proportion
from .parts import colour_bar, draw_prediction, draw_sides, small_print, verdict
from .prepare import Shown, context_of, cost_of, numbers_of, shown_steps
from .scales import dims_of, fits_over, is_picture
from .sheet import Figure, Sheet, formula_height
from .texts import is_of_text, tokens_height

TINY, SMALL, TEXT, HEADING = (palette.SIZES[name] for name in ("tiny", "small", "text", "heading"))
MARGIN, WORDS, GUTTER, SCALE = 0.35, 2.5, 0.25, 0.85  # inches: the margin and the columns beside the picture
LINE, PAD = 0.19, 0.2  # inches: a line of small type, and the air above and below a row


@dataclass(frozen=True)
class Columns:
    """Where the three columns begin, and how wide the picture is."""

    width: float

    @property
    def picture(self) -> float:
        """Left edge of the pictures."""
        return MARGIN + WORDS + GUTTER

    @property
    def room(self) -> float:
        """Width of the pictures."""
        return self.scale - 0.15 - self.picture

    @property
    def scale(self) -> float:
        """Left edge of the colour scales."""
        return self.width - MARGIN - SCALE


def plot_steps(
    explanation: Explanation,
    *,
    steps: Sequence[str] | None = None,  # the names of those to show; None: all
    dark: bool = False,
    width: float = 9.0,  # inches, 100 dots each; 7 or more
) -> Figure:
    """Every step with its formula, note, picture and numbers, then what was checked and what it cost."""
    ready = shown_steps(explanation, steps)
    columns = Columns(max(7.0, float(width)))
    context = context_of(explanation, dark=dark, bars=8)
    heights = [max(words_height(s), picture_height(s, context, columns.room)) + 2 * PAD for s in ready]
    top, bottom = head_height(explanation, context, columns), foot_height(explanation)
    with mpl.rc_context(palette.style(dark)):
        sheet = Sheet(columns.width, top + sum(heights) + bottom, dark)
        draw_head(sheet, explanation, context, columns)
        y = top
        for k, (shown, height) in enumerate(zip(ready, heights, strict=True)):
            sheet.line(MARGIN, columns.width - MARGIN, y)
            draw_words(sheet, k + 1, shown, y + PAD)
            draw_picture(sheet, shown, context, columns, y + PAD, height - 2 * PAD)
            y += height
        draw_foot(sheet, explanation, context, columns, y)
    return sheet.figure


# The head -------------------------------------------------------------------------------------------------


def head_room(context: Context, columns: Columns) -> float:
    """Width of the words in the head; a picture of the input stands to their right."""
    return columns.width - 2 * MARGIN - (thumbnail(context)[0] + GUTTER if is_picture(context.x) else 0)


def thumbnail(context: Context) -> tuple[float, float]:
    """Width and height of the input in the head."""
    ratio = proportion(*context.x.shape[-2:])
    w = min(1.9, 1.4 * ratio)
    return w, w / ratio


def head_height(explanation: Explanation, context: Context, columns: Columns) -> float:
    """Title, question, formula and prediction, or the picture if it is higher."""
    about, room = explanation.about, head_room(context, columns)
    height = 0.6
    if about:
        height += 0.21 * len(words.wrap(about.question, room, TEXT, lines=2))
        height += 0.16 + formula_height(about.formula, room, 13)
    if explanation.prediction is not None:
        height += 0.34
    picture = thumbnail(context)[1] + 2 * MARGIN if is_picture(context.x) else 0
    return max(height + 0.25, picture)


def draw_head(sheet: Sheet, explanation: Explanation, context: Context, columns: Columns) -> None:
    """What the method asks, how it answers, and what the model says about the input."""
    room = head_room(context, columns)
    if is_picture(context.x):
        w, h = thumbnail(context)
        paint(sheet.axes(columns.width - MARGIN - w, MARGIN, w, h), "image", context.x, context)
    sheet.text(
        MARGIN, 0.52, words.shorten(explanation.title, room, HEADING + 3, True), HEADING + 3, bold=True
    )
    y, about = 0.6, explanation.about
    if about:
        for line in words.wrap(about.question, room, TEXT, lines=2):
            y += 0.21
            sheet.text(MARGIN, y, line, TEXT, "soft")
        y += 0.16
        y += sheet.formula(MARGIN, y, about.formula, room, 13) if about.formula else 0
    draw_prediction(sheet, explanation, MARGIN, y + 0.3, room)


# A row ----------------------------------------------------------------------------------------------------


def words_height(shown: Shown) -> float:
    """How high the words of a step stand: its name, its note, its formula, its numbers."""
    height = 0.16 + LINE * len(note_lines(shown)) + 0.02
    if shown.step.formula:
        height += 0.12 + formula_height(shown.step.formula, WORDS - 0.28, 12)
    return height + 0.1 + 0.17 * len(numbers_of(shown))


def note_lines(shown: Shown) -> list[str]:
    """The note, wrapped."""
    return words.wrap(shown.step.note, WORDS - 0.28, SMALL, lines=2)


def draw_words(sheet: Sheet, k: int, shown: Shown, y: float) -> None:
    """The left column."""
    sheet.text(MARGIN, y + 0.13, str(k), TEXT, "accent", bold=True)
    name = words.shorten(shown.step.name.replace("_", " "), WORDS - 0.28, TEXT, True)
    sheet.text(MARGIN + 0.28, y + 0.13, name, TEXT, bold=True)
    y += 0.16
    for line in note_lines(shown):
        y += LINE
        sheet.text(MARGIN + 0.28, y - 0.02, line, SMALL, "soft")
    if shown.step.formula:
        y += 0.12
        y += sheet.formula(MARGIN + 0.28, y, shown.step.formula, WORDS - 0.28, 12)
    y += 0.1
    for line in numbers_of(shown):
        y += 0.17
        sheet.text(MARGIN + 0.28, y - 0.03, words.shorten(line, WORDS - 0.28, TINY), TINY, "soft")


def picture_height(shown: Shown, context: Context, room: float) -> float:
    """How high the picture of a step stands in a column `room` wide."""
    value, kind = shown.value, shown.kind
    dims = dims_of(value)
    if kind == "tokens" or (kind == "heatmap" and dims == 1 and is_of_text(value, context)):
        return tokens_height(list(value if kind == "tokens" else context.names or ()), room, 2.0)
    if kind in ("image", "heatmap", "segments") and dims >= 2:
        pair = kind == "heatmap" and fits_over(value, context.x)
        return frame_height(kind, value, context, room, 2.4 if pair else 1.4) + LABEL
    if kind in ("images", "heatmaps", "masks", "segments") and dims >= 3:
        return frame_height(kind, value, context, room, 1.3) + LABEL
    if dims == 2:
        return min(1.3, 0.3 * len(value)) + 0.36
    if kind in ("image", "heatmap"):
        return 0.22 * min(context.bars, max(1, np.size(value))) + 0.22
    if kind == "layers":
        return layers_height(value, room)
    return {"curve": 1.3, "scalar": 0.34, "text": 0.8}.get(kind, 1.6)


def draw_picture(
    sheet: Sheet, shown: Shown, context: Context, columns: Columns, y: float, height: float
) -> None:
    """The middle column, and its colour scale in the right one."""
    tall = picture_height(shown, context, columns.room)
    context = replace(context, limit=shown.limit, ends=shown.ends, formula=shown.step.formula)
    beyond = (
        SCALE + 0.1 if shown.kind == "curve" else 0
    )  # its last number stands where others have their scale
    ax = sheet.axes(columns.picture, y, columns.room + beyond, tall)
    scale = paint(ax, shown.kind, shown.value, context)
    if scale is not None:
        labelled = LABEL if shown.kind in ("heatmap", "heatmaps") and dims_of(shown.value) >= 3 else 0.36
        bar = sheet.axes(columns.scale, y, SCALE, max(0.62, tall - labelled))
        colour_bar(bar, scale, context, "" if shown.like is None else f"as in step {shown.like + 1}")


# The foot -------------------------------------------------------------------------------------------------


def foot_height(explanation: Explanation) -> float:
    """The checks, the cost, and how the maps are drawn."""
    return 0.3 + 0.74 * len(explanation.checks) + 0.75


def draw_foot(sheet: Sheet, explanation: Explanation, context: Context, columns: Columns, y: float) -> None:
    """What was checked, what it cost, and a line about the maps."""
    sheet.line(MARGIN, columns.width - MARGIN, y, "soft")
    y += 0.3
    for check in explanation.checks:
        draw_check(sheet, check, columns, y)
        y += 0.74
    sheet.text(MARGIN, y + 0.1, "Cost", SMALL, bold=True)
    sheet.text(columns.picture, y + 0.1, cost_of(explanation), SMALL, "soft")
    for k, line in enumerate(
        words.wrap(small_print(explanation, context.cells), columns.width - 2 * MARGIN, TINY, lines=2)
    ):
        sheet.text(MARGIN, y + 0.42 + 0.17 * k, line, TINY, "soft")


def draw_check(sheet: Sheet, check: Check, columns: Columns, y: float) -> None:
    """Its name and formula, both sides as bars from one zero, and whether they agree."""
    name = words.shorten(check.name.replace("_", " "), WORDS, TEXT, True)
    sheet.text(MARGIN, y + 0.12, name[:1].upper() + name[1:], TEXT, bold=True)
    if check.formula:
        sheet.formula(MARGIN, y + 0.22, check.formula, WORDS, 11)
    said, colour = verdict(check)
    sides_room = columns.room * 0.62
    ax = sheet.axes(columns.picture, y, sides_room, 0.4)
    draw_sides(ax, check, sheet.colours, colour)
    x = columns.picture + sides_room + 0.15
    sheet.text(x, y + 0.14, said, TEXT, colour, bold=True)
    apart = f"{words.number(check.difference, sign=True)} apart"
    apart = f"at most {words.number(check.other)}" if check.bounded else apart
    sheet.text(x, y + 0.34, apart, TINY, "soft")
