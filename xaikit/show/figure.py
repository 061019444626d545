"""Single figures: the result of an explanation, one of its steps, or several explanations side by side."""

from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np

from ..core.explanation import Explanation
from ..core.steps import Check
from . import palette, words
from .painters import (
    LABEL,
    Context,
    frame_height,
    image,
    kind_of,
    layers_height,
    over_input,
    paint,
    proportion,
    strip,
)
from .parts import colour_bar, draw_prediction, small_print, verdict
from .prepare import Shown, context_of, ends_of, known, numbers_of, plain
from .scales import dims_of, fits_over, one_a_pixel, pooled
from .sheet import Figure, Sheet, formula_height
from .texts import is_of_text, tokens_height

TINY, SMALL, TEXT, HEADING = (palette.SIZES[name] for name in ("tiny", "small", "text", "heading"))
WIDTH, MARGIN, SCALE, BETWEEN = 9.0, 0.35, 0.85, 0.18  # inches
ROOM = WIDTH - 2 * MARGIN - SCALE - 0.15  # beside a colour scale


def plot(
    explanation: Explanation,
    step: str | None = None,  # the name of a step, `outer.inner` of one in a nested method; None: the result
    *,
    dark: bool = False,
    overlay: bool = True,  # draw maps over the greyed input too
) -> Figure:
    """The result beside the input and over it, and what was checked; or one step under its formula."""
    outer, _, inner = str(step).partition(".")
    if inner and isinstance(explanation.steps.get(outer) and explanation[outer], Explanation):
        return plot(explanation[outer], inner, dark=dark, overlay=overlay)
    with mpl.rc_context(palette.style(dark)):
        context = context_of(explanation, dark=dark, overlay=overlay, cells=112)
        if step is not None:
            return plot_step(explanation, step, context)
        result = plain(explanation.result)
        if isinstance(result, np.ndarray) and result.ndim >= 2 and fits_over(result, context.x):
            return plot_picture(explanation, result, context)
        return plot_value(explanation, result, context)


# The result -----------------------------------------------------------------------------------------------


def plot_picture(explanation: Explanation, result: np.ndarray, context: Context) -> Figure:
    """Input, attribution, and the attribution over the greyed input."""
    panels = 3 if context.overlay else 2
    ratio = proportion(*context.x.shape[-2:])
    w = min((ROOM - BETWEEN * (panels - 1)) / panels, 3.2 * ratio)
    h, top = w / ratio, 1.22
    sheet = Sheet(WIDTH, top + max(h, 0.8) + foot_height(explanation), context.dark)
    draw_title(sheet, explanation)
    values = pooled(one_a_pixel(result), context.cells)
    scale = context.scale(values)
    pictures = {"Input": None, "Attribution": scale.colours(values, context.dark)}
    if context.overlay:
        pictures["Over the input"] = over_input(values, scale, context)
    x = MARGIN
    for heading, picture in pictures.items():
        sheet.text(x, top - 0.1, words.shorten(heading, w, SMALL), SMALL, "soft")
        ax = sheet.axes(x, top, w, h)
        image(ax, context.x, context) if picture is None else strip(
            ax, [picture], [""], context, result.shape[-2:]
        )
        x += w + BETWEEN
    colour_bar(sheet.axes(x - BETWEEN + 0.15, top, SCALE, max(h, 0.7)), scale, context)
    draw_foot(sheet, explanation, context, top + max(h, 0.8))
    return sheet.figure


def plot_value(explanation: Explanation, result: Any, context: Context) -> Figure:
    """A result that is no picture: bars, a table, a number."""
    last = list(explanation.steps.values())[-1:]
    top, kind = 1.1, last[0].kind if last else kind_of(result)
    height = drawn_height(kind, result, context)
    sheet = Sheet(WIDTH, top + height + foot_height(explanation), context.dark)
    draw_title(sheet, explanation)
    draw_value(sheet, kind, result, context, top, height)
    draw_foot(sheet, explanation, context, top + height)
    return sheet.figure


def drawn_height(kind: str, value: Any, context: Context) -> float:
    """How high a value stands when it is alone on the sheet."""
    dims = dims_of(value)
    if kind == "tokens" or (kind == "heatmap" and dims == 1 and is_of_text(value, context)):
        return tokens_height(list(value if kind == "tokens" else context.names or ()), ROOM, 3.6)
    if kind == "layers":
        return layers_height(value, WIDTH - 2 * MARGIN)
    if kind in ("images", "heatmaps", "masks") and dims >= 3:
        return frame_height(kind, value, context, ROOM, 2.2) + LABEL
    if kind in ("image", "heatmap", "segments") and dims >= 2:
        return frame_height(kind, value, context, ROOM, 3.7) + LABEL
    if kind in ("image", "heatmap"):
        return 0.27 * min(context.bars, max(1, np.size(value))) + 0.25
    if dims == 2:
        return min(3.6, 0.3 * len(value)) + 0.36
    return {"curve": 2.6, "scalar": 0.4, "text": 1.0}.get(kind, 2.8)


