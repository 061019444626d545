"""Paths: integrals worked by hand, exactness of the rules, a slow version straight from the definition."""

import copy
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

import xaikit as xk
from xaikit.methods.paths.quadrature import RULES, quadrature
from xaikit.methods.paths.routes import route

from .. import networks
from ..bench.memory import peak as highest
from ..networks import tensor

CURVED = ("luminosity", "saturation", "blur")
DOUBLE = torch.zeros((), dtype=torch.float64)


def along_path(model, x, **options):
    return xk.path_integrated_gradients(model, x, **options)


def ig(model, x, **options):
    return xk.integrated_gradients(model, x, **options)


def attribution(model, x, **options) -> list[float]:
    return ig(model, x, **options).attribution.tolist()


# The integral --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "n", "alphas", "weights"),
    [
        ("left", 2, [0, 1 / 2], [1 / 2, 1 / 2]),
        ("right", 2, [1 / 2, 1], [1 / 2, 1 / 2]),
        ("midpoint", 2, [1 / 4, 3 / 4], [1 / 2, 1 / 2]),
        ("trapezoid", 2, [0, 1], [1 / 2, 1 / 2]),
        ("trapezoid", 3, [0, 1 / 2, 1], [1 / 4, 1 / 2, 1 / 4]),
        ("trapezoid", 4, [0, 1 / 3, 2 / 3, 1], [1 / 6, 1 / 3, 1 / 3, 1 / 6]),
        ("gauss_legendre", 1, [1 / 2], [1]),
        ("gauss_legendre", 2, [(1 - 3**-0.5) / 2, (1 + 3**-0.5) / 2], [1 / 2, 1 / 2]),
        ("gauss_legendre", 3, [(1 - 0.6**0.5) / 2, 1 / 2, (1 + 0.6**0.5) / 2], [5 / 18, 4 / 9, 5 / 18]),
    ],
)
def test_the_points_and_weights_of_a_rule_are_those_of_the_textbook(rule, n, alphas, weights):
    points = quadrature(rule, n, DOUBLE)
    assert points[0].tolist() == pytest.approx(alphas, abs=1e-12)
    assert points[1].tolist() == pytest.approx(weights, abs=1e-12)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("n", [2, 3, 10, 57])
def test_the_weights_of_every_rule_sum_to_one(rule, n):
    alphas, weights = quadrature(rule, n, DOUBLE)
    assert weights.sum().item() == pytest.approx(1, abs=1e-12)
    assert alphas.min() >= 0
    assert alphas.max() <= 1
    assert (alphas.diff() > 0).all()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_gauss_legendre_is_exact_up_to_degree_2n_minus_1(n):
    alphas, weights = quadrature("gauss_legendre", n, DOUBLE)
    for degree in range(2 * n):
        assert (weights * alphas**degree).sum().item() == pytest.approx(1 / (degree + 1), abs=1e-12)
    assert abs((weights * alphas ** (2 * n)).sum().item() - 1 / (2 * n + 1)) > 1e-7


def test_midpoint_and_trapezoid_are_exact_for_lines_and_their_errors_for_squares_are_known():
    for rule, error in (("midpoint", -1 / 12), ("trapezoid", 1 / 6)):
        n = 10
        alphas, weights = quadrature(rule, n, DOUBLE)
        assert (weights * alphas).sum().item() == pytest.approx(1 / 2)
        h = 1 / n if rule == "midpoint" else 1 / (n - 1)
        assert (weights * alphas**2).sum().item() - 1 / 3 == pytest.approx(error * h**2)


# By hand -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_exact_on_a_linear_model(rule):
    """The trapezoid rule too: its weights sum to one here, to (n - 1)/n elsewhere."""
    model = networks.linear([3, -2], 5)
    assert attribution(model, tensor(2, 3), n_steps=4, rule=rule) == pytest.approx([6, -6], rel=1e-6)


@pytest.mark.parametrize(
    ("rule", "baseline", "n", "expected"),
    [
        ("left", 0, 2, [1.5, 1.5]),
        ("left", 0, 4, [2.25, 2.25]),
        ("left", 0, 10, [2.7, 2.7]),
        ("right", 0, 2, [4.5, 4.5]),
        ("right", 0, 4, [3.75, 3.75]),
        ("right", 0, 10, [3.3, 3.3]),
        ("midpoint", 0, 3, [3, 3]),
        ("gauss_legendre", 0, 3, [3, 3]),
        ("trapezoid", 0, 3, [3, 3]),
        ("left", 1, 4, [1.75, 2.75]),
        ("right", 1, 4, [2.25, 3.25]),
        ("midpoint", 1, 4, [2, 3]),
    ],
)
def test_a_product_is_shared_as_worked_by_hand(rule, baseline, n, expected):
    found = attribution(networks.product(), tensor(2, 3), rule=rule, baseline=baseline, n_steps=n)
    assert found == pytest.approx(expected, rel=1e-5)


def test_two_networks_that_are_the_same_function_get_the_same_attribution():
    for build in (networks.p2, networks.p3):
        explanation = ig(build(), tensor(3, 1), n_steps=1000)
        assert explanation.attribution.tolist() == pytest.approx([1.5, -0.5], abs=1e-2)
        assert explanation["average_gradient"].tolist() == pytest.approx([0.5, -0.5], abs=1e-2)
        assert attribution(build(), tensor(3, 1)) == pytest.approx([1.5, -0.5], abs=0.05)


@pytest.mark.parametrize(("x", "expected"), [((2, 0), [1, 0]), ((3, 0), [2, 0]), ((-10, -5), [0, 0])])
def test_the_baseline_is_where_the_counting_starts(x, expected):
    found = attribution(networks.p3(), tensor(*x), baseline=tensor(1, 0), n_steps=1000)
    assert found == pytest.approx(expected, abs=1e-2)


def test_parts_that_add_up_get_what_each_of_them_adds():
    found = attribution(networks.additive(), tensor(1, 2, 3), baseline=tensor(0.5, 1, 1), n_steps=1000)
    assert found == pytest.approx([2.5, 3, math.sin(3) - math.sin(1)], abs=1e-4)


def test_the_kit_network_is_explained_as_its_formula_says():
    """M4 at (0, 100, 0): everything goes to the one feature that moves, 392 - 2."""
    explanation = ig(networks.m4(), tensor(0, 100, 0), target=0, n_steps=1000)
    assert explanation.attribution.tolist() == pytest.approx([0, 390, 0], abs=0.1)
    assert explanation.checks[0].right == pytest.approx(390)


# From the definition -------------------------------------------------------------------------------------


def slow(model, points, velocities, weights, target):
    """One point after the other: the sum of w_k γ'(α_k) ⊙ ∇F(γ(α_k)), and everything on the way."""
    scores, gradients, total, cumulative = [], [], torch.zeros_like(points[0]), []
    for point, velocity, weight in zip(points, velocities, weights, strict=True):
        leaf = point.clone().requires_grad_()
        score = model(leaf[None])[0, target]
        score.backward()
        scores.append(score.detach())
        gradients.append(leaf.grad)
        total = total + weight * velocity * leaf.grad
        cumulative.append(total)
    return torch.stack(scores), torch.stack(gradients), total, torch.stack(cumulative)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("build", [networks.small_cnn, networks.functional_relu_cnn])
