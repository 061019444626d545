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


def some_places(x: Tensor, n: int) -> Tensor:
    """n places of x chosen at random, always the same ones: booleans of the shape of x."""
    chosen = torch.zeros(x.numel(), dtype=torch.bool)
    chosen[torch.from_numpy(generator(0).permutation(x.numel())[:n])] = True
    return chosen.reshape(x.shape).to(x.device)


def some_of(n: int, count: int, seed: int, like: Tensor) -> Tensor:
    """`count` of n places, drawn with replacement, (count,), on the device of `like`."""
    return torch.from_numpy(generator(seed, 0).integers(n, size=count)).to(like.device)


def uniform_numbers(count: int, seed: int, like: Tensor) -> Tensor:
    """`count` numbers uniform in [0, 1), (count,), in the precision and on the device of `like`."""
    return torch.from_numpy(generator(seed, 1).random(count)).to(like)
