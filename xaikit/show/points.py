"""Points in a plane: a tensor (n, 2), or a table whose first two columns are the axes.

A table may have a column `name` and a column `group`. Groups differ in colour and in shape.
"""

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from . import palette, words
from .charts import quiet_axis
from .context import TINY, Context, paints
from .scales import Scale, array
from .sheet import inset, size_of
from .texts import text

MARKS = "os^DvPX8"


class Points(NamedTuple):
    """Where the points stand (n, 2), what the axes, the points and their groups are called."""

    xy: np.ndarray
    axes: tuple[str, str] = ("x", "y")
    names: list[str] | None = None
    groups: list[int] | None = None
    group_names: list[str] | None = None


def points_of(value: Any) -> Points:
    """The points of a tensor, an array or a table."""
    if not hasattr(value, "columns"):
        return Points(array(value).reshape(-1, 2))
    first, second = [c for c in value.columns if c not in ("name", "group")][:2]
    names = [str(n) for n in value["name"]] if "name" in value.columns else None
    xy = value[[first, second]].to_numpy(dtype=float)
    if "group" not in value.columns:
        return Points(xy, (str(first), str(second)), names)
    members = [str(g) for g in value["group"]]
    group_names = list(dict.fromkeys(members))
    return Points(xy, (str(first), str(second)), names, [group_names.index(g) for g in members], group_names)


@paints("points")
def points(ax: Axes, value: Any, context: Context) -> Scale | None:
    """A mark for each point, in the colour and the shape of its group, and a legend of the groups."""
    xy, (across, up), _, groups, group_names = points_of(value)
    if not len(xy):
        return text(ax, "no points", context)
    inset(ax, left=0.75, right=1.5 if group_names else 0.3, top=0.08, bottom=0.36)
    for k in range(len(group_names or [""])):
        of_group = xy if groups is None else xy[np.array(groups) == k]
        look = {"color": palette.category(k + 1, context.dark), "marker": MARKS[k % len(MARKS)]}
        ax.scatter(*of_group.T, s=18, alpha=0.85, linewidths=0, clip_on=False, **look)
    legend(ax, group_names or [], context)
    low, high = float(xy[:, 0].min()), float(xy[:, 0].max())
    room = 0.05 * (high - low) or 0.5
    ax.set_xlim(low - room, high + room)
    quiet_axis(ax, xy[:, 1], whole=False)
    ax.set_xlabel(words.shorten(across, 3.0, TINY), labelpad=2, parse_math=False)
    ax.set_ylabel(words.shorten(up, 1.0, TINY), labelpad=2, parse_math=False)
    return None


def legend(ax: Axes, names: list[str], context: Context) -> None:
    """The groups beside the axes, one under the other, as many as there is room for."""
    high = size_of(ax)[1]
    for k, name in enumerate(names[: max(1, int(high / 0.17))]):
        y = 1 - (0.09 + 0.17 * k) / high
        look = {"color": palette.category(k + 1, context.dark), "marker": MARKS[k % len(MARKS)]}
        ax.scatter([1.04], [y], s=18, transform=ax.transAxes, clip_on=False, linewidths=0, **look)
        said = words.shorten(name, 1.15, TINY)
        place = {"xycoords": "axes fraction", "xytext": (7, 0), "textcoords": "offset points", "va": "center"}
        ax.annotate(said, (1.04, y), fontsize=TINY, color=context.colours["ink"], parse_math=False, **place)