def test_integrated_gradients_is_what_its_definition_says(rule, build):
    model, x = build().double(), networks.random(3, 8, 8, dtype=torch.float64)
    x0 = networks.random(3, 8, 8, seed=9, dtype=torch.float64)
    explanation = ig(model, x, target=2, baseline=x0, n_steps=6, rule=rule, batch_size=4)
    alphas, weights = quadrature(rule, 6, x)
    points = [(1 - a) * x0 + a * x for a in alphas]
    scores, gradients, total, cumulative = slow(model, points, [x - x0] * 6, weights, 2)
    torch.testing.assert_close(explanation["interpolated"], torch.stack(points))
    torch.testing.assert_close(explanation["scores"], scores)
    torch.testing.assert_close(explanation["gradients"], gradients)
    torch.testing.assert_close(explanation["gradient_magnitudes"], gradients.abs().mean((1, 2, 3)))
    torch.testing.assert_close(
        explanation["average_gradient"], (weights[:, None, None, None] * gradients).sum(0)
    )
    torch.testing.assert_close(explanation["cumulative"], cumulative)
    torch.testing.assert_close(explanation.attribution, total)
    assert torch.equal(explanation["alphas"], alphas)
    assert torch.equal(explanation["weights"], weights)


@pytest.mark.parametrize("path", CURVED)
def test_along_a_curve_the_distance_becomes_the_velocity(path):
    """The oracle takes the velocity from two neighbouring pictures instead of from the derivative."""
    model, x = networks.small_cnn().double(), networks.random(3, 8, 8, dtype=torch.float64)
    explanation = along_path(model, x, target=1, path=path, n_steps=6)
    way = route(path, x)
    alphas, weights = quadrature("midpoint", 6, x)
    velocities = (way.at(alphas + 1e-6) - way.at(alphas - 1e-6)) / 2e-6
    _, gradients, total, cumulative = slow(model, way.at(alphas), velocities, weights, 1)
    torch.testing.assert_close(explanation["interpolated"], way.at(alphas))
    torch.testing.assert_close(explanation["gradients"], gradients)
    torch.testing.assert_close(explanation["cumulative"], cumulative, rtol=1e-5, atol=1e-9)
    torch.testing.assert_close(explanation.attribution, total, rtol=1e-5, atol=1e-9)


# Error and effort ----------------------------------------------------------------------------------------


def miss(model, x, **options) -> float:
    """The completeness error as a share of the change."""
    (check,) = ig(model, x, target=0, keep="result", **options).checks
    return abs(check.difference / check.right)


@pytest.mark.parametrize("seed", range(4))
def test_on_a_smooth_network_gauss_legendre_needs_a_quarter_of_the_steps(seed):
    model, x = networks.smooth_mlp(seed=seed), 2 * networks.random(8, seed=seed, dtype=torch.float64) - 1
    reached = miss(model, x, rule="gauss_legendre", n_steps=16)
    assert reached < 0.01
    assert miss(model, x, rule="midpoint", n_steps=4 * 16) > reached


def test_the_midpoint_error_falls_with_the_square_and_the_right_ends_error_with_the_number_of_steps():
    model, x = networks.smooth_mlp(), 2 * networks.random(8, dtype=torch.float64) - 1
    for rule, factor in (("midpoint", 16), ("trapezoid", 16), ("right", 4), ("left", 4)):
        ratio = miss(model, x, rule=rule, n_steps=100) / miss(model, x, rule=rule, n_steps=400)
        assert ratio == pytest.approx(factor, rel=0.1), rule


