"""Gradients: numbers worked by hand, and slow versions written straight from the definitions."""

import copy

import pytest
import torch

import xaikit as xk

from .. import networks
from ..networks import tensor

SAMPLERS = ("smoothgrad", "smoothgrad_squared", "vargrad")


def of_outputs(output):
    """All outputs together are explained."""
    return output.sum(1)


# By hand -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["saliency", "input_x_gradient"])
def test_the_slope_of_a_clamp_is_one_below_the_kink_and_zero_from_it_on(name):
    x, slope = tensor(1, 2, 3, 0, -1, 7), tensor(0, 0, 0, 1, 1, 0)
    explanation = getattr(xk, name)(networks.clamp(), x, target=of_outputs)
    assert explanation["gradient"].tolist() == slope.tolist()
    expected = slope if name == "saliency" else x * slope
    assert explanation.attribution.tolist() == expected.tolist()


def test_the_gradient_of_the_small_convolution_is_worked_by_hand():
    explanation = xk.input_x_gradient(networks.conv(), networks.ramp(), target=0)
    assert explanation["gradient"].tolist() == [[[0, 1, 1, 1]] * 3 + [[0] * 4]]
    assert explanation.attribution.tolist() == [[[0, 1, 2, 3], [0, 5, 6, 7], [0, 9, 10, 11], [0] * 4]]
    assert explanation.attribution.sum() == explanation["score"] == 54


def test_saliency_has_no_sign_and_its_gradient_has():
    explanation = xk.saliency(networks.linear([1, -2, 3]), tensor(1, 1, 1))
    assert explanation["gradient"].tolist() == [1, -2, 3]
    assert explanation.attribution.tolist() == [1, 2, 3]


def test_a_network_without_biases_is_shared_out_whole_by_input_x_gradient():
    explanation = xk.input_x_gradient(networks.slrp(), tensor(1, 2, 3))
    assert explanation.attribution.tolist() == [18, 36, 54]
    assert explanation["score"] == 108
    (linearity,) = explanation.checks
    assert linearity.holds
    assert linearity.left == linearity.right == 108


def test_input_x_gradient_says_by_how_much_a_curved_model_is_missed():
    (linearity,) = xk.input_x_gradient(networks.sum_of_squares(), tensor(1, 2, 3)).checks
    assert (linearity.left, linearity.right, linearity.holds) == (28, 14, False)  # 2 x² against x²


def test_without_noise_smoothgrad_is_the_gradient():
    model, x = networks.sum_of_squares(), tensor(1, 2, 3)
    assert xk.smoothgrad(model, x, noise_std=0).attribution.tolist() == [2, 4, 6]
    assert xk.smoothgrad_squared(model, x, noise_std=0).attribution.tolist() == [4, 16, 36]
    assert xk.vargrad(model, x, noise_std=0).attribution.tolist() == [0, 0, 0]


def test_on_a_parabola_the_three_samplers_meet_their_expectations():
    """f = x² at 3, σ = 0.5: the gradient is 6 + 2ε, so mean 6, mean square 37, variance 1."""
    model, x, options = networks.sum_of_squares(), tensor(3), {"n_samples": 20_000, "noise_std": 0.5}
    for name, expected in zip(SAMPLERS, (6, 37, 1), strict=True):
        found = getattr(xk, name)(model, x, keep="result", **options).attribution
        assert found.item() == pytest.approx(expected, abs=0.3 if expected == 37 else 0.05), name


# From the definition -------------------------------------------------------------------------------------


def slow_gradients(model, points, target):
    """One backward pass a point."""
    gradients = []
    for point in points:
        leaf = point.clone().requires_grad_()
        model(leaf[None])[0, target].backward()
        gradients.append(leaf.grad)
    return torch.stack(gradients)


@pytest.mark.parametrize("build", [networks.small_cnn, networks.functional_relu_cnn])
def test_the_samplers_are_what_their_definitions_say(build):
    model, x = build().double(), networks.random(3, 8, 8, dtype=torch.float64)
    for name in SAMPLERS:
        explanation = getattr(xk, name)(model, x, target=1, n_samples=6, batch_size=4)
        g = slow_gradients(model, explanation["noisy_inputs"], 1)
        mean = sum(g) / 6
        expected = {
            "smoothgrad": mean,
            "smoothgrad_squared": sum(row**2 for row in g) / 6,
            "vargrad": sum((row - mean) ** 2 for row in g) / 6,
        }[name]
        torch.testing.assert_close(explanation["gradients"], g)
        torch.testing.assert_close(explanation.attribution, expected)


def test_smoothgrad_squared_is_vargrad_and_the_square_of_smoothgrad():
    model, x = networks.small_cnn().double(), networks.random(3, 8, 8, dtype=torch.float64)
    smooth, squared, variance = (getattr(xk, name)(model, x, target=0).attribution for name in SAMPLERS)
    torch.testing.assert_close(squared, variance + smooth**2)


