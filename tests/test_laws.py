"""The laws: what holds for every method of the library, whatever it computes.

A new method needs a line in `STEPS`, one in `ROSETTA`, and in `QUICK` what makes it fast; the rest is free.
"""

import inspect
import itertools
import random

import numpy as np
import pytest
import torch
from matplotlib.mathtext import MathTextParser
from scipy.ndimage import gaussian_filter
from torch import nn

import xaikit as xk
from xaikit.core.papers import papers

from . import networks
from .networks import SUGGESTION, same_state, state, tensor

#: What each method needs, or what makes it quick: the laws do not depend on it.
QUICK = {
    "smoothgrad": {"n_samples": 5},
    "smoothgrad_squared": {"n_samples": 5},
    "vargrad": {"n_samples": 5},
    "integrated_gradients": {"n_steps": 7},
    "blur_integrated_gradients": {"n_steps": 7},
    "guided_integrated_gradients": {"n_steps": 6},
    "gradient_shap": {"n_samples": 5},
    "xrai": {"n_steps": 3, "min_pixels": 2},
    "xrai_fast": {"n_steps": 3, "min_pixels": 2},
}

#: Class activation maps need a layer with height and width.
CAMS = (
    "cam", "grad_cam", "grad_cam_plus_plus", "hires_cam", "layer_cam", "score_cam", "eigen_cam",
    "contrastive_grad_cam", "seg_grad_cam", "guided_grad_cam",
)  # fmt: skip
WITHOUT_GRADIENT = ("cam", "score_cam", "eigen_cam")  # they never ask for one

#: Methods that explain pictures only.
PICTURES_ONLY = ("blur_integrated_gradients", "xrai", "xrai_fast", *CAMS)
REGIONS = ("xrai", "xrai_fast")

#: The steps of each method in their order, as the catalogue of methods promises them.
STEPS = {
    "saliency": "score gradient attribution",
    "input_x_gradient": "score gradient attribution",
    "smoothgrad": "noisy_inputs gradients running_mean attribution",
    "smoothgrad_squared": "noisy_inputs gradients attribution",
    "vargrad": "noisy_inputs gradients attribution",
    "integrated_gradients": "alphas weights interpolated scores gradients gradient_magnitudes cumulative "
    "average_gradient attribution",
    "blur_integrated_gradients": "sigmas blurred scores gradients attribution",
    "guided_integrated_gradients": "path frozen_fraction scores gradients attribution",
    "gradient_shap": "baselines alphas points gradients samples standard_error attribution",
    "cam": "feature_maps class_weights weighted_maps cam attribution",
    "grad_cam": "feature_maps gradients channel_weights weighted_maps combination cam attribution",
    "grad_cam_plus_plus": "feature_maps gradients alphas channel_weights cam attribution",
    "hires_cam": "feature_maps gradients products cam attribution",
    "layer_cam": "feature_maps gradients cell_weights cam attribution",
    "score_cam": "feature_maps masks masked scores channel_weights cam attribution",
    "eigen_cam": "feature_maps centered singular_values principal_direction cam attribution",
    "contrastive_grad_cam": "loss feature_maps gradients channel_weights cam attribution",
    "seg_grad_cam": "mask_prediction region feature_maps gradients channel_weights cam attribution",
    "deconvnet": "relu_signals switches attribution",
    "guided_backprop": "relu_signals attribution",
    "guided_grad_cam": "guided_backprop grad_cam attribution",
    "lrp": "activations relevances layer_sums attribution",
    "deep_taylor": "activations relevances layer_sums attribution",
    "deep_lift": "activations reference_activations multipliers contributions attribution",
    "deep_shap": "multipliers per_reference attribution",
    "xrai": "attribution_black attribution_white base_attribution segmentations region_gains order "
    "attribution",
    "xrai_fast": "attribution_black attribution_white base_attribution segmentations region_gains order "
    "attribution",
}

