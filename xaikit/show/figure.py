"""Single figures: the result of an explanation, one of its steps, or several explanations side by side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np

from ..core.errors import InputError
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
from .parts import colour_bar, draw_prediction, level_bar, small_print, verdict
from .prepare import Shown, context_of, ends_of, known, numbers_of, plain, prediction_of
from .scales import array, dims_of, fits_over, is_picture, one_a_pixel, pooled
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


# Several explanations -------------------------------------------------------------------------------------


def compare(
    explanations: Sequence[Explanation] | Mapping[str, Explanation],  # a mapping gives the titles
    *,
    dark: bool = False,
    overlay: bool = False,  # draw the maps over the greyed input
) -> Figure:
    """Several explanations of one picture side by side, each on a scale of its own, written under it."""
    titled = titles_of(explanations)
    contexts = [context_of(e, dark=dark, overlay=overlay, bars=8) for _, _, e in titled]
    first = contexts[0].x
    one = len({prediction_of(e) for _, _, e in titled}) == 1
    cells = [(*entry, context) for entry, context in zip(titled, contexts, strict=True)]
    if is_picture(first) and all(np.array_equal(c.x, first) for c in contexts):
        cells.insert(0, ("Input", "", None, contexts[0]))
    flat = first is None or first.ndim < 2
    columns = min(3, len(cells)) if flat else columns_for(len(cells))
    w = min(2.6 if is_picture(first) else 4.0, (WIDTH - 2 * MARGIN - BETWEEN * (columns - 1)) / columns)
    h = flat_height(contexts[0], w) if flat else w / proportion(*first.shape[-2:])
    second = 0.18 if any(sub for _, sub, _ in titled) else 0.0
    pitch, rows = h + 0.98 + second, math.ceil(len(cells) / columns)
    with mpl.rc_context(palette.style(dark)):
        width = max(5.5, 2 * MARGIN + columns * w + BETWEEN * (columns - 1))
        sheet = Sheet(width, 0.54 + pitch * rows, dark)
        draw_legend(sheet, titled[0][2] if one else None, any(is_signed(e.result) for _, _, e in titled))
        for k, (title, sub, e, context) in enumerate(cells):
            context = replace(context, cells=int(50 * w))  # two dots a cell
            x, y = MARGIN + k % columns * (w + BETWEEN), 0.78 + k // columns * pitch
            sheet.text(x, y, words.shorten(title, w, SMALL, True), SMALL, bold=True)
            sheet.text(x, y + 0.18, words.shorten(sub, w, TINY), TINY, "soft")
            draw_cell(sheet, e, context, (x, y + 0.1 + second, w, h), said=not one)
    return sheet.figure


def flat_height(context: Context, room: float) -> float:
    """How high the pieces of a text stand, or the bars of a row."""
    names = list(context.names or ())
    if context.text and names:
        return tokens_height(names, room, 2.4)
    return 0.27 * min(8, len(names) or len(context.x)) + 0.25


def columns_for(n: int) -> int:
    """How many cells stand in a row, so that few places stay empty."""
    return n if n <= 5 else next((k for k in (4, 3, 5) if n % k == 0), 4)


def titles_of(explanations: Any) -> list[tuple[str, str, Explanation]]:
    """(title, subtitle, explanation) for each; the subtitle tells explanations by one method apart."""
    if isinstance(explanations, Explanation):
        explanations = [explanations]
    named = isinstance(explanations, Mapping)
    given = list(explanations.values() if named else explanations)
    if not given or not all(isinstance(e, Explanation) for e in given):
        raise InputError("compare takes a list of explanations. Try compare([xk.saliency(model, x), …]).")
    if named:
        return [(str(name), "", e) for name, e in explanations.items()]
    return [(e.title, difference(e, given), e) for e in given]


def difference(explanation: Explanation, others: list[Explanation]) -> str:
    """The parameters in which an explanation differs from others by the same method: `baseline white`."""
    same = [e for e in others if e.method == explanation.method]
    parts = []
    for name, value in explanation.parameters.items():
        if isinstance(value, (str, int, float)) and any(e.parameters.get(name) != value for e in same):
            parts.append(f"{name.replace('_', ' ')} {value}")
    return " · ".join(parts)


def is_signed(result: Any) -> bool:
    """Whether a result has values on both sides of zero, or might have."""
    return not hasattr(result, "min") or bool(result.min() < 0)


def draw_legend(sheet: Sheet, explanation: Explanation | None, signed: bool) -> None:
    """What is explained, and what the two colours mean."""
    ends = ("speaks for", "accent"), ("against", "warm")
    x = sheet.width - MARGIN
    for text, colour in reversed(ends) if signed else ():
        sheet.text(x, 0.36, text, SMALL, colour, bold=True, right=True)
        x -= words.width(text, SMALL, True) + 0.14
    if explanation is not None:
        draw_prediction(sheet, explanation, MARGIN, 0.36, x - MARGIN)


def draw_cell(
    sheet: Sheet,
    explanation: Explanation | None,
    context: Context,
    box: tuple[float, float, float, float],
    said: bool = False,
) -> None:
    """One explanation (or the input): map, scale, and its first check or its prediction."""
    x, y, w, h = box
    ax = sheet.axes(x, y, w, h)
    if explanation is None:
        image(ax, context.x, context)
        return
    scale = draw_map(ax, explanation, context)
    if scale is not None:
        level_bar(sheet.axes(x, y + h + 0.06, w, 0.2), scale, context)
    below = y + h + 0.43
    if said:
        p = explanation.prediction
        sure = "" if p is None or p.probability is None else f", probability {p.probability:.2f}"
        sheet.text(x, below, words.shorten(f"{p.label if p else ''}{sure}", w, TINY), TINY, "soft")
    elif explanation.checks:
        check = explanation.checks[0]
        mark = ("✓ " if check.holds else "✗ ") + check.name.replace("_", " ")
        sheet.text(x, below, words.shorten(mark, w, TINY), TINY, verdict(check)[1])


def draw_map(ax: Any, explanation: Explanation, context: Context) -> Any:
    """The result as one frame: the map alone or over the input."""
    result = plain(explanation.result)
    if not (isinstance(result, np.ndarray) and result.ndim in (2, 3)):
        return paint(ax, kind_of(result), result, context)
    values = pooled(one_a_pixel(array(result)), context.cells)
    scale = context.scale(values)
    over = context.overlay and fits_over(result, context.x)
    frame = over_input(values, scale, context) if over else scale.colours(values, context.dark)
    strip(ax, [frame], [""], context, result.shape[-2:])
    return scale
