"""The laws: what holds for every method of the library, whatever it computes.

A new method needs a line in `STEPS`, one in `ROSETTA`, and in `QUICK` what makes it fast; the rest is free.
Each is given what it takes: a picture, a row, a batch, a text or the players of a game (`networks.EXAMPLES`).
"""

import inspect
import itertools
import math
import random

import numpy as np
import pandas
import pytest
import torch
from matplotlib.mathtext import MathTextParser
from scipy.ndimage import gaussian_filter
from torch import nn

import xaikit as xk
from xaikit.core.papers import papers
from xaikit.core.sampling import generator

from . import networks
from .networks import ALSO, SUGGESTION, example, same_state, state, tensor

#: Four players of eight by eight pixels.
QUARTERS = (torch.arange(8)[:, None] // 4) * 2 + torch.arange(8) // 4

#: What makes each method quick: the laws do not depend on it.
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
    "feature_ablation": {"groups": QUARTERS},
    "occlusion": {"window": 4, "stride": 2},
    "feature_permutation": {"groups": QUARTERS},
    "rise": {"n_samples": 16, "cells": 3},
    "exact_shapley": {"groups": QUARTERS},
    "shapley_sampling": {"groups": QUARTERS, "n_permutations": 4},
    "kernel_shap": {"n_samples": 20},
    "lime_image": {"n_samples": 30, "segments": QUARTERS},
    "lime_tabular": {"n_samples": 30},
    "lime_text": {"n_samples": 30},
}

#: Class activation maps need a layer with height and width.
CAMS = (
    "cam", "grad_cam", "grad_cam_plus_plus", "hires_cam", "layer_cam", "score_cam", "eigen_cam",
    "contrastive_grad_cam", "seg_grad_cam", "guided_grad_cam",
)  # fmt: skip
#: They never ask for a gradient.
WITHOUT_GRADIENT = (
    "cam", "score_cam", "eigen_cam", "feature_ablation", "occlusion", "feature_permutation", "rise",
    "exact_shapley", "shapley_sampling", "kernel_shap", "lime_image", "lime_tabular", "lime_text",
)  # fmt: skip

