"""A graph: nodes as boxes with their values, edges as thick as their weights and coloured by their signs.

A value of this kind is a dict: `nodes` (names), `edges` (from, to, weight), and maybe `values`, one a node.
"""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from . import words
from .context import TINY, Context, note, paints, rectangle
from .scales import Scale, array
from .sheet import in_inches
from .texts import ink_on

WIDEST = 4.0  # points of the strongest edge
HIGH = 0.3  # inches of a box


class Graph(NamedTuple):
    """The nodes by name, where they stand in [0, 1]² (y from the top), their values, and the edges."""

    nodes: list[str]
    places: np.ndarray
    edges: list[tuple[int, int, float]]
    values: np.ndarray | None = None


def graph_of(value: Any) -> Graph:
    """The graph of a dict, laid out in layers: every edge goes down where there is no circle."""
    nodes = [str(name) for name in value["nodes"]]
    edges = [(int(a), int(b), float(weight)) for a, b, weight in value["edges"]]
    values = None if value.get("values") is None else array(value["values"]).astype(float).ravel()
    return Graph(nodes, laid_out(len(nodes), edges), edges, values)


def laid_out(n: int, edges: list[tuple[int, int, float]]) -> np.ndarray:
    """A place for each of n nodes, (n, 2) in [0, 1]: as far down as the longest way to it is long."""
    layer = [0] * n
    for _ in range(n):  # in a circle it stops here
        deeper = [(b, layer[a] + 1) for a, b, _ in edges if a != b and layer[a] + 1 > layer[b]]
        if not deeper:
            break
        for b, depth in deeper:
            layer[b] = min(max(layer[b], depth), n - 1)
    used = sorted(set(layer))
    places = np.zeros((n, 2))
    for row, depth in enumerate(used):
        members = [k for k in range(n) if layer[k] == depth]
        above = {k: [places[a, 0] for a, b, _ in edges if b == k and layer[a] < depth] for k in members}
        members.sort(key=lambda k: np.mean(above[k] or [0.5]))  # under their parents, so that few lines cross
        for place, k in enumerate(members):
            places[k] = (place + 0.5) / len(members), row / max(1, len(used) - 1)
    return places


@paints("graph")
def graph(ax: Axes, value: Any, context: Context) -> Scale | None:
    """Boxes in layers from the top, with lines between them, blue where a weight is positive, else orange."""
    w, h = in_inches(ax)
    nodes, places, edges, values = graph_of(value)
    scale = None if values is None else context.scale(values)
    fills = None if scale is None or values is None else scale.colours(values[None], context.dark)[0]
    crowded = max((int((places[:, 1] == y).sum()) for y in places[:, 1]), default=1)
    wide = min(1.4, 0.92 * w / crowded)
    at = np.column_stack([places[:, 0] * w, HIGH / 2 + places[:, 1] * (h - HIGH)])
    strongest = max((abs(weight) for _, _, weight in edges), default=1.0) or 1.0
    for a, b, weight in edges:
        colour = context.colours["accent" if weight >= 0 else "warm"]
        thick = 0.6 + (WIDEST - 0.6) * abs(weight) / strongest
        ax.plot(*at[[a, b]].T, color=colour, lw=thick, alpha=0.7, solid_capstyle="round", zorder=0)
    for k, (x, y) in enumerate(at):
        fill = context.colours["panel"] if fills is None else fills[k]
        ink = context.colours["ink"] if fills is None else ink_on(fills[k])
        outline = {"fc": fill, "ec": context.colours["line"], "lw": 0.8}
        ax.add_patch(rectangle(x - wide / 2, y - HIGH / 2, wide, HIGH, **outline))
        label = words.shorten(label_of(nodes[k], k, values), wide - 0.08, TINY)
        note(ax, x, y, label, context, ha="center", va="center_baseline", color=ink)
    ax.set(xlim=(0, w), ylim=(h, 0))
    return scale


def label_of(name: str, k: int, values: np.ndarray | None) -> str:
    """The name of a node, and its value if it has one."""
    return name if values is None else f"{name} {words.number(values[k], sign=bool((values < 0).any()))}"