def test_the_running_mean_is_the_mean_of_what_came_so_far():
    explanation = xk.smoothgrad(networks.small_cnn(), networks.random(3, 8, 8), n_samples=5)
    g, running = explanation["gradients"], explanation["running_mean"]
    for k in range(5):
        torch.testing.assert_close(running[k], sum(g[: k + 1]) / (k + 1))
    torch.testing.assert_close(running[-1], explanation.attribution)


def test_the_noise_is_normal_with_the_given_standard_deviation():
    x = networks.random(3, 16, 16)
    noise = xk.smoothgrad(networks.small_cnn(), x, noise_std=0.2, n_samples=40)["noisy_inputs"] - x
    n = noise.numel()  # 30,720 draws: five standard errors either way
    assert abs(noise.mean()) < 5 * 0.2 / n**0.5
    assert noise.std().item() == pytest.approx(0.2, rel=5 / (2 * n) ** 0.5)
    assert (noise.abs() < 0.2).double().mean().item() == pytest.approx(0.6827, abs=5 * (0.217 / n) ** 0.5)
    rows = torch.corrcoef(noise.flatten(1)) - torch.eye(40, device=x.device)
    assert rows.abs().max() < 6 / (3 * 16 * 16) ** 0.5, "the draws are independent"


def test_the_standard_error_falls_with_the_root_of_the_number_of_samples():
    model, x = networks.sum_of_squares(), tensor(3)
    (few,), (many,) = (
        xk.smoothgrad(model, x, n_samples=n, noise_std=0.5, keep="result").checks for n in (200, 20_000)
    )
    # The gradient 6 + 2ε has standard deviation 1, so the relative error is 1 / (6 √n).
    assert few.left == pytest.approx(1 / 6 / 200**0.5, rel=0.2)
    assert many.left == pytest.approx(1 / 6 / 20_000**0.5, rel=0.05)


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_standard_error_is_how_far_two_seeds_lie_apart(name):
    """Over many seeds the root mean square distance from their mean is the reported error, within a third."""
    model, x = networks.smooth_mlp(), networks.random(8, dtype=torch.float64)
    runs = [getattr(xk, name)(model, x, n_samples=40, seed=seed, target=0) for seed in range(30)]
    attributions = torch.stack([run.attribution for run in runs])
    spread = attributions.var(0).sum().sqrt() / attributions.mean(0).norm()
    reported = sum(run.checks[0].left for run in runs) / len(runs)
    assert reported == pytest.approx(spread.item(), rel=0.34)


def test_the_first_samples_are_the_same_however_many_are_drawn():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    few, many = (xk.smoothgrad(model, x, n_samples=n)["noisy_inputs"] for n in (3, 7))
    assert torch.equal(few, many[:3])