#: Methods that explain pictures only.
PICTURES_ONLY = ("blur_integrated_gradients", "xrai", "xrai_fast", "rise", "lime_image", *CAMS)
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
    "feature_ablation": "groups ablated scores differences attribution",
    "occlusion": "windows occluded scores differences attribution",
    "feature_permutation": "permutations permuted scores differences attribution",
    "rise": "masks masked scores running_map attribution",
    "exact_shapley": "coalitions marginal_contributions paths attribution",
    "shapley_sampling": "permutations coalition_values contributions running_mean standard_error attribution",
    "kernel_shap": "coalitions perturbed values regression attribution",
    "lime_image": "segments samples perturbed predictions distances sample_weights regression attribution",
    "lime_tabular": "discretised samples same_bin predictions distances sample_weights regression "
    "attribution",
    "lime_text": "tokens samples perturbed_texts predictions distances sample_weights regression attribution",
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
    "feature_ablation": lambda w, x, x0: w * (x - x0),
    "occlusion": lambda w, x, x0: w * (x - x0),
    "feature_permutation": lambda w, x, x0: (
        w * (several(x) - torch.stack([row.roll(1, 0) for row in several(x).T]).T)
    ),
    "rise": lambda w, x, x0: rise_by_hand(w, x, n_samples=200, cells=3),
    "exact_shapley": lambda w, x, x0: w * (x - x0),
    "shapley_sampling": lambda w, x, x0: w * (x - x0),
    "kernel_shap": lambda w, x, x0: w * (x - x0),
    "lime_image": lambda w, x, x0: sum_over_halves((w * (x - x0)).sum(0)),
    "lime_tabular": lambda w, x, x0: w * (x - x0),
    "lime_text": lambda w, x, x0: w,
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
    "lime_text": lambda w: nn.Sequential(Words(), networks.linear(w, 0.75)),
}
#: What a method is to be told about the linear model, beside what it replaces an input by.
TOLD = {
    "blur_integrated_gradients": {"n_steps": 400},
    **{name: {"layer": "1" if name == "guided_grad_cam" else "0", "target": 0} for name in CAMS},
    "occlusion": {"window": 1, "stride": 1},
    "feature_permutation": {"permutations": torch.arange(3).roll(1).expand(5, 3)},
    "rise": {"n_samples": 200, "cells": 3},
    "lime_tabular": {"categorical": (0, 1, 2, 3, 4)},
}
#: Their checks measure something else than exactness on a linear model with a bias.
ELSEWHERE = {
    "feature_permutation",
    "grad_cam",
    "guided_grad_cam",
    "deconvnet",
    "guided_backprop",
    "lrp",
    "contrastive_grad_cam",
}

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
    ("feature_ablation", {"metric": lambda out: (out**2).sum(1)}),
    ("feature_ablation", {"groups": "quickshift", "baseline": "blur"}),
    ("feature_ablation: row", {"groups": torch.tensor([0, 0, 1, 1, 2, 2])}),
    ("occlusion", {"window": (2, 3), "stride": 1}),
    ("feature_permutation", {"groups": None, "metric": lambda out: out.logsumexp(1)}),
    ("rise", {"p": 0.1, "cells": 2}),
    ("exact_shapley", {"background": networks.random(3, 3, 8, 8, seed=3)}),
    ("shapley_sampling", {"tolerance": 1e-3, "n_permutations": 200}),
    ("kernel_shap", {"groups": QUARTERS}),  # every coalition
    ("kernel_shap: row", {"background": networks.random(4, 6, seed=3), "n_samples": 12}),
    ("lime_image", {"segments": "slic", "hidden": "gray"}),
    ("lime_image", {"segments": "slic", "hidden": "blur", "penalty": 0}),
    ("lime_tabular", {"categorical": (0, 3), "kernel_width": 1.0}),
    ("lime_text", {"unit": "sentence"}),
]


class Words(nn.Module):
    """Which of the words a, b, … are in a text."""

    def forward(self, texts: list[str]) -> torch.Tensor:
        """n texts → (n, 5)."""
        return torch.stack([tensor(*[float(word in text.split()) for word in "abcde"]) for text in texts])


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


def sum_over_halves(A: torch.Tensor) -> torch.Tensor:
    """Every pixel with the sum of its half."""
    return mean_over_halves(A) * (A.numel() / 2)


def several(x: torch.Tensor) -> torch.Tensor:
    """The row, and two others."""
    return torch.stack([x, 1 - x, x**2])


def rise_by_hand(w: torch.Tensor, x: torch.Tensor, n_samples: int, cells: int) -> torch.Tensor:
    """RISE for F(x) = w · x + 0.75 with p = 1/2, mask by mask and pixel by pixel, from the same coins."""
    weights, picture = (t.double().cpu().numpy() for t in (w, x))
    height, width = picture.shape[1:]
    tall, wide = math.ceil(height / cells), math.ceil(width / cells)
    total = np.zeros((height, width))
    for k in range(n_samples):
        random = generator(0, k)
        grid = random.random((cells + 1, cells + 1)) < 0.5
        down, right = int(random.integers(tall)), int(random.integers(wide))
        rows = [(r + down + 0.5) / tall - 0.5 for r in range(height)]
        columns = [(c + right + 0.5) / wide - 0.5 for c in range(width)]
        mask = np.array([[between(grid, r, c) for c in columns] for r in rows])
        total += ((weights * picture * mask).sum() + 0.75) * mask
    return torch.from_numpy(total / n_samples / 0.5).to(x)


def between(grid: np.ndarray, r: float, c: float) -> float:
    """The value between the four nearest cells; beyond the middle of the outermost cell it stays as it is."""
    r, c = (min(max(place, 0), len(grid) - 1) for place in (r, c))
    near = itertools.product(*[{math.floor(place), math.ceil(place)} for place in (r, c)])
    return sum(grid[i, j] * (1 - abs(r - i)) * (1 - abs(c - j)) for i, j in near)


