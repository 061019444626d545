"""The wire format: what travels from Python to the page, and how large it may be.

How an array travels stands in `show.arrays`.
"""

import math
from typing import Any

import numpy as np
import torch
from latex2mathml.converter import convert as latex_to_mathml
from torch import Tensor

from ..core.explanation import Explanation
from ..core.stack import Derived
from ..core.steps import Check, Step, shape_of
from ..show.arrays import (  # noqa: F401 (the labs take them from here)
    MOST_FRAMES,
    PICTURE_BYTES,
    STACK_BYTES,
    Wire,
    as_array,
    evenly,
    frames_of,
    labels,
    limit_of,
    maps,
    numbers,
    pictures,
    shrink,
)
from ..show.graph import graph_of
from ..show.painters import coloured_regions
from ..show.points import points_of
from ..show.prepare import ends_of

STATE_BYTES = 6_000_000  # one widget
WHITE = "#ffffff"  # the lines between regions


def mathml(formula: str) -> str:
    """LaTeX → MathML, or nothing for no formula."""
    try:
        return latex_to_mathml(formula) if formula else ""
    except Exception:  # whatever its parser stumbles over: a widget without this formula is still a widget
        return ""


# Steps, checks, explanations ------------------------------------------------------------------------------


def step(item: Step, explanation: Explanation, share: float = 1.0) -> Wire:
    """A step with its value by its kind; the example tells a picture from a row, a text and a game.

    A `share` below 1 makes the stacks of a long walk smaller, so that all of them fit.
    """
    return {
        "name": item.name, "formula": mathml(item.formula), "note": item.note, "kind": item.kind,
        "shape": shape_of(item.rows), "ends": list(ends_of(item)), **value_of(item, explanation, share),
    }  # fmt: skip


def value_of(item: Step, explanation: Explanation, share: float = 1.0) -> Wire:
    """What a painter needs to draw the step: `view` names the painter, the rest is its data."""
    value, names = item.rows, explanation.names
    picture = getattr(explanation.x, "ndim", 0) in (3, 4)
    if item.kind == "tokens" or (item.kind == "heatmap" and isinstance(explanation.x, str)):
        return pieces(value if item.kind == "tokens" else names, None if item.kind == "tokens" else value)
    if item.kind == "explanation":
        return {"view": "map", "map": maps(value.result[None])} if picture else bars(value.result, names)
    if item.kind in ("heatmap", "heatmaps", "image", "images") and not picture:
        return bars(value, names) if item.kind in ("heatmap", "image") else matrix(value, names)
    if item.kind == "heatmap":
        return {"view": "map", "map": maps(value[None])}
    if item.kind == "image":
        return {"view": "picture", "picture": pictures(value[None])}
    if item.kind in ("heatmaps", "images"):
        heat = item.kind == "heatmaps"
        room = int((STACK_BYTES if heat else PICTURE_BYTES) * share)
        frames, chosen = frames_of(value, room * len(value[0]) if heat else room)
        frames = frames[:, 0] if frames.dim() == 5 else frames  # of a batch that was changed the first
        packed = maps(frames, room) if heat else pictures(frames, room)
        view = "map" if heat else "picture"
        return {"view": view, view: packed, "frames": chosen, "of": len(value)}
    if item.kind == "masks":
        room = int(PICTURE_BYTES * share)
        frames, chosen = frames_of(value, room)
        frames = frames.float()[:, None]
        return {"view": "picture", "picture": pictures(frames, room), "frames": chosen, "of": len(value)}
    if item.kind == "segments":
        layers = as_array(value[None] if value.dim() == 2 else value)
        drawn = np.stack([coloured_regions(layer, WHITE) for layer in layers[:MOST_FRAMES]])
        packed = pictures(np.moveaxis(drawn, -1, 1), 4 * PICTURE_BYTES)
        return {"view": "picture", "picture": packed, "frames": list(range(len(drawn))), "of": len(layers)}
    if item.kind in ("matrix", "points", "graph"):
        return {"matrix": matrix, "points": points, "graph": graph}[item.kind](value, names)
    if item.kind == "layers":
        return per_layer(value, share)
    if item.kind == "curve":
        return {"view": "curve", "curve": numbers(value)}
    if item.kind == "scalar":
        return {"view": "scalar", "value": float(value)}
    return in_words(item.kind, value)


def in_words(kind: str, value: Any) -> Wire:
    """A table, or text; of many texts the first."""
    if kind == "table":
        return {"view": "table", "columns": [str(c) for c in value.columns], "rows": table_rows(value)}
    some = value[slice(0, 30)] if isinstance(value, (list, tuple, Derived)) else [value]
    return {"view": "text", "text": "\n".join(str(one) or "(nothing is left)" for one in some)[:4000]}


def bars(value: Tensor, names: "list[str] | None" = None) -> Wire:
    """A row of features: one bar each, with its name where it has one."""
    named = {"labels": [n.strip() for n in names]} if names and len(names) == value.numel() else {}
    return {"view": "bars", "bars": numbers(value.reshape(-1)), **named}