def test_the_finite_difference_check_catches_a_wrong_gradient():
    class Wrong(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.sum(1, keepdim=True)

        @staticmethod
        def backward(ctx, g):
            return 2 * g.expand(-1, 5)

    (check,) = xk.saliency(networks.Function(Wrong.apply), networks.random(5)).checks
    assert not check.holds
    assert check.left == pytest.approx(10)
    assert check.right == pytest.approx(5, rel=1e-2)


# What is explained ---------------------------------------------------------------------------------------


@pytest.fixture
def labelled():
    model = networks.small_cnn()
    model.labels = ["circle", "square", "star"]
    return model, networks.random(3, 8, 8)


def test_a_target_may_be_an_index_a_name_a_function_or_left_out(labelled):
    model, x = labelled
    predicted = int(model(x[None]).argmax())
    name = model.labels[predicted]
    ways = [predicted, name, name.upper(), torch.tensor(predicted), None, lambda out: out[:, predicted]]
    for way in ways:
        explanation = xk.saliency(model, x, target=way)
        torch.testing.assert_close(
            explanation.attribution, xk.saliency(model, x, target=predicted).attribution
        )
    assert xk.saliency(model, x).prediction.label == name
    assert xk.saliency(model, x).target == predicted
    assert xk.saliency(model, x, target=of_outputs).target == "of_outputs"


def test_each_target_has_its_own_explanation(labelled):
    model, x = labelled
    for target in range(3):
        (slope,) = slow_gradients(model, x[None], target)
        torch.testing.assert_close(xk.saliency(model, x, target=target)["gradient"], slope)


def test_the_score_may_be_a_logit_a_probability_or_its_logarithm(labelled):
    model, x = labelled
    p = model(x[None]).softmax(1)[0, 2].item()
    z = model(x[None])[0, 2].item()
    leaf = x.clone().requires_grad_()
    model(leaf[None]).softmax(1)[0, 2].backward()
    for score, value, slope in (
        ("logit", z, slow_gradients(model, x[None], 2)[0]),
        ("probability", p, leaf.grad),
        ("log_probability", torch.tensor(p).log().item(), leaf.grad / p),
    ):
        explanation = xk.saliency(model, x, target=2, score=score)
        assert explanation["score"].item() == pytest.approx(value, rel=1e-4)
        assert explanation.prediction.score == pytest.approx(value, rel=1e-4)
        assert explanation.prediction.probability == pytest.approx(p, rel=1e-5)
        torch.testing.assert_close(explanation["gradient"], slope, rtol=1e-4, atol=1e-7)


def test_with_one_output_the_probability_is_a_sigmoid():
    explanation = xk.saliency(networks.linear([2.0], -1.0), tensor(0.75), score="probability")
    s = 1 / (1 + 2.718281828459045**-0.5)
    assert explanation["score"].item() == pytest.approx(s)
    assert explanation["gradient"].item() == pytest.approx(2 * s * (1 - s))


def test_a_function_picks_one_number_out_of_a_tuple_or_a_picture():
    x = networks.random(3, 8, 8)
    of_tuple = xk.saliency(networks.Tuple(), x, target=lambda out: out[0][:, 2])
    torch.testing.assert_close(
        of_tuple.attribution, xk.saliency(networks.small_cnn(), x, target=2).attribution
    )
    of_pixel = xk.saliency(networks.picture_out(), x, target=lambda out: out[:, 1, 4, 5]).attribution
    assert of_pixel[1, 4, 5] == 2
    assert of_pixel.sum() == 2


# Precision, layers that write into their input, and other circumstances ----------------------------------


def test_a_model_in_double_precision_is_explained_in_double_precision():
    x = networks.random(3, 8, 8)
    explanation = xk.saliency(networks.small_cnn().double(), x)
    assert explanation.attribution.dtype == torch.float64
    torch.testing.assert_close(
        explanation.attribution.float(), xk.saliency(networks.small_cnn(), x).attribution
    )


def explained(name: str, net, x):
    """Class 0 by any method, on the network that it needs; for a segmentation, one pixel of it."""
    own = {"region": "pixel", "contrast": 1}
    options = {option: v for option, v in own.items() if option in xk.METHODS[name].parameters}
    return xk.METHODS[name](networks.fitting(name, net), x, target=0, **networks.needed(name), **options)


def example(name: str):
    """A picture, or what else the method takes."""
    return networks.random(3, 8, 8) if networks.kind_of(name) == "picture" else networks.example(name)


@pytest.mark.parametrize("name", list(xk.METHODS))
def test_a_model_in_half_precision_is_explained_as_well_as_its_digits_allow(name):
    x = example(name)
    coarse = explained(name, networks.small_cnn().bfloat16(), x).attribution
    fine = explained(name, networks.small_cnn(), x).attribution
    assert coarse.dtype == (torch.bfloat16 if isinstance(x, torch.Tensor) else torch.float32)
    if name not in ("vargrad", "lime_text"):  # small differences of coarse numbers
        cosine = torch.nn.functional.cosine_similarity(coarse.float().flatten(), fine.flatten(), dim=0)
        assert cosine > 0.9


@pytest.mark.parametrize("name", list(xk.METHODS))
def test_a_layer_that_writes_into_its_input_does_not_reach_the_example(name):
    model, x = networks.halves_its_input(), example(name)
    kept = copy.deepcopy(x)
    explanation = explained(name, model, x)
    assert networks.same_state(x, kept)
    assert networks.same_state(explanation.x, kept)
    pure = torch.nn.Sequential(networks.Function(lambda x: x * 0.5), model[1])
    torch.testing.assert_close(explanation.attribution, explained(name, pure, x).attribution)


@pytest.mark.parametrize("name", list(xk.METHODS))
def test_relus_in_place_and_as_functions_give_what_module_relus_give(name):
    x = example(name)
    plain = explained(name, networks.small_cnn(), x).attribution
    torch.testing.assert_close(explained(name, networks.small_cnn(inplace=True), x).attribution, plain)


def test_the_cost_is_counted_in_samples():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    calls = []
    model.register_forward_pre_hook(lambda _, inputs: calls.append(len(inputs[0])))
    for name in SAMPLERS:
        calls.clear()
        cost = getattr(xk, name)(model, x, n_samples=20).cost
        assert cost == {"forward": sum(calls), "backward": 20}
        assert cost["forward"] == 21  # one to know the class


@pytest.mark.parametrize("value", [0, -1, 2.5, True, "many"])
def test_a_number_of_samples_is_a_whole_number_from_one(value):
    for name in SAMPLERS:
        with pytest.raises(xk.errors.OptionError, match="n_samples is a whole number from 1"):
            getattr(xk, name)(networks.small_cnn(), networks.random(3, 8, 8), n_samples=value)


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf"), True, "0.1"])
def test_a_standard_deviation_is_a_number_from_zero(value):
    for name in SAMPLERS:
        with pytest.raises(xk.errors.OptionError, match="noise_std is a number from 0"):
            getattr(xk, name)(networks.small_cnn(), networks.random(3, 8, 8), noise_std=value)


@pytest.mark.parametrize("target", [0, 1, 3, None])
def test_the_promised_checks_hold_on_real_photographs(zoo_model, target):
    """A finite difference may cross the kink of a ReLU, so its step is small; the tolerance is 5 %."""
    model, _ = zoo_model("photos")
    for name in ("cat", "coffee", "rocket", "astronaut"):
        x = xk.data.photo(name, 96).to(networks.DEVICE)
        (check,) = xk.saliency(model, x, target=target).checks
        assert check.holds, f"{name}: {check}"
