"""What is hidden, and what is shown: sliding windows, soft random grids.

A window hides a rectangle; a row of features is a picture one pixel high to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from ..core.errors import InputError, OptionError, shown
from ..core.sampling import generator


@dataclass(frozen=True)
class Windows:
    """Windows that slide over (H, W), row by row: where each begins and ends, cut off at the far edges."""

    rows: list[tuple[int, int]]
    columns: list[tuple[int, int]]
    shape: tuple[int, ...]  # of the map: (H, W) or (features,)

    def __len__(self) -> int:
        return len(self.rows) * len(self.columns)

    def box(self, k: int) -> tuple[slice, slice]:
        """The rows and the columns that window k hides."""
        i, j = divmod(k, len(self.columns))
        return slice(*self.rows[i]), slice(*self.columns[j])

    def masks(self, where: slice) -> Tensor:
        """Windows as booleans, (n, *shape), true where they hide."""
        side = (1, *self.shape) if len(self.shape) == 1 else self.shape
        found = torch.zeros(where.stop - where.start, *side, dtype=torch.bool)
        for row, k in enumerate(range(where.start, where.stop)):
            found[(row, *self.box(k))] = True
        return found.reshape(-1, *self.shape)

    def hide(self, x: Tensor, x0: Tensor, where: slice) -> Tensor:
        """Copies of x with x0 in one window each, (n, *x.shape)."""
        flat = x.dim() == 1
        seen, instead = (x[None, None], x0[None, None]) if flat else (x, x0)
        rows = seen.repeat(where.stop - where.start, 1, 1, 1)
        for row, k in enumerate(range(where.start, where.stop)):
            box = self.box(k)
            rows[(row, slice(None), *box)] = instead[(slice(None), *box)]
        return rows.reshape(-1, *x.shape)

    def average(self, values: Tensor) -> Tensor:
        """One number a window → for each pixel the mean over the windows that hide it; 0 where none does."""
        R, C = (self._cover(k).to(values) for k in (0, 1))
        sums = R.T @ values.reshape(len(R), len(C)) @ C
        counts = R.sum(0)[:, None] * C.sum(0)
        return (sums / counts.clamp(min=1)).reshape(self.shape)

    @property
    def times(self) -> float:
        """How many windows hide a pixel, on average."""
        high, wide = (self._cover(k).double().sum() for k in (0, 1))
        return float(high * wide) / int(np.prod(self.shape))

    def _cover(self, axis: int) -> Tensor:
        """(windows, pixels) along the rows or the columns."""
        spans = (self.rows, self.columns)[axis]
        size = (1, *self.shape)[-2:][axis]
        places = torch.arange(size)
        return torch.stack([(places >= a) & (places < b) for a, b in spans])


def windows(x: Tensor, window: Any, stride: Any) -> Windows:
    """The windows over a picture or a row. Raises OptionError for sizes that do not fit."""
    if x.dim() not in (1, 3):
        raise InputError(f"occlusion needs a picture or a row; {tuple(x.shape)} was given. Try x[0].")
    size = (1, *x.shape)[-2:]
    usual = (1, 1) if x.dim() == 1 else tuple(max(1, s // 8) for s in size)
    sides = pair("window", window, usual, size)
    steps = pair("stride", stride, tuple(max(1, s // 2) for s in sides), size)
    spans = []
    for length, side, step in zip(size, sides, steps, strict=True):
        count = 1 + -(-max(0, length - side) // step)
        spans.append([(k * step, min(k * step + side, length)) for k in range(count)])
    return Windows(spans[0], spans[1], tuple(x.shape[-2:] if x.dim() == 3 else x.shape))


def pair(name: str, given: Any, usual: tuple[int, ...], size: tuple[int, ...]) -> tuple[int, int]:
    """(height, width) of a window or a stride; one number stands for both."""
    if given is None:
        return usual[0], usual[1]
    both = given if isinstance(given, (tuple, list)) else (given if size[0] > 1 else 1, given)
    whole = len(both) == 2 and all(isinstance(k, (int, np.integer)) and not isinstance(k, bool) for k in both)
    if not whole or not all(1 <= k <= most for k, most in zip(both, size, strict=True)):
        raise OptionError(
            f"{name} is a whole number of pixels, or (height, width), from 1 to {size}; {shown(given)} was "
            f"given. Try {usual[-1]}."
        )
    return int(both[0]), int(both[1])


# Random masks ---------------------------------------------------------------------------------------------


def soft_grid(x: Tensor, cells: int, p: float, seed: int) -> Callable[[slice], Tensor]:
    """Masks of RISE: (n, H, W) in [0, 1], mask k always the same, whatever the batch.

    A grid of cells, each shown with probability p, is enlarged without hard edges to one cell more than the
    picture, and cut out at a random place.
    """
    height, width = x.shape[1:]
    if cells > min(height, width):
        raise OptionError(
            f"a picture of {height}×{width} has no {cells} cells a side. Try cells={min(7, height, width)}."
        )
    cell = -(-height // cells), -(-width // cells)
    nodes = torch.eye(cells + 1, device=x.device, dtype=x.dtype)[None]
    down, across = (interpolate(nodes, size=(cells + 1) * side, mode="linear")[0].T for side in cell)

    def draw(where: slice) -> Tensor:
        drawn = [generator(seed, k) for k in range(where.start, where.stop)]
        grids = np.stack([g.random((cells + 1, cells + 1)) < p for g in drawn])
        corners = [(int(g.integers(cell[0])), int(g.integers(cell[1]))) for g in drawn]
        rows = torch.stack([down[r : r + height] for r, _ in corners])
        columns = torch.stack([across[c : c + width] for _, c in corners])
        return rows @ torch.from_numpy(grids).to(x) @ columns.mT  # bilinear: linear down, then across

    return draw
