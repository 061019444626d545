"""Colours and sizes, read from tokens.json: the widgets, the static pages and these figures share them.

Signed values are blue where they speak for the target, orange where they speak against it; magnitudes are on
cividis from zero; categories are those of Okabe and Ito. All three survive colour blindness.
"""

import functools
import json
import re
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap

TOKENS: dict[str, Any] = json.loads(Path(__file__).with_name("tokens.json").read_text(encoding="utf-8"))

#: Okabe and Ito's colours for things without an order.
CATEGORIES: tuple[str, ...] = tuple(TOKENS["categories"])

#: Type sizes in points, for figures that are shown at 100 dots an inch (the tokens are CSS pixels).
SIZES = {name: TOKENS["size"][name] * 0.72 for name in ("text", "small", "tiny", "heading")}


def colours(dark: bool = False) -> dict[str, str]:
    """The named colours of a theme: bg, ink, soft, line, panel, accent, warm, good, bad, on_accent."""
    return TOKENS["dark" if dark else "light"]


@functools.cache
def diverging(dark: bool = False) -> LinearSegmentedColormap:
    """Orange to blue for values from −limit to +limit; the neutral colour in the middle stands for zero."""
    stops = TOKENS["diverging"]["dark" if dark else "light"]
    return LinearSegmentedColormap.from_list("xaikit_diverging", stops, N=257)  # odd: zero has its own entry


@functools.cache
def magnitude() -> LinearSegmentedColormap:
    """Cividis for values from 0 to a limit."""
    return LinearSegmentedColormap.from_list("xaikit_magnitude", TOKENS["magnitude"], N=256)


def category(k: int, dark: bool = False) -> str:
    """The k-th colour of the categories, over and over; black gives way to the ink of the theme."""
    colour = CATEGORIES[k % len(CATEGORIES)]
    return colours(dark)["ink"] if colour == "#000000" else colour


@functools.cache
def _defaults() -> dict[str, Any]:
    """Matplotlib's own settings, so that a style of the user does not reach into our figures."""
    ours = re.compile(r"(axes|figure|font|grid|image|lines|mathtext|patch|path|savefig|text|[xy]tick)\.")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # settings that are on their way out warn when they are read
        return {name: mpl.rcParamsDefault[name] for name in mpl.rcParamsDefault if ours.match(name)}


def style(dark: bool = False) -> dict[str, Any]:
    """Settings for `matplotlib.rc_context`: fonts, sizes and colours of every figure here."""
    c = colours(dark)
    return {
        **_defaults(),
        "font.family": ["DejaVu Sans"],
        "font.size": SIZES["small"],
        "mathtext.fontset": "stix",
        "figure.facecolor": c["bg"],
        "axes.facecolor": c["bg"],
        "axes.edgecolor": c["line"],
        "axes.labelcolor": c["soft"],
        "axes.labelsize": SIZES["tiny"],
        "axes.linewidth": 0.8,
        "axes.axisbelow": True,
        "axes.grid": False,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "text.color": c["ink"],
        "xtick.color": c["line"],
        "ytick.color": c["line"],
        "xtick.labelcolor": c["soft"],
        "ytick.labelcolor": c["soft"],
        "xtick.labelsize": SIZES["tiny"],
        "ytick.labelsize": SIZES["tiny"],
        "lines.linewidth": 1.8,
        "grid.color": c["line"],
        "grid.linewidth": 0.8,
    }
