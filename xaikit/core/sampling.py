"""Random numbers that belong to one walk: seeded, the same on every device, the global state untouched."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from .errors import OptionError


def generator(seed: int, *key: int) -> np.random.Generator:
    """numpy's PCG64 for a seed and a key; different keys give independent streams."""
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise OptionError(f"seed is a whole number from 0; {seed!r} was given. Try seed=0.")
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def draws(
    draw: Callable[[np.random.Generator], np.ndarray], like: Tensor, *, seed: int
) -> Callable[[slice], Tensor]:
    """Independent draws, one stream each, so that draw k is the same whatever the batch: slice → (n, …)."""

    def rows(where: slice) -> Tensor:
        drawn = np.stack([draw(generator(seed, k)) for k in range(where.start, where.stop)])
        return torch.from_numpy(drawn).to(like)

    return rows


def standard_normal(x: Tensor) -> Callable[[np.random.Generator], np.ndarray]:
    """A draw of independent standard normal numbers with the shape of `x`, in single precision."""
    return lambda random: random.standard_normal(tuple(x.shape), dtype=np.float32)


def uniform(x: Tensor) -> Callable[[np.random.Generator], np.ndarray]:
    """A draw of independent numbers uniform in [0, 1) with the shape of `x`, in single precision."""
    return lambda random: random.random(tuple(x.shape), dtype=np.float32)