every_method = pytest.mark.parametrize("name", list(xk.METHODS))
every_case = pytest.mark.parametrize("name", [*xk.METHODS, *ALSO])
every_variant = pytest.mark.parametrize(
    ("name", "options"), [*((name, {}) for name in (*xk.METHODS, *ALSO)), *VARIANTS]
)


def walk(name: str, model, x, **options):
    given = {**networks.needed(name), **QUICK.get(name, {}), **options}
    return networks.method_of(name).walk(networks.fitting(name, model), x, **given)


def explain(name: str, model, x, **options):
    given = {**networks.needed(name), **QUICK.get(name, {}), **options}
    return networks.method_of(name)(networks.fitting(name, model), x, **given)


def steps_of(name: str) -> list[str]:
    return STEPS[name.partition(": ")[0]].split()


def leaves(value):
    """All tensors inside a value, and whatever else is no container; the columns of a table as tensors."""
    if isinstance(value, xk.Explanation):
        value = {name: step.value for name, step in value.steps.items()}
    if isinstance(value, pandas.DataFrame):
        columns = [value[name].to_numpy() for name in value.columns]
        rows = [torch.from_numpy(c.copy()) if c.dtype.kind in "fiub" else list(c) for c in columns]
        return [*map(str, value.columns), *leaves(rows)]
    if isinstance(value, dict):
        return [leaf for name, v in value.items() for leaf in (name, *leaves(v))]
    return [leaf for v in value for leaf in leaves(v)] if isinstance(value, (list, tuple)) else [value]


def tensors(value):
    """All tensors inside a value."""
    return [leaf for leaf in leaves(value) if isinstance(leaf, torch.Tensor)]


def equal(one: xk.Explanation, other: xk.Explanation) -> None:
    """Both explanations say the same, to the last bit."""
    assert list(one.steps) == list(other.steps)
    for step in one.steps:
        assert same_state(leaves(one[step]), leaves(other[step])), step
    assert same_state(leaves(one.result), leaves(other.result))
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


@every_case
def test_the_steps_come_in_the_order_of_the_catalogue(name):
    explanation = explain(name, networks.small_cnn(), example(name))
    assert list(explanation.steps) == steps_of(name)


@every_case
def test_every_step_has_a_name_of_its_own_and_the_last_one_is_the_result(name):
    steps = [i for i in walk(name, networks.small_cnn(), example(name)) if isinstance(i, xk.Step)]
    assert len({step.name for step in steps}) == len(steps)
    explanation = explain(name, networks.small_cnn(), example(name))
    assert same_state(tensors(explanation[list(explanation.steps)[-1]]), tensors(explanation.result))


@every_case
def test_a_step_that_was_yielded_never_changes_afterwards(name):
    seen = []
    for item in walk(name, networks.small_cnn(), example(name)):
        if isinstance(item, xk.Step):
            seen += [(item.name, t, t.clone(), t._version) for t in tensors(item.value)]
    for step, now, then, version in seen:
        assert same_state(now, then), step
        assert now._version == version, f"{step} was written to"


@every_case
def test_an_explanation_does_not_change_when_the_caller_writes_over_the_example(name):
    model, x = networks.small_cnn(), example(name)
    explanation = explain(name, model, x)
    before = [t.clone() for t in tensors(explanation)]
    if isinstance(x, torch.Tensor):
        x.zero_()
    elif isinstance(x, list):
        x.clear()
    assert same_state(before, tensors(explanation))
    assert same_state(explanation.x, example(name))


@every_case
def test_no_step_hangs_on_an_autograd_graph(name):
    x = example(name)
    x = x.requires_grad_() if isinstance(x, torch.Tensor) else x
    explanation = explain(name, networks.small_cnn(), x)
    for step in explanation.steps.values():
        assert not any(t.requires_grad or t.is_inference() for t in tensors(step.value)), step.name


