"""From values to colours: one number a pixel, a scale that says what its ends mean, and pictures as RGB."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import palette

PERCENTILE = 99.5  # where a colour scale ends: a single outlier must not leave the rest pale


def array(value: Any) -> np.ndarray:
    """A tensor, an array or a list as a numpy array on this side of the graph and of the device."""
    if hasattr(value, "detach"):
        value = value.detach().cpu().float().numpy()
    return np.asarray(value)


@dataclass(frozen=True)
class Scale:
    """What the colours stand for: ±limit on the diverging map if signed, otherwise 0 to limit on cividis."""

    limit: float
    signed: bool = True
    ends: tuple[str, str] = ("for", "against")

    @classmethod
    def of(cls, values: np.ndarray, limit: float | None = None) -> "Scale":
        """The scale that these values ask for; a limit from outside is taken as it is."""
        return cls(limit or limit_of(values), bool((values < 0).any()))

    @property
    def low(self) -> float:
        """The value at the lower end."""
        return -self.limit if self.signed else 0.0

    def colours(self, values: np.ndarray, dark: bool = False) -> np.ndarray:
        """The values as RGB, (…, 3); what lies beyond an end has the colour of that end."""
        if self.limit == 0:
            return np.broadcast_to(palette.diverging(dark)(0.5)[:3], (*values.shape, 3))
        part = np.clip((np.nan_to_num(values) - self.low) / (self.limit - self.low), 0, 1)
        return (palette.diverging(dark) if self.signed else palette.magnitude())(part)[..., :3]

    def over(self, values: np.ndarray, picture: np.ndarray, dark: bool = False) -> np.ndarray:
        """The values over a greyed picture: the larger a value, the more of its colour covers the grey."""
        grey = picture.mean(-1, keepdims=True).repeat(3, -1)
        grey = grey * (0.6 if dark else 0.5) + (0.02 if dark else 0.46)
        strength = np.clip(np.abs(np.nan_to_num(values)) / (self.limit or 1.0), 0, 1)[..., None]
        if self.limit == 0:
            strength = np.zeros_like(strength)
        # Over grey the pale colours of small values would look like fog: their hue is taken from further out.
        outer = np.sign(values) * (0.55 + 0.45 * strength[..., 0]) * self.limit if self.signed else values
        return grey * (1 - strength**0.7) + self.colours(outer, dark) * strength**0.7


def limit_of(values: np.ndarray) -> float:
    """Where a colour scale for these values ends; 0 if all of them are zero."""
    size = np.abs(values[np.isfinite(values)])
    if size.size == 0:
        return 0.0
    return float(np.percentile(size, PERCENTILE) or size.max())


def one_a_pixel(values: np.ndarray) -> np.ndarray:
    """(…, C, H, W) → (…, H, W) by the sum over the channels, which keeps the total; (H, W) stays."""
    return values.sum(-3) if values.ndim >= 3 else values


def pooled(values: np.ndarray, cells: int) -> np.ndarray:
    """(…, H, W) averaged over blocks of pixels, so that each side has about so many cells.

    A map with more pixels than dots must be averaged before it is coloured: blue and orange mixed are grey.
    """
    for axis, k in zip((-2, -1), blocks(values, cells), strict=True):
        starts = np.arange(0, values.shape[axis], k)
        counts = np.diff([*starts, values.shape[axis]])
        if k > 1:
            values = np.add.reduceat(values, starts, axis) / counts.reshape([-1, 1] if axis == -2 else [-1])
    return values


def blocks(values: np.ndarray, cells: int) -> tuple[int, int]:
    """How many pixels go into one cell, downwards and across: as many, unless one side is far shorter."""
    h, w = values.shape[-2:]
    down, across = (1 if side <= 1.6 * cells else round(side / cells) for side in (h, w))
    return (max(down, across),) * 2 if 1 / 3 <= h / w <= 3 else (down, across)


def rgb(picture: np.ndarray) -> np.ndarray:
    """A picture as (H, W, 3) in [0, 1]: grey unless it has three channels, stretched if far outside."""
    picture = np.nan_to_num(picture.astype(float))
    if picture.ndim == 2:
        picture = picture[None]
    if picture.shape[0] != 3:
        picture = picture.mean(0, keepdims=True).repeat(3, 0)
    if ((picture < -0.5) | (picture > 1.5)).mean() > 0.02:
        low, high = picture.min(), picture.max()
        picture = (picture - low) / ((high - low) or 1.0)
    return np.clip(picture, 0, 1).transpose(1, 2, 0)


def dims_of(value: Any) -> int:
    """How many axes an array or a stack has; 0 for anything else."""
    return len(getattr(value, "shape", ()))


def is_picture(x: np.ndarray | None) -> bool:
    """Whether the example can be shown as a picture."""
    return x is not None and x.ndim == 3


def fits_over(values: np.ndarray, x: np.ndarray | None) -> bool:
    """Whether a map (H, W) can lie over the input: a picture of the same height and width."""
    return x is not None and x.ndim == 3 and values.shape[-2:] == x.shape[-2:]
