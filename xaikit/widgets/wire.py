"""The wire format: what travels from Python to the page, and how large it may be.

An array is `{view, dtype, shape, scale, offset}`: the bytes, "uint8", "uint16" or "float32", and for uint8
the linear map back to numbers, `value = offset + scale * byte`; both may be one number or one for each row.
Pictures and maps travel as uint8, region numbers as uint16, numbers that are read as numbers as float32.
Never a JSON list of numbers.
"""

import math
from typing import Any

import numpy as np
import torch
from latex2mathml.converter import convert as latex_to_mathml
from torch import Tensor

from ..core.explanation import Explanation
from ..core.stack import Derived, resolve
from ..core.steps import Check, Step, shape_of
from ..show.painters import coloured_regions
from ..show.prepare import ends_of

MOST_FRAMES = 64
STACK_BYTES = 1_300_000  # one stack of maps in a player
PICTURE_BYTES = 650_000  # one stack of pictures, which are only looked at
STATE_BYTES = 6_000_000  # one widget
WHITE = "#ffffff"  # the lines between regions

Wire = dict[str, Any]


def numbers(values: Any) -> Wire:
    """An array whose numbers are read: float32 as it is."""
    array = np.ascontiguousarray(as_array(values), dtype="<f4")
    return {
        "view": array.tobytes(),
        "dtype": "float32",
        "shape": list(array.shape),
        "scale": 1.0,
        "offset": 0.0,
    }


def pictures(values: Any, bytes_at_most: int = PICTURE_BYTES) -> Wire:
    """(n, C, H, W) → (n, H, W, C) in uint8; the range [0, 1] or wider, whatever the values need."""
    frames = shrink(as_array(values), bytes_at_most)
    low, high = min(0.0, float(frames.min())), max(1.0, float(frames.max()))
    scale = (high - low) / 255
    quantised = np.rint((frames - low) / scale).astype(np.uint8)
    quantised = np.ascontiguousarray(np.moveaxis(quantised, 1, -1))
    shape = list(quantised.shape)
    return {"view": quantised.tobytes(), "dtype": "uint8", "shape": shape, "scale": scale, "offset": low}


def maps(values: Any, bytes_at_most: int = STACK_BYTES) -> Wire:
    """(n, C, H, W) or (n, H, W) → (n, H, W): channels summed, in uint8, a scale a frame; zero stays zero.

    `limit` is where the colours end: the 99.5th percentile of the magnitude, since a few pixels are far out.
    """
    array = as_array(values)
    summed = array.sum(1, keepdims=True) if array.ndim == 4 else array[:, None]
    frames = shrink(summed, bytes_at_most)[:, 0]
    largest = np.abs(frames).reshape(len(frames), -1).max(1).astype(np.float64)
    scale = np.where(largest > 0, largest / 127, 1.0)
    quantised = (np.rint(frames / scale[:, None, None]) + 127).astype(np.uint8)
    return {
        "view": np.ascontiguousarray(quantised).tobytes(),
        "dtype": "uint8",
        "shape": list(quantised.shape),
        "scale": [float(s) for s in scale],
        "offset": [float(-127 * s) for s in scale],
        "limit": limit_of(frames),
        "signed": bool((frames < 0).any()),
    }


def labels(values: Any) -> Wire:
    """Region numbers from 0, (n, H, W), in uint16, as they are."""
    array = np.ascontiguousarray(resolve(values), dtype="<u2")
    shape = list(array.shape)
    return {"view": array.tobytes(), "dtype": "uint16", "shape": shape, "scale": 1.0, "offset": 0.0}


def limit_of(values: np.ndarray) -> float:
    """Where the colours of a map end: the 99.5th percentile of the magnitude, or the largest if that is 0."""
    magnitude = np.abs(values)
    limit = float(np.percentile(magnitude, 99.5))
    return limit or float(magnitude.max()) or 1.0


def shrink(frames: np.ndarray, bytes_at_most: int) -> np.ndarray:
    """Frames (n, C, H, W) made small enough for uint8: blocks of pixels are averaged, whole blocks only."""
    while frames.size > bytes_at_most and min(frames.shape[-2:]) >= 32:
        n, channels, height, width = frames.shape
        frames = frames[..., : height // 2 * 2, : width // 2 * 2]
        frames = frames.reshape(n, channels, height // 2, 2, width // 2, 2).mean((3, 5))
    return frames


def frames_of(value: "Tensor | Derived", bytes_at_most: int | None = None) -> tuple[Tensor, list[int]]:
    """At most 64 frames of a stack, evenly chosen with both ends, and their indices.

    With a limit there are fewer, but 16 at least: a student would rather see sharp pictures than all of them.
    """
    most = MOST_FRAMES
    if bytes_at_most is not None:
        most = min(most, max(16, bytes_at_most // max(1, math.prod(value.shape[1:]))))
    chosen = evenly(len(value), most)
    whole = len(chosen) == len(value) and isinstance(value, Tensor)
    return (value if whole else value[chosen]), chosen


def evenly(n: int, most: int) -> list[int]:
    """At most this many of the places 0 … n − 1, evenly chosen with both ends."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).round().astype(int)).tolist()


def as_array(value: Any) -> np.ndarray:
    """A tensor or array as numpy on the CPU, in single precision at least."""
    value = resolve(value)
    if isinstance(value, Tensor):
        value = value.detach().cpu()
        value = (value if value.dtype == torch.float64 else value.float()).numpy()
    return np.asarray(value, dtype=np.float64 if np.asarray(value).dtype == np.float64 else np.float32)


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
        return bars(value, names) if item.kind in ("heatmap", "image") else matrix(value)
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
    if item.kind == "layers":
        return per_layer(value, share)
    if item.kind == "curve":
        return {"view": "curve", "curve": numbers(value)}
    if item.kind == "scalar":
        return {"view": "scalar", "value": float(value)}
    return in_words(item.kind, value)


def in_words(kind: str, value: Any) -> Wire:
    """A table, a matrix of numbers, or text; of many texts the first."""
    if kind == "table":
        return {"view": "table", "columns": [str(c) for c in value.columns], "rows": table_rows(value)}
    if isinstance(value, Tensor) and value.dim() == 2:
        return matrix(value)
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


def matrix(value: Tensor) -> Wire:
    """Rows of features over the leading axis: one picture of the whole."""
    frames, chosen = frames_of(value)
    return {"view": "map", "map": maps(frames.float().reshape(1, 1, len(frames), -1)), "rows": chosen}


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
