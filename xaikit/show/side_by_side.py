"""Several explanations of one picture side by side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import matplotlib as mpl
import numpy as np

from ..core.errors import InputError
from ..core.explanation import Explanation
from . import palette, words
from .figure import BETWEEN, MARGIN, SMALL, TINY, WIDTH
from .painters import Context, image, kind_of, over_input, paint, proportion, strip
from .parts import draw_prediction, level_bar, verdict
from .prepare import context_of, plain, prediction_of
from .scales import array, fits_over, is_picture, one_a_pixel, pooled
from .sheet import Figure, Sheet
from .texts import tokens_height


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