@pytest.mark.parametrize("tolerance", [0.1, 0.01, 0.001])
@pytest.mark.parametrize("rule", ["midpoint", "gauss_legendre"])
def test_a_tolerance_is_reached_and_the_number_of_steps_is_told(tolerance, rule):
    model, x = networks.smooth_mlp(seed=1), 2 * networks.random(8, seed=1, dtype=torch.float64) - 1
    explanation = ig(model, x, target=0, tolerance=tolerance, rule=rule)
    (check,) = explanation.checks
    assert abs(check.difference) <= tolerance * abs(check.right)
    n = len(explanation["alphas"])
    assert str(n) in explanation.steps["alphas"].note
    assert n == 8 or miss(model, x, rule=rule, n_steps=n // 2) > tolerance, "half as many would have done"
    expected = ig(model, x, target=0, rule=rule, n_steps=n)
    torch.testing.assert_close(explanation.attribution, expected.attribution)


def test_a_tolerance_costs_less_than_twice_the_steps_it_ends_with():
    model, x = networks.smooth_mlp(seed=1), 2 * networks.random(8, seed=1, dtype=torch.float64) - 1
    explanation = ig(model, x, target=0, tolerance=0.001, rule="right")
    assert explanation.cost["backward"] == 2 * len(explanation["alphas"]) - 8


def test_a_tolerance_out_of_reach_stops_and_shows_in_the_check():
    model = networks.Function(lambda x: (x[:, :1] > 0.37).to(x) + 0.0 * x[:, :1])  # a step: no slope anywhere
    explanation = ig(model, tensor(1.0), tolerance=0.01)
    assert len(explanation["alphas"]) == 1024
    assert not explanation.checks[0].holds


def test_integrated_gradients_is_complete_on_real_photographs(zoo_model):
    model, _ = zoo_model("photos")
    for name in ("cat", "coffee", "rocket", "astronaut"):
        x = xk.data.photo(name, 96).to(networks.DEVICE)
        (check,) = xk.integrated_gradients(model, x, keep="result").checks
        assert check.holds, f"{name}: {check}"


# Other paths ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CURVED)
def test_a_curved_path_ends_at_the_picture_and_is_complete(path):
    model, x = networks.small_cnn().double(), networks.random(3, 16, 16, dtype=torch.float64)
    explanation = along_path(model, x, target=0, path=path, n_steps=400)
    way = route(path, x)
    torch.testing.assert_close(way.at(torch.ones(1).to(x))[0], x, rtol=0, atol=1e-12)
    torch.testing.assert_close(way.at(torch.zeros(1).to(x))[0], way.start)
    (check,) = explanation.checks
    assert check.left == pytest.approx(check.right, rel=0.02, abs=1e-5)
    assert check.right == pytest.approx((model(x[None]) - model(way.start[None]))[0, 0].item(), rel=1e-9)


def test_the_luminosity_path_starts_in_the_dark_and_keeps_hue_and_saturation():
    x = tensor(0.8, 0.4, 0.2)[:, None, None]  # an orange: HSL lightness 0.5, saturation 0.6, hue 20°
    steps = along_path(networks.linear([1, 1, 1]), x, path="luminosity", n_steps=2)["interpolated"]
    way = route("luminosity", x)
    assert not way.start.any()
    # At half the lightness, 0.25, HSL gives chroma 0.6 · 0.5 = 0.3: 0.25 ± 0.15, the middle a third up.
    assert way.at(tensor(0.5))[0].flatten().tolist() == pytest.approx([0.4, 0.2, 0.1])
    assert steps.shape == (2, 3, 1, 1)


def test_the_luminosity_path_leaves_black_and_white_pixels_colourless():
    x = tensor([[0.0, 1]], [[0.0, 1]], [[0.0, 1]])
    at_half = route("luminosity", x).at(tensor(0.5))[0]
    assert at_half[:, 0, 0].tolist() == [0, 0, 0]
    assert at_half[:, 0, 1].tolist() == pytest.approx([0.5] * 3)


def test_the_saturation_path_starts_in_grey_of_the_same_lightness():
    x = tensor(0.8, 0.4, 0.2)[:, None, None]
    way = route("saturation", x)
    assert way.start.flatten().tolist() == pytest.approx([0.5] * 3)
    assert way.at(tensor(0.5))[0].flatten().tolist() == pytest.approx([0.65, 0.45, 0.35])


def test_the_blur_path_keeps_the_mean_of_the_picture():
    x = networks.random(3, 16, 16)
    for frame in along_path(networks.small_cnn(), x, path="blur", n_steps=8)["interpolated"]:
        torch.testing.assert_close(frame.mean((1, 2)), x.mean((1, 2)))


def test_a_flat_picture_stays_flat_when_it_is_blurred():
    x = torch.full((1, 6, 7), 0.3, device=networks.DEVICE)
    frames = along_path(networks.Function(lambda x: x.flatten(1)), x, target=0, path="blur", n_steps=5)[
        "interpolated"
    ]
    torch.testing.assert_close(frames, x.expand(5, 1, 6, 7))


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("path", CURVED)
def test_a_path_needs_no_gradients_of_its_caller(context, path):
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    expected = along_path(model, x, path=path, tolerance=0.1)
    with context():
        found = along_path(model, networks.random(3, 8, 8), path=path, tolerance=0.1)
    torch.testing.assert_close(found.attribution, expected.attribution)
    torch.testing.assert_close(found["cumulative"], expected["cumulative"])


def test_a_function_is_a_path():
    """Along γ(α) = α² x the product x1 x2 is shared in halves, as on the straight line."""
    x = tensor(2, 3)
    explanation = along_path(networks.product(), x, path=lambda a: a**2 * x, n_steps=200)
    assert explanation.attribution.tolist() == pytest.approx([3, 3], rel=1e-3)
    # First x1, then x2: all of the product goes to the one that comes last.
    corner = lambda a: torch.stack([x[0] * (2 * a).clamp(max=1), x[1] * (2 * a - 1).clamp(min=0)])  # noqa: E731
    assert along_path(networks.product(), x, path=corner, n_steps=200).attribution.tolist() == pytest.approx(
        [0, 6], abs=1e-3
    )


def test_a_straight_path_given_as_a_function_is_integrated_gradients():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    x0 = networks.random(3, 8, 8, seed=5)
    given = along_path(model, x, path=lambda a: x0 + a * (x - x0)).attribution
    torch.testing.assert_close(given, ig(model, x, baseline=x0, n_steps=100).attribution)


@pytest.mark.parametrize(
    "path",
    [
        lambda a: torch.zeros(3, 8, 8, device=networks.DEVICE),
        lambda a: a,
        lambda a: "picture",
        lambda a: torch.full((3, 8, 8), float(a.round()), device=networks.DEVICE),
        lambda a: networks.random(3, 8, 8) * float(a),  # the slope does not see alpha
        lambda a: a.picture,
        "straight",
        3,
        torch.zeros(3, 8, 8).numpy(),
    ],
)
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises(xk.errors.XaikitError) as caught:
        along_path(networks.small_cnn(), networks.random(3, 8, 8), path=path)
    assert networks.SUGGESTION.search(str(caught.value)), str(caught.value)


@pytest.mark.parametrize("path", CURVED)
def test_a_path_of_pictures_needs_a_picture_and_brings_its_own_baseline(path):
    with pytest.raises(xk.errors.InputError, match="needs a picture"):
        along_path(networks.m4(), tensor(1, 2, 3), path=path)
    with pytest.raises(xk.errors.OptionError, match="has no option"):
        along_path(networks.small_cnn(), networks.random(3, 8, 8), path=path, baseline="white")


# Baselines -----------------------------------------------------------------------------------------------


def test_the_named_baselines_are_what_their_names_say():
    x = networks.random(3, 20, 30)
    make = xk.baselines.make
    assert not make("black", x).any()
    assert (make("white", x) == 1).all()
    assert (make("gray", x) == 0.5).all()
    for channel, mean in zip(make("mean", x), x.mean((1, 2)), strict=True):
        torch.testing.assert_close(channel, mean.expand(20, 30))
    far = make("max_distance", x)
    assert ((far == 0) | (far == 1)).all()
    assert ((far - x).abs() >= 0.5).all()
    noise = make("noise", x)
    assert noise.min() >= 0
    assert noise.max() < 1
    assert torch.equal(noise, make("noise", x))
    assert not torch.equal(noise, make("noise", x, seed=1))
    blurred = make("blur", x)
    assert blurred.var() < x.var() / 5
    torch.testing.assert_close(blurred.mean((1, 2)), x.mean((1, 2)))
    assert (make(0.25, x) == 0.25).all()
    assert torch.equal(make(tensor(1, 2, 3)[:, None, None], x)[:, 0, 0], tensor(1, 2, 3))


@pytest.mark.parametrize("baseline", [*xk.baselines.NAMES, 0.3, 1])
def test_every_baseline_gives_a_complete_explanation(baseline):
    model, x = networks.small_cnn().double(), networks.random(3, 16, 16, dtype=torch.float64)
    explanation = ig(model, x, target=0, baseline=baseline, n_steps=400)
    (check,) = explanation.checks
    x0 = xk.baselines.make(baseline, x)
    assert check.right == pytest.approx((model(x[None]) - model(x0[None]))[0, 0].item(), rel=1e-9)
    assert check.left == pytest.approx(check.right, rel=0.02, abs=1e-6)


def test_where_example_and_baseline_agree_nothing_is_attributed():
    x = networks.random(3, 8, 8)
    x0 = x.clone()
    x0[:, 2:5] = 0
    found = ig(networks.small_cnn(), x, baseline=x0).attribution
    assert not found[:, :2].any()
    assert not found[:, 5:].any()
    assert found[:, 2:5].any()


@pytest.mark.parametrize(
    ("baseline", "error"),
    [
        ("blakc", "Did you mean 'black'"),
        (True, "a name"),
        (None, "a name"),
        ([0, 0], "a name"),
        (torch.zeros(4, 8, 8), "example's shape"),
        (torch.full((3, 8, 8), float("nan")), "NaN"),
        (float("inf"), "NaN or infinite"),
    ],
)
def test_a_baseline_that_is_none_is_refused(baseline, error):
    with pytest.raises(xk.errors.XaikitError, match=error):
        ig(networks.small_cnn(), networks.random(3, 8, 8), baseline=baseline)


@pytest.mark.parametrize("name", ["white", "gray", "noise", "max_distance"])
def test_a_baseline_in_the_unit_range_is_refused_for_a_normalised_picture(name):
    with pytest.raises(xk.errors.InputError, match=r"\[0, 1\]"):
        ig(networks.small_cnn(), networks.random(3, 8, 8) * 4 - 2, baseline=name)


# Memory --------------------------------------------------------------------------------------------------


def peak(**options) -> int:
    """Bytes at the highest point of one explanation of a 3×32×32 picture, four at a time."""
    model, x = networks.small_cnn(), networks.random(3, 32, 32)
    return highest(lambda: ig(model, x, target=0, batch_size=4, **options))


def test_keeping_the_result_alone_takes_the_memory_of_one_batch_however_many_steps():
    picture = 3 * 32 * 32 * 4
    short, long = peak(keep="result", n_steps=50), peak(keep="result", n_steps=400)
    assert long - short < 2 * picture, "the scores of 400 steps are small; nothing else may grow"
    assert peak(keep="all", n_steps=400) - short > 350 * picture, "the measure sees what is kept"


def test_keeping_one_small_step_takes_the_memory_of_one_batch():
    picture = 3 * 32 * 32 * 4
    only_scores = [peak(keep=lambda step: step.name == "scores", n_steps=n) for n in (50, 400)]
    assert only_scores[1] - only_scores[0] < 4 * picture


@pytest.mark.parametrize(
    ("keep", "names"),
    [
        ("result", []),
        (lambda step: step.kind == "curve", ["alphas", "weights", "scores", "gradient_magnitudes"]),
        (lambda step: step.name == "gradients", ["gradients"]),
    ],
)
def test_keep_says_which_steps_stay(keep, names):
    explanation = ig(networks.small_cnn(), networks.random(3, 8, 8), keep=keep)
    assert list(explanation.steps) == names
    assert explanation.attribution.shape == (3, 8, 8)


def test_a_step_that_was_dropped_is_answered_with_those_that_are_there():
    explanation = ig(networks.small_cnn(), networks.random(3, 8, 8), keep="result")
    with pytest.raises(KeyError, match="keep='result' drops the steps"):
        explanation["gradients"]


def test_one_forward_and_one_backward_pass_a_step_and_one_for_each_end():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    for keep in ("all", "result", lambda step: step.name == "scores"):
        assert ig(model, x, n_steps=20, keep=keep).cost == {"forward": 22, "backward": 20}


# Options that mean nothing -------------------------------------------------------------------------------


@pytest.mark.parametrize("n_steps", [0, -1, 2.0, True, "50", None])
def test_a_number_of_steps_is_a_whole_number_from_one(n_steps):
    with pytest.raises(xk.errors.OptionError, match="n_steps is a whole number from 1"):
        ig(networks.m4(), tensor(1, 2, 3), n_steps=n_steps)


@pytest.mark.parametrize("tolerance", [0, -0.1, 1, float("nan"), True, "0.01"])
def test_a_tolerance_is_a_share(tolerance):
    with pytest.raises(xk.errors.OptionError, match="between 0 and 1"):
        ig(networks.m4(), tensor(1, 2, 3), tolerance=tolerance)


def test_a_rule_that_is_nearly_right_is_corrected():
    with pytest.raises(xk.errors.OptionError, match="Did you mean 'gauss_legendre'"):
        ig(networks.m4(), tensor(1, 2, 3), rule="gausslegendre")


def test_the_trapezoid_rule_needs_both_ends():
    with pytest.raises(xk.errors.OptionError, match="n_steps=2 or more"):
        ig(networks.m4(), tensor(1, 2, 3), rule="trapezoid", n_steps=1)


# Blur-IG -------------------------------------------------------------------------------------------------


def blurred(x, sigma, edges="black"):
    """scipy's blur of every channel, its kernel as good as whole."""
    mode = {"black": "constant", "mirrored": "reflect"}[edges]
    channels = x.double().cpu().numpy()
    out = [gaussian_filter(c, sigma, mode=mode, truncate=14) if sigma > 0 else c for c in channels]
    return torch.from_numpy(np.stack(out)).to(x)


def blur_ig(model, x, **options):
    return xk.blur_integrated_gradients(model, x, **options)


def sine():
    """The sum of the sines of all values: each value is on its own."""
    return networks.Function(lambda x: torch.sin(x).flatten(1).sum(1, keepdim=True))


def two_dots():
    """5×5, 0.7 at (1, 1) and 1 at (2, 2)."""
    x = torch.zeros(1, 5, 5, dtype=torch.float64, device=networks.DEVICE)
    x[0, 1, 1], x[0, 2, 2] = 0.7, 1
    return x


@pytest.mark.parametrize("spacing", ["linear", "quadratic"])
def test_two_dots_under_a_sine_are_what_the_blur_takes_from_them(spacing):
    """On a sum of functions of one value each, every value gets what its own function changes."""
    x = two_dots()
    explanation = blur_ig(sine(), x, max_sigma=10, spacing=spacing, n_steps=1000, keep="result")
    found = explanation.attribution[0]
    assert found[1, 1].item() == pytest.approx(0.6415, abs=1e-4)
    assert found[2, 2].item() == pytest.approx(0.8388, abs=1e-4)
    others = torch.ones(5, 5, dtype=torch.bool)
    others[1, 1] = others[2, 2] = False
    assert found[others].cpu().numpy() == pytest.approx(-0.0026, abs=1e-4)
    assert blurred(x, 10)[0, 2, 2].item() == pytest.approx(0.0026948, abs=1e-6), "cut off at 4 σ or not"
    expected = torch.sin(x) - torch.sin(blurred(x, 10))
    torch.testing.assert_close(explanation.attribution, expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("spacing", "rule", "sigmas"),
    [
        ("linear", "left", [8, 6, 4, 2]),
        ("linear", "right", [6, 4, 2, 0]),
        ("linear", "midpoint", [7, 5, 3, 1]),
        ("quadratic", "midpoint", [6.125, 3.125, 1.125, 0.125]),  # 8 (7/8)², 8 (5/8)², …
        ("quadratic", "right", [4.5, 2, 0.5, 0]),
    ],
)
def test_the_blur_falls_from_its_widest_to_none(spacing, rule, sigmas):
    options = {"max_sigma": 8, "spacing": spacing, "rule": rule, "n_steps": 4}
    explanation = blur_ig(networks.small_cnn(), networks.random(3, 8, 8), **options)
    assert explanation["sigmas"].tolist() == pytest.approx(sigmas)


def test_the_widest_blur_is_a_quarter_of_the_shorter_side_unless_it_is_given():
    explanation = blur_ig(networks.small_cnn(), networks.random(3, 12, 20), rule="left", n_steps=3)
    assert explanation["sigmas"][0] == 3
    given = blur_ig(networks.small_cnn(), networks.random(3, 12, 20), rule="left", n_steps=3, max_sigma=0.5)
    assert given["sigmas"][0] == 0.5


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("edges", ["black", "mirrored"])
@pytest.mark.parametrize("spacing", ["linear", "quadratic"])
def test_blur_ig_is_what_its_definition_says(spacing, edges, rule):
    """The oracle blurs with scipy, and takes the velocity from two neighbouring blurs."""
    model, x = networks.small_cnn().double(), networks.random(3, 8, 10, dtype=torch.float64)
    options = {"max_sigma": 3, "spacing": spacing, "edges": edges, "rule": rule, "n_steps": 6}
    explanation = blur_ig(model, x, target=2, batch_size=4, **options)
    alphas, weights = quadrature(rule, 6, x)
    power, h = {"linear": 1, "quadratic": 2}[spacing], 1e-6
    sigmas = [3 * (1 - a.item()) ** power for a in alphas]
    points = [blurred(x, s, edges) for s in sigmas]
    velocities = []
    for a, s in zip(alphas.tolist(), sigmas, strict=True):
        per_sigma = (blurred(x, s + h, edges) - blurred(x, s - h, edges)) / (2 * h) if s > h else 0 * x
        velocities.append(-power * 3 * (1 - a) ** (power - 1) * per_sigma)
    scores, gradients, total, _ = slow(model, points, velocities, weights, 2)
    torch.testing.assert_close(explanation["sigmas"], torch.tensor(sigmas).to(x))
    torch.testing.assert_close(explanation["blurred"], torch.stack(points))
    torch.testing.assert_close(explanation["scores"], scores)
    torch.testing.assert_close(explanation["gradients"], gradients)
    torch.testing.assert_close(explanation.attribution, total, rtol=1e-5, atol=1e-8)
    (check,) = explanation.checks
    change = model(x[None]) - model(blurred(x, 3, edges)[None])
    assert check.right == pytest.approx(change[0, 2].item(), abs=1e-9)


@pytest.mark.parametrize("edges", ["black", "mirrored"])
def test_blur_ig_is_complete_with_many_points(edges):
    model, x = networks.small_cnn().double(), networks.random(3, 16, 16, dtype=torch.float64)
    (check,) = blur_ig(model, x, target=0, edges=edges, n_steps=800, keep="result").checks
    assert check.left == pytest.approx(check.right, rel=0.01)


@pytest.mark.parametrize("photo", ["cat", "coffee", "rocket"])
def test_points_that_lie_closer_where_it_is_sharp_do_with_half_as_many(photo, zoo_model):
    model, _ = zoo_model("photos")
    x = xk.data.photo(photo, 96).to(networks.DEVICE)

    def missed(**options):
        (check,) = blur_ig(model, x, keep="result", **options).checks
        return abs(check.difference / check.right)

    assert missed(spacing="quadratic", n_steps=25) < missed(spacing="linear", n_steps=50)


def test_a_flat_picture_says_nothing_when_it_is_mirrored_and_at_its_border_when_it_is_not():
    x = torch.full((1, 21, 21), 0.6, dtype=torch.float64, device=networks.DEVICE)
    options = {"max_sigma": 1, "n_steps": 200}
    assert blur_ig(sine(), x, edges="mirrored", **options).attribution.abs().max() < 1e-12
    found = blur_ig(sine(), x, edges="black", **options).attribution[0]
    assert found[10, 10].abs() < 1e-12, "the middle is ten σ from the edge"
    assert found[0, 0] > found[0, 10] > 0.01, "a corner loses to two sides"


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 1), (3, 1, 6), (1, 7, 7), (5, 4, 4)])
def test_blur_ig_takes_pictures_of_any_size_and_number_of_channels(shape):
    x = networks.random(*shape, dtype=torch.float64) + 0.1
    explanation = blur_ig(sine(), x, n_steps=400)
    expected = torch.sin(x) - torch.sin(blurred(x, min(shape[1:]) / 4))
    torch.testing.assert_close(explanation.attribution, expected, rtol=1e-4, atol=1e-6)


