"""XRAI: regions by hand, the properties that its authors test, and a slow version with sets of pixels."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.segmentation import slic

import xaikit as xk

from .. import networks
from ..networks import tensor

BOTH = {"full": xk.xrai, "fast": xk.xrai_fast}
both = pytest.mark.parametrize("method", BOTH.values(), ids=BOTH)
drawn = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def explained(method, A, segments, min_pixels=1, **options):
    """The map for a base attribution (H, W) or (C, H, W); the model has no say in it."""
    x = networks.random(3, *A.shape[-2:], dtype=torch.float64)
    given = {"target": 0, "base_attribution": A, "segments": segments, "min_pixels": min_pixels}
    return method(networks.sum_of_squares(), x, **given, **options)


# By hand -------------------------------------------------------------------------------------------------

A = tensor([[6.0, 5, 3, 1, 0, -2]])[0]
#: {0, 1} has density 5.5, {0, 1, 4} has 11/3 and, after the first, 0; {2, 3} has 2; 5 is in no region.
MASKS = torch.tensor([[[1, 1, 0, 0, 0, 0]], [[1, 1, 0, 0, 1, 0]], [[0, 0, 1, 1, 0, 0]]]).bool()


def test_the_densest_of_what_is_left_enters_next_as_worked_by_hand():
    explanation = explained(xk.xrai, A, MASKS)
    assert explanation["region_gains"].tolist() == [5.5, 2, 0, -2]
    assert explanation["order"].tolist() == [[1, 1, 2, 2, 3, 4]]
    assert explanation.attribution.tolist() == [[5.5, 5.5, 2, 2, 0, -2]]


def test_the_fast_version_ranks_regions_by_the_density_that_they_have_alone():
    explanation = explained(xk.xrai_fast, A, MASKS)
    assert explanation["region_gains"].tolist() == [5.5, 0, 2, -2]
    assert explanation["order"].tolist() == [[1, 1, 3, 3, 2, 4]]


def test_full_and_fast_differ_where_a_region_is_dense_only_for_what_it_shares():
    """{0, 1, 2} has density 4 for the sake of 0 and 1; of 2 alone it is 0, and {2, 3} has 1."""
    base = tensor([[9.0, 3, 0, 2]])[0]
    masks = torch.tensor([[[1, 1, 0, 0]], [[1, 1, 1, 0]], [[0, 0, 1, 1]]]).bool()
    assert explained(xk.xrai, base, masks).attribution.tolist() == [[6, 6, 1, 1]]
    assert explained(xk.xrai_fast, base, masks).attribution.tolist() == [[6, 6, 0, 2]]


@both
def test_a_region_that_would_add_too_few_pixels_is_dropped(method):
    explanation = explained(method, A, MASKS, min_pixels=2)
    assert explanation["region_gains"].tolist() == [5.5, 2, -1]
    assert explanation["order"].tolist() == [[1, 1, 2, 2, 3, 3]]
    everything = explained(method, A, MASKS, min_pixels=7)
    assert everything["region_gains"].tolist() == pytest.approx([13 / 6])
    assert everything["order"].tolist() == [[1] * 6]


@both
def test_a_pixel_counts_by_its_largest_channel(method):
    base = torch.stack([A, A - 1, tensor([[0.0, 7, 0, 0, 0, 0]])[0]])
    explanation = explained(method, base, MASKS[:1])
    assert explanation["base_attribution"].tolist() == [[6, 7, 3, 1, 0, 0]]
    assert explanation["region_gains"].tolist() == [6.5, 1]


# What its authors test -----------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("photo", ["cat", "coffee"])
def test_the_map_of_a_photograph_has_the_properties_that_its_authors_test(method, photo, zoo_model):
    model, _ = zoo_model("photos")
    x = xk.data.photo(photo, 96).to(networks.DEVICE)
    explanation = method(model, x, n_steps=8)
    base, order, heat = explanation["base_attribution"], explanation["order"], explanation.attribution
    black, white = (explanation[f"attribution_{name}"].attribution for name in ("black", "white"))
    torch.testing.assert_close(base, ((black + white) / 2).amax(0))
    assert heat.sum().item() == pytest.approx(base.double().sum().item(), rel=1e-4)
    assert order.min() == 1, "regions are numbered from one"
    assert order.unique().tolist() == list(range(1, int(order.max()) + 1))
    gains = explanation["region_gains"]
    assert len(gains) == order.max()
    for k in order.unique().tolist():
        inside = order == k
        assert heat[inside].unique().numel() == 1, "a region has one value"
        assert heat[inside][0].item() == pytest.approx(
            base[inside].double().mean().item(), rel=1e-4, abs=1e-8
        )
        assert gains[k - 1] == heat[inside][0]
    assert heat[order == 1][0] == heat.max(), "the first is the most important"
    conserved, ranked = explanation.checks[1:]
    assert (ranked.name, ranked.left, ranked.right) == ("ranked_once", 96 * 96, 96 * 96)
    assert conserved.holds


@both
def test_separate_segments_are_ranked_from_the_densest_down(method):
    x = xk.data.photo("cat", 64)
    segments = slic(np.moveaxis(x.numpy(), 0, -1), n_segments=30, start_label=0)
    base = networks.random(64, 64, seed=4) - 0.5
    explanation = explained(method, base, segments)
    assert (explanation["region_gains"].diff() <= 0).all()
    assert explanation["order"].max() == len(np.unique(segments))


@both
def test_two_masks_that_leave_something_out_make_three_segments(method):
    masks = torch.zeros(2, 20, 20, dtype=torch.bool)
    masks[0, 2:8, 2:8] = masks[1, 10:18, 5:15] = True
    base = networks.random(20, 20, seed=2, dtype=torch.float64) + masks[0].to(networks.DEVICE)
    explanation = explained(method, base, masks, min_pixels=20)
    assert explanation["order"].unique().tolist() == [1, 2, 3]
    assert ((explanation["order"] == 1).cpu() == masks[0]).all()
    assert ((explanation["order"] == 3).cpu() == ~masks.any(0)).all(), "what is left comes last"


@both
def test_a_base_attribution_that_is_given_saves_the_integrals(method):
    """The model is asked once, for its prediction."""
    explanation = explained(method, A, MASKS)
    assert explanation.cost["backward"] == 0
    assert explanation.cost["forward"] <= 1
    assert "attribution_black" not in explanation
    assert [check.name for check in explanation.checks] == ["conservation", "ranked_once"]


@both
@pytest.mark.parametrize("shape", [(2, 8, 8), (8, 7), (64,), (1, 3, 8, 8), ()])
def test_a_base_attribution_of_another_shape_is_a_value_error(method, shape):
    with pytest.raises(ValueError, match=r"base_attribution must have the shape \(3, 8, 8\) or \(8, 8\)"):
        method(networks.small_cnn(), networks.random(3, 8, 8), base_attribution=torch.zeros(shape))


# From the definition -------------------------------------------------------------------------------------


def slow(values, masks, min_pixels, greedy):
    """(gain, pixels) of what enters, with sets; the rest at the end."""
    mean = lambda pixels: sum(values[i] for i in pixels) / len(pixels) if pixels else -np.inf  # noqa: E731
    left, covered, entered = [{i for i, m in enumerate(mask) if m} for mask in masks], set(), []
    left = left if greedy else sorted(left, key=lambda s: -mean(s))
    while left := [s for s in left if len(s - covered) >= min_pixels]:
        best = max(left, key=lambda s: mean(s - covered)) if greedy else left[0]
        entered.append((mean(best - covered), best - covered))
        covered = covered | best
    rest = set(range(len(values))) - covered
    return [*entered, (mean(rest), rest)] if rest else entered


@st.composite
def cases(draw):
    height, width, n = draw(st.integers(1, 6)), draw(st.integers(1, 6)), draw(st.integers(1, 6))
    bits = draw(st.lists(st.booleans(), min_size=n * height * width, max_size=n * height * width))
    base = networks.random(height, width, seed=draw(st.integers(0, 99)), dtype=torch.float64) - 0.5
    return base, torch.tensor(bits).reshape(n, height, width)


@both
@drawn
@given(case=cases(), min_pixels=st.integers(1, 5))
def test_xrai_is_what_its_definition_says(method, case, min_pixels):
    base, masks = case
    explanation = explained(method, base, masks, min_pixels)
    greedy = method is xk.xrai
    entered = slow(base.flatten().tolist(), masks.flatten(1).tolist(), min_pixels, greedy)
    assert explanation["region_gains"].tolist() == pytest.approx([gain for gain, _ in entered])
    order = explanation["order"].flatten().tolist()
    for k, (_, pixels) in enumerate(entered, 1):
        assert {i for i, number in enumerate(order) if number == k} == pixels
    assert all(check.holds for check in explanation.checks)


@both
def test_labels_and_the_masks_of_their_regions_are_the_same_segments(method):
    labels = (networks.random(2, 12, 12, seed=8) * 9).long().cpu()
    masks = torch.stack([layer == name for layer in labels for name in range(9)])
    base = networks.random(12, 12, seed=6, dtype=torch.float64) - 0.5
    by_labels = explained(method, base, labels, 3)
    for same in (masks, masks.numpy(), list(masks.numpy())):
        by_masks = explained(method, base, same, 3)
        assert torch.equal(by_labels["order"], by_masks["order"])
        torch.testing.assert_close(by_labels.attribution, by_masks.attribution)


# Edges ---------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 1), (3, 1, 7), (1, 9, 9), (5, 6, 6)])
def test_xrai_takes_pictures_of_any_size_and_number_of_channels(method, shape):
    model = networks.sum_of_squares()
    explanation = method(model, networks.random(*shape), n_steps=4, min_pixels=1)
    assert explanation.attribution.shape == shape[1:]
    assert explanation.checks[-1].holds


@both
def test_a_picture_without_an_edge_is_one_region(method):
    x = torch.full((3, 30, 30), 0.4, device=networks.DEVICE)
    explanation = method(networks.small_cnn(), x, n_steps=4)
    mean = explanation["base_attribution"].mean()
    torch.testing.assert_close(explanation.attribution, mean.expand(30, 30))
    assert explanation["region_gains"].shape == (1,)


@both
def test_masks_without_a_pixel_leave_everything_over(method):
    explanation = explained(method, A, torch.zeros(2, 1, 6, dtype=torch.bool))
    assert explanation["order"].tolist() == [[1] * 6]


@both
@pytest.mark.parametrize("min_pixels", [0, -1, 2.0, True, None, "20", [20]])
def test_the_fewest_pixels_are_a_whole_number(method, min_pixels):
    with pytest.raises(xk.errors.OptionError, match=r"min_pixels is a whole number from 1.*Try 20"):
        method(networks.small_cnn(), networks.random(3, 8, 8), min_pixels=min_pixels)


@both
def test_segments_of_another_size_are_refused(method):
    with pytest.raises(xk.errors.InputError, match=r"region numbers \(8, 8\).*Try skimage"):
        method(networks.small_cnn(), networks.random(3, 8, 8), n_steps=2, segments=torch.zeros(7, 8).long())


@both
def test_only_pictures_have_regions(method):
    with pytest.raises(xk.errors.InputError, match="XRAI needs a picture"):
        method(networks.m4(), tensor(1, 2, 3))