@every_variant
def test_formulas_can_be_typeset_and_notes_are_short(name, options):
    parser = MathTextParser("agg")
    parser.parse(f"${networks.method_of(name).formula}$")
    for item in walk(name, networks.small_cnn(), example(name), **options):
        assert item.formula, f"{item.name} has no formula"
        parser.parse(f"${item.formula}$")
        if isinstance(item, xk.Step):
            assert 0 < len(item.note) <= 40


@every_variant
@pytest.mark.parametrize("build", [networks.small_cnn, networks.functional_relu_cnn])
def test_every_promised_check_is_made_and_holds(name, options, build):
    method, options = networks.method_of(name), {**networks.needed(name), **options}
    explanation = method(networks.fitting(name, build()), example(name), **options)
    checks = {check.name: check for check in explanation.checks}
    for promise in method.promises:
        assert checks[promise].holds, str(checks[promise])


@every_case
def test_a_check_is_made_of_two_finite_numbers(name):
    checks = explain(name, networks.small_cnn(), example(name)).checks
    assert checks, "every method measures something of itself"
    for check in checks:
        assert np.isfinite([check.left, check.right]).all()
        assert check.difference == check.left - check.right


@every_case
def test_the_text_of_an_explanation_is_the_same_on_every_run(name, one_thread):
    one, other = (explain(name, networks.small_cnn(), example(name)) for _ in range(2))
    assert repr(one) == repr(other)
    assert "0x" not in repr(one)
    assert one.title in one._repr_html_()


# One way to compute --------------------------------------------------------------------------------------


@every_case
def test_a_walk_gives_what_a_call_gives(name, one_thread):
    model, x = networks.small_cnn(), example(name)
    called = explain(name, model, x)
    by_hand = walk(name, model, x)
    items = list(by_hand)
    equal(by_hand.explanation, called)
    steps = [item for item in items if isinstance(item, xk.Step)]
    assert [s.name for s in steps if "." not in s.name] == list(called.steps)


@every_case
@pytest.mark.parametrize("looked_at", [0, 1, 2])
def test_a_walk_may_be_finished_from_anywhere(name, looked_at, one_thread):
    model, x = networks.small_cnn(), example(name)
    begun = walk(name, model, x)
    for _ in range(looked_at):
        next(begun)
    equal(begun.finish(), explain(name, model, x))


@every_method
def test_finishing_a_walk_twice_gives_the_same_explanation(name):
    done = walk(name, networks.small_cnn(), example(name))
    assert done.finish() is done.finish()


@every_method
def test_a_walk_computes_nothing_before_its_first_step(name):
    calls = []
    model = networks.Function(lambda x: calls.append(len(x)) or x.flatten(1)[:, :3])
    walk(name, model, example(name))
    assert not calls


@every_case
def test_keeping_the_result_alone_gives_the_same_result(name, one_thread):
    model, x = networks.small_cnn(), example(name)
    everything = explain(name, model, x)
    lean = explain(name, model, x, keep="result")
    assert not lean.steps
    assert same_state(tensors(lean.result), tensors(everything.result))
    assert lean.checks == everything.checks


@every_method
def test_a_predicate_keeps_each_step_alone_as_it_was(name, one_thread):
    model, x = networks.small_cnn(), example(name)
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


@every_case
def test_the_same_seed_gives_the_same_bits(name, one_thread):
    model, x = networks.small_cnn(), example(name)
    first = explain(name, model, x)
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    equal(first, explain(name, model, x))


@pytest.mark.parametrize("name", [n for n in xk.METHODS if "seed" in xk.METHODS[n].parameters])
def test_another_seed_gives_another_explanation(name):
    model, x = networks.small_cnn(), example(name)
    assert not torch.equal(explain(name, model, x, seed=0).result, explain(name, model, x, seed=1).result)