#: The Rosetta stone: what every attribution says of F(x) = w · x + b.
ROSETTA = {
    "saliency": lambda w, x, x0: w.abs(),
    "input_x_gradient": lambda w, x, x0: w * x,
    "smoothgrad": lambda w, x, x0: w,
    "smoothgrad_squared": lambda w, x, x0: w**2,
    "vargrad": lambda w, x, x0: torch.zeros_like(w),
    "integrated_gradients": lambda w, x, x0: w * (x - x0),
    "blur_integrated_gradients": lambda w, x, x0: w * (x - blurred_by_hand(x)),
    "guided_integrated_gradients": lambda w, x, x0: w * (x - x0),
    "gradient_shap": lambda w, x, x0: w * (x - x0),
    "cam": lambda w, x, x0: (w.mean((1, 2))[:, None, None] * x).sum(0),
    "grad_cam": lambda w, x, x0: (w.mean((1, 2))[:, None, None] * x).sum(0).clamp(min=0),
    "grad_cam_plus_plus": lambda w, x, x0: plus_plus_by_hand(w, x),
    "hires_cam": lambda w, x, x0: (w * x).sum(0),
    "layer_cam": lambda w, x, x0: (w.clamp(min=0) * x).sum(0),
    "score_cam": lambda w, x, x0: (score_cam_weights(w, x)[:, None, None] * x).sum(0),
    "eigen_cam": lambda w, x, x0: principal_by_hand(x),
    "contrastive_grad_cam": lambda w, x, x0: (
        ((w * x).sum() + 0.75).sigmoid() * (w.mean((1, 2))[:, None, None] * x).sum(0)
    ).clamp(min=0),
    "seg_grad_cam": lambda w, x, x0: (w.mean((1, 2))[:, None, None] * x).sum(0).clamp(min=0) / x[0].numel(),
    "deconvnet": lambda w, x, x0: w,
    "guided_backprop": lambda w, x, x0: w,
    "guided_grad_cam": lambda w, x, x0: (
        w.clamp(min=0) * (w.mean((1, 2))[:, None, None] * x).sum(0).clamp(min=0)
    ),
    "lrp": lambda w, x, x0: w * x,
    "deep_taylor": lambda w, x, x0: boxed_by_hand(w, x),
    "deep_lift": lambda w, x, x0: w * (x - x0),
    "deep_shap": lambda w, x, x0: w * (x - x0),
    "xrai": lambda w, x, x0: mean_over_halves((w * (x - 0.5)).amax(0)),
    "xrai_fast": lambda w, x, x0: mean_over_halves((w * (x - 0.5)).amax(0)),
}

#: What the linear model looks like to the methods that need more than weights.
LINEAR = {
    **dict.fromkeys(CAMS, lambda w: nn.Sequential(unchanged(3), networks.linear(w, 0.75))),
    "cam": lambda w: nn.Sequential(
        unchanged(3), nn.AdaptiveAvgPool2d(1), networks.linear(w.mean((1, 2)), 0.75)
    ),
    "contrastive_grad_cam": lambda w: nn.Sequential(unchanged(3), networks.linear(w, 0.75), Against()),
    "seg_grad_cam": lambda w: nn.Sequential(unchanged(3), as_convolution(w)),
    "guided_grad_cam": lambda w: nn.Sequential(unchanged(3), nn.ReLU(), networks.linear(w, 0.75)),
    "deconvnet": lambda w: nn.Sequential(networks.linear(w, 0.75), nn.ReLU()),
    "guided_backprop": lambda w: nn.Sequential(networks.linear(w, 0.75), nn.ReLU()),
}
#: Their checks measure something else than exactness on a linear model with a bias.
ELSEWHERE = {"grad_cam", "guided_grad_cam", "deconvnet", "guided_backprop", "lrp", "contrastive_grad_cam"}

