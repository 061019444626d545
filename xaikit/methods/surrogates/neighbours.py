"""Neighbours of an example: samples in which some of it is as it was and the rest is not.

z  samples (k, n), 1 where something is as in the example      x  the example
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...core.errors import InputError, OptionError, nearest, shown
from ...core.sampling import generator
from ...core.types import Baseline
from ...inputs import baselines
from ...inputs.tables import frame

WHOLE = (int, np.int64, np.int32)  # how a column is counted


def coin_flips(n: int, count: int, seed: int) -> Tensor:
    """Samples (count, n) in which each of n is on or off by the toss of a coin; in the first all are on."""
    z = generator(seed).integers(0, 2, size=(count, n)).astype(np.float32)
    z[0] = 1
    return torch.from_numpy(z)


def erasures(n: int, count: int, seed: int) -> Tensor:
    """Samples (count, n) with 1 to n taken away, each number as likely as any; in the first all are there."""
    random = generator(seed)
    many = random.integers(1, n + 1, size=count)
    many[0] = 0
    ranks = random.random((count, n)).argsort(1).argsort(1)
    return torch.from_numpy((ranks >= many[:, None]).astype(np.float32))


def cosine(z: Tensor) -> Tensor:
    """The cosine distance of each sample from the one with everything on; 1 for the one with nothing."""
    return 1 - z.double().mean(1).sqrt()


def covered(hidden: Baseline, x: Tensor, region: Tensor) -> Tensor:
    """The picture with every superpixel hidden: by its own mean colour ("mean"), or by a baseline."""
    if not isinstance(hidden, str) or hidden != "mean":
        return baselines.make(hidden, x)
    flat, n = region.flatten(), int(region.max()) + 1
    sums = x.new_zeros(len(x), n).index_add_(1, flat, x.flatten(1))
    return (sums / flat.bincount(minlength=n).to(x))[:, flat].reshape(x.shape)


# Rows -----------------------------------------------------------------------------------------------------


def data_for(background: Any, x: Tensor) -> Tensor:
    """The rows that samples are made of, (m, features). Raises InputError for fewer than two."""
    given = background.to_numpy() if hasattr(background, "to_numpy") else background
    data = baselines.background(given, x)
    if len(data) < 2:
        raise InputError(
            f"lime_tabular makes its samples of data, two rows at least; {len(data)} was given. "
            "Try background=xk.data.table('iris').X."
        )
    return data


def columns(categorical: Any, names: list[str]) -> set[int]:
    """The places of the categorical columns, given by place or name. OptionError for any other."""
    found = set()
    for column in categorical if isinstance(categorical, (tuple, list, set)) else [categorical]:
        if isinstance(column, str) and column in names:
            found.add(names.index(column))
        elif type(column) in WHOLE and column in range(len(names)):
            found.add(int(column))
        else:
            given = shown(column)
            raise OptionError(f"categorical names columns; {given} is none. {nearest(given, names)}")
    return found


def mixed_rows(data: Tensor, x: Tensor, count: int, seed: int) -> Tensor:
    """Rows (count, features), each value drawn by itself from its column; the first one is x."""
    which = generator(seed).integers(len(data), size=(count, len(x)))
    rows = data.gather(0, torch.from_numpy(which).to(data.device))
    rows[0] = x
    return rows


class Bins:
    """The quarters of each column, and in which of them the example lies; a category is its own bin."""

    def __init__(self, data: Tensor, x: Tensor, categorical: set[int]) -> None:
        self.x, self.categorical = x, categorical
        quartiles = torch.quantile(data.double(), torch.tensor([0.25, 0.5, 0.75], dtype=torch.float64), dim=0)
        self.edges = [q.unique() for q in quartiles.T.to(x)]
        self.of_x = [self.place(x[i : i + 1], i)[0] for i in range(len(x))]

    def place(self, values: Tensor, i: int) -> Tensor:
        """The bin of each value of column i: up to an edge belongs to the lower one."""
        return torch.searchsorted(self.edges[i], values.contiguous())

    def same(self, rows: Tensor) -> Tensor:
        """1 where a row (k, features) is in the bin of the example, in single precision on the CPU."""
        found = [
            rows[:, i] == self.x[i] if i in self.categorical else self.place(rows[:, i], i) == self.of_x[i]
            for i in range(len(self.x))
        ]
        return torch.stack(found, 1).float().cpu()

    def names(self, names: list[str]) -> list[str]:
        """`5.10 < petal length ≤ 6.90` for each column."""
        return [self._name(i, name) for i, name in enumerate(names)]

    def _name(self, i: int, name: str) -> str:
        if i in self.categorical:
            return f"{name} = {float(self.x[i]):.4g}"
        edges, k = self.edges[i].tolist(), int(self.of_x[i])
        low = f"{edges[k - 1]:.4g} < " if k > 0 else ""
        high = f" ≤ {edges[k]:.4g}" if k < len(edges) else ""
        return f"{low}{name}{high}"

    def table(self, names: list[str]) -> Any:
        """The value of each column, its bin, and how many bins there are."""
        bins = [None if i in self.categorical else int(k) + 1 for i, k in enumerate(self.of_x)]
        count = [None if i in self.categorical else len(e) + 1 for i, e in enumerate(self.edges)]
        return frame(
            {
                "feature": names,
                "value": self.x.cpu().double().numpy(),
                "bin": ["category" if b is None else f"{b} of {n}" for b, n in zip(bins, count, strict=True)],
                "condition": self.names(names),
            }
        )