@every_method
def test_the_global_random_state_is_not_touched(name):
    torch.manual_seed(3), np.random.seed(3), random.seed(3)
    before = torch.get_rng_state().clone(), np.random.get_state()[1].copy(), random.getstate()
    explain(name, networks.training_net(), example(name))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (np.random.get_state()[1] == before[1]).all()
    assert random.getstate() == before[2]


@every_case
@pytest.mark.parametrize("batch_size", [1, 2, 1000])
def test_the_batch_size_changes_nothing_but_the_last_digits(name, batch_size):
    model, x = networks.small_cnn().double(), example(name, torch.float64)
    whole, parts = explain(name, model, x), explain(name, model, x, batch_size=batch_size)
    for step in whole.steps:
        for one, other in zip(tensors(whole[step]), tensors(parts[step]), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-9)
    assert whole.cost == parts.cost


@pytest.mark.parametrize(
    "name", [c for c in (*xk.METHODS, *ALSO) if networks.kind_of(c) in ("picture", "row")]
)
def test_a_leading_axis_of_one_is_taken_off(name, one_thread):
    model, x = networks.small_cnn(), example(name)
    equal(explain(name, model, x[None]), explain(name, model, x))


@pytest.mark.parametrize("name", [c for c in (*xk.METHODS, *ALSO) if isinstance(example(c), torch.Tensor)])
def test_an_array_is_as_good_as_a_tensor(name, one_thread):
    model, x = networks.small_cnn(), example(name)
    equal(explain(name, model, x.cpu().numpy()), explain(name, model, x))


# The model is left as it was found -----------------------------------------------------------------------


@every_method
@pytest.mark.parametrize("build", [networks.training_net, networks.small_cnn, networks.functional_relu_cnn])
def test_the_model_is_unchanged_after_an_explanation(name, build):
    model = build()
    before = state(model)
    explain(name, model, example(name))
    assert same_state(before, state(model))


@pytest.mark.parametrize(
    "name", [n for n in xk.METHODS if "row" in xk.METHODS[n].takes and n not in PICTURES_ONLY]
)
def test_a_formula_is_unchanged_after_an_explanation_of_a_row(name):
    model = networks.p2()
    before = state(model)
    options = {"background": networks.random(4, 2)} if name == "lime_tabular" else {}
    xk.METHODS[name](model, tensor(0.75, 0.25), **options)
    assert same_state(before, state(model))


@every_method
def test_the_model_is_unchanged_between_any_two_steps_of_a_walk(name):
    model = networks.training_net()
    before = state(model)
    for item in walk(name, model, example(name)):
        assert same_state(before, state(model)), item.name


@every_method
def test_the_model_is_unchanged_after_an_abandoned_walk(name):
    for reached in range(len(steps_of(name))):
        model = networks.training_net()
        before = state(model)
        begun = walk(name, model, example(name))
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
            explain(name, model, example(name), batch_size=2)
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
    broken = walk(name, networks.Fails(0, ValueError), example(name), batch_size=2)
    with pytest.raises(xk.errors.XaikitError):
        broken.finish()
    with pytest.raises(xk.errors.XaikitError):
        broken.finish()


@every_method
def test_a_model_in_training_mode_is_explained_as_it_answers_in_evaluation_mode(name, one_thread):
    learning = networks.training_net()
    finished = networks.training_net().eval()
    equal(explain(name, learning, example(name)), explain(name, finished, example(name)))


@every_method
@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_a_caller_without_gradients_gets_the_same_explanation(name, context, one_thread):
    model, x = networks.small_cnn(), example(name)
    expected = explain(name, model, x)
    with context():
        given = explain(name, model, example(name))
    equal(given, expected)


# The Rosetta stone ---------------------------------------------------------------------------------------


