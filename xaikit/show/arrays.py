"""Arrays as they travel to a page: the bytes, and how they are read back to numbers.

An array is `{view, dtype, shape, scale, offset}`: the bytes, "uint8", "uint16" or "float32", and for uint8
the linear map back to numbers, `value = offset + scale * byte`; both may be one number or one for each row.
Pictures and maps travel as uint8, region numbers as uint16, numbers that are read as numbers as float32.
Never a JSON list of numbers.
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.stack import Derived, resolve

MOST_FRAMES = 64
STACK_BYTES = 1_300_000  # one stack of maps in a player
PICTURE_BYTES = 650_000  # one stack of pictures, which are only looked at

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
