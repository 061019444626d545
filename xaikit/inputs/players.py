"""Who takes part, and what the model sees when only some do: columns, superpixels, words, or named players.

S  a coalition, as a row of booleans      m  examples of the background
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.errors import InputError, OptionError
from ..core.model import Model
from ..core.stack import Derived, Stack
from ..core.types import Baseline
from . import baselines, regions
from .text import as_mask, tokens

#: Which inputs go together: numbers (the shape of x, or (H, W)), or how a picture is cut.
Groups = str | Tensor | np.ndarray | None


@dataclass(frozen=True)
class Players:
    """Who takes part.

    names   one for each of the n
    inputs  coalitions (k, n) → what the model sees, m for each: (k · m, …) or k texts
    m       how many inputs a coalition has: one for each example of the background
    index   for numbers, the owner of each value: (…) that broadcasts against x; None for words and names
    shape   of the attribution
    pieces  of a text, with the punctuation and the spaces that are theirs
    """

    names: list[str]
    inputs: Callable[[Tensor], Any]
    shape: tuple[int, ...]
    m: int = 1
    index: Tensor | None = None
    pieces: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    def spread(self, values: Tensor) -> Tensor:
        """One number a player (n,) or (k, n) → what each input gets: that of its player."""
        if self.index is None:
            return values
        spread = values[..., self.index.to(values.device)]
        return spread.reshape(*values.shape[:-1], *self.shape)

    def stack(self, coalitions: "Tensor | Stack", at_once: int) -> Derived:
        """What the model sees of each coalition, (k · m, …) or texts; made when somebody looks."""

        def rows(where: slice) -> Any:
            first, last = where.start // self.m, -(-where.stop // self.m)
            made = self.inputs(coalitions[slice(first, last)])
            return made[where.start - first * self.m : where.stop - first * self.m]

        return Derived(len(coalitions) * self.m, rows, batch_size=at_once)


def players_of(
    model: Model, x: Any, groups: Groups = None, background: "Baseline | None" = "black", cut: int = 50
) -> Players:
    """Who takes part in the explanation of x.

    A row: its columns, or `groups` of them · a picture: superpixels, about `cut` of them, or `groups` ·
    a text: its words · a list of names: themselves. Who is absent is replaced by the background.
    """
    if groups is not None and not isinstance(x, Tensor):
        raise OptionError("groups are for pictures and rows: a text is taken word by word. Try groups=None.")
    if isinstance(x, str):
        return word_players(x)
    if isinstance(x, list):
        return Players(x, lambda coalitions: coalitions, (len(x),))
    if groups is None and x.dim() == 3:
        groups = "slic"
    index = group_index(groups, x, cut)
    pool = baselines.background(background, x)
    n = int(index.max()) + 1
    known = model.names_of(x) if groups is None else None
    names = known or [named(x, groups, k) for k in range(n)]
    inside = index.to(x.device)

    def inputs(coalitions: Tensor) -> Tensor:
        present = coalitions.to(x.device)[:, None, inside]  # (k, 1, …), the same for every example
        return torch.where(present, x, pool).flatten(0, 1)

    shape = tuple(x.shape if index.shape == x.shape else index.shape[-2:])
    return Players(names, inputs, shape, len(pool), index)


def named(x: Tensor, groups: Groups, k: int) -> str:
    """What player k is called where nobody gave it a name."""
    if x.dim() == 3:
        return f"segment {k}"
    return f"feature {k}" if groups is None else f"group {k}"


def word_players(text: str, unit: str = "word") -> Players:
    """The pieces of a text; who is absent is taken out of it."""
    pieces = tokens(text, unit)

    def inputs(coalitions: Tensor) -> list[str]:
        return [pieces.without(kept) for kept in as_mask(coalitions)]

    return Players(pieces.names, inputs, (len(pieces),), pieces=pieces.pieces)


def group_index(groups: Groups, x: Tensor, cut: int = 50) -> Tensor:
    """The owner of each value, numbered from 0 without gaps: (…) that broadcasts against x.

    None: each value is alone. Raises InputError for a misfit, OptionError for an unknown way to cut.
    """
    if groups is None:
        return torch.arange(x.numel()).reshape(x.shape)
    if isinstance(groups, str):
        return regions.superpixels(x, groups, cut)[None]
    given = regions.real_numbers(groups)
    try:
        if given.is_floating_point() or given.numel() == 0:
            raise RuntimeError
        given.expand(x.shape)
    except RuntimeError:
        raise InputError(
            f"groups are whole numbers that broadcast to the example's shape {tuple(x.shape)}, or a way to "
            f"cut a picture ({', '.join(regions.CUTS)}); {tuple(given.shape)} {given.dtype} was given. "
            "Try groups=torch.tensor([0, 0, 1])."
        ) from None
    _, index = given.cpu().unique(return_inverse=True)
    whole = index.dim() == x.dim() and index.shape == x.shape
    per_pixel = x.dim() == 3 and index.shape[-2:] == x.shape[-2:] and index.numel() == x[0].numel()
    if per_pixel and not whole:
        return index.reshape(1, *x.shape[-2:])
    return index.expand(x.shape).clone()


def coalition_names(coalitions: Tensor, names: list[str]) -> list[str]:
    """`{rain, wind}` for each row; nobody is ∅."""
    rows = as_mask(coalitions).numpy()
    labels = np.array(names, dtype=object)
    return ["{" + ", ".join(labels[row]) + "}" if row.any() else "∅" for row in rows]
