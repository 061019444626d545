"""Regions: a picture is cut into pieces, and the pieces are put in an order."""

import itertools
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .baselines import picture_shape
from .errors import InputError, one_of

#: Felzenszwalb's scales, from fine to coarse.
SCALES = (50, 100, 150, 250, 500, 1200)
#: The ways to cut a picture into superpixels.
CUTS = ("quickshift", "slic", "felzenszwalb")


def felzenszwalb(x: Tensor, scales: Sequence[float] = SCALES) -> Tensor:
    """A picture cut up once for each scale, as scikit-image does: region numbers from 0, (scales, H, W).

    Edges are measured in the values of the picture, so that a scale means the same for every picture in
    [0, 1]; what is wider is squeezed into it. Source: Felzenszwalb and Huttenlocher 2004.
    """
    from skimage.segmentation import felzenszwalb as cut  # skimage takes a while to import

    picture_shape(x, "a segmentation")
    low, high = min(0.0, float(x.min())), max(1.0, float(x.max()))
    picture = ((x.detach().cpu().double() - low) / (high - low)).movedim(0, -1).contiguous().numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of pictures with more than three channels
        cuts = [cut(picture, scale=scale, sigma=0.8, min_size=20) for scale in scales]
    return torch.from_numpy(np.stack(cuts))


def superpixels(x: Tensor, how: str, cut: int = 50) -> Tensor:
    """A picture cut into pieces of one colour, numbered from 0: (H, W).

    quickshift  with the settings that LIME uses at 224 pixels, its kernel as wide beside any picture
    slic  about `cut` pieces of one size
    felzenszwalb  scale 100, pieces of 20 pixels at least
    Sources: Vedaldi and Soatto 2008; Achanta 2012; Felzenszwalb and Huttenlocher 2004.
    """
    from skimage import segmentation  # skimage takes a while to import

    one_of("the way to cut a picture", how, CUTS)
    picture_shape(x, "a segmentation")
    low, high = min(0.0, float(x.min())), max(1.0, float(x.max()))
    picture = ((x.detach().cpu().double() - low) / (high - low)).movedim(0, -1).contiguous().numpy()
    if how == "felzenszwalb":
        return felzenszwalb(x, (100,))[0]
    if how == "slic":
        pieces = segmentation.slic(picture, n_segments=cut, compactness=10, start_label=0, channel_axis=-1)
    else:
        width: Any = max(1.0, min(x.shape[1:]) / 56)  # its stub wants a whole number
        colours = picture if picture.shape[-1] == 3 else np.repeat(picture[..., :1], 3, -1)
        pieces = segmentation.quickshift(colours, kernel_size=width, max_dist=200, ratio=0.2, rng=42)
    _, numbers = np.unique(pieces, return_inverse=True)
    return torch.from_numpy(numbers.reshape(pieces.shape)).long()


def plain(given: Any) -> Tensor:
    """A dense tensor of real numbers, detached, from what somebody gave; an empty one if there is none."""
    try:
        rows = np.stack(given) if isinstance(given, (list, tuple)) else given
        rows = np.require(rows, requirements=["C", "W"]) if isinstance(rows, np.ndarray) else rows
        found = torch.as_tensor(rows).detach()
    except (TypeError, ValueError, RuntimeError):
        return torch.zeros(0)
    odd = found.layout is not torch.strided or found.is_nested or found.is_meta or found.is_complex()
    return torch.zeros(0) if odd else found


def numbered(segments: Any, x: Tensor) -> Tensor:
    """Somebody's own segments as region numbers (layers, H, W), -1 where a layer has no region.

    Whole numbers (H, W) or (layers, H, W) say which region a pixel belongs to; boolean masks (regions, H, W)
    may overlap. Raises InputError for anything else.
    """
    height, width = x.shape[-2:]
    given = plain(segments)
    layers = given[None] if given.dim() == 2 else given
    if layers.dim() != 3 or layers.shape[1:] != (height, width) or len(layers) == 0:
        raise InputError(
            f"segments are region numbers ({height}, {width}) or (layers, {height}, {width}), or as many "
            f"boolean masks; {tuple(given.shape)} was given. Try skimage.segmentation.slic(…)."
        )
    if layers.dtype == torch.bool:
        names = torch.arange(len(layers)).reshape(-1, 1, 1)
        return torch.where(layers.cpu(), names, -1)
    if layers.is_floating_point():
        raise InputError("segments are whole numbers or boolean masks. Try segments.long().")
    return layers.cpu().long()


def pixel_map(given: Tensor, x: Tensor) -> Tensor:
    """Somebody's own attribution, (C, H, W) or (H, W). Raises InputError for a misfit."""
    base = plain(given).to(x)
    if base.shape not in (x.shape, x.shape[1:]) or not torch.isfinite(base).all():
        raise InputError(
            f"base_attribution must have the shape {tuple(x.shape)} or {tuple(x.shape[1:])} and finite "
            f"values; {tuple(base.shape)} was given. Try another explanation's .attribution."
        )
    return base


class Regions:
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