@every_method
def test_on_a_linear_model_the_attribution_is_its_entry_on_the_rosetta_stone(name):
    w, x, x0 = tensor(1, -2, 3, 0, 0.5), tensor(0.2, 1, 0.4, 0.7, 0), tensor(0.5, 0, 0.1, 1, 0.3)
    if name in PICTURES_ONLY:
        w, x, x0 = (
            networks.random(3, 6, 8, seed=4) - 0.5,
            example(name)[:, :6],
            networks.random(3, 6, 8, seed=5),
        )
    model = LINEAR.get(name, lambda w: networks.linear(w, 0.75))(w)
    background = torch.stack([x, x0]) if name == "lime_tabular" else x0[None]
    given = {"baseline": x0, "hidden": x0, "background": background, "groups": None, "penalty": 0}
    given |= {"segments": halves(x)} if x.dim() == 3 else {}
    options = {option: v for option, v in given.items() if option in xk.METHODS[name].parameters}
    shown = {"rows": several(x), "text": "a b c d e"}.get(networks.kind_of(name), x)
    options = {**QUICK.get(name, {}), **options, **TOLD.get(name, {}), "score": "logit"}
    explanation = xk.METHODS[name](model, shown, **options)
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
    for kept, found in ((one, read), (one.result, read.result), (one.x, read.x)):
        on_the_cpu = [v.cpu() if isinstance(v, torch.Tensor) else v for v in leaves(kept)]
        assert same_state(on_the_cpu, leaves(found))
    assert read.names == one.names


@every_case
def test_an_explanation_survives_saving_and_loading(name, tmp_path):
    model = networks.small_cnn()
    model.labels = ["circle", "square", "Stern ★"]
    options = {"baseline": 0.25} if "baseline" in networks.method_of(name).parameters else {}
    explanation = explain(name, model, example(name), target="Stern ★", **options)
    explanation.save(tmp_path / "it.safetensors")
    read = xk.load(tmp_path / "it.safetensors")
    same_after_loading(explanation, read)
    assert same_state(leaves(read.parameters), leaves(explanation.parameters))


@every_case
def test_loading_needs_neither_the_model_nor_the_walk(name, tmp_path):
    target = {"cam": 0, "seg_grad_cam": None}.get(name, lambda out: out[:, 0])  # these two ask for a class
    explanation = explain(name, networks.small_cnn(), example(name), keep="result", target=target)
    explanation.save(tmp_path / "it.safetensors")
    same_after_loading(explanation, xk.load(tmp_path / "it.safetensors"))


# What is said of bad input -------------------------------------------------------------------------------

