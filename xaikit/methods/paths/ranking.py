"""Ranking: in what order regions enter, and which pixels each of them adds."""

import itertools
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor


class Ranking:
    """All regions of several layers of region numbers: which pixels each has, and what is left of it.

    `take(region)` covers its pixels and gives those that were not covered before; `counts` and `sums`, the
    pixels and the relevance that each region would still add, follow. A pixel belongs to one region a layer,
    so covering the whole picture costs one pass over the layers.
    """

    def __init__(self, relevance: Tensor, layers: Tensor) -> None:
        self.relevance = relevance.detach().cpu().double().flatten().numpy()
        self.n, table = 0, []
        for layer in layers.numpy():
            names, number = np.unique(layer, return_inverse=True)
            none = int((names < 0).sum())  # a name below zero stands for "in no region"
            table.append(np.where(number < none, -1, number - none + self.n).ravel())
            self.n += len(names) - none
        self.table = np.stack(table)
        self.covered = np.zeros(self.relevance.size, bool)
        by_region = np.argsort(self.table, axis=None, kind="stable") % self.relevance.size
        ends = np.cumsum(np.bincount(self.table.ravel() + 1, minlength=self.n + 1))
        self.pixels = [by_region[a:b] for a, b in itertools.pairwise(ends)]
        self.counts, self.sums = self._tally(np.arange(self.relevance.size))

    def _tally(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How many of these pixels, and how much of their relevance, lies in each region."""
        inside = self.table[:, pixels].ravel() + 1
        counts = np.bincount(inside, minlength=self.n + 1)[1:]
        weights = np.tile(self.relevance[pixels], len(self.table))
        return counts, np.bincount(inside, weights, minlength=self.n + 1)[1:]

    def take(self, region: int) -> np.ndarray:
        """Cover a region; the pixels that are new."""
        pixels = self.pixels[region]
        new = pixels[~self.covered[pixels]]
        self.covered[new] = True
        counts, sums = self._tally(new)
        self.counts, self.sums = self.counts - counts, self.sums - sums
        return new

    def density(self, at_least: int) -> np.ndarray:
        """The mean relevance of what each region would still add; -inf where that is too few pixels."""
        return np.where(self.counts >= at_least, self.sums / np.maximum(self.counts, 1), -np.inf)

    def greedily(self, at_least: int) -> Iterator[Tensor]:
        """The new pixels of the densest region, then of the densest in what is left, and so on."""
        while (density := self.density(at_least)).max(initial=-np.inf) > -np.inf:
            yield torch.from_numpy(self.take(int(density.argmax())))

    def by_density(self, at_least: int) -> Iterator[Tensor]:
        """The new pixels of each region, in the order of their density at the start."""
        for region in np.argsort(-self.density(at_least), kind="stable"):
            if self.counts[region] >= at_least:
                yield torch.from_numpy(self.take(int(region)))
