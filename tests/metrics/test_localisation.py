"""Localisation: tiny maps by hand, and slow versions, pixel by pixel, on maps drawn by the hundred."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import xaikit as xk

from .. import networks
from ..networks import SUGGESTION, tensor

ALL = {"relevance_mass": xk.relevance_mass, "relevance_rank": xk.relevance_rank, "hit": xk.pointing_game}
every = pytest.mark.parametrize("metric", ALL.values(), ids=ALL)
drawn = settings(max_examples=60, deadline=None, derandomize=True, database=None)


def value(metric, attribution, mask, **options) -> float:
    return metric(attribution, mask, **options).result.item()


# By hand -------------------------------------------------------------------------------------------------

PHI = tensor([3, -5, 1], [0, 2, 2.0])
T = tensor([True, True, False], [False, True, False], dtype=torch.bool)


def test_the_mass_is_the_share_of_what_speaks_for_the_target():
    explanation = xk.relevance_mass(PHI, T)
    assert explanation["relevance"].tolist() == [[3, 0, 1], [0, 2, 2]]
    assert explanation["inside"].tolist() == [[3, 0, 0], [0, 2, 0]]
    assert explanation["mask"].tolist() == [[[1, 1, 0], [0, 1, 0]]]
    assert explanation["chance"] == 0.5
    assert explanation.result == explanation["mass"] == 5 / 8
    assert explanation.checks[0].holds
    assert value(xk.relevance_mass, PHI, T, signs="magnitude") == pytest.approx(10 / 13)


def test_the_rank_is_the_share_of_the_top_pixels_inside():
    """Of 3, 2, 2, the three largest, the first and one of the others lie inside."""
    explanation = xk.relevance_rank(PHI, T)
    assert explanation["top"].tolist() == [[1, 0, 0], [0, 1, 1]]
    assert explanation.result.item() == pytest.approx(2 / 3)
    assert value(xk.relevance_rank, PHI, T, signs="magnitude") == pytest.approx((1 + 1 + 1 / 2) / 3)
    assert value(xk.relevance_rank, PHI, T, k=1) == 1
    assert value(xk.relevance_rank, PHI, T, k=6) == 0.5
    assert value(xk.relevance_rank, PHI, T, k=100) == 0.5, "more pixels than there are: all of them"


def test_pixels_that_tie_at_the_edge_of_the_top_count_as_parts():
    """k = 2 of 3, 2, 2: half of each of the two that tie, one of which lies inside."""
    explanation = xk.relevance_rank(PHI, T, k=2)
    assert explanation["top"].tolist() == [[1, 0, 0], [0, 0.5, 0.5]]
    assert explanation.result == 0.75
    even = torch.full((4, 5), 0.3, device=networks.DEVICE)
    mask = torch.zeros(4, 5, dtype=torch.bool)
    mask[1, :3] = True
    assert value(xk.relevance_rank, even, mask) == pytest.approx(3 / 20), "an even map scores by chance"
    assert value(xk.relevance_mass, even, mask) == pytest.approx(3 / 20)
    assert value(xk.pointing_game, even, mask) == pytest.approx(3 / 20)


def test_the_pointing_game_looks_at_the_strongest_pixel():
    assert value(xk.pointing_game, PHI, T) == 1
    assert value(xk.pointing_game, PHI, ~T) == 0
    assert value(xk.pointing_game, PHI, ~T, signs="magnitude") == 0
    assert xk.pointing_game(PHI, T)["peak"].tolist() == [[1, 0, 0], [0, 0, 0]]
    two = tensor([4.0, 0, 4], [0, 4, 0])
    assert value(xk.pointing_game, two, tensor([1, 0, 0], [0, 1, 0])) == pytest.approx(2 / 3)


def test_a_miss_by_no_more_than_the_tolerance_hits():
    """The strongest pixel is 3 right and 4 down from the region: 5 away, as Pythagoras says."""
    phi, mask = torch.zeros(9, 9), torch.zeros(9, 9, dtype=torch.bool)
    phi[6, 7], mask[2, 4] = 1, True
    phi, mask = phi.to(networks.DEVICE), mask.to(networks.DEVICE)
    assert [value(xk.pointing_game, phi, mask, tolerance=t) for t in (0, 4, 5, 6)] == [0, 0, 1, 1]
    grown = xk.pointing_game(phi, mask, tolerance=1)["mask"][0]
    assert grown[1:4, 3:6].tolist() == [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
    assert grown.sum() == 5


@pytest.mark.parametrize(("inside", "mass"), [(1.0, 1), (0.0, 0), (0.5, 0.5)])
def test_all_nothing_or_half_of_the_mass_inside(inside, mass):
    """The same numbers as Quantus tests its relevance mass with."""
    mask = torch.zeros(10, 10, dtype=torch.bool, device=networks.DEVICE)
    mask[2:6, 1:6] = True
    phi = torch.where(mask, inside / 20, (1 - inside) / 80)
    assert value(xk.relevance_mass, phi, mask) == pytest.approx(mass, abs=1e-6)


def test_with_everything_inside_the_top_of_its_size_is_full_and_one_of_twice_that_is_half_full():
    mask = torch.zeros(10, 10, dtype=torch.bool, device=networks.DEVICE)
    mask[2:6, 1:6] = True
    phi = mask * (1 + networks.random(10, 10))
    assert value(xk.relevance_rank, phi, mask, k=20) == 1
    assert value(xk.relevance_rank, phi, mask, k=40) == pytest.approx(0.5), "k stays in the denominator"


# From the definition -------------------------------------------------------------------------------------


def slow_relevance(phi, signs):
    """One number a pixel: the sum over channels, without its negative part or its sign."""
    height, width = phi.shape[-2:]
    channels = phi.reshape(-1, height, width).tolist()
    total = [[sum(c[i][j] for c in channels) for j in range(width)] for i in range(height)]
    return {
        (i, j): abs(total[i][j]) if signs == "magnitude" else max(0.0, total[i][j])
        for i in range(height)
        for j in range(width)
    }


def slow_mass(R, inside):
    return sum(R[p] for p in inside) / sum(R.values())


def slow_rank(R, inside, k):
    """The mean over all orders of equal pixels: above the edge they count whole, at it by their part."""
    edge = sorted(R.values(), reverse=True)[k - 1]
    above, tied = [p for p in R if R[p] > edge], [p for p in R if R[p] == edge]
    share = (k - len(above)) / len(tied)
    return (sum(p in inside for p in above) + share * sum(p in inside for p in tied)) / k


def slow_hit(R, inside, tolerance):
    peaks = [p for p in R if R[p] == max(R.values())]
    near = lambda p: any((p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 <= tolerance**2 for q in inside)  # noqa: E731
    return sum(map(near, peaks)) / len(peaks)


@st.composite
def cases(draw):
    """A map of few different values, so that many tie, and a mask that is not empty."""
    height, width = draw(st.integers(2, 6)), draw(st.integers(1, 6))
    shape = draw(st.sampled_from([(height, width), (1, height, width), (3, height, width)]))
    quarters = st.integers(-4, 8).map(lambda n: n / 4)
    numbers = draw(st.lists(quarters, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    pixels = height * width
    bits = draw(st.lists(st.booleans(), min_size=pixels, max_size=pixels).filter(any))
    return torch.tensor(numbers).reshape(shape).to(networks.DEVICE), torch.tensor(bits).reshape(height, width)


@drawn
@given(
    case=cases(),
    signs=st.sampled_from(["positive", "magnitude"]),
    k=st.integers(1, 40),
    far=st.integers(0, 3),
)
def test_the_metrics_are_what_their_definitions_say(case, signs, k, far):
    phi, mask = case
    R, inside = slow_relevance(phi, signs), {(i, j) for i, j in mask.nonzero().tolist()}
    if not any(R.values()):
        for metric in ALL.values():
            with pytest.raises(xk.errors.InputError, match="nothing in this attribution"):
                metric(phi, mask, signs=signs)
        return
    given = {"signs": signs}
    assert value(xk.relevance_mass, phi, mask, **given) == pytest.approx(slow_mass(R, inside), abs=1e-6)
    found = value(xk.relevance_rank, phi, mask, **given)
    assert found == pytest.approx(slow_rank(R, inside, len(inside)), abs=1e-6)
    k = min(k, len(R))
    assert value(xk.relevance_rank, phi, mask, k=k, **given) == pytest.approx(
        slow_rank(R, inside, k), abs=1e-6
    )
    found = value(xk.pointing_game, phi, mask, tolerance=far, **given)
    assert found == pytest.approx(slow_hit(R, inside, far), abs=1e-6)


@every
@drawn
@given(case=cases(), factor=st.sampled_from([0.125, 2.0, 1024.0]))
def test_a_metric_lies_between_0_and_1_and_a_larger_unit_changes_nothing(metric, case, factor):
    phi, mask = case
    if not phi.reshape(-1, *mask.shape).sum(0).clamp_min(0).any():
        return
    explanation = metric(phi, mask)
    assert 0 <= explanation.result <= 1 + 1e-6
    chance = mask.double().mean().item()
    assert explanation.checks[0].holds is (explanation.result.item() >= chance - 1e-12)
    assert value(metric, phi * factor, mask) == pytest.approx(explanation.result.item())
    if metric is not xk.relevance_rank:  # its k is the size of the region, which another region has not
        everywhere = torch.ones_like(mask)
        assert value(metric, phi, everywhere) == pytest.approx(1)
        if not mask.all():
            assert value(metric, phi, ~mask) == pytest.approx(1 - explanation.result.item(), abs=1e-6)


# What may be given ---------------------------------------------------------------------------------------


@every
def test_a_mask_is_booleans_or_zeros_and_ones_in_any_container(metric):
    expected = value(metric, PHI, T)
    same = [
        T.float(),
        T.double(),
        T.half(),
        T.long(),
        T.to(torch.uint8),
        T[None],
        T.tolist(),
        T.cpu().numpy(),
    ]
    for mask in [*same, T.cpu().numpy().astype(float), T.cpu().numpy()[None]]:
        assert value(metric, PHI, mask) == expected


@every
def test_an_attribution_from_elsewhere_is_a_tensor_or_an_array(metric):
    expected = value(metric, PHI, T)
    for phi in (PHI.double(), PHI.cpu().numpy(), PHI[None], PHI[None, None]):
        assert value(metric, phi, T) == expected
    thirds = torch.stack([PHI / 2, PHI / 4, PHI / 4])
    assert value(metric, thirds, T) == expected, "channels are summed first"


@every
def test_an_attribution_or_a_mask_may_come_with_a_graph(metric):
    expected = value(metric, PHI, T)
    assert value(metric, PHI.clone().requires_grad_(), T) == expected
    assert value(metric, PHI, T.float().requires_grad_()) == expected


@every
@pytest.mark.parametrize("unit", [1e-60, 1e60])
def test_the_unit_of_an_attribution_in_double_precision_does_not_matter(metric, unit):
    assert value(metric, PHI.double() * unit, T) == pytest.approx(value(metric, PHI, T))


@every
def test_an_explanation_is_judged_by_its_attribution(metric):
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    mask = torch.zeros(8, 8, dtype=torch.bool)
    mask[2:6, 3:7] = True
    for explanation in (
        xk.integrated_gradients(model, x, n_steps=3),
        xk.xrai(model, x, n_steps=3, min_pixels=2),
        xk.saliency(model, x, keep="result"),
    ):
        judged = metric(explanation, mask)
        assert judged.result == metric(explanation.attribution, mask).result
        assert judged.cost == {"forward": 0, "backward": 0}
        assert judged.steps


@every
def test_a_metric_keeps_and_walks_as_a_method_does(metric):
    walk = metric.walk(PHI, T)
    assert next(walk).name == "relevance"
    assert walk.finish().result == metric(PHI, T).result
    assert not metric(PHI, T, keep="result").steps
    assert list(metric(PHI, T, keep=lambda step: step.name == "mask").steps) == ["mask"]
    assert metric.question.endswith("?")


@every
def test_neither_the_attribution_nor_the_mask_is_changed(metric):
    phi, mask = PHI.clone(), T.clone()
    metric(phi, mask)
    assert torch.equal(phi, PHI)
    assert torch.equal(mask, T)


# What may not --------------------------------------------------------------------------------------------


@every
@pytest.mark.parametrize(
    ("mask", "error"),
    [
        (torch.zeros(2, 3), "the mask is empty.*Try another example"),
        (torch.ones(3, 2), r"booleans of shape \(2, 3\); \(3, 2\).*Try example.mask"),
        (torch.ones(2, 2, 3), "booleans of shape"),
        (torch.ones(1, 1, 2, 3), "booleans of shape"),
        (torch.full((2, 3), 0.5), "booleans of shape"),
        (torch.full((2, 3), 255), "booleans of shape"),
        (torch.full((2, 3), float("nan")), "booleans of shape"),
        (None, "booleans of shape"),
        ("mask.png", "booleans of shape"),
        ([[1], [1, 0]], "booleans of shape"),
        (np.array([["a"]]), "booleans of shape"),
    ],
)
def test_a_mask_that_is_none_is_refused(metric, mask, error):
    with pytest.raises(xk.errors.InputError, match=error):
        metric(PHI, mask)


@every
@pytest.mark.parametrize(
    ("phi", "error"),
    [
        (torch.ones(6), r"the attribution of a picture is needed.*\(6,\)"),
        (torch.ones(2, 3, 2, 3), "the attribution of a picture is needed"),
        (-torch.ones(2, 3), "Try signs='magnitude'"),
        (torch.zeros(2, 3), "nothing in this attribution"),
        (torch.full((2, 3), float("nan")), "NaN"),
        (torch.ones(2, 3, dtype=torch.long), "Try x.float()"),
        ([[1.0, 2, 3]], "Try a torch tensor"),
        (None, "Try a torch tensor"),
    ],
)
def test_an_attribution_that_is_none_is_refused(metric, phi, error):
    with pytest.raises(xk.errors.InputError, match=error):
        metric(phi, T.cpu())


@every
@pytest.mark.parametrize(
    "arguments",
    [((), {}), ((T,), {"sings": "positive"}), ((T,), {"signs": "negative"}), ((T,), {"signs": None})],
)
def test_arguments_that_are_missing_or_unknown_are_named(metric, arguments):
    given, options = arguments
    with pytest.raises(xk.errors.OptionError) as caught:
        metric(PHI, *given, **options)
    assert SUGGESTION.search(str(caught.value)), str(caught.value)


@pytest.mark.parametrize("number", [-1, 2.0, True, "3", [3], float("nan"), 10**400, torch.tensor(3)])
def test_the_size_of_the_top_and_the_tolerance_are_whole_numbers(number):
    with pytest.raises(xk.errors.OptionError, match="k is a whole number"):
        xk.relevance_rank(PHI, T, k=number)
    with pytest.raises(xk.errors.OptionError, match="tolerance is a whole number"):
        xk.pointing_game(PHI, T, tolerance=number)
    with pytest.raises(xk.errors.OptionError, match="k is a whole number"):
        xk.relevance_rank(PHI, T, k=0)
