"""The records of the methods that take something away and look at the score."""

import itertools
import math

import numpy as np
import torch

import xaikit as xk
from xaikit.core.sampling import generator

from .. import networks
from .linear import several
from .record import QUARTERS, Record, call


def rise_by_hand(w: torch.Tensor, x: torch.Tensor, n_samples: int, cells: int) -> torch.Tensor:
    """RISE for F(x) = w · x + 0.75 with p = 1/2, mask by mask and pixel by pixel, from the same coins."""
    weights, picture = (t.double().cpu().numpy() for t in (w, x))
    height, width = picture.shape[1:]
    tall, wide = math.ceil(height / cells), math.ceil(width / cells)
    total = np.zeros((height, width))
    for k in range(n_samples):
        random = generator(0, k)
        grid = random.random((cells + 1, cells + 1)) < 0.5
        down, right = int(random.integers(tall)), int(random.integers(wide))
        rows = [(r + down + 0.5) / tall - 0.5 for r in range(height)]
        columns = [(c + right + 0.5) / wide - 0.5 for c in range(width)]
        mask = np.array([[between(grid, r, c) for c in columns] for r in rows])
        total += ((weights * picture * mask).sum() + 0.75) * mask
    return torch.from_numpy(total / n_samples / 0.5).to(x)


def between(grid: np.ndarray, r: float, c: float) -> float:
    """The value between the four nearest cells; beyond the middle of the outermost cell it stays as it is."""
    r, c = (min(max(place, 0), len(grid) - 1) for place in (r, c))
    near = itertools.product(*[{math.floor(place), math.ceil(place)} for place in (r, c)])
    return sum(grid[i, j] * (1 - abs(r - i)) * (1 - abs(c - j)) for i, j in near)


def permuted_by_hand(w: torch.Tensor, x: torch.Tensor, x0: torch.Tensor) -> torch.Tensor:
    """Each column of three rows moved down by one, under the same weights."""
    moved = torch.stack([column.roll(1, 0) for column in several(x).T]).T
    return w * (several(x) - moved)


# What goes with a group or with a window, or stays with a mask, one by one ----------------------------------


@torch.no_grad()
def group_after_group(explanation: xk.Explanation, F) -> torch.Tensor | None:
    """An oracle of feature ablation; None without the step that has the groups."""
    if "groups" not in explanation:
        return None
    x, found = explanation.x, torch.zeros(explanation.result.shape)
    x0 = xk.baselines.make(explanation.parameters["baseline"], x)
    whose = explanation["groups"].to(x.device)
    for k in whose.unique():
        found[whose.cpu() == k] = (F(x) - F(torch.where(whose == k, x0, x))).item()
    return found.to(x)


@torch.no_grad()
def window_after_window(explanation: xk.Explanation, F) -> torch.Tensor:
    """An oracle of occlusion."""
    x, given, found = explanation.x, explanation.parameters, torch.zeros(explanation.result.shape)
    x0 = xk.baselines.make(given["baseline"], x)
    counts, (high, wide) = found.clone(), ((1, *x.shape)[-2:])
    (a, b), (down, right) = sides(given, high, wide)
    for r in range(0, max(1, high - a + down), down):
        for c in range(0, max(1, wide - b + right), right):
            box = (slice(r, r + a), slice(c, c + b))[-found.dim() :]
            y = x.clone()
            y[(..., *box)] = x0[(..., *box)]
            found[box] += (F(x) - F(y)).item()
            counts[box] += 1
    return (found / counts.clamp(min=1)).to(x)


def sides(given: dict, high: int, wide: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """(height, width) of the windows, and how far they move."""
    window, stride = given["window"], given["stride"]
    if window is None:
        window = (max(1, high // 8), max(1, wide // 8) if high > 1 else 1)
    elif isinstance(window, (int, np.integer)):
        window = (min(high, window), window)
    if stride is None:
        stride = tuple(max(1, side // 2) for side in window)
    elif isinstance(stride, (int, np.integer)):
        stride = (min(high, stride), stride)
    return tuple(window), tuple(stride)


@torch.no_grad()
def mask_after_mask(explanation: xk.Explanation, F) -> torch.Tensor | None:
    """An oracle of RISE; None without the step that has the masks."""
    if "masks" not in explanation:
        return None
    x, masks = explanation.x, explanation["masks"]
    return sum(F(x * m).item() * m for m in masks) / len(masks) / explanation.parameters["p"]


RECORDS = (
    Record(
        "feature_ablation",
        steps="groups ablated scores differences attribution",
        rosetta=lambda w, x, x0: w * (x - x0),
        quick_groups={"groups": QUARTERS},
        also=("row",),
        variants=(
            call(metric=lambda out: (out**2).sum(1)),
            call(groups="quickshift", baseline="blur"),
            call("row", groups=torch.tensor([0, 0, 1, 1, 2, 2])),
        ),
        senseless={
            "groups of another size": call(groups=torch.zeros(7, 7, dtype=torch.long)),
            "groups between the numbers": call(groups=torch.zeros(8, 8)),
            "a row cut like a picture": call("row", groups="slic"),
            "an unknown cut": call(groups="slick"),
            "a metric that gives one number": call(metric=lambda out: out.sum()),
            "no metric": call(metric=3),
        },
        oracle=group_after_group,
    ),
    Record(
        "occlusion",
        steps="windows occluded scores differences attribution",
        rosetta=lambda w, x, x0: w * (x - x0),
        told=lambda x, x0: {"window": 1, "stride": 1},
        quick={"window": 4, "stride": 2},
        also=("row",),
        one_a_pixel=True,
        variants=(call(window=(2, 3), stride=1),),
        senseless={
            "a window of nothing": call(window=0),
            "a window larger than the picture": call(window=9),
            "half a window": call(window=2.5),
            "three sides": call(window=(1, 2, 3)),
            "a stride of nothing": call(stride=0),
            "a tall window on a row": call("row", window=(2, 1)),
        },
        oracle=window_after_window,
    ),
    Record(
        "feature_permutation",
        steps="permutations permuted scores differences attribution",
        rosetta=permuted_by_hand,
        told=lambda x, x0: {"permutations": torch.arange(3).roll(1).expand(5, 3)},
        quick={"groups": QUARTERS},
        variants=(call(groups=None, metric=lambda out: out.logsumexp(1)),),
        senseless={
            "permutations that take a row twice": call(permutations=torch.zeros(4, 4).long()),
            "permutations for other groups": call(permutations=torch.arange(4).expand(3, 4)),
            "permutations between the numbers": call(permutations=networks.random(4, 4)),
        },
    ),
    Record(
        "rise",
        steps="masks masked scores running_map attribution",
        rosetta=lambda w, x, x0: rise_by_hand(w, x, n_samples=200, cells=3),
        told=lambda x, x0: {"n_samples": 200, "cells": 3},
        quick={"n_samples": 6, "cells": 3},
        one_a_pixel=True,
        variants=(call(p=0.1, cells=2),),
        senseless={
            "nothing is shown": call(p=0),
            "more than everything is shown": call(p=1.5),
            "more cells than pixels": call(cells=9),
            "no cells": call(cells=0),
            "no masks": call(n_samples=0),
        },
        oracle=mask_after_mask,
    ),
)