def test_blur_ig_needs_one_pass_a_point_and_one_for_each_end():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    for keep in ("all", "result", lambda step: step.name == "scores"):
        assert blur_ig(model, x, n_steps=20, keep=keep).cost == {"forward": 22, "backward": 20}


# Guided IG -----------------------------------------------------------------------------------------------


def guided(model, x, **options):
    return xk.guided_integrated_gradients(model, x, **options)


def slope_at(model, target, like):
    """numpy point → the gradient there, by one backward pass in the layout that the library uses."""

    def slope(point):
        leaf = torch.from_numpy(point).to(like)[None]
        leaf = (leaf.clone(memory_format=torch.channels_last) if like.dim() == 3 else leaf).requires_grad_()
        (gradient,) = torch.autograd.grad(model(leaf)[0, target], leaf)
        return gradient[0].cpu().numpy()

    return slope


def guided_by_hand(slope, x, x0, n, fraction, far, rule="left"):
    """The path value by value, straight from the definition: (points, share that waits, attribution).

    `gone` is how far each value is on its own straight line. In step k it must be at least k/n - far, may be
    at most k/n + far, and all together must have covered the share k/n of the whole distance.
    """
    way, points, waits, attribution = np.abs(x - x0), [], [], np.zeros_like(x)
    gone, here, here_slope = np.zeros_like(x), x0.copy(), slope(x0)
    for k in range(1, n + 1):
        before, most = gone.copy(), min(k / n + far, 1.0)
        gone = np.maximum(gone, k / n - far)
        while (missing := (way * (1 - gone)).sum() - (1 - k / n) * way.sum()) > 1e-12 * way.sum():
            steepness = np.where((gone < most) & (way > 0), np.abs(here_slope), np.inf)
            limit = np.sort(steepness, axis=None)[int(fraction * (x.size - 1))]
            group = (steepness <= limit) & (steepness < np.inf)
            room = (way * (most - gone))[group].sum()
            if room == 0:
                break
            if missing < room:
                gone[group] += missing / room * (most - gone[group])
                break
            gone[group] = most
        there = x0 + gone * (x - x0)
        there_slope = slope(there)
        points.append(here)
        waits.append(((gone == before) & (way > 0)).sum() / max((way > 0).sum(), 1))
        mean_slope = here_slope if rule == "left" else (here_slope + there_slope) / 2
        attribution += mean_slope * (there - here)
        here, here_slope = there, there_slope
    return np.stack(points), np.array(waits), attribution


