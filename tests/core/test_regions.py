"""Regions: pieces of a picture, by hand, against sets of pixels, and against scikit-image."""

import tracemalloc

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.segmentation import felzenszwalb as cut

import xaikit as xk
from xaikit.inputs.regions import SCALES, felzenszwalb, numbered, pixel_map
from xaikit.methods.paths.ranking import Ranking

from .. import networks
from ..networks import tensor

RELEVANCE = tensor([6.0, 5, 3, 1, 0, -2])
LAYERS = torch.tensor([[[0, 0, 1, 1, 2, 2]], [[-1, 7, 7, 7, -1, -1]]])


def test_a_region_knows_its_pixels_and_what_it_would_add():
    regions = Ranking(RELEVANCE[None], LAYERS)
    assert regions.n == 4
    assert [p.tolist() for p in regions.pixels] == [[0, 1], [2, 3], [4, 5], [1, 2, 3]]
    assert regions.counts.tolist() == [2, 2, 2, 3]
    assert regions.sums.tolist() == [11, 4, -2, 9]
    assert regions.density(1).tolist() == [5.5, 2, -1, 3]
    assert regions.density(3).tolist() == [-np.inf, -np.inf, -np.inf, 3]


def test_taking_a_region_leaves_the_others_what_is_not_covered():
    regions = Ranking(RELEVANCE[None], LAYERS)
    assert regions.take(3).tolist() == [1, 2, 3]
    assert regions.counts.tolist() == [1, 0, 2, 0]
    assert regions.sums.tolist() == [6, 0, -2, 0]
    assert regions.take(0).tolist() == [0]
    assert regions.take(1).tolist() == []
    assert regions.covered.tolist() == [True] * 4 + [False] * 2


def test_regions_enter_greedily_or_by_their_own_density():
    enter = lambda how, least: [p.tolist() for p in getattr(Ranking(RELEVANCE[None], LAYERS), how)(least)]  # noqa: E731
    assert enter("greedily", 1) == [[0, 1], [2, 3], [4, 5]]
    assert enter("by_density", 1) == [[0, 1], [2, 3], [4, 5]]
    assert enter("by_density", 2) == [[0, 1], [2, 3], [4, 5]]
    assert enter("greedily", 3) == [[1, 2, 3]]
    assert enter("by_density", 4) == []


@st.composite
def layered(draw):
    """Relevance and layers of labels, with places that no region has."""
    height, width, n = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(1, 4))
    size = n * height * width
    labels = draw(st.lists(st.integers(-2, 4), min_size=size, max_size=size))
    seed = draw(st.integers(0, 99))
    relevance = networks.random(height, width, seed=seed, dtype=torch.float64) - 0.5
    return relevance, torch.tensor(labels).reshape(n, height, width)


def as_sets(layers):
    """Every region as the set of its pixels, layer by layer in the order of the labels."""
    flat = layers.flatten(1).tolist()
    names = [(k, name) for k, layer in enumerate(flat) for name in sorted(set(layer)) if name >= 0]
    return [{i for i, other in enumerate(flat[k]) if other == name} for k, name in names]


def slow_order(relevance, sets, at_least, greedy):
    """Sets of pixels that enter one by one."""
    values, covered, entered, left = relevance.flatten().tolist(), set(), [], list(sets)
    mean = lambda pixels: sum(values[i] for i in pixels) / len(pixels) if pixels else -np.inf  # noqa: E731
    if not greedy:
        left.sort(key=lambda s: -mean(s))
    while left:
        if greedy:
            left = [s for s in left if len(s - covered) >= at_least]
            if not left:
                break
            best = max(left, key=lambda s: mean(s - covered))
        else:
            best = left[0]
        left.remove(best)
        if len(best - covered) >= at_least:
            entered.append(best - covered)
            covered |= best
    return entered


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(case=layered(), at_least=st.integers(1, 4))
def test_regions_enter_as_sets_of_pixels_do(case, at_least):
    relevance, layers = case
    sets = as_sets(layers)
    assert [set(p.tolist()) for p in Ranking(relevance, layers).pixels] == sets
    for greedy, how in ((True, "greedily"), (False, "by_density")):
        found = [set(p.tolist()) for p in getattr(Ranking(relevance, layers), how)(at_least)]
        assert found == slow_order(relevance, sets, at_least, greedy), how


