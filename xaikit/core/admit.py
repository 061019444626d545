"""What a method may be given as its example: a picture, a row, rows, a text, or the players of a game."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from .errors import InputError, shown

#: The kinds of one example.
EXAMPLES = frozenset({"picture", "row", "rows", "text", "players"})


def admitted(x: Any, takes: tuple[str, ...], who: str) -> Any:
    """The example as the method takes it: a tensor, a text, or a list of names. InputError otherwise."""
    if isinstance(x, str) and "text" in takes:
        return one_text(x, who)
    if isinstance(x, (list, tuple)) and "players" in takes and not any(isinstance(p, Tensor) for p in x):
        return players(x, who)
    if takes == ("text",):
        raise InputError(f"{who} explains a text; {type(x).__name__} was given. Try a str.")
    if takes == ("rows",):
        return several(x, who)
    example = one_example(x)
    if "picture" not in takes and example.dim() != 1:
        raise InputError(f"{who} needs one row (features,); {tuple(example.shape)} was given. Try X[0].")
    if "row" not in takes and example.dim() != 3:
        given = tuple(example.shape)
        raise InputError(f"{who} needs a picture (channels, height, width); {given} was given. Try x[0].")
    return example


def one_text(x: str, who: str) -> str:
    """The text; InputError if there is nothing in it."""
    if not x.strip():
        raise InputError(f"{who} was given an empty text: there is no word to take away. Try a sentence.")
    return x


def players(x: Any, who: str) -> list[str]:
    """The names of the players of a game, each once."""
    names = list(x)
    if not names or not all(isinstance(p, str) for p in names) or len(set(names)) < len(names):
        raise InputError(
            f"{who} explains a game of named players, each named once; {shown(x)} was given. "
            "Try ['rain', 'wind'], or torch.tensor(…) for a row of numbers."
        )
    return names


def several(x: Any, who: str) -> Tensor:
    """Rows or pictures with their leading axis, two at least."""
    given = x.to_numpy() if hasattr(x, "to_numpy") else x
    many = getattr(given, "ndim", 0) in (2, 4) and len(given) > 1
    if not many:
        raise InputError(
            f"{who} needs several rows (n, features), or pictures (n, channels, height, width); "
            f"{tuple(given.shape) if hasattr(given, 'shape') else type(given).__name__} was given. "
            "Try a batch of the data."
        )
    return one_example(given)


def one_example(x: Any) -> Tensor:
    """An example without a batch axis, as a floating-point tensor. Raises InputError for anything else."""
    x = as_tensor(x)
    if not isinstance(x, Tensor):
        raise InputError(f"the example is a {type(x).__name__}. Try a torch tensor or a numpy array.")
    if x.layout is not torch.strided or x.is_nested or x.is_meta:
        raise InputError("the example is a sparse, nested or empty tensor. Try a dense one, x.to_dense().")
    if not x.is_floating_point():
        raise InputError(
            f"the example has numbers of type {x.dtype}. Try x.float(), for a picture x.float() / 255."
        )
    if x.dim() in (2, 4) and x.shape[0] == 1:
        x = x[0]
    if x.dim() == 0 or x.numel() == 0:
        raise InputError(
            f"the example has shape {tuple(x.shape)}: there is nothing in it to explain. "
            "Try one picture (channels, height, width) or one row (features,)."
        )
    if not torch.isfinite(x).all():
        raise InputError("the example has NaN or infinite values. Try torch.nan_to_num(x).")
    return x


def as_tensor(x: Any) -> Any:
    """Arrays and rows of data frames that hold numbers as tensors; everything else as it is."""
    if hasattr(x, "to_numpy"):
        x = x.to_numpy()
    if isinstance(x, np.ndarray) and x.dtype.kind in "fiub":
        return torch.from_numpy(np.require(x, requirements=["C", "W"]))
    return x


def picture_shape(x: Tensor, who: str) -> tuple[int, int, int]:
    """(C, H, W) of a picture; raises InputError if `x` is none."""
    if x.dim() != 3:
        raise InputError(f"{who} needs a picture (channels, height, width); {tuple(x.shape)} was given.")
    channels, height, width = x.shape
    return channels, height, width