def agrees_with_hand(model, x, x0, target, n, fraction, far, rule="left"):
    options = {"n_steps": n, "fraction": fraction, "max_distance": far, "rule": rule}
    explanation = guided(model, x, target=target, baseline=x0, **options)
    slope = slope_at(model, target, x)
    arrays = (x.cpu().numpy(), x0.cpu().numpy())
    points, waits, attribution = guided_by_hand(slope, *arrays, n, fraction, far, rule)
    for found, expected in ((explanation["path"], points), (explanation.attribution, attribution)):
        expected = torch.from_numpy(expected).to(x)
        assert (found - expected).abs().max() <= 1e-6 * expected.abs().max()
    assert explanation["frozen_fraction"].cpu().numpy() == pytest.approx(waits, abs=1e-6)
    gradients = np.stack([slope(point) for point in explanation["path"].cpu().numpy()])
    torch.testing.assert_close(explanation["gradients"], torch.from_numpy(gradients).to(x))


every_way = pytest.mark.parametrize(
    ("fraction", "far"),
    [(0.1, 0.0), (0.1, 0.02), (0.1, 1.0), (0.25, 0.02), (0.25, 0.3), (0.25, 1.0), (1.0, 0.02), (1.0, 1.0)],
)


@every_way
@pytest.mark.parametrize("rule", ["left", "trapezoid"])
@pytest.mark.parametrize("build", [networks.small_cnn, networks.functional_relu_cnn])
def test_guided_ig_is_what_its_definition_says(build, rule, fraction, far):
    model, x = build().double(), networks.random(3, 8, 8, dtype=torch.float64)
    x0 = networks.random(3, 8, 8, seed=9, dtype=torch.float64)
    agrees_with_hand(model, x, x0, 2, 9, fraction, far, rule)