#: Other ways to call a method that have formulas, notes and promises of their own.
VARIANTS = [
    ("integrated_gradients", {"path": "blur", "n_steps": 2048}),
    ("integrated_gradients", {"path": "luminosity", "n_steps": 512}),
    ("integrated_gradients", {"tolerance": 0.01}),
    ("integrated_gradients", {"rule": "gauss_legendre", "n_steps": 64}),
    ("integrated_gradients", {"score": "probability", "baseline": "white", "n_steps": 64}),
    ("blur_integrated_gradients", {"edges": "mirrored", "spacing": "linear", "n_steps": 200}),
    ("guided_integrated_gradients", {"rule": "trapezoid", "max_distance": 1.0, "n_steps": 20}),
    ("grad_cam", {"relu": False, "upsample": "nearest"}),
    ("seg_grad_cam", {"region": "pixel"}),
    ("lrp", {"rules": "epsilon-gamma-box"}),
    ("lrp", {"rules": {"": "z_plus"}}),
    ("deep_taylor", {"box": None}),
    ("deep_lift", {"rule": "reveal_cancel"}),
    ("deep_lift", {"baseline": "white"}),
    ("xrai", {"base_attribution": networks.random(8, 8, seed=9), "min_pixels": 5}),
]


class Against(nn.Module):
    """The score against another class that always has 0."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, 1) → (n, 2)."""
        return torch.cat([x, torch.zeros_like(x)], 1)


def unchanged(channels: int) -> nn.Module:
    """A convolution that changes nothing, so that there is a layer to look at."""
    layer = nn.Conv2d(channels, channels, 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(channels)[:, :, None, None])
    return layer.to(networks.DEVICE)


