"""Baselines: what "nothing there" looks like. Every path method compares the example with one of these."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.admit import as_tensor, picture_shape
from ..core.errors import InputError, OptionError, nearest, shown
from ..core.sampling import generator, uniform
from ..core.types import Baseline
from .pictures import gaussian_blur


def make(baseline: Baseline, x: Tensor, *, seed: int = 0) -> Tensor:
    """The baseline as a tensor of the shape of `x`.

    black 0 · white 1 · gray ½ · mean (of each channel) · noise (uniform, seeded) · blur (Gaussian, a tenth of
    the shorter side) · max_distance (whichever of 0 and 1 is farther, pixel by pixel) · or a number, or a
    tensor or array that broadcasts to x. Raises OptionError for an unknown name, InputError for a misfit.
    """
    return named(baseline, x, seed) if isinstance(baseline, str) else given(baseline, x)


def background(examples: "Baseline | list[Tensor] | None", x: Tensor, *, seed: int = 0) -> Tensor:
    """The examples that `x` is compared with, (m, …), each of the shape of `x`.

    None: ten pictures of noise, for values in [0, 1] · a tensor or array (m, …) of examples · or whatever
    `make` takes, for one. Raises OptionError for an unknown name, InputError for a misfit.
    """
    if examples is None:
        ten = np.stack([uniform(x)(generator(seed, k)) for k in range(10)])
        return torch.from_numpy(ten).to(make("noise", x))
    several = examples if isinstance(examples, str) else stacked(examples)
    if not isinstance(several, Tensor) or several.dim() <= x.dim():
        return make(several, x, seed=seed)[None]
    if several.shape[1:] != x.shape or len(several) == 0:
        raise InputError(
            f"a background for an example of shape {tuple(x.shape)} has the shape (m, …) with m from 1 to as "
            f"many as you like; {tuple(several.shape)} was given. Try torch.stack(examples)."
        )
    return make(several, x.expand(several.shape))


def stacked(examples: Any) -> Any:
    """A list of tensors or an array as one tensor; a number as it is. OptionError for anything else."""
    if isinstance(examples, (list, tuple)):
        rows = [row for row in examples if isinstance(row, Tensor)]
        if rows and len(rows) == len(examples) and all(row.shape == rows[0].shape for row in rows):
            return torch.stack(rows)
    numbers = as_tensor(examples) if isinstance(examples, np.ndarray) else examples
    if not isinstance(numbers, (int, float, Tensor)) or isinstance(numbers, bool):
        raise OptionError(
            f"a background is a tensor of examples (m, …), a baseline's name or a number; "
            f"{type(examples).__name__} was given. Try torch.stack(examples)."
        )
    return numbers


# By name --------------------------------------------------------------------------------------------------


def named(name: str, x: Tensor, seed: int) -> Tensor:
    """A baseline by its name."""
    if name not in BASELINES:
        raise OptionError(f"no baseline is called {name!r}. {nearest(name, NAMES)}")
    if name in IN_UNIT_RANGE and (x.min() < 0 or x.max() > 1):
        raise InputError(
            f"baseline {name!r} is meant for values in [0, 1]; "
            f"this example spans [{x.min():.3g}, {x.max():.3g}]. "
            "Try xk.Preprocessed(model, mean=…, std=…) with the unnormalised picture, or give a tensor."
        )
    return BASELINES[name](x, seed)


def black(x: Tensor, seed: int) -> Tensor:
    """Zero everywhere."""
    return torch.zeros_like(x)


def white(x: Tensor, seed: int) -> Tensor:
    """One everywhere."""
    return torch.ones_like(x)


def gray(x: Tensor, seed: int) -> Tensor:
    """One half everywhere."""
    return torch.full_like(x, 0.5)


def mean(x: Tensor, seed: int) -> Tensor:
    """The mean of each channel of a picture, or of all values."""
    if x.dim() == 3:
        return x.flatten(1).mean(1).reshape(-1, 1, 1).expand_as(x).clone()
    return x.mean().expand_as(x).clone()


def noise(x: Tensor, seed: int) -> Tensor:
    """Independent numbers, uniform in [0, 1)."""
    return torch.from_numpy(uniform(x)(generator(seed))).to(x)


def blur(x: Tensor, seed: int) -> Tensor:
    """The picture itself, blurred by a tenth of its shorter side."""
    return gaussian_blur(x, torch.tensor(0.1 * min(picture_shape(x, "baseline 'blur'")[1:])))


def max_distance(x: Tensor, seed: int) -> Tensor:
    """Of 0 and 1, whichever is farther from each value."""
    return (x < 0.5).to(x)


BASELINES: dict[str, Callable[[Tensor, int], Tensor]] = {
    "black": black,
    "white": white,
    "gray": gray,
    "mean": mean,
    "noise": noise,
    "blur": blur,
    "max_distance": max_distance,
}
NAMES = tuple(BASELINES)
IN_UNIT_RANGE = ("white", "gray", "noise", "max_distance")  # they assume values in [0, 1]


# By value -------------------------------------------------------------------------------------------------


def given(baseline: Any, x: Tensor) -> Tensor:
    """A number, or a tensor or array that broadcasts to x."""
    values = as_tensor(baseline) if isinstance(baseline, np.ndarray) else baseline
    if isinstance(values, bool) or not isinstance(values, (int, float, Tensor)):
        raise OptionError(
            f"baseline is a name ({', '.join(NAMES)}), a number or a tensor; "
            f"{type(baseline).__name__} was given. Try baseline='black', or torch.as_tensor(baseline)."
        )
    if isinstance(values, Tensor) and values.is_complex():
        raise InputError("the baseline has complex numbers. Try baseline.real.")
    try:
        x0 = torch.as_tensor(values).detach().to(x)
    except (ValueError, OverflowError, RuntimeError):
        raise InputError(f"the baseline {shown(values)} is no number of this precision. Try 0.0.") from None
    try:
        x0 = x0.expand(x.shape).clone()
    except RuntimeError:
        raise InputError(
            f"the baseline must have the example's shape {tuple(x.shape)}; it has {tuple(x0.shape)}. "
            "Try baseline='black', or a tensor of that shape."
        ) from None
    if not torch.isfinite(x0).all():
        raise InputError("the baseline has NaN or infinite values. Try torch.nan_to_num(baseline).")
    return x0
