"""Paths: integrals worked by hand, exactness of the rules, a slow version straight from the definition."""

import math

import pytest
import torch

import xaikit as xk
from xaikit.core.routes import RULES, quadrature, route

from .. import networks
from ..bench.memory import peak as highest
from ..networks import tensor

CURVED = ("luminosity", "saturation", "blur")


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
    points = quadrature(rule, n)
    assert points[0].tolist() == pytest.approx(alphas, abs=1e-12)
    assert points[1].tolist() == pytest.approx(weights, abs=1e-12)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("n", [2, 3, 10, 57])
def test_the_weights_of_every_rule_sum_to_one(rule, n):
    alphas, weights = quadrature(rule, n)
    assert weights.sum().item() == pytest.approx(1, abs=1e-12)
    assert alphas.min() >= 0
    assert alphas.max() <= 1
    assert (alphas.diff() > 0).all()


@pytest.mark.parametrize("n", [1, 2, 5])
def test_gauss_legendre_is_exact_up_to_degree_2n_minus_1(n):
    alphas, weights = quadrature("gauss_legendre", n)
    for degree in range(2 * n):
        assert (weights * alphas**degree).sum().item() == pytest.approx(1 / (degree + 1), abs=1e-12)
    assert abs((weights * alphas ** (2 * n)).sum().item() - 1 / (2 * n + 1)) > 1e-7


def test_midpoint_and_trapezoid_are_exact_for_lines_and_their_errors_for_squares_are_known():
    for rule, error in (("midpoint", -1 / 12), ("trapezoid", 1 / 6)):
        n = 10
        alphas, weights = quadrature(rule, n)
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
    alphas, weights = (p.to(x) for p in quadrature(rule, 6))
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
    explanation = ig(model, x, target=1, path=path, n_steps=6)
    way = route(path, "black", x)
    alphas, weights = (p.to(x) for p in quadrature("midpoint", 6))
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
    explanation = ig(model, x, target=0, path=path, n_steps=400)
    way = route(path, "black", x)
    torch.testing.assert_close(way.at(torch.ones(1).to(x))[0], x, rtol=0, atol=1e-12)
    torch.testing.assert_close(way.at(torch.zeros(1).to(x))[0], way.x0)
    (check,) = explanation.checks
    assert check.left == pytest.approx(check.right, rel=0.02, abs=1e-5)
    assert check.right == pytest.approx((model(x[None]) - model(way.x0[None]))[0, 0].item(), rel=1e-9)


def test_the_luminosity_path_starts_in_the_dark_and_keeps_hue_and_saturation():
    x = tensor(0.8, 0.4, 0.2)[:, None, None]  # an orange: HSL lightness 0.5, saturation 0.6, hue 20°
    steps = ig(networks.linear([1, 1, 1]), x, path="luminosity", n_steps=2)["interpolated"]
    way = route("luminosity", "black", x)
    assert not way.x0.any()
    # At half the lightness, 0.25, HSL gives chroma 0.6 · 0.5 = 0.3: 0.25 ± 0.15, the middle a third up.
    assert way.at(tensor(0.5))[0].flatten().tolist() == pytest.approx([0.4, 0.2, 0.1])
    assert steps.shape == (2, 3, 1, 1)


def test_the_luminosity_path_leaves_black_and_white_pixels_colourless():
    x = tensor([[0.0, 1]], [[0.0, 1]], [[0.0, 1]])
    at_half = route("luminosity", "black", x).at(tensor(0.5))[0]
    assert at_half[:, 0, 0].tolist() == [0, 0, 0]
    assert at_half[:, 0, 1].tolist() == pytest.approx([0.5] * 3)


def test_the_saturation_path_starts_in_grey_of_the_same_lightness():
    x = tensor(0.8, 0.4, 0.2)[:, None, None]
    way = route("saturation", "black", x)
    assert way.x0.flatten().tolist() == pytest.approx([0.5] * 3)
    assert way.at(tensor(0.5))[0].flatten().tolist() == pytest.approx([0.65, 0.45, 0.35])


def test_the_blur_path_keeps_the_mean_of_the_picture():
    x = networks.random(3, 16, 16)
    for frame in ig(networks.small_cnn(), x, path="blur", n_steps=8)["interpolated"]:
        torch.testing.assert_close(frame.mean((1, 2)), x.mean((1, 2)))


def test_a_flat_picture_stays_flat_when_it_is_blurred():
    x = torch.full((1, 6, 7), 0.3, device=networks.DEVICE)
    frames = ig(networks.Function(lambda x: x.flatten(1)), x, target=0, path="blur", n_steps=5)[
        "interpolated"
    ]
    torch.testing.assert_close(frames, x.expand(5, 1, 6, 7))


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
@pytest.mark.parametrize("path", ["line", *CURVED])
def test_a_path_needs_no_gradients_of_its_caller(context, path):
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    expected = ig(model, x, path=path, tolerance=0.1)
    with context():
        found = ig(model, networks.random(3, 8, 8), path=path, tolerance=0.1)
    torch.testing.assert_close(found.attribution, expected.attribution)
    torch.testing.assert_close(found["cumulative"], expected["cumulative"])


def test_a_function_is_a_path():
    """Along γ(α) = α² x the product x1 x2 is shared in halves, as on the straight line."""
    x = tensor(2, 3)
    explanation = ig(networks.product(), x, path=lambda a: a**2 * x, n_steps=200)
    assert explanation.attribution.tolist() == pytest.approx([3, 3], rel=1e-3)
    # First x1, then x2: all of the product goes to the one that comes last.
    corner = lambda a: torch.stack([x[0] * (2 * a).clamp(max=1), x[1] * (2 * a - 1).clamp(min=0)])  # noqa: E731
    assert attribution(networks.product(), x, path=corner, n_steps=200) == pytest.approx([0, 6], abs=1e-3)


def test_a_straight_path_given_as_a_function_is_integrated_gradients():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    x0 = networks.random(3, 8, 8, seed=5)
    given = ig(model, x, path=lambda a: x0 + a * (x - x0)).attribution
    torch.testing.assert_close(given, ig(model, x, baseline=x0).attribution)


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
        ig(networks.small_cnn(), networks.random(3, 8, 8), path=path)
    assert networks.SUGGESTION.search(str(caught.value)), str(caught.value)


@pytest.mark.parametrize("path", CURVED)
def test_a_path_of_pictures_needs_a_picture_and_brings_its_own_baseline(path):
    with pytest.raises(xk.errors.InputError, match="needs a picture"):
        ig(networks.m4(), tensor(1, 2, 3), path=path)
    with pytest.raises(xk.errors.OptionError, match="Leave baseline out"):
        ig(networks.small_cnn(), networks.random(3, 8, 8), path=path, baseline="white")


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
