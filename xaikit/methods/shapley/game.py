"""The game that a prediction is: v(S), what each coalition is worth.

S  a coalition, as a row of booleans      v(S)  its value: the mean score over the background
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...core.errors import ModelError, OptionError, first_line, shown
from ...core.model import Model
from ...core.score import Score, score
from ...core.stack import Stack, progress
from ...core.types import Target
from ...inputs.players import Players
from ...inputs.text import as_mask


class Value:
    """v(S): what a coalition is worth, asked in bounded batches and counted.

    For a model it is the mean score over the background, for a game what its function says about a frozenset.
    """

    def __init__(self, model: Model, x: Any, target: Target, players: Players) -> None:
        self.model, self.players = model, players
        self.F: Score | None = None if isinstance(x, list) else score(model, x, target)
        self.at_once = max(1, model.rows_at_once(x) if self.F else 1024)

    def __call__(self, coalitions: "Tensor | Stack") -> Tensor:
        """Coalitions (k, n) → values (k,), in double precision on the CPU."""
        if self.F is None:
            return self._of_game(coalitions)
        m, parts = self.players.m, []
        whole = max(1, self.at_once // m)  # coalitions in a batch
        starts = range(0, len(coalitions), whole)
        for start in progress(starts) if len(coalitions) * m > 20_000 else starts:
            some = coalitions[start : start + whole]
            scores = self.F(self.players.inputs(some))
            parts.append(scores.double().reshape(len(some), m).mean(1).cpu())
        return torch.cat(parts) if parts else torch.zeros(0, dtype=torch.float64)

    def _of_game(self, coalitions: "Tensor | Stack") -> Tensor:
        names, values = self.players.names, []
        for row in as_mask(coalitions[:]):
            members = frozenset(name for name, present in zip(names, row.tolist(), strict=True) if present)
            values.append(worth(self.model.module, members))
        self.model.forward_samples += len(values)
        return torch.tensor(values, dtype=torch.float64)

    def ends(self) -> tuple[Tensor, Tensor]:
        """v of nobody and v of everybody."""
        n = len(self.players)
        nobody, everybody = self(torch.tensor([[False] * n, [True] * n]))
        return nobody, everybody


def worth(game: Callable[[frozenset[str]], Any], members: frozenset[str]) -> float:
    """What the game's function says about a set. Raises ModelError if that is no finite number."""
    try:
        with torch.no_grad():  # the game may ask a network
            value = float(game(members))
    except Exception as error:
        raise ModelError(
            f"the game could not say what {shown(sorted(members))} is worth: {type(error).__name__}: "
            f"{first_line(error)}. "
            "Try a function of a frozenset of names that gives a number for every set."
        ) from error
    if not np.isfinite(value):
        raise ModelError(
            f"the game says {value} of {shown(sorted(members))}. Try a function with finite values."
        )
    return value


def at_most(players: Players, most: int, who: str) -> None:
    """Raise OptionError if there are more players than all coalitions can be asked for."""
    if len(players) > most:
        raise OptionError(
            f"{who} asks for every coalition, and {len(players)} players have 2^{len(players)}; {most} are "
            "the most. Try kernel_shap or shapley_sampling, or larger groups=."
        )