def draw_value(sheet: Sheet, kind: str, value: Any, context: Context, y: float, height: float) -> None:
    """A value over the whole width, with its colour scale."""
    wide = kind not in ("images", "heatmaps", "masks", "image", "heatmap") or dims_of(value) < 2
    ax = sheet.axes(MARGIN, y, ROOM + (SCALE + 0.15 if wide else 0), height)
    scale = paint(ax, kind, value, context)
    if scale is not None:
        below = 0.36 if dims_of(value) == 2 and kind != "heatmap" else LABEL
        bar = sheet.axes(WIDTH - MARGIN - SCALE, y, SCALE, max(0.62, height - below))
        colour_bar(bar, scale, context)


def draw_title(sheet: Sheet, explanation: Explanation) -> None:
    """The method, and what it explains."""
    title = words.shorten(explanation.title, WIDTH - 2 * MARGIN, HEADING, True)
    sheet.text(MARGIN, 0.46, title, HEADING, bold=True)
    draw_prediction(sheet, explanation, MARGIN, 0.74, WIDTH - 2 * MARGIN)


def foot_height(explanation: Explanation) -> float:
    """The checks and the small print."""
    picture = getattr(explanation.x, "ndim", 0) >= 3
    return 0.28 + 0.34 * len(explanation.checks) + (0.34 if picture else 0.1)


def draw_foot(sheet: Sheet, explanation: Explanation, context: Context, y: float) -> None:
    """Each check in one line, then how the maps are drawn."""
    y += 0.36
    for check in explanation.checks:
        draw_check(sheet, check, y)
        y += 0.34
    about = words.shorten(small_print(explanation, context.cells), WIDTH - 2 * MARGIN, TINY)
    sheet.text(MARGIN, y, about, TINY, "soft")


def draw_check(sheet: Sheet, check: Check, y: float) -> None:
    """Name, formula, both sides, and whether they agree, from left to right."""
    said, colour = verdict(check)
    sides = f"{words.number(check.left, 4)} {check.sign} {words.number(check.other, 4)}"
    name = words.shorten(check.name.replace("_", " ").capitalize(), 2.2, SMALL, True)
    x = MARGIN
    sheet.text(x, y, name, SMALL, bold=True)
    x += words.width(name, SMALL, True) + 0.15
    room = WIDTH - MARGIN - x - words.width(sides, SMALL, True) - words.width(said, SMALL, True) - 0.5
    if check.formula and words.fit_formula(check.formula, room, 11)[2]:
        text, size, _ = words.fit_formula(check.formula, room, 11)
        sheet.text(x, y, text, size, "soft", math=True)
        x += words.formula_size(check.formula, size)[0] + 0.2
    sheet.text(x, y, sides, SMALL, bold=True)
    sheet.text(x + words.width(sides, SMALL, True) + 0.2, y, said, SMALL, colour, bold=True)


# One step -------------------------------------------------------------------------------------------------


def plot_step(explanation: Explanation, name: str, context: Context) -> Figure:
    """One step: its name and note, its formula, the picture, and its numbers."""
    found = known(explanation, name)
    shown = Shown(found, plain(found.rows))
    cells = 64 if shown.kind == "heatmaps" else context.cells
    context = replace(context, ends=ends_of(found), cells=cells, formula=found.formula)
    room = WIDTH - 2 * MARGIN
    high = formula_height(found.formula, room, 15)
    top, height = 0.72 + (high + 0.16 if high else 0), drawn_height(shown.kind, shown.value, context)
    sheet = Sheet(WIDTH, top + height + 0.6, context.dark)
    title = words.shorten(name.replace("_", " ").replace(".", " · "), room / 2, TEXT, True)
    y = 0.38
    sheet.text(MARGIN, y, title, TEXT, bold=True)
    x = MARGIN + words.width(title, TEXT, True) + 0.15
    sheet.text(x, y, words.shorten(found.note, WIDTH - MARGIN - x, SMALL), SMALL, "soft")
    if found.formula:
        sheet.formula(MARGIN, y + 0.16, found.formula, room, 15)
    draw_value(sheet, shown.kind, shown.value, context, top, height)
    numbers = words.shorten(" · ".join([explanation.title, *numbers_of(shown)]), room, TINY)
    sheet.text(MARGIN, top + height + 0.3, numbers, TINY, "soft")
    return sheet.figure