BAD = {
    "a class too high": (networks.small_cnn, {"target": 3}),
    "a class below zero": (networks.small_cnn, {"target": -1}),
    "half a class": (networks.small_cnn, {"target": 0.5}),
    "a name without labels": (networks.small_cnn, {"target": "cat"}),
    "two targets": (networks.small_cnn, {"target": [0, 1]}),
    "a target function that fails": (networks.small_cnn, {"target": lambda out: out["scores"]}),
    "a target function that sums too much": (networks.small_cnn, {"target": lambda out: out.sum()}),
    "an unknown score": (networks.small_cnn, {"score": "logits"}),
    "no samples at a time": (networks.small_cnn, {"batch_size": 0}),
    "an unknown option": (networks.small_cnn, {"tarket": 0}),
    "nothing to keep": (networks.small_cnn, {"keep": "some"}),
    "a tuple": (networks.Tuple, {}),
    "a picture as answer": (networks.picture_out, {}),
    "one answer for all": (networks.no_batch, {"target": lambda out: out[:, 0].repeat(2)}),
    "no model": (lambda: "resnet18", {}),
    "not a number": (networks.not_a_number, {}),
}
#: What cannot be explained, whatever the model, where an example of a kind is wanted.
UNFIT = {
    "picture": {
        "NaN": lambda x: x * float("nan"),
        "infinite": lambda x: x / 0,
        "empty": lambda x: x[:, :0],
        "no axis at all": lambda x: x[0, 0, 0],
        "one channel too many": lambda x: networks.random(4, 8, 8),
        "a batch of two": lambda x: networks.random(2, 3, 8, 8),
        "features where a picture belongs": lambda x: networks.random(10),
        "whole numbers": lambda x: (x * 255).to(torch.uint8),
        "a list": lambda x: x.tolist(),
    },
    "row": {
        "NaN": lambda x: x * float("nan"),
        "empty": lambda x: x[:0],
        "one number": lambda x: x[0],
        "a column too many": lambda x: networks.random(7),
        "two rows": lambda x: torch.stack([x, x]),
        "whole numbers": lambda x: (x * 255).long(),
        "numbers in a list": lambda x: x.tolist(),
    },
    "rows": {
        "NaN": lambda x: x * float("nan"),
        "empty": lambda x: x[:0],
        "one of them": lambda x: x[0],
        "a batch of one": lambda x: x[:1],
        "one row": lambda x: networks.random(6),
        "whole numbers": lambda x: (x * 255).to(torch.uint8),
        "a list": lambda x: list(x),
        "a text": lambda x: "four pictures",
    },
    "text": {
        "empty": lambda x: "",
        "spaces": lambda x: " \n\t ",
        "points": lambda x: "... !",
        "bytes": lambda x: x.encode(),
        "words in a list": lambda x: [[word] for word in x.split()],
        "nothing": lambda x: None,
        "ten thousand words": lambda x: "word " * 10_000,
    },
    "players": {
        "nobody": lambda x: [],
        "somebody twice": lambda x: [*x, x[0]],
        "numbers": lambda x: [1.0, 2.0],
        "rows": lambda x: [[1.0, 2.0], [3.0, 4.0]],
    },
}
#: Options that mean nothing to the new kinds of example.
SENSELESS = {
    "groups of another size": ("feature_ablation", {"groups": torch.zeros(7, 7, dtype=torch.long)}),
    "groups between the numbers": ("feature_ablation", {"groups": torch.zeros(8, 8)}),
    "a row cut like a picture": ("feature_ablation: row", {"groups": "slic"}),
    "an unknown cut": ("feature_ablation", {"groups": "slick"}),
    "a metric that gives one number": ("feature_ablation", {"metric": lambda out: out.sum()}),
    "no metric": ("feature_ablation", {"metric": 3}),
    "a window of nothing": ("occlusion", {"window": 0}),
    "a window larger than the picture": ("occlusion", {"window": 9}),
    "half a window": ("occlusion", {"window": 2.5}),
    "three sides": ("occlusion", {"window": (1, 2, 3)}),
    "a stride of nothing": ("occlusion", {"stride": 0}),
    "a tall window on a row": ("occlusion: row", {"window": (2, 1)}),
    "permutations that take a row twice": ("feature_permutation", {"permutations": torch.zeros(4, 4).long()}),
    "permutations for other groups": ("feature_permutation", {"permutations": torch.arange(4).expand(3, 4)}),
    "permutations between the numbers": ("feature_permutation", {"permutations": torch.rand(4, 4)}),
    "nothing is shown": ("rise", {"p": 0}),
    "more than everything is shown": ("rise", {"p": 1.5}),
    "more cells than pixels": ("rise", {"cells": 9}),
    "no cells": ("rise", {"cells": 0}),
    "no masks": ("rise", {"n_samples": 0}),
    "more coalitions than 65,536": ("exact_shapley", {"groups": torch.arange(64).reshape(8, 8) % 17}),
    "a text in groups": ("exact_shapley: text", {"groups": torch.arange(9)}),
    "a background of other examples": ("exact_shapley", {"background": networks.random(2, 3, 4, 4)}),
    "one order": ("shapley_sampling", {"n_permutations": 1}),
    "no error at all": ("shapley_sampling", {"tolerance": 0}),
    "one coalition": ("kernel_shap", {"n_samples": 1}),
    "segments that differ from channel to channel": ("lime_image", {"segments": None}),
    "segments of another size": ("lime_image", {"segments": QUARTERS[:4]}),
    "nothing to hide behind": ("lime_image", {"hidden": "fog"}),
    "no width": ("lime_image", {"kernel_width": 0}),
    "a negative penalty": ("lime_image", {"penalty": -1}),
    "no background": ("lime_tabular", {"background": "black"}),
    "a background of one row": ("lime_tabular", {"background": networks.random(1, 6)}),
    "a column that is not there": ("lime_tabular", {"categorical": (6,)}),
    "a column without that name": ("lime_tabular", {"categorical": "colour"}),
    "an unknown unit": ("lime_text", {"unit": "letter"}),
    "one text": ("lime_text", {"n_samples": 1}),
}  # fmt: skip
NO_GRADIENT = {
    "ignored": networks.ignores_input,
    "counted": networks.not_differentiable,
    "whole numbers": networks.integers,
    "detached": networks.detaches,
    "without derivative": networks.without_derivative,
    "infinite": networks.infinite_slope,
}


