"""Baselines: what "nothing there" looks like. Every path method compares the example with one of these."""

import numpy as np
import torch
from torch import Tensor

from ..core.errors import InputError, OptionError, nearest
from ..core.sampling import generator, uniform
from ..core.types import Baseline
from .pictures import gaussian_blur, picture_shape

NAMES = ("black", "white", "gray", "mean", "noise", "blur", "max_distance")
IN_UNIT_RANGE = ("white", "gray", "noise", "max_distance")  # these speak of the range [0, 1]


def make(baseline: Baseline, x: Tensor, *, seed: int = 0) -> Tensor:
    """The baseline as a tensor of the shape of `x`.

    black 0 · white 1 · gray ½ · mean (of each channel) · noise (uniform, seeded) · blur (Gaussian, a tenth of
    the shorter side) · max_distance (whichever of 0 and 1 is farther, pixel by pixel) · or a number, or a
    tensor or array that broadcasts to x. Raises OptionError for an unknown name, InputError for a misfit.
    """
    if isinstance(baseline, str):
        return _named(baseline, x, seed)
    if isinstance(baseline, np.ndarray) and np.issubdtype(baseline.dtype, np.number):
        baseline = torch.from_numpy(np.require(baseline, requirements=["C", "W"]))
    if isinstance(baseline, bool) or not isinstance(baseline, (int, float, Tensor)):
        raise OptionError(
            f"baseline is a name ({', '.join(NAMES)}), a number or a tensor; "
            f"{type(baseline).__name__} was given. Try baseline='black', or torch.as_tensor(baseline)."
        )
    if isinstance(baseline, Tensor) and baseline.is_complex():
        raise InputError("the baseline has complex numbers. Try baseline.real.")
    x0 = torch.as_tensor(baseline).detach().to(x)
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


def background(given: "Baseline | list[Tensor] | None", x: Tensor, *, seed: int = 0) -> Tensor:
    """The examples that `x` is compared with, (m, …), each of the shape of `x`.

    None: ten pictures of noise, for values in [0, 1] · a tensor or array (m, …) of examples · or whatever
    `make` takes, for one. Raises OptionError for an unknown name, InputError for a misfit.
    """
    if given is None:
        return torch.from_numpy(np.stack([uniform(x)(generator(seed, k)) for k in range(10)])).to(
            make("noise", x)
        )
    if isinstance(given, (list, tuple)):
        rows = [row for row in given if isinstance(row, Tensor)]
        if rows and len(rows) == len(given) and all(row.shape == rows[0].shape for row in rows):
            given = torch.stack(rows)
    if isinstance(given, np.ndarray) and np.issubdtype(given.dtype, np.number):
        given = torch.from_numpy(np.require(given, requirements=["C", "W"]))
    if not isinstance(given, (str, int, float, Tensor)) or isinstance(given, bool):
        raise OptionError(
            f"a background is a tensor of examples (m, …), a baseline's name or a number; "
            f"{type(given).__name__} was given. Try torch.stack(examples)."
        )
    if not isinstance(given, Tensor) or given.dim() <= x.dim():
        return make(given, x, seed=seed)[None]
    if given.shape[1:] != x.shape or len(given) == 0:
        raise InputError(
            f"a background for an example of shape {tuple(x.shape)} has the shape (m, …) with m from 1 to as "
            f"many as you like; {tuple(given.shape)} was given. Try torch.stack(examples)."
        )
    return make(given, x.expand(given.shape))


def _named(name: str, x: Tensor, seed: int) -> Tensor:
    if name not in NAMES:
        raise OptionError(f"no baseline is called {name!r}. {nearest(name, NAMES)}")
    if name in IN_UNIT_RANGE and (x.min() < 0 or x.max() > 1):
        raise InputError(
            f"baseline {name!r} is meant for values in [0, 1]; "
            f"this example spans [{x.min():.3g}, {x.max():.3g}]. "
            "Try xk.Preprocessed(model, mean=…, std=…) with the unnormalised picture, or give a tensor."
        )
    if name == "black":
        return torch.zeros_like(x)
    if name == "white":
        return torch.ones_like(x)
    if name == "gray":
        return torch.full_like(x, 0.5)
    if name == "mean":
        return (
            x.flatten(1).mean(1).reshape(-1, 1, 1).expand_as(x).clone()
            if x.dim() == 3
            else x.mean().expand_as(x).clone()
        )
    if name == "noise":
        return torch.from_numpy(uniform(x)(generator(seed))).to(x)
    if name == "max_distance":
        return (x < 0.5).to(x)
    return gaussian_blur(x, torch.tensor(0.1 * min(picture_shape(x, "baseline 'blur'")[1:])))