def as_convolution(w: torch.Tensor) -> nn.Module:
    """One score a pixel, the same weights of the channels everywhere."""
    layer = nn.Conv2d(3, 1, 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(w.mean((1, 2))[None, :, None, None] / w[0].numel())
    return layer.to(networks.DEVICE)


def plus_plus_by_hand(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Grad-CAM++ cell by cell."""
    weights = []
    for slope, seen in zip(w, x, strict=True):
        total, weight = seen.sum(), 0.0
        for g in slope.flatten():
            weight = weight + g**2 / (2 * g**2 + total * g**3 + 1e-6) * max(g, g * 0)
        weights.append(weight)
    return torch.stack(weights).reshape(-1, 1, 1).mul(x).sum(0).clamp(min=0)


def score_cam_weights(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """What each channel, stretched to [0, 1], lets through of the score."""
    scores = [(w * x * ((c - c.min()) / (c.max() - c.min()))).sum() for c in x]
    return torch.stack(scores).softmax(0)


def principal_by_hand(x: torch.Tensor) -> torch.Tensor:
    """The first principal direction by numpy's eigenvectors of the covariance."""
    cells = x.double().flatten(1).cpu().numpy()
    v = np.linalg.eigh(np.cov(cells))[1][:, -1]
    centred = cells - cells.mean(1, keepdims=True)
    v = -v if (v @ centred) @ centred.mean(0) < 0 else v
    return torch.from_numpy((v @ centred).reshape(x.shape[1:]).clip(min=0)).to(x)


def boxed_by_hand(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Shares of x w - h w⁻ for values between 0 and 1, of the whole score."""
    share = x * w - w.clamp(max=0)
    return share / share.sum() * ((w * x).sum() + 0.75)


def blurred_by_hand(x: torch.Tensor) -> torch.Tensor:
    """A quarter of the shorter side wide, black beyond the edges, as scipy does it."""
    sigma = min(x.shape[1:]) / 4
    return tensor(*[
        gaussian_filter(c, sigma, mode="constant", truncate=12).tolist() for c in x.double().cpu().numpy()
    ])  # fmt: skip


def halves(x: torch.Tensor) -> torch.Tensor:
    """Two regions, the upper and the lower half."""
    return (torch.arange(x.shape[-2]) >= x.shape[-2] // 2)[:, None].expand(x.shape[-2:]).long()


def mean_over_halves(A: torch.Tensor) -> torch.Tensor:
    """Every pixel with the mean of its half."""
    lower = halves(A).bool().to(A.device)
    return torch.where(lower, A[lower].mean(), A[~lower].mean())


every_method = pytest.mark.parametrize("name", list(xk.METHODS))


def picture(dtype: torch.dtype = torch.float32) -> torch.Tensor:
    return networks.random(3, 8, 8, seed=1, dtype=dtype)


def walk(name: str, model, x, **options):
    return xk.METHODS[name].walk(networks.fitting(name, model), x, **{**QUICK.get(name, {}), **options})


def explain(name: str, model, x, **options):
    return xk.METHODS[name](networks.fitting(name, model), x, **{**QUICK.get(name, {}), **options})


def tensors(value):
    """All tensors inside a value."""
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, xk.Explanation):
        return [t for step in value.steps.values() for t in tensors(step.value)]
    if isinstance(value, dict):
        return [t for v in value.values() for t in tensors(v)]
    return [t for v in value for t in tensors(v)] if isinstance(value, (list, tuple)) else []


def equal(one: xk.Explanation, other: xk.Explanation) -> None:
    """Both explanations say the same, to the last bit."""
    assert list(one.steps) == list(other.steps)
    for step in one.steps:
        assert same_state(tensors(one[step]), tensors(other[step])), step
    assert same_state(tensors(one.result), tensors(other.result))
    assert (one.checks, one.prediction, one.cost) == (other.checks, other.prediction, other.cost)


# The registry itself ------------------------------------------------------------------------------------


def test_every_method_stands_in_the_tables_of_this_file():
    assert set(STEPS) == set(ROSETTA) == set(xk.METHODS)


@every_method
def test_a_method_says_what_it_asks_and_how_it_computes(name):
    method = xk.METHODS[name]
    assert method.question.endswith("?"), "the docstring opens with the question that the method answers"
    assert method.formula, "then comes the formula, between two $$"
    assert name in xk.__all__
    assert getattr(xk, name) is method


@every_method
def test_the_paper_of_a_method_is_in_the_bibliography(name):
    assert xk.METHODS[name].paper in papers()


@every_method
def test_a_method_takes_keywords_after_the_model_and_the_example(name):
    parameters = list(inspect.signature(xk.METHODS[name].function).parameters.values())
    assert [p.name for p in parameters[:2]] == ["model", "x"]
    assert all(p.kind is p.KEYWORD_ONLY and p.default is not p.empty for p in parameters[2:])


# The steps -----------------------------------------------------------------------------------------------


@every_method
def test_the_steps_come_in_the_order_of_the_catalogue(name):
    explanation = explain(name, networks.small_cnn(), picture())
    assert list(explanation.steps) == STEPS[name].split()


@every_method
def test_every_step_has_a_name_of_its_own_and_the_last_one_is_the_result(name):
    steps = [i for i in walk(name, networks.small_cnn(), picture()) if isinstance(i, xk.Step)]
    assert len({step.name for step in steps}) == len(steps)
    explanation = explain(name, networks.small_cnn(), picture())
    assert same_state(tensors(explanation[list(explanation.steps)[-1]]), tensors(explanation.result))


@every_method
def test_a_step_that_was_yielded_never_changes_afterwards(name):
    seen = []
    for item in walk(name, networks.small_cnn(), picture()):
        if isinstance(item, xk.Step):
            seen += [(item.name, t, t.clone(), t._version) for t in tensors(item.value)]
    for step, now, then, version in seen:
        assert same_state(now, then), step
        assert now._version == version, f"{step} was written to"


@every_method
def test_an_explanation_does_not_change_when_the_caller_writes_over_the_example(name):
    model, x = networks.small_cnn(), picture()
    explanation = explain(name, model, x)
    before = [t.clone() for step in explanation.steps.values() for t in tensors(step.value)]
    x.zero_()
    after = [t for step in explanation.steps.values() for t in tensors(step.value)]
    assert same_state(before, after)
    assert bool(explanation.x.any())


@every_method
def test_no_step_hangs_on_an_autograd_graph(name):
    explanation = explain(name, networks.small_cnn(), picture().requires_grad_())
    for step in explanation.steps.values():
        assert not any(t.requires_grad or t.is_inference() for t in tensors(step.value)), step.name


@pytest.mark.parametrize(("name", "options"), [*((name, {}) for name in xk.METHODS), *VARIANTS])
def test_formulas_can_be_typeset_and_notes_are_short(name, options):
    parser = MathTextParser("agg")
    parser.parse(f"${xk.METHODS[name].formula}$")
    for item in walk(name, networks.small_cnn(), picture(), **options):
        assert item.formula, f"{item.name} has no formula"
        parser.parse(f"${item.formula}$")
        if isinstance(item, xk.Step):
            assert 0 < len(item.note) <= 40


@pytest.mark.parametrize(("name", "options"), [*((name, {}) for name in xk.METHODS), *VARIANTS])
@pytest.mark.parametrize("build", [networks.small_cnn, networks.functional_relu_cnn])
def test_every_promised_check_is_made_and_holds(name, options, build):
    explanation = xk.METHODS[name](networks.fitting(name, build()), picture(), **options)
    checks = {check.name: check for check in explanation.checks}
    for promise in xk.METHODS[name].promises:
        assert checks[promise].holds, str(checks[promise])


@every_method
def test_a_check_is_made_of_two_finite_numbers(name):
    checks = explain(name, networks.small_cnn(), picture()).checks
    assert checks, "every method measures something of itself"
    for check in checks:
        assert np.isfinite([check.left, check.right]).all()
        assert check.difference == check.left - check.right


# One way to compute --------------------------------------------------------------------------------------


@every_method
def test_a_walk_gives_what_a_call_gives(name, one_thread):
    model, x = networks.small_cnn(), picture()
    called = explain(name, model, x)
    by_hand = walk(name, model, x)
    items = list(by_hand)
    equal(by_hand.explanation, called)
    steps = [item for item in items if isinstance(item, xk.Step)]
    assert [s.name for s in steps if "." not in s.name] == list(called.steps)


@every_method
@pytest.mark.parametrize("looked_at", [0, 1, 2])
def test_a_walk_may_be_finished_from_anywhere(name, looked_at, one_thread):
    model, x = networks.small_cnn(), picture()
    begun = walk(name, model, x)
    for _ in range(looked_at):
        next(begun)
    equal(begun.finish(), explain(name, model, x))


@every_method
def test_finishing_a_walk_twice_gives_the_same_explanation(name):
    done = walk(name, networks.small_cnn(), picture())
    assert done.finish() is done.finish()


@every_method
def test_a_walk_computes_nothing_before_its_first_step(name):
    calls = []
    model = networks.Function(lambda x: calls.append(len(x)) or x.flatten(1)[:, :3])
    walk(name, model, picture())
    assert not calls


@every_method
def test_keeping_the_result_alone_gives_the_same_result(name, one_thread):
    model, x = networks.small_cnn(), picture()
    everything = explain(name, model, x)
    lean = explain(name, model, x, keep="result")
    assert not lean.steps
    assert same_state(tensors(lean.result), tensors(everything.result))
    assert lean.checks == everything.checks


@every_method
def test_a_predicate_keeps_each_step_alone_as_it_was(name, one_thread):
    model, x = networks.small_cnn(), picture()
    everything = explain(name, model, x)
    for wanted in everything.steps:
        one = explain(name, model, x, keep=lambda step, wanted=wanted: step.name == wanted)
        assert list(one.steps) == [wanted]
        with torch.no_grad():
            for p in (trained := networks.small_cnn()).parameters():
                p.zero_()  # what the model says later has no say in an explanation that is finished
        model_later, model.__dict__["_modules"] = model._modules, trained._modules
        assert same_state(tensors(one[wanted]), tensors(everything[wanted])), wanted
        model.__dict__["_modules"] = model_later


@every_method
def test_the_same_seed_gives_the_same_bits(name, one_thread):
    model, x = networks.small_cnn(), picture()
    first = explain(name, model, x)
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    equal(first, explain(name, model, x))


@pytest.mark.parametrize("name", [n for n in xk.METHODS if "seed" in xk.METHODS[n].parameters])
def test_another_seed_gives_another_explanation(name):
    model, x = networks.small_cnn(), picture()
    assert not torch.equal(explain(name, model, x, seed=0).result, explain(name, model, x, seed=1).result)


@every_method
def test_the_global_random_state_is_not_touched(name):
    torch.manual_seed(3), np.random.seed(3), random.seed(3)
    before = torch.get_rng_state().clone(), np.random.get_state()[1].copy(), random.getstate()
    explain(name, networks.training_net(), picture())
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
    assert random.getstate() == before[2]


@every_method
@pytest.mark.parametrize("batch_size", [1, 2, 1000])
def test_the_batch_size_changes_nothing_but_the_last_digits(name, batch_size):
    model, x = networks.small_cnn().double(), picture(torch.float64)
    whole, parts = explain(name, model, x), explain(name, model, x, batch_size=batch_size)
    for step in whole.steps:
        for one, other in zip(tensors(whole[step]), tensors(parts[step]), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-9)
    assert whole.cost == parts.cost


@every_method
def test_a_leading_axis_of_one_is_taken_off(name, one_thread):
    model, x = networks.small_cnn(), picture()
    equal(explain(name, model, x[None]), explain(name, model, x))


@every_method
def test_a_numpy_picture_is_a_picture(name, one_thread):
    model, x = networks.small_cnn(), picture()
    equal(explain(name, model, x.cpu().numpy()), explain(name, model, x))


# The model is left as it was found -----------------------------------------------------------------------


@every_method
@pytest.mark.parametrize(
    "build", [networks.training_net, networks.small_cnn, networks.functional_relu_cnn, networks.p2]
)
def test_the_model_is_unchanged_after_an_explanation(name, build):
    model = build()
    before = state(model)
    if build is networks.p2 and name in PICTURES_ONLY:
        build, model = networks.small_cnn, networks.small_cnn()
        before = state(model)
    explain(name, model, tensor(0.75, 0.25) if build is networks.p2 else picture())
    assert same_state(before, state(model))


@every_method
def test_the_model_is_unchanged_between_any_two_steps_of_a_walk(name):
    model = networks.training_net()
    before = state(model)
    for item in walk(name, model, picture()):
        assert same_state(before, state(model)), item.name


@every_method
def test_the_model_is_unchanged_after_an_abandoned_walk(name):
    for reached in range(len(STEPS[name].split())):
        model = networks.training_net()
        before = state(model)
        begun = walk(name, model, picture())
        for _ in range(reached):
            next(begun)
        del begun
        assert same_state(before, state(model)), reached


@every_method
@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_model_is_unchanged_wherever_it_fails(name, error):
    for at in itertools.count():
        model = networks.Fails(at, error)
        model.train(), model.net.relu.eval()
        before = state(model)
        failed = True
        try:
            explain(name, model, picture(), batch_size=2)
            failed = False
        except KeyboardInterrupt:
            assert error is KeyboardInterrupt
        except xk.errors.ModelError:
            assert error is ValueError
        assert same_state(before, state(model)), f"at call {at}"
        if not failed:
            assert at == model.calls > 0
            break


@every_method
def test_a_walk_that_failed_does_not_pretend_to_have_finished(name):
    broken = walk(name, networks.Fails(0, ValueError), picture(), batch_size=2)
    with pytest.raises(xk.errors.XaikitError):
        broken.finish()
    with pytest.raises(xk.errors.XaikitError):
        broken.finish()


@every_method
def test_a_model_in_training_mode_is_explained_as_it_answers_in_evaluation_mode(name, one_thread):
    learning = networks.training_net()
    finished = networks.training_net().eval()
    equal(explain(name, learning, picture()), explain(name, finished, picture()))


@every_method
@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_a_caller_without_gradients_gets_the_same_explanation(name, context, one_thread):
    model, x = networks.small_cnn(), picture()
    expected = explain(name, model, x)
    with context():
        given = explain(name, model, picture())
    equal(given, expected)


# The Rosetta stone ---------------------------------------------------------------------------------------


@every_method
def test_on_a_linear_model_the_attribution_is_its_entry_on_the_rosetta_stone(name):
    w, x, x0 = tensor(1, -2, 3, 0, 0.5), tensor(0.2, 1, 0.4, 0.7, 0), tensor(0.5, 0, 0.1, 1, 0.3)
    if name in PICTURES_ONLY:
        w, x, x0 = networks.random(3, 6, 8, seed=4) - 0.5, picture()[:, :6], networks.random(3, 6, 8, seed=5)
    model = LINEAR.get(name, lambda w: networks.linear(w, 0.75))(w)
    given = {"baseline": x0, "background": x0[None], "segments": halves(x) if x.dim() == 3 else None}
    options = {option: v for option, v in given.items() if option in xk.METHODS[name].parameters}
    options |= {"n_steps": 400} if name == "blur_integrated_gradients" else {}
    options |= {"layer": "1" if name == "guided_grad_cam" else "0"} if name in CAMS else {}
    options |= {"target": 0} if name in CAMS else {}
    explanation = xk.METHODS[name](model, x, **{**QUICK.get(name, {}), **options})
    torch.testing.assert_close(explanation.attribution, ROSETTA[name](w, x, x0), atol=1e-5, rtol=1e-5)
    # XRAI takes the largest channel of a pixel, so its parts no longer sum to the change, on any model.
    assert name in ELSEWHERE or all(
        check.holds for check in explanation.checks if not (name in REGIONS and check.name == "completeness")
    )


# The file ------------------------------------------------------------------------------------------------


def same_after_loading(one: xk.Explanation, read: xk.Explanation) -> None:
    assert (read.method, read.parameters.keys()) == (one.method, one.parameters.keys())
    assert (read.prediction, read.checks, read.cost) == (one.prediction, one.checks, one.cost)
    assert read.target == one.target
    assert [f for f in read.facts() if f[0] != "steps"] == [f for f in one.facts() if f[0] != "steps"]
    assert [(s.name, s.formula, s.note, s.kind) for s in read.steps.values()] == [
        (s.name, s.formula, s.note, s.kind) for s in one.steps.values()
    ]
    assert same_state([t.cpu() for t in tensors(one)], tensors(read))
    assert same_state([t.cpu() for t in tensors(one.result)], tensors(read.result))
    assert torch.equal(one.x.cpu(), read.x)


@every_method
def test_an_explanation_survives_saving_and_loading(name, tmp_path):
    model = networks.small_cnn()
    model.labels = ["circle", "square", "Stern ★"]
    options = {"baseline": 0.25} if "baseline" in xk.METHODS[name].parameters else {}
    explanation = explain(name, model, picture(), target="Stern ★", **options)
    explanation.save(tmp_path / "it.safetensors")
    read = xk.load(tmp_path / "it.safetensors")
    same_after_loading(explanation, read)
    assert read.parameters == explanation.parameters


@every_method
def test_loading_needs_neither_the_model_nor_the_walk(name, tmp_path):
    target = {"cam": 0, "seg_grad_cam": None}.get(name, lambda out: out[:, 0])  # these two ask for a class
    explanation = explain(name, networks.small_cnn(), picture(), keep="result", target=target)
    explanation.save(tmp_path / "it.safetensors")
    same_after_loading(explanation, xk.load(tmp_path / "it.safetensors"))


# What is said of bad input -------------------------------------------------------------------------------

BAD = {
    "NaN": (networks.small_cnn, lambda: picture() * float("nan"), {}),
    "infinite": (networks.small_cnn, lambda: picture() / 0, {}),
    "empty": (networks.small_cnn, lambda: picture()[:, :0], {}),
    "no axis at all": (networks.small_cnn, lambda: picture()[0, 0, 0], {}),
    "one channel too many": (networks.small_cnn, lambda: networks.random(4, 8, 8), {}),
    "a batch of two": (networks.small_cnn, lambda: networks.random(2, 3, 8, 8), {}),
    "features where a picture belongs": (networks.small_cnn, lambda: networks.random(10), {}),
    "whole numbers": (networks.small_cnn, lambda: (picture() * 255).to(torch.uint8), {}),
    "a list": (networks.small_cnn, lambda: picture().tolist(), {}),
    "a class too high": (networks.small_cnn, picture, {"target": 3}),
    "a class below zero": (networks.small_cnn, picture, {"target": -1}),
    "half a class": (networks.small_cnn, picture, {"target": 0.5}),
    "a name without labels": (networks.small_cnn, picture, {"target": "cat"}),
    "two targets": (networks.small_cnn, picture, {"target": [0, 1]}),
    "a target function that fails": (networks.small_cnn, picture, {"target": lambda out: out["scores"]}),
    "a target function that sums too much": (networks.small_cnn, picture, {"target": lambda out: out.sum()}),
    "an unknown score": (networks.small_cnn, picture, {"score": "logits"}),
    "no samples at a time": (networks.small_cnn, picture, {"batch_size": 0}),
    "an unknown option": (networks.small_cnn, picture, {"tarket": 0}),
    "nothing to keep": (networks.small_cnn, picture, {"keep": "some"}),
    "a tuple": (networks.Tuple, picture, {}),
    "a picture as answer": (networks.picture_out, picture, {}),
    "one answer for all": (networks.no_batch, picture, {"target": lambda out: out[:, 0].repeat(2)}),
    "no model": (lambda: "resnet18", picture, {}),
    "not a number": (networks.not_a_number, picture, {}),
}
NO_GRADIENT = {
    "ignored": networks.ignores_input,
    "counted": networks.not_differentiable,
    "whole numbers": networks.integers,
    "detached": networks.detaches,
    "without derivative": networks.without_derivative,
    "infinite": networks.infinite_slope,
}


@every_method
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_answered_with_what_to_try(name, case):
    build, x, options = BAD[case]
    with pytest.raises(xk.errors.XaikitError) as caught:
        explain(name, build(), x(), **options)
    message = str(caught.value)
    assert SUGGESTION.search(message), message
    assert len(message) < 400


@pytest.mark.parametrize("name", [name for name in xk.METHODS if name not in WITHOUT_GRADIENT])
@pytest.mark.parametrize("case", NO_GRADIENT)
def test_a_model_without_a_slope_is_named_as_the_trouble(name, case):
    model = NO_GRADIENT[case]()
    with pytest.raises(xk.errors.ModelError) as caught:
        explain(name, networks.behind_features(model) if name in CAMS else model, picture())
    assert SUGGESTION.search(str(caught.value)), str(caught.value)


@every_method
def test_an_unknown_class_name_is_answered_with_the_nearest(name):
    model = networks.small_cnn()
    model.labels = ["circle", "square", "star"]
    with pytest.raises(xk.errors.TargetError, match="Did you mean 'square'"):
        explain(name, model, picture(), target="squar")