@every_way
@pytest.mark.parametrize("seed", [0, 1])
def test_guided_ig_is_what_its_definition_says_where_no_two_slopes_are_equal(seed, fraction, far):
    model, x = networks.smooth_mlp(seed=seed), networks.random(8, seed=seed, dtype=torch.float64)
    agrees_with_hand(model, x, torch.zeros_like(x), 1, 15, fraction, far)


@pytest.mark.parametrize("network", ["shapes", "photos"])
@pytest.mark.parametrize(("fraction", "far", "rule"), [(0.25, 0.02, "left"), (0.1, 1.0, "trapezoid")])
def test_guided_ig_is_what_its_definition_says_on_trained_networks(network, fraction, far, rule, zoo_model):
    model, x = zoo_model(network)
    model, x = copy.deepcopy(model).double(), x.double()
    agrees_with_hand(model, x, torch.zeros_like(x), 1, 6, fraction, far, rule)


def test_the_flattest_goes_first_as_worked_by_hand():
    """F = 3a + b: b goes all the way in the first step, a in the second."""
    options = {"n_steps": 2, "fraction": 0, "max_distance": 1}
    explanation = guided(networks.linear([3, 1]), tensor(1, 1), **options)
    assert explanation["path"].tolist() == [[0, 0], [0, 1]]
    assert explanation["frozen_fraction"].tolist() == [0.5, 0.5]
    assert explanation["scores"].tolist() == [0, 1]
    assert explanation.attribution.tolist() == [3, 1]


def test_nobody_goes_farther_from_the_line_than_allowed_as_worked_by_hand():
    """F = 3a + b, at most a quarter off the line: after half of the way b is at ¾ and a at ¼."""
    options = {"n_steps": 2, "fraction": 0, "max_distance": 0.25}
    explanation = guided(networks.linear([3, 1]), tensor(1, 1), **options)
    assert explanation["path"].tolist() == [[0, 0], [0.25, 0.75]]
    assert explanation["frozen_fraction"].tolist() == [0, 0]


def test_a_product_along_the_guided_path_is_worked_by_hand():
    """x1 x2 at (2, 3): flat at 0, so both go half of the way to (1, 1.5), where the slopes are (1.5, 1)."""
    options = {"n_steps": 2, "fraction": 0, "max_distance": 1}
    left = guided(networks.product(), tensor(2, 3), **options)
    assert left["path"].tolist() == [[0, 0], [1, 1.5]]
    assert left["gradients"].tolist() == [[0, 0], [1.5, 1]]
    assert left.attribution.tolist() == [1.5, 1.5]
    # Means of both ends: (¾, ½) and, with (3, 2) at the end, (2¼, 1½).
    trapezoid = guided(networks.product(), tensor(2, 3), rule="trapezoid", **options)
    assert trapezoid.attribution.tolist() == [3, 3]
    assert trapezoid.checks[0].difference == 0


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(
    seed=st.integers(0, 30),
    n=st.integers(1, 12),
    fraction=st.floats(0, 1),
    far=st.floats(0, 1),
    still=st.integers(0, 7),
)
def test_in_every_step_the_same_share_of_the_distance_is_covered_within_the_corridor(
    seed, n, fraction, far, still
):
    model, x = networks.smooth_mlp(seed=seed), networks.random(8, seed=seed, dtype=torch.float64)
    x0 = 1 - 2 * networks.random(8, seed=seed + 50, dtype=torch.float64)
    x0[:still] = x[:still]
    explanation = guided(model, x, baseline=x0, n_steps=n, fraction=fraction, max_distance=far)
    path = torch.cat([explanation["path"], x[None]])
    k = torch.arange(n + 1, dtype=torch.float64, device=x.device)
    left = (x - path).abs().sum(1)
    torch.testing.assert_close(left, (1 - k / n) * left[0], rtol=0, atol=2e-6 * left[0].item())
    gone = ((path - x0) / torch.where(x == x0, 1, x - x0))[:, still:]
    assert (gone.diff(dim=0) >= -1e-9).all(), "no value turns back"
    assert ((gone - k[:, None] / n).abs() <= far + 1e-6).all()
    assert torch.equal(explanation["path"][:, :still], x[:still].expand(n, still))
    assert not explanation.attribution[:still].any()


def test_where_input_and_baseline_are_one_guided_ig_stays_and_attributes_nothing():
    x = networks.random(3, 8, 8)
    explanation = guided(networks.small_cnn(), x, baseline=x, n_steps=4)
    assert not explanation.attribution.any()
    assert torch.equal(explanation["path"], x.expand(4, 3, 8, 8))
    assert explanation["frozen_fraction"].tolist() == [0] * 4, "nothing has to move, so nothing waits"
    assert all(check.holds for check in explanation.checks)


def test_in_one_step_guided_ig_is_the_slope_at_the_baseline():
    model, x = networks.small_cnn().double(), networks.random(3, 8, 8, dtype=torch.float64)
    explanation = guided(model, x, target=1, n_steps=1)
    slope = torch.from_numpy(slope_at(model, 1, x)(np.zeros((3, 8, 8)))).to(x)
    torch.testing.assert_close(explanation.attribution, slope * x)
    assert explanation["path"].shape == (1, 3, 8, 8)
    assert not explanation["path"].any()


@pytest.mark.parametrize("max_distance", [0.02, 1.0])
def test_the_last_value_arrives_however_small_its_share_of_the_distance(max_distance):
    """Of 3,072 values the steepest comes last, and alone; its way is 1e-3 of 3,071."""
    x, w = torch.ones(3, 32, 32, device=networks.DEVICE), 1 + networks.random(3, 32, 32)
    x[0, 0, 0], w[0, 0, 0] = 1e-3, 100
    options = {"n_steps": 2, "fraction": 0, "max_distance": max_distance}
    explanation = guided(networks.linear(w), x, **options)
    assert explanation.attribution[0, 0, 0].item() == pytest.approx(0.1, rel=1e-3)
    assert explanation.checks[-1].holds


def test_guided_ig_arrives_in_half_precision_too():
    """150,528 values of ½ sum to more than the 65,504 that float16 can hold."""
    model, x = networks.small_cnn().half(), networks.random(3, 224, 224)
    explanation = guided(model, x, target=0, n_steps=2, keep="result")
    assert explanation.checks[-1].holds


