"""Regions: a picture is cut into pieces."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..core.admit import picture_shape
from ..core.errors import InputError, one_of, shown

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


def segments_of(segments: Any, x: Tensor) -> Tensor:
    """The owner of each pixel of a picture, numbered from 0 without gaps: (H, W). InputError for a misfit."""
    if isinstance(segments, str):
        return superpixels(x, segments)
    given = real_numbers(segments)
    maps = given if given.dim() == 3 else given[None]
    fits = maps.dim() == 3 and maps.shape[0] in (1, len(x)) and maps.shape[1:] == x.shape[1:]
    if not fits or given.is_floating_point() or not bool((maps == maps[:1]).all()):
        raise InputError(
            f"segments are region numbers {tuple(x.shape[1:])}, the same for all channels, or a way to cut a "
            f"picture ({', '.join(CUTS)}); {shown(segments)} was given. Try 'quickshift'."
        )
    return maps[0].cpu().unique(return_inverse=True)[1]


def real_numbers(given: Any) -> Tensor:
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
    given = real_numbers(segments)
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
    base = real_numbers(given).to(x)
    if base.shape not in (x.shape, x.shape[1:]) or not torch.isfinite(base).all():
        raise InputError(
            f"base_attribution must have the shape {tuple(x.shape)} or {tuple(x.shape[1:])} and finite "
            f"values; {tuple(base.shape)} was given. Try another explanation's .attribution."
        )
    return base