def test_a_picture_of_a_million_pixels_is_ordered_in_bounded_memory():
    """Six layers of up to 2,500 squares each; a table of all numbers has 48 MB."""
    row, column = torch.meshgrid(torch.arange(1000), torch.arange(1000), indexing="ij")
    layers = torch.stack([row // side * 1000 + column // side for side in (20, 25, 40, 50, 100, 250)])
    relevance = networks.random(1000, 1000).cpu()
    tracemalloc.start()
    try:
        entered = list(Ranking(relevance, layers).greedily(20))
        _, highest = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert highest < 10 * 48e6
    pixels = torch.cat(entered)
    assert len(pixels) == 10**6
    assert len(pixels.unique()) == 10**6


# What may be given ---------------------------------------------------------------------------------------


def test_masks_become_one_layer_each_and_may_overlap():
    masks = torch.tensor([[[True, True, False]], [[False, True, True]]])
    x = networks.random(3, 1, 3)
    expected = [[[0, 0, -1]], [[-1, 1, 1]]]
    for given_masks in (masks, masks.numpy(), list(masks.numpy()), list(masks.unbind())):
        assert numbered(given_masks, x).tolist() == expected
    assert numbered(masks[0], x).tolist() == [[[0, 0, -1]]]


def test_region_numbers_are_one_layer_or_several_in_any_whole_type():
    labels = torch.tensor([[5, 5, 2]])
    x = networks.random(3, 1, 3)
    for dtype in (torch.long, torch.int32, torch.uint8, torch.int16):
        assert numbered(labels.to(dtype), x).tolist() == [[[5, 5, 2]]]
    assert numbered(labels.numpy().astype(np.uint16), x).tolist() == [[[5, 5, 2]]]
    assert numbered(labels[None].expand(3, 1, 3), x).shape == (3, 1, 3)
    assert numbered(labels.tolist(), x).tolist() == [[[5, 5, 2]]]


@pytest.mark.parametrize(
    ("segments", "error"),
    [
        (torch.zeros(3, 2).long(), r"region numbers \(2, 3\).*\(3, 2\) was given. Try skimage"),
        (torch.zeros(0, 2, 3).bool(), "Try skimage"),
        (torch.zeros(1, 1, 2, 3).long(), "Try skimage"),
        (torch.zeros(6).long(), "Try skimage"),
        (torch.zeros(2, 3), r"Try segments.long\(\)"),
        (torch.zeros(2, 3, dtype=torch.complex64), "Try skimage"),
        (np.full((2, 3), "a"), "Try skimage"),
        ([np.ones((2, 3), bool), np.ones((3, 2), bool)], "Try skimage"),
        ([], "Try skimage"),
        ("slic", "Try skimage"),
        (7, "Try skimage"),
        (object(), "Try skimage"),
    ],
)
def test_segments_that_are_none_are_refused(segments, error):
    with pytest.raises(xk.errors.InputError, match=error):
        numbered(segments, networks.random(3, 2, 3))


def test_a_base_attribution_is_a_picture_or_one_number_a_pixel():
    x = networks.random(3, 2, 4)
    for base in (x * 2, x[0], x.double(), x.cpu().numpy(), x.tolist(), x.clone().requires_grad_()):
        found = pixel_map(base, x)
        assert found.dtype == x.dtype
        assert found.shape in (x.shape, x.shape[1:])
        assert not found.requires_grad


@pytest.mark.parametrize(
    "base",
    [
        torch.zeros(2, 2, 4),
        torch.zeros(1, 2, 4),
        torch.zeros(8),
        torch.full((2, 4), float("nan")),
        torch.full((3, 2, 4), float("inf")),
        "map",
        0,
        None,
        object(),
    ],
)
def test_a_base_attribution_that_is_none_is_refused(base):
    with pytest.raises(xk.errors.InputError, match=r"\(3, 2, 4\) or \(2, 4\) and finite.*Try another"):
        pixel_map(base, networks.random(3, 2, 4))


# Felzenszwalb --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("photo", ["cat", "coffee"])
def test_the_pieces_of_a_photograph_are_scikit_images(photo):
    x = xk.data.photo(photo, 64).to(networks.DEVICE)
    layers = felzenszwalb(x)
    picture = np.moveaxis(x.cpu().double().numpy(), 0, -1)
    assert layers.shape == (6, 64, 64)
    for layer, scale in zip(layers, (50, 100, 150, 250, 500, 1200), strict=True):
        assert np.array_equal(layer.numpy(), cut(picture, scale=scale, sigma=0.8, min_size=20))
    sizes = [len(layer.unique()) for layer in layers]
    assert sizes == sorted(sizes, reverse=True), "from fine to coarse"


def test_a_picture_of_another_range_is_squeezed_into_the_unit_range():
    x = xk.data.photo("cat", 48).double()
    x[:, 0, 0], x[:, 0, 1] = 0, 1
    assert torch.equal(felzenszwalb(4 * x - 2, SCALES[:1]), felzenszwalb((4 * x) / 4, SCALES[:1]))
    darker = felzenszwalb(x / 2, SCALES[:1])  # within [0, 1] nothing is stretched: weaker edges, fewer pieces
    assert len(darker.unique()) < len(felzenszwalb(x, SCALES[:1]).unique())


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 1), (3, 1, 9), (1, 12, 12), (5, 12, 12)])
def test_a_picture_of_any_size_and_number_of_channels_is_cut_up(shape):
    layers = felzenszwalb(networks.random(*shape))
    assert layers.shape == (6, *shape[1:])
    assert layers.min() == 0


def test_a_picture_without_an_edge_is_one_piece():
    assert not felzenszwalb(torch.full((3, 30, 30), 0.5)).any()


def test_only_pictures_are_cut_up():
    with pytest.raises(xk.errors.InputError, match="needs a picture"):
        felzenszwalb(networks.random(10))