@pytest.mark.parametrize("rule", ["left", "trapezoid"])
@pytest.mark.parametrize("fraction", [0, 0.1, 1])
def test_on_a_leash_of_zero_guided_ig_is_integrated_gradients(rule, fraction):
    model, x = networks.small_cnn().double(), networks.random(3, 8, 8, dtype=torch.float64)
    found = guided(model, x, target=1, n_steps=12, fraction=fraction, max_distance=0, rule=rule)
    n = 12 if rule == "left" else 13  # a trapezoid of 12 steps has 13 points
    expected = ig(model, x, target=1, n_steps=n, rule=rule)
    torch.testing.assert_close(found.attribution, expected.attribution)
    torch.testing.assert_close(found["path"], expected["interpolated"][:12])


@pytest.mark.parametrize("network", ["shapes", "photos"])
def test_the_trapezoid_rule_mends_most_of_what_the_left_ends_miss(network, zoo_model):
    model, x = zoo_model(network)

    def missed(rule):
        explanation = guided(model, x, n_steps=50, rule=rule, keep="result")
        completeness, arrival = explanation.checks
        assert arrival.holds
        return abs(completeness.difference)

    assert missed("trapezoid") < missed("left") / 2


def test_guided_ig_shows_the_model_one_picture_at_a_time_and_asks_for_one_gradient_a_step():
    sizes, network = [], networks.small_cnn()
    model = networks.Function(lambda x: sizes.append(len(x)) or network(x))
    for rule, backward in (("left", 20), ("trapezoid", 21)):
        for keep in ("all", "result", lambda step: step.name == "path"):
            cost = guided(model, networks.random(3, 8, 8), n_steps=20, rule=rule, keep=keep).cost
            assert cost == {"forward": backward + 2, "backward": backward}
    assert set(sizes) == {1}


def test_guided_ig_keeps_nothing_of_its_way_when_only_the_result_is_asked_for():
    model, x = networks.small_cnn(), networks.random(3, 32, 32)
    picture = x.numel() * x.element_size()
    options = {"target": 0, "keep": "result"}
    short, long = (highest(lambda n=n: guided(model, x, n_steps=n, **options)) for n in (20, 100))
    assert long - short < 2 * picture
    everything = highest(lambda: guided(model, x, target=0, n_steps=100))
    assert everything - short > 150 * picture, "the measure sees what is kept"


# Expected gradients --------------------------------------------------------------------------------------


def expected(model, x, **options):
    return xk.gradient_shap(model, x, **options)


@pytest.mark.parametrize("n", [2, 5, 50])
def test_on_a_linear_model_expected_gradients_are_exact_for_any_number_of_draws(n):
    background = torch.zeros(1, 3, device=networks.DEVICE)
    explanation = expected(networks.linear([1, -2, 3]), tensor(1, 2, 3), background=background, n_samples=n)
    assert explanation.attribution.tolist() == pytest.approx([1, -4, 9])
    assert explanation["gradients"].tolist() == [[1, -2, 3]] * n
    assert explanation["standard_error"].tolist() == pytest.approx([0, 0, 0], abs=1e-6)
    assert explanation.checks[0].holds


BACKGROUNDS_OF_M4 = [((0, 0, 0), -3), ((1, 1, 1), -12), ((2, 2, 2), -21)]


@pytest.mark.parametrize(("background", "change"), BACKGROUNDS_OF_M4)
def test_from_its_last_layer_on_the_kit_network_changes_by_as_much_as_the_background_is_off(
    background, change
):
    """What follows the layer l2 is the identity, which is linear: one draw says all."""
    x, b = tensor(1.0, -20, 10), tensor(*map(float, background))
    with xk.probe(model := networks.m4(), "l2") as read:
        model(torch.stack([x, b]))
    at_x, at_b = read.one("l2").detach()
    explanation = expected(networks.Function(lambda h: h), at_x, target=0, background=at_b[None], n_samples=2)
    assert explanation.attribution.tolist() == pytest.approx([change, 0])
    assert explanation.checks[0].right == pytest.approx(change)


@pytest.mark.parametrize(("background", "change"), BACKGROUNDS_OF_M4)
def test_from_its_inputs_on_the_kit_network_changes_so_in_expectation(background, change):
    options = {"target": 0, "n_samples": 2000, "background": tensor(*map(float, background))[None]}
    explanation = expected(networks.m4(), tensor(1, -20, 10), **options)
    (check,) = explanation.checks
    assert check.right == pytest.approx(change)
    error = explanation["samples"].sum(1).std().item() / 2000**0.5
    assert abs(check.left - change) < 3 * error
    assert check.holds


def test_a_product_with_two_baselines_gets_the_mean_of_both_integrals():
    """x1 x2 at (2, 3): (3, 3) from (0, 0) and (2, 3) from (1, 1); together (2.5, 3)."""
    background = tensor([0.0, 0], [1, 1])
    explanation = expected(networks.product(), tensor(2, 3), background=background, n_samples=5000)
    error = explanation["standard_error"]
    assert ((explanation.attribution - tensor(2.5, 3)).abs() < 3 * error).all()
    assert error.max() < 0.05


def test_expected_gradients_are_what_their_definition_says():
    model, x = networks.small_cnn().double(), networks.random(3, 8, 8, dtype=torch.float64)
    background = networks.random(4, 3, 8, 8, seed=9, dtype=torch.float64)
    options = {"target": 2, "background": background, "n_samples": 9, "seed": 3, "batch_size": 4}
    explanation = expected(model, x, **options)
    b, alphas = explanation["baselines"], explanation["alphas"]
    assert all(any(torch.equal(row, other) for other in background) for row in b)
    points = torch.stack([row + a * (x - row) for row, a in zip(b, alphas, strict=True)])
    torch.testing.assert_close(explanation["points"], points)
    _, gradients, _, _ = slow(model, points, [x] * 9, alphas, 2)
    torch.testing.assert_close(explanation["gradients"], gradients)
    samples = ((x - b) * gradients).cpu().numpy()
    assert explanation["samples"].cpu().numpy() == pytest.approx(samples)
    assert explanation.attribution.cpu().numpy() == pytest.approx(samples.mean(0))
    assert explanation["standard_error"].cpu().numpy() == pytest.approx(samples.std(0, ddof=1) / 3)
    (check,) = explanation.checks
    change = model(x[None])[0, 2] - model(b)[:, 2].mean()
    assert check.right == pytest.approx(change.item())
    assert check.left == pytest.approx(samples.mean(0).sum())
    gap = samples.reshape(9, -1).sum(1) - (model(x[None])[0, 2] - model(b)[:, 2]).detach().cpu().numpy()
    assert check.abs_tol == pytest.approx(3 * gap.std(ddof=1) / 3)


