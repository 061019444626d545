"""Soft shapes and smooth noise, from which slices are drawn, in coordinates of the head."""

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import grid_sample, max_pool2d

from xaikit.data.examples import Box


class Head(NamedTuple):
    """One chunk of heads. Everything but `half` is (m, size, size); lengths are in units of `half`."""

    u: Tensor  # to the right, from the middle of the head
    v: Tensor  # to the back
    side: Tensor  # |u|: what is a function of it is the same left and right
    half: Tensor  # (m, 1, 1), pixels from the middle to the forehead
    noise: dict[str, Tensor]
    depth: Tensor  # below the surface of the brain; negative outside


def smooth(lattice: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Smooth noise of spread 1 at the places x, y, one lattice for each slice; (m, size, size)."""
    places = torch.stack([x, y], -1).clamp(-1, 1)
    return 1.25 * grid_sample(lattice[:, None], places, "bicubic", "reflection", align_corners=True)[:, 0]


def soft(inside: Tensor, head: Head, width: Tensor | float = 1.0) -> Tensor:
    """The share of each pixel that is inside, from its distance: 0 to 1 over `width` of 96 pixels."""
    return (0.5 + inside * head.half / (width * head.u.shape[-1] / 96)).clamp(0, 1)


def lay(below: Tensor, share: Tensor, above: Tensor | float) -> Tensor:
    """What is below, covered by what is above to a share."""
    return below + share * (above - below)


def spot(x: Tensor, y: Tensor, radius: Tensor | float) -> Tensor:
    """A soft round spot in the middle, 1 at its centre."""
    return torch.exp(-(x**2 + y**2) / (2 * radius**2))


def grown(mask: Tensor) -> Tensor:
    """The mask and three pixels of 96 around it."""
    around = 2 * round(mask.shape[-1] / 32) + 1
    return max_pool2d(mask[:, None].float(), around, 1, around // 2)[:, 0].bool()


def between(u: Tensor, low: float, high: float) -> Tensor:
    """A number in [0, 1) → one between two others."""
    return low + (high - low) * u


def column(values: Tensor) -> Tensor:
    """(m,) → (m, 1, 1), to be spread over pixels."""
    return values[:, None, None]


def box(mask: Tensor) -> Box:
    """The box around a mask: kind, first row and column, end of rows and columns."""
    rows, columns = mask.any(1).nonzero(), mask.any(0).nonzero()
    return "lesion", int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1