def helps(error: BaseException) -> None:
    """The message says what to try, in a few lines."""
    message = str(error)
    assert SUGGESTION.search(message), message
    assert len(message) < 400, message


@pytest.mark.parametrize(
    "name", [case for case in (*xk.METHODS, *ALSO) if networks.kind_of(case) != "players"]
)
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_answered_with_what_to_try(name, case):
    build, options = BAD[case]
    with pytest.raises(xk.errors.XaikitError) as caught:
        explain(name, build(), example(name), **options)
    helps(caught.value)


@pytest.mark.parametrize(
    ("name", "case"),
    [(name, case) for name in (*xk.METHODS, *ALSO) for case in UNFIT[networks.kind_of(name)]],
)
def test_an_example_that_does_not_fit_is_answered_with_what_to_try(name, case):
    x = UNFIT[networks.kind_of(name)][case](example(name))
    with pytest.raises(xk.errors.XaikitError) as caught:
        explain(name, networks.small_cnn(), x)
    helps(caught.value)


@pytest.mark.parametrize("case", SENSELESS)
def test_an_option_that_means_nothing_is_answered_with_what_to_try(case):
    name, options = SENSELESS[case]
    with pytest.raises((xk.errors.InputError, xk.errors.OptionError, xk.errors.TargetError)) as caught:
        explain(name, networks.small_cnn(), example(name), **options)
    helps(caught.value)


@pytest.mark.parametrize("name", [case for case in ALSO if networks.kind_of(case) == "players"])
@pytest.mark.parametrize(
    "game", [lambda members: {}[members], lambda members: None, lambda members: float("nan"), lambda: 0, 3]
)
def test_a_game_that_names_no_worth_is_named_as_the_trouble(name, game):
    with pytest.raises(xk.errors.ModelError) as caught:
        explain(name, game, [f"a player with a long name, number {k}" for k in range(9)])
    helps(caught.value)


def test_a_text_too_long_for_words_is_explained_by_its_sentences():
    text = "The cat sat. " * 1_000
    with pytest.raises(xk.errors.InputError, match="unit='sentence'"):
        explain("lime_text", networks.small_cnn(), text)
    explanation = explain("lime_text", networks.small_cnn(), text, unit="sentence", n_samples=10)
    assert explanation.attribution.shape == (1_000,)


@pytest.mark.parametrize("name", [name for name in xk.METHODS if name not in WITHOUT_GRADIENT])
@pytest.mark.parametrize("case", NO_GRADIENT)
def test_a_model_without_a_slope_is_named_as_the_trouble(name, case):
    model = NO_GRADIENT[case]()
    with pytest.raises(xk.errors.ModelError) as caught:
        explain(name, networks.behind_features(model) if name in CAMS else model, example(name))
    helps(caught.value)


@every_method
def test_an_unknown_class_name_is_answered_with_the_nearest(name):
    model = networks.small_cnn()
    model.labels = ["circle", "square", "star"]
    with pytest.raises(xk.errors.TargetError, match="Did you mean 'square'"):
        explain(name, model, example(name), target="squar")
