"""Words and numbers that fit: measured, wrapped and shortened before they are drawn."""

import functools
from typing import Any

import numpy as np
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

FAMILY = "DejaVu Sans"
MINUS = "\N{MINUS SIGN}"


def number(value: float, digits: int = 3, sign: bool = False) -> str:
    """A number to read: `0.0312`, `−4.1e−05`, `12,400`; with `sign` a plus stands before what is positive."""
    value = float(value)
    if not np.isfinite(value):
        return "not a number" if np.isnan(value) else ("∞" if value > 0 else MINUS + "∞")
    size = float(f"{abs(value):.{digits}g}") if abs(value) < 10**digits else abs(value)
    if size == 0:
        return "0"
    if 10**digits <= size < 10**6:
        text = f"{size:,.0f}"
    elif 1e-3 <= size < 10**digits:
        text = f"{size:.{digits}g}"
    else:
        mantissa, exponent = f"{size:.{max(digits - 2, 0)}e}".split("e")
        text = f"{mantissa}e{int(exponent)}".replace("-", MINUS)
    return (MINUS if value < 0 else "+" if sign else "") + text


@functools.cache
def _face() -> Any:
    return font_manager.get_font(font_manager.findfont(FAMILY))


def printable(text: Any) -> str:
    """The text on one line, with a box for every character that the font does not have (emoji, …)."""
    face = _face()
    return "".join(c if face.get_char_index(ord(c)) else "□" for c in " ".join(str(text).split()))


@functools.lru_cache(maxsize=4096)
def width(text: str, size: float, bold: bool = False, math: bool = False) -> float:
    """How wide the text is, in inches."""
    font = FontProperties(
        family=[FAMILY], size=size, weight="bold" if bold else "normal", math_fontfamily="stix"
    )
    return TextToPath().get_text_width_height_descent(text, font, math)[0] / 72 * 1.02


@functools.lru_cache(maxsize=4096)
def formula_size(formula: str, size: float) -> tuple[float, float, float] | None:
    """Width, height and depth of a formula in inches; None if matplotlib cannot read it."""
    font = FontProperties(family=[FAMILY], size=size, math_fontfamily="stix")
    try:
        w, h, d = TextToPath().get_text_width_height_descent(f"${formula}$", font, True)
    except (ValueError, RuntimeError):
        return None
    return w / 72 * 1.02, h / 72, d / 72


def shorten(text: Any, room: float, size: float, bold: bool = False) -> str:
    """The text, with … in place of its end if it is wider than `room` inches."""
    text = printable(text)
    if width(text, size, bold) <= room:
        return text
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(text[:middle] + "…", size, bold) <= room else (low, middle - 1)
    return text[:low].rstrip() + "…"


def wrap(text: Any, room: float, size: float, bold: bool = False, lines: int = 3) -> list[str]:
    """The text in at most so many lines that fit into `room` inches; what is left over ends in …."""
    done: list[str] = []
    line = ""
    words = printable(text).split(" ")
    for k, word in enumerate(words):
        longer = f"{line} {word}".strip()
        if width(longer, size, bold) <= room or not line:
            line = longer
        elif len(done) == lines - 1:
            return [*done, shorten(" ".join([line, *words[k:]]), room, size, bold)]
        else:
            done.append(shorten(line, room, size, bold))
            line = word
    return [*done, shorten(line, room, size, bold)] if line else done


def fit_formula(formula: str, room: float, size: float, smallest: float = 7.0) -> tuple[str, float, bool]:
    """(text, size, is it mathematics): a formula that fits, smaller if it must be, else plain letters."""
    measured = formula_size(formula, size)
    if measured is not None and measured[0] > 0:
        fitting = min(size, size * room / measured[0])
        if fitting >= smallest:
            return f"${formula}$", fitting, True
    plain = min(size, 8.5)
    return shorten(formula, room, plain), plain, False
