"""Against saliency: XRAI, given the same base attribution and the same pieces; full and fast.

Both sides take the densest region, or sort by density, and give every pixel the mean of what its region
added; nothing is approximated, so they agree to rounding. saliency's segment ranks are sorted by that gain
afterwards, ours number the regions as they enter: the two orders differ where a small dense rest comes late.
"""

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.inputs.regions import felzenszwalb

from .. import networks
from .agreement import close, doubled

METHODS = {"full": xk.xrai, "fast": xk.xrai_fast}
both = pytest.mark.parametrize("algorithm", METHODS)


def theirs(pair, x, base, masks, algorithm, min_pixels):
    """saliency's heat map (H, W) and its segment ranks, for masks (regions, H, W)."""
    parameters = pair.XRAIParameters(return_xrai_segments=True, algorithm=algorithm)
    parameters.experimental_params["min_pixel_diff"] = min_pixels
    channels_last = [np.moveaxis(t.cpu().numpy(), 0, -1) for t in (x, base)]
    given = {"base_attribution": channels_last[1], "segments": list(masks.cpu().numpy())}
    out = pair.XRAI().GetMaskWithDetails(channels_last[0], None, **given, extra_parameters=parameters)
    return torch.from_numpy(out.attribution_mask), torch.from_numpy(out.segments)


def ours(algorithm, x, base, segments, min_pixels):
    options = {"target": 0, "base_attribution": base, "segments": segments, "min_pixels": min_pixels}
    return METHODS[algorithm](networks.small_cnn().double(), x, **options)


def masks_of(layers):
    """Label maps (layers, H, W) → one boolean mask a region, layer by layer."""
    return torch.cat([torch.stack([layer == name for name in layer.unique()]) for layer in layers])


def discs(size: int, n: int, seed: int) -> torch.Tensor:
    """Round masks that overlap and do not cover everything."""
    row, column = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    middle = size * networks.random(n, 3, seed=seed, dtype=torch.float64).cpu()
    distance = ((row - middle[:, :1, None]) ** 2 + (column - middle[:, 1:2, None]) ** 2).sqrt()
    return distance <= 2 + middle[:, 2:, None] / 4


def ranks_by_gain(order: torch.Tensor, gains: torch.Tensor) -> torch.Tensor:
    """The rank that saliency gives: regions sorted by their gain, and at the end what is in no region."""
    rank = torch.full((len(gains),), len(gains))
    rank[gains[:-1].argsort(descending=True, stable=True)] = torch.arange(1, len(gains))
    return rank[order - 1]


@both
@pytest.mark.parametrize("min_pixels", [1, 20, 50])
@pytest.mark.parametrize("seed", range(3))
def test_xrai_with_masks_that_overlap_is_saliencys(seed, min_pixels, algorithm, pair):
    x = networks.random(3, 40, 40, seed=seed, dtype=torch.float64)
    base = networks.random(3, 40, 40, seed=10 + seed, dtype=torch.float64) - 0.6
    masks = discs(40, 30, seed)
    found = ours(algorithm, x, base, masks, min_pixels)
    heat, ranks = theirs(pair, x, base, masks, algorithm, min_pixels)
    close(found.attribution, heat)
    assert not masks.any(0).all(), "there is a rest that no region covers, and it comes last"
    assert torch.equal(ranks_by_gain(found["order"].cpu(), found["region_gains"].cpu()), ranks)


@both
@pytest.mark.parametrize("min_pixels", [1, 20, 100])
@pytest.mark.parametrize("photo", ["cat", "coffee"])
def test_xrai_of_a_photograph_is_saliencys_on_the_same_pieces(photo, min_pixels, algorithm, pair):
    x = xk.data.photo(photo, 96).double()
    base = xk.integrated_gradients(networks.small_cnn().double(), x, target=0, n_steps=4).attribution
    layers = felzenszwalb(x)
    found = ours(algorithm, x, base, layers, min_pixels)
    heat, _ = theirs(pair, x, base, masks_of(layers), algorithm, min_pixels)
    close(found.attribution, heat)
    from_masks = ours(algorithm, x, base, masks_of(layers), min_pixels)
    close(from_masks.attribution, heat)
    assert torch.equal(found["order"], from_masks["order"])


@both
def test_without_overlaps_our_order_is_saliencys_rank(algorithm, pair):
    """Then gains fall from region to region, and sorting them changes nothing."""
    x = networks.random(3, 40, 40, dtype=torch.float64)
    base = networks.random(3, 40, 40, seed=3, dtype=torch.float64) - 0.6
    layer = felzenszwalb(xk.data.photo("cat", 40))[1:2]
    found = ours(algorithm, x, base, layer, 1)
    _, ranks = theirs(pair, x, base, masks_of(layer), algorithm, 1)
    assert torch.equal(found["order"].cpu(), ranks)
    assert (found["region_gains"].diff() <= 0).all()


def test_the_base_attribution_is_the_mean_of_two_integrated_gradients_as_saliencys(
    zoo_model, pair, asked, monkeypatch
):
    """saliency starts at the picture's own least and greatest value, and its sum takes both ends whole."""
    model, x = doubled("shapes", zoo_model)
    x = x.clone()
    x[:, 0, 0], x[:, 0, 1] = 0, 1  # so that its baselines are black and white
    n = 64
    parameters = pair.XRAIParameters(steps=n, return_xrai_segments=True, return_ig_attributions=True)
    parameters.experimental_params["min_pixel_diff"] = 20
    layers = felzenszwalb(x)
    given = {"segments": list(masks_of(layers).numpy()), "batch_size": 16, "extra_parameters": parameters}
    out = pair.XRAI().GetMaskWithDetails(np.moveaxis(x.cpu().numpy(), 0, -1), asked(model), **given)
    found = xk.xrai(model, x, target=1, n_steps=n, segments=layers)
    for name, other in zip(("attribution_black", "attribution_white"), out.ig_attribution, strict=True):
        pixels = torch.from_numpy(np.moveaxis(other, -1, 0)).to(x)
        pair_of_maps = torch.stack([found[name].attribution.flatten(), pixels.flatten()])
        assert torch.corrcoef(pair_of_maps)[0, 1] > 0.98
    maps = torch.stack([found.attribution.flatten(), torch.from_numpy(out.attribution_mask).to(x).flatten()])
    assert torch.corrcoef(maps)[0, 1] > 0.95