def test_every_row_of_the_background_is_drawn_as_often_and_alpha_is_uniform():
    background = torch.arange(5.0, device=networks.DEVICE)[:, None].expand(5, 3)
    options = {"background": background, "n_samples": 4000, "keep": lambda step: step.kind != "heatmaps"}
    explanation = expected(networks.linear([1, 1, 1]), tensor(9, 9, 9), **options)
    counts = explanation["baselines"][:, 0].long().bincount(minlength=5)
    assert ((counts - 800).abs() < 4 * (4000 * 0.2 * 0.8) ** 0.5).all()
    alphas = explanation["alphas"].sort().values.cpu()
    assert 0 <= alphas.min() < alphas.max() < 1
    even = (torch.arange(4000) + 0.5) / 4000
    assert (alphas - even).abs().max() < 1.63 / 4000**0.5, "Kolmogorov and Smirnov, at 1 %"
    together = torch.stack([explanation["alphas"].cpu(), explanation["baselines"][:, 0].cpu()])
    assert torch.corrcoef(together)[0, 1].abs() < 4 / 4000**0.5, "the two are independent"


def test_the_standard_error_is_honest():
    """The true value lies within two standard errors in about 95 of 100 explanations."""
    model, background = networks.product(), tensor([0.0, 0], [1, 1])
    within = 0
    for seed in range(200):
        e = expected(model, tensor(2, 3), background=background, n_samples=50, seed=seed)
        within += ((e.attribution - tensor(2.5, 3)).abs() <= 2 * e["standard_error"])[0].item()
    assert 180 <= within <= 198


def test_a_background_is_rows_a_picture_a_name_a_number_or_an_array():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    rows, one = networks.random(4, 3, 8, 8, seed=2), networks.random(3, 8, 8, seed=2)
    given = {"n_samples": 3, "target": 0}
    for background, baselines in (
        (one, one.expand(3, 3, 8, 8)),
        (one[None], one.expand(3, 3, 8, 8)),
        (one.cpu().numpy(), one.expand(3, 3, 8, 8)),
        ("white", torch.ones(3, 3, 8, 8, device=x.device)),
        (0.25, torch.full((3, 3, 8, 8), 0.25, device=x.device)),
        (0, torch.zeros(3, 3, 8, 8, device=x.device)),
    ):
        found = expected(model, x, background=background, **given)
        torch.testing.assert_close(found["baselines"], baselines)
    as_tensor = expected(model, x, background=rows, **given)
    as_array = expected(model, x, background=rows.cpu().numpy().astype(np.float64), **given)
    torch.testing.assert_close(as_tensor.attribution, as_array.attribution)
    noise = expected(model, x, n_samples=60, target=0)["baselines"]
    assert len(noise.flatten(1).unique(dim=0)) == 10, "without a background: ten pictures of noise"
    assert noise.min() >= 0
    assert noise.max() < 1
    assert noise.std().item() == pytest.approx(12**-0.5, abs=0.01)


@pytest.mark.parametrize(
    ("background", "error"),
    [
        (torch.zeros(0, 3, 8, 8), r"\(0, 3, 8, 8\) was given. Try torch.stack"),
        (torch.zeros(2, 3, 7, 8), r"\(2, 3, 7, 8\) was given. Try torch.stack"),
        (torch.zeros(1, 2, 3, 8, 8), "Try torch.stack"),
        (torch.zeros(4, 8, 8), "example's shape"),
        (torch.full((2, 3, 8, 8), float("nan")), "NaN"),
        ("nois", "Did you mean 'noise'"),
        ([0, 1], "a baseline's name"),
        (True, "a baseline's name"),
    ],
)
def test_a_background_that_is_none_is_refused(background, error):
    with pytest.raises(xk.errors.XaikitError, match=error):
        expected(networks.small_cnn(), networks.random(3, 8, 8), background=background, n_samples=3)


def test_rows_that_are_no_picture_of_noise_need_a_background():
    with pytest.raises(xk.errors.InputError, match=r"\[0, 1\]"):
        expected(networks.m4(), tensor(1, 2, 3))


@pytest.mark.parametrize("n_samples", [1, 0, -1, 2.0, True, None, "50", 10**400])
def test_a_mean_with_an_error_needs_two_draws(n_samples):
    with pytest.raises(xk.errors.OptionError, match="n_samples is"):
        expected(networks.small_cnn(), networks.random(3, 8, 8), n_samples=n_samples)


def test_expected_gradients_ask_about_every_baseline_once():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    for keep in ("all", "result", lambda step: step.name == "samples"):
        background = networks.random(2, 3, 8, 8, seed=3)
        cost = expected(model, x, background=background, n_samples=30, keep=keep).cost
        assert cost == {"forward": 30 + 2 + 1, "backward": 30}


@pytest.mark.parametrize("name", ["blur_integrated_gradients", "gradient_shap"])
def test_the_result_alone_takes_the_memory_of_one_batch(name):
    model, x = networks.small_cnn(), networks.random(3, 32, 32)
    method, count = xk.METHODS[name], "n_samples" if name == "gradient_shap" else "n_steps"
    given = {"target": 0, "batch_size": 4, "keep": "result"}
    short, long = (highest(lambda n=n: method(model, x, **{count: n}, **given)) for n in (50, 200))
    assert long - short < 2 * x.numel() * x.element_size()


# Options of these three that mean nothing ------------------------------------------------------------------

NO_NUMBERS = [None, True, "5", [], 1j, float("nan"), float("inf"), -0.1, np.zeros(3)]


@pytest.mark.parametrize("max_sigma", [*NO_NUMBERS[1:], 0, 10_001])
def test_a_widest_blur_is_a_number_of_pixels_above_zero(max_sigma):
    with pytest.raises(xk.errors.OptionError, match=r"max_sigma is a number of pixels above 0.*Try 10"):
        blur_ig(networks.small_cnn(), networks.random(3, 8, 8), max_sigma=max_sigma)


@pytest.mark.parametrize("option", ["fraction", "max_distance"])
@pytest.mark.parametrize("share", [*NO_NUMBERS, 1.1, 2])
def test_how_many_move_and_how_far_are_shares(option, share):
    with pytest.raises(xk.errors.OptionError, match=f"{option} is a share between 0 and 1.*Try 0\\."):
        guided(networks.small_cnn(), networks.random(3, 8, 8), **{option: share})


@pytest.mark.parametrize(
    ("method", "options", "error"),
    [
        (blur_ig, {"edges": "mirror"}, "Did you mean 'mirrored'"),
        (blur_ig, {"edges": None}, "edges is one of black, mirrored"),
        (blur_ig, {"spacing": "quadratc"}, "Did you mean 'quadratic'"),
        (blur_ig, {"spacing": 2}, "spacing is one of quadratic, linear"),
        (blur_ig, {"n_steps": 0}, "n_steps is a whole number from 1"),
        (blur_ig, {"rule": "trapezoid", "n_steps": 1}, "n_steps=2 or more"),
        (guided, {"rule": "midpoint"}, "rule is one of left, trapezoid"),
        (guided, {"n_steps": 0}, "n_steps is a whole number from 1"),
        (guided, {"baseline": "blakc"}, "Did you mean 'black'"),
    ],
)
def test_an_option_that_is_nearly_right_is_corrected(method, options, error):
    with pytest.raises(xk.errors.OptionError, match=error):
        method(networks.small_cnn(), networks.random(3, 8, 8), **options)


def test_what_has_no_edges_cannot_be_blurred():
    with pytest.raises(xk.errors.InputError, match="needs a picture"):
        blur_ig(networks.m4(), tensor(1, 2, 3))