def pieces(tokens: Any, values: "Tensor | None") -> Wire:
    """The pieces of a text as they stand in it, with a number each or without."""
    if values is not None and len(tokens or ()) != values.numel():
        return bars(values)
    return {"view": "tokens", "tokens": list(tokens), "bars": None if values is None else numbers(values)}


def per_layer(value: dict[str, Tensor], share: float = 1.0) -> Wire:
    """Something of every layer by its name: a number each as bars, otherwise a map each, or bars."""
    if not value:
        return {"view": "text", "text": "none in this network"}
    if all(v.dim() == 0 for v in value.values()):
        return {**bars(torch.stack(list(value.values()))), "names": list(value)}
    names = [list(value)[k] for k in evenly(len(value), MOST_FRAMES)]
    room = int(STACK_BYTES * share / max(1, len(names)))
    drawn = [{"name": n, "shape": shape_of(value[n]), **of_layer(value[n], room)} for n in names]
    return {"view": "layers", "layers": drawn, "frames": list(range(len(names))), "of": len(value)}


def of_layer(value: Tensor, room: int = STACK_BYTES) -> Wire:
    """What a layer has, (C, h, w) summed over channels; two of them, (2, C, h, w), side by side; or bars."""
    maps_ = value.float().sum(-3) if value.dim() >= 3 else value.float()
    if value.dim() == 4:
        maps_ = side_by_side(maps_)
    if value.dim() < 3:
        return bars(value.reshape(-1))
    return {"map": maps(maps_[None, None], room)}


def side_by_side(pair: Tensor) -> Tensor:
    """Maps (n, h, w) in one row, with a line of nothing between them."""
    gap = pair.new_zeros((pair.shape[1], max(1, pair.shape[2] // 24)))
    return torch.cat([part for one in pair for part in (gap, one)][1:], 1)


def matrix(value: "Tensor | Derived", names: "list[str] | None" = None) -> Wire:
    """Rows of numbers; of many rows some, and their numbers beside them."""
    frames, chosen = frames_of(value)
    rows = as_array(frames).reshape(len(frames), -1)
    named = {"columns": [n.strip() for n in names]} if names and len(names) == rows.shape[1] else {}
    some = {"rows": [f"row {k}" for k in chosen]} if len(chosen) < len(value) else {}
    size = [len(value), rows.shape[1]]
    signed = bool((rows < 0).any())
    return {
        "view": "matrix", "matrix": numbers(rows), "limit": limit_of(rows), "signed": signed, "of": size,
        **named, **some,
    }  # fmt: skip


def points(value: Any, names: "list[str] | None" = None) -> Wire:
    """Points in a plane, with their names and groups where they have some."""
    found = points_of(value)
    named = {"names": found.names} if found.names else {}
    grouped = {"groups": found.groups, "group_names": found.group_names} if found.groups else {}
    return {"view": "points", "points": numbers(found.xy), "axes": list(found.axes), **named, **grouped}


def graph(value: Any, names: "list[str] | None" = None) -> Wire:
    """A graph as it is laid out here."""
    found = graph_of(value)
    nodes = [
        {"name": n, "x": float(x), "y": float(y)} for n, (x, y) in zip(found.nodes, found.places, strict=True)
    ]
    values = np.zeros(1) if found.values is None else found.values
    for node, v in zip(nodes, [] if found.values is None else values.tolist(), strict=False):
        node["value"] = v
    edges = [list(edge) for edge in found.edges]
    return {
        "view": "graph", "nodes": nodes, "edges": edges, "limit": limit_of(values),
        "signed": bool((values < 0).any()),
    }  # fmt: skip


def table_rows(table: Any, most: int = 50) -> list[list[str]]:
    """The first rows of a table as text."""
    return [
        [f"{v:.4g}" if isinstance(v, float) else str(v) for v in row]
        for row in table.head(most).to_numpy().tolist()
    ]


def check(item: Check) -> Wire:
    """A check as the live meter shows it."""
    sides = {
        name: v if math.isfinite(v) else None for name, v in (("left", item.left), ("right", item.other))
    }
    return {
        "name": item.name.replace("_", " "), "formula": mathml(item.formula), **sides, "holds": item.holds,
        "bounded": item.bounded,
    }  # fmt: skip


def heading(explanation: Explanation) -> Wire:
    """What stands on top of every widget: the method, its question and formula, and what is explained."""
    about, p = explanation.about, explanation.prediction
    return {
        "title": explanation.title,
        "question": about.question if about else "",
        "formula": mathml(about.formula) if about else "",
        "target": p.label if p else "",
        "score": p.score if p else None,
        "probability": p.probability if p else None,
        "unit": explanation.unit,
    }


def size(state: Any) -> int:
    """The bytes of all views in a state."""
    if isinstance(state, (bytes, memoryview)):
        return len(state)
    if isinstance(state, dict):
        return sum(size(v) for v in state.values())
    return sum(size(v) for v in state) if isinstance(state, (list, tuple)) else 0
