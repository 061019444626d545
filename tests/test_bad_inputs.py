"""Bad input, drawn by the hundred: the answer is right, or it is an error that says what to try.

An oracle with one backward pass a point says what is right. A raw error of torch, numpy or Python fails
these tests, and so does a model that is not as it was.
"""

import math
import os

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import xaikit as xk
from xaikit.methods.paths.quadrature import RULES, quadrature
from xaikit.methods.paths.routes import PATHS

from . import networks
from .networks import SUGGESTION, same_state, state

ONE_A_PIXEL = (
    "xrai", "xrai_fast", "cam", "grad_cam", "grad_cam_plus_plus", "hires_cam", "layer_cam", "score_cam",
    "eigen_cam", "contrastive_grad_cam", "seg_grad_cam", "rise", "lime_image", "occlusion",
)  # fmt: skip
GRADIENTS = ("saliency", "input_x_gradient", "smoothgrad", "smoothgrad_squared", "vargrad")
TAKEN_AWAY = ("feature_ablation", "occlusion", "rise")  # the oracle takes away one thing after the other
CASES = [*xk.METHODS, *networks.ALSO]
methods = st.sampled_from(CASES)
MANY = int(os.environ.get("XAIKIT_EXAMPLES", "80"))  # more of them for a longer hunt
bounded = settings(
    max_examples=MANY, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)

# What somebody may hand over -----------------------------------------------------------------------------

shapes = st.one_of(
    st.sampled_from([(3, 8, 8), (1, 3, 8, 8), (3, 11, 9)]),
    st.lists(st.integers(0, 9), min_size=0, max_size=5).map(tuple),
)
dtypes = st.sampled_from(
    [
        torch.float32,
        torch.float64,
        torch.float16,
        torch.bfloat16,
        torch.uint8,
        torch.int64,
        torch.bool,
        torch.complex64,
    ]
)
fills = st.sampled_from([None, None, None, math.nan, math.inf, -math.inf, 1e30, -1.0, 0.0])


@st.composite
def examples(draw, shapes=shapes):
    """Something in place of a picture, or of numbers of other shapes."""
    if draw(st.integers(0, 9)) == 0:
        return draw(
            st.sampled_from([None, "cat.png", [[1.0, 2.0]], 3.0, np.array("cat"), {"image": 1}, object()])
        )
    x = networks.random(*draw(shapes), seed=draw(st.integers(0, 5))).to(draw(dtypes))
    fill = draw(fills)
    if fill is not None and x.numel() and (x.is_floating_point() or x.is_complex()):
        x.flatten()[draw(st.integers(0, x.numel() - 1))] = fill
    layout = draw(st.integers(0, 9))
    if layout == 0 and x.dim() and x.dtype is torch.float32:
        return x.to_sparse()
    if layout == 1 and x.dtype is not torch.bfloat16:
        return x.cpu().numpy()
    return x.requires_grad_() if layout == 2 and x.is_floating_point() else x


#: Something in place of what a method takes.
ANYTHING = {
    "picture": examples(),
    "row": st.one_of(examples(), examples(st.sampled_from([(6,), (1, 6), (5,), (2, 6)]))),
    "rows": st.one_of(
        examples(), examples(st.sampled_from([(4, 3, 8, 8), (2, 3, 8, 8), (3, 6), (1, 3, 8, 8)]))
    ),
    "text": st.one_of(
        examples(),
        st.text(max_size=12),
        st.lists(st.text(max_size=5), max_size=7).map(" ".join),
        st.sampled_from(["", " \n", "?!", b"bytes", ["a", "b"], "\ud800", "\x00", "a " * 3000, "🐈‍⬛🇩🇪🇫🇷"]),
    ),
    "players": st.one_of(
        examples(),
        st.lists(st.text(max_size=5), max_size=6),
        st.sampled_from(
            [(), ("rain", "wind"), ["rain", "rain"], [1, 2], [None], [["rain"]], "rain", {"rain"}]
        ),
    ),
}


def labelled(model):
    model.labels = ["circle", "square", "star"]
    return model


GOOD_MODELS = {
    "small": networks.small_cnn,
    "functional": networks.functional_relu_cnn,
    "in place": lambda: networks.small_cnn(inplace=True),
    "training": networks.training_net,
    "double": lambda: networks.small_cnn().double(),
    "labelled": lambda: labelled(networks.small_cnn()),
}
BAD_MODELS = {
    "tuple": networks.Tuple,
    "ignores": networks.ignores_input,
    "counts": networks.not_differentiable,
    "integers": networks.integers,
    "detaches": networks.detaches,
    "no derivative": networks.without_derivative,
    "nan": networks.not_a_number,
    "infinite slope": networks.infinite_slope,
    "no batch": networks.no_batch,
    "picture": networks.picture_out,
    "features": networks.m4,
    "fails": lambda: networks.Fails(1, ValueError),
    "complex": lambda: networks.Function(lambda x: x.flatten(1) * 1j),
    "bool": lambda: networks.Function(lambda x: x.flatten(1) > 0.5),
    "nothing": lambda: networks.Function(lambda x: None),
    "dict": lambda: networks.Function(lambda x: {"logits": x.flatten(1)}),
    "no classes": lambda: networks.Function(lambda x: x.flatten(1)[:, :0]),
    "string": lambda: "resnet18",
}
targets = st.one_of(
    st.none(),
    st.integers(-3, 6),
    st.sampled_from(
        [
            "star",
            "STAR",
            "stra",
            "",
            b"star",
            1.0,
            2.5,
            math.nan,
            True,
            (),
            [1],
            {},
            np.int64(1),
            np.float32(1),
            np.array([0, 1]),
            torch.tensor(2),
            torch.tensor(1.5),
            torch.tensor([0, 1]),
            object(),
        ]
    ),
    st.sampled_from(
        [
            lambda out: out[:, 0],
            lambda out: out,
            lambda out: out.sum(),
            lambda out: out[0],
            lambda out: out[:, 99],
            lambda out: out.detach().cpu().numpy()[:, 0],
            lambda out: None,
            lambda out: out[:, 0] * 1j,
            lambda: 0,
            lambda out: out[:, 0] / 0,
            lambda out: out[:, 0].detach(),
            lambda out: out.argmax(1),
        ]
    ),
)
numbers = st.one_of(
    st.integers(-2, 6),
    st.floats(),
    st.sampled_from([None, True, "5", "many", [5], np.int64(3), np.float64(2), 10**400]),
)
whole_numbers = shapes.map(lambda shape: (networks.random(*shape, seed=4) * 5 - 1).long())
OPTIONS = {
    "target": targets,
    "groups": st.one_of(
        whole_numbers,
        st.sampled_from(
            [None, "slic", "quickshift", "felzenszwalb", "slick", "", 3, [], object(), [0, 0, 1, 1, 2, 2]]
        ),
        st.sampled_from(
            [
                torch.arange(64).reshape(8, 8) // 16,
                torch.arange(6) // 2,
                torch.zeros(8, 8),
                np.full((8, 8), "a"),
                torch.zeros(8, 8, dtype=torch.complex64),
                torch.zeros(3, 8, 8, dtype=torch.bool),
            ]
        ),
    ),
    "metric": st.one_of(st.none(), targets.filter(callable), st.sampled_from([3, "loss", [], np.zeros(3)])),
    "window": st.one_of(
        numbers,
        st.sampled_from([(2, 3), (8, 8), (9, 1), [2, 2], (), (1, 2, 3), (0, 1), (2.0, 2), np.zeros(2)]),
    ),
    "stride": st.one_of(numbers, st.sampled_from([(2, 3), (1, 9), [2, 2], (), (1,), "2", np.ones(2)])),
    "permutations": st.one_of(
        whole_numbers,
        st.sampled_from(
            [
                None,
                "all",
                [],
                torch.arange(4).expand(192, 4),
                torch.arange(4).expand(192, 4).double(),
                np.arange(4),
                torch.zeros(192, 4).to_sparse(),
            ]
        ),
    ),
    "cells": numbers,
    "p": st.one_of(
        numbers, st.floats(0, 1), st.sampled_from([0, 1, 1e-9, 1j, np.float32(0.5), torch.tensor(0.5)])
    ),
    "n_permutations": numbers,
    "hidden": st.sampled_from(
        [*xk.baselines.NAMES, "fog", "", None, 0.5, True, [], math.nan, np.zeros((3, 8, 8))]
    ),
    "kernel_width": st.one_of(
        numbers, st.floats(), st.sampled_from([1e-300, 1e300, 0.25, 1j, torch.tensor(0.5)])
    ),
    "penalty": st.one_of(numbers, st.floats(), st.sampled_from([0, 0.0, 1e-300, 1e300, 1j])),
    "categorical": st.sampled_from(
        [
            (),
            (0,),
            (0, 5),
            [1],
            {2},
            3,
            (6,),
            (-1,),
            "feature 2",
            ("feature 9",),
            None,
            True,
            0.5,
            np.zeros(3),
            10**400,
        ]
    ),
    "unit": st.sampled_from(["word", "sentence", "line", "letter", "", None, 3, [], np.zeros(3)]),
    "baseline": st.one_of(
        st.sampled_from(
            [*xk.baselines.NAMES, "blakc", "", None, True, [], 1j, math.nan, math.inf, 0.5, -2, object()]
        ),
        st.floats(allow_nan=False, width=16),
        shapes.map(lambda shape: networks.random(*shape, seed=3)),
        st.just(torch.full((3, 8, 8), math.nan)),
        st.just(torch.ones(3, 8, 8, dtype=torch.complex64)),
        st.just(np.zeros((3, 8, 8))),
    ),
    "path": st.one_of(
        st.sampled_from([*PATHS, "lnie", "", None, 3, [], np.zeros(3), torch.zeros(3)]),
        st.sampled_from(
            [lambda a: a, lambda a: None, lambda: None, lambda a: torch.zeros(3, 8, 8), lambda a: 1 / 0, abs]
        ),
    ),
    "n_steps": numbers,
    "n_samples": numbers,
    "tolerance": st.one_of(st.none(), st.floats(), st.sampled_from([0, 1, True, "0.1", 0.3, -0.1])),
    "rule": st.sampled_from(
        [
            *RULES,
            "rescale",
            "reveal_cancel",
            "riemann_middle",
            "Midpoint",
            "",
            None,
            0,
            ["left"],
            np.array("left"),
        ]
    ),
    "noise_std": st.one_of(
        st.floats(), st.sampled_from([0, 0.1, True, "0.1", None, [0.1], 1j, np.float32(0.1)])
    ),
    "max_sigma": st.one_of(st.none(), st.floats(), numbers, st.sampled_from([1e-300, 10_000, np.float32(2)])),
    "edges": st.sampled_from(["black", "mirrored", "white", "Black", "", None, 0, [], np.zeros(3)]),
    "spacing": st.sampled_from(["quadratic", "linear", "sqrt", "", None, 2, [], np.zeros(3)]),
    "fraction": st.one_of(numbers, st.floats(0, 1), st.sampled_from([np.zeros(3), 1j, torch.tensor(0.5)])),
    "max_distance": st.one_of(numbers, st.floats(0, 1), st.sampled_from([np.zeros(3), 1j, object()])),
    "background": st.one_of(
        st.sampled_from([*xk.baselines.NAMES, "nois", None, True, [], 1j, math.nan, 0.5, object()]),
        shapes.map(lambda shape: networks.random(*shape, seed=3)),
        st.integers(0, 3).map(lambda n: networks.random(n, 3, 8, 8, seed=3)),
        st.sampled_from(
            [
                torch.full((2, 3, 8, 8), math.nan),
                torch.ones(2, 3, 8, 8, dtype=torch.complex64),
                torch.zeros(2, 3, 8, 8).to_sparse(),
                np.zeros((2, 3, 8, 8), bool),
                np.full((2, 3, 8, 8), "a"),
            ]
        ),
    ),
    "base_attribution": st.one_of(
        shapes.map(lambda shape: networks.random(*shape, seed=3) - 0.5),
        st.sampled_from(
            [
                None,
                "map",
                0,
                [],
                np.zeros((8, 8)),
                torch.full((8, 8), math.inf),
                torch.ones(3, 8, 8, dtype=torch.complex64),
                torch.ones(3, 8, 8).to_sparse(),
                torch.ones(8, 8, dtype=torch.bool),
                object(),
            ]
        ),
    ),
    "segments": st.one_of(
        shapes.map(lambda shape: (networks.random(*shape, seed=4) * 5 - 1).long()),
        shapes.map(lambda shape: networks.random(*shape, seed=4) > 0.5),
        st.sampled_from(
            [
                None,
                "slic",
                "quickshift",
                "felzenszwalb",
                3,
                [],
                [np.ones((8, 8), bool), np.ones((7, 8), bool)],
                np.full((8, 8), "a"),
                torch.zeros(8, 8),
                torch.full((2, 8, 8), 2**62),
                torch.zeros(8, 8, dtype=torch.complex64),
                torch.zeros(8, 8, dtype=torch.long).to_sparse(),
            ]
        ),
    ),
    "min_pixels": numbers,
    "seed": st.one_of(st.integers(-2, 2**70), st.sampled_from([None, 0.5, "seed", True, np.int64(3), []])),
    "score": st.sampled_from(["logit", "probability", "log_probability", "logits", "", None, 1, ["logit"]]),
    "batch_size": st.one_of(st.integers(-1, 9), st.sampled_from([None, True, 2.0, "8", [], np.int64(2)])),
    "keep": st.sampled_from(["all", "result", "some", "", None, 1, [], np.zeros(2), lambda step: True]),
    "rules": st.sampled_from(
        [
            "epsilon-plus",
            "epsilon-gamma-box",
            "z_box",
            "zero",
            "z_plus",
            "lrp",
            "",
            None,
            3,
            [],
            {},
            {"": "flat"},
            {"0": "z_box"},
            {"nowhere": "flat"},
            {"": "plus"},
            {3: "flat"},
            {"": 3},
            np.zeros(3),
        ]
    ),
    "epsilon": st.one_of(numbers, st.floats(), st.sampled_from([1e-300, 1j, np.float32(1e-6)])),
    "gamma": st.one_of(numbers, st.floats(), st.sampled_from([1j, torch.tensor(0.5)])),
    "alpha": st.one_of(numbers, st.floats(), st.sampled_from([1j, 1, 2])),
    "box": st.sampled_from(
        [(0, 1), [0, 1], (1, 0), (0, 0), (), (1,), None, "01", 3, (None, 1), (0, math.nan)]
    ),
    "layer": st.sampled_from(
        [
            None,
            "0",
            "3",
            "4",
            "first",
            "second",
            "conv",
            "relu",
            "7",
            "nowhere",
            "",
            3,
            [],
            torch.nn.ReLU(),
            object(),
        ]
    ),
    "relu": st.sampled_from([True, False, 0, 1, None, "no", [], np.zeros(2), np.bool_(True)]),
    "upsample": st.sampled_from(["nearest", "bilinear", "bicubic", "", None, 2, []]),
    "contrast": targets,
    "region": st.one_of(
        st.sampled_from(
            ["class", "object", "pixel", "lesion", "", None, 3, [], np.zeros((8, 8)), np.ones((8, 8))]
        ),
        shapes.map(lambda shape: networks.random(*shape, seed=3) > 0.5),
    ),
    "at": st.sampled_from(
        [None, (0, 0), (7, 7), (8, 0), (-1, 0), (1,), "00", 3, (0.5, 1), (math.nan, 0), object()]
    ),
    "beta": st.just(1),
    "tarket": st.just(1),
    "steps": st.just(1),
}
SHARED = ("score", "batch_size", "keep")


@st.composite
def options(draw, name):
    """One to three options, most of them of that method, most of them wrong."""
    own = [o for o in OPTIONS if o in networks.method_of(name).parameters or o in SHARED]
    chosen = draw(st.lists(st.sampled_from(own * 3 + ["beta", "tarket", "steps"]), max_size=3, unique=True))
    return quick(name) | {option: draw(OPTIONS[option]) for option in chosen}


def quick(name, n: int = 3) -> dict:
    """What makes a method quick, and what it needs."""
    few = ("n_steps", "n_samples", "n_permutations")
    return {o: n for o in few if o in networks.method_of(name).parameters} | networks.needed(name)


# What must come of it ------------------------------------------------------------------------------------


def attempt(name, model, x, **given) -> xk.Explanation | None:
    """The explanation, or None after an error that helps; anything else fails the test."""
    before = state(model) if isinstance(model, torch.nn.Module) else None
    untouched = x.detach().clone() if isinstance(x, torch.Tensor) and x.layout is torch.strided else None
    message, explanation = "", None
    try:
        explanation = networks.method_of(name)(networks.fitting(name, model), x, **given)
    except xk.errors.XaikitError as error:
        message = str(error)
    assert explanation is not None or SUGGESTION.search(message), f"does not say what to try: {message}"
    assert len(message) < 600, "too long to be read"
    if before is not None:
        assert same_state(before, state(model))
    if untouched is not None:
        assert same_state(x.detach().nan_to_num(7), untouched.nan_to_num(7))
    return explanation


def resolved(target, labels) -> int | None:
    """The class that a good target means for three classes; None for the predicted one."""
    if target is None or callable(target):
        return target
    return (
        [label.lower() for label in labels].index(target.lower()) if isinstance(target, str) else int(target)
    )


def score_of(model, leaf, target, kind):
    """The score as a sum over nothing but its definition."""
    out = model(leaf[None])
    if callable(target):
        return target(out)[0]
    out = {"logit": out, "probability": out.softmax(1), "log_probability": out.log_softmax(1)}[kind]
    return out[0, target]


def slope(model, point, target, kind):
    leaf = point.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(score_of(model, leaf, target, kind), leaf)
    return gradient


def oracle(explanation, model):
    """What the attribution should be, one point after the other, in the model's own precision."""
    x, given = explanation.x, explanation.parameters
    model = model.eval()
    target = resolved(given["target"], getattr(model, "labels", []))
    target = int(model(x[None]).argmax()) if target is None else target
    at = lambda point: slope(model, point, target, given["score"])  # noqa: E731
    name = explanation.method
    if name in TAKEN_AWAY:
        pick = given.get("metric") or target
        return taken_away(explanation, lambda point: score_of(model, point, pick, given["score"]))
    if name in ("saliency", "input_x_gradient"):
        return at(x).abs() if name == "saliency" else x * at(x)
    if name == "integrated_gradients":
        if given["path"] != "line" or given["tolerance"] is not None:
            return None
        alphas, weights = quadrature(given["rule"], given["n_steps"], x)
        x0 = xk.baselines.make(given["baseline"], x)
        return (x - x0) * sum(w * at(x0 + a * (x - x0)) for a, w in zip(alphas, weights, strict=True))
    if "noisy_inputs" not in explanation:
        return None
    g = torch.stack([at(point) for point in explanation["noisy_inputs"]])
    return {"smoothgrad": g.mean(0), "smoothgrad_squared": (g**2).mean(0), "vargrad": g.var(0, correction=0)}[
        name
    ]


@torch.no_grad()
def taken_away(explanation, F):
    """What goes with a group, with a window, or stays with a mask, one by one; None without steps."""
    x, given, found = explanation.x, explanation.parameters, torch.zeros(explanation.result.shape)
    if explanation.method == "rise":
        if "masks" not in explanation:
            return None
        rows = explanation["masks"]
        return sum(F(x * m).item() * m for m in rows) / len(rows) / given["p"]
    x0 = xk.baselines.make(given["baseline"], x)
    if explanation.method == "feature_ablation":
        if "groups" not in explanation:
            return None
        whose = explanation["groups"].to(x.device)
        for k in whose.unique():
            found[whose.cpu() == k] = (F(x) - F(torch.where(whose == k, x0, x))).item()
        return found.to(x)
    counts, (high, wide) = found.clone(), ((1, *x.shape)[-2:])
    (a, b), (down, right) = sides(given, high, wide)
    for r in range(0, max(1, high - a + down), down):
        for c in range(0, max(1, wide - b + right), right):
            box = (slice(r, r + a), slice(c, c + b))[-found.dim() :]
            y = x.clone()
            y[(..., *box)] = x0[(..., *box)]
            found[box] += (F(x) - F(y)).item()
            counts[box] += 1
    return (found / counts.clamp(min=1)).to(x)


def sides(given: dict, high: int, wide: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """(height, width) of the windows, and how far they move."""
    window, stride = given["window"], given["stride"]
    window = (max(1, high // 8), max(1, wide // 8) if high > 1 else 1) if window is None else window
    window = (min(high, window), window) if isinstance(window, (int, np.integer)) else window
    stride = tuple(max(1, side // 2) for side in window) if stride is None else stride
    return tuple(window), (min(high, stride), stride) if isinstance(stride, (int, np.integer)) else tuple(
        stride
    )


def right(explanation, model) -> None:
    """The attribution has the example's shape and no NaN, and is what the oracle says."""
    found = explanation.attribution
    x = explanation.x
    assert torch.isfinite(found).all()
    if not isinstance(x, torch.Tensor):
        assert found.shape == (len(explanation.names),)
        return
    in_groups = "groups" in explanation.parameters and found.shape != x.shape
    one_a_pixel = x.dim() == 3 and (explanation.method in ONE_A_PIXEL or in_groups)
    assert found.shape == (x.shape[1:] if one_a_pixel else x.shape)
    if x.dim() != 3:
        return
    expected = oracle(explanation, model)
    if expected is not None and explanation.x.abs().max() < 1e6 and not begins_at_a_tie(explanation):
        scale = expected.abs().max().clamp_min(1e-3 if explanation.method in TAKEN_AWAY else 1e-6)
        assert ((found - expected).abs().max() / scale) < 1e-3


def begins_at_a_tie(explanation) -> bool:
    """Whether a slope is taken at a flat picture, where the last bit decides which of equal numbers wins."""
    given = explanation.parameters
    if given.get("rule") not in ("left", "trapezoid") or "baseline" not in given:
        return False
    x0 = xk.baselines.make(given["baseline"], explanation.x)
    return bool((x0.flatten(1) == x0.flatten(1)[:, :1]).sum() > x0.numel() / 4)


@bounded
@given(data=st.data(), name=methods, model=st.sampled_from(list(GOOD_MODELS)), target=targets)
def test_any_example_and_any_target(data, name, model, target):
    built = GOOD_MODELS[model]()
    x = data.draw(ANYTHING[networks.kind_of(name)])
    explanation = attempt(name, built, x, target=target, **quick(name, 2))
    if explanation is not None:
        right(explanation, built)


@settings(bounded, max_examples=2 * MANY)
@given(data=st.data(), name=methods, model=st.sampled_from(list(GOOD_MODELS)))
def test_any_options(data, name, model):
    built = GOOD_MODELS[model]()
    explanation = attempt(name, built, networks.example(name), **data.draw(options(name)))
    if explanation is not None:
        right(explanation, built)


@bounded
@given(data=st.data(), name=methods, model=st.sampled_from(list(BAD_MODELS)))
def test_any_model(data, name, model):
    built = BAD_MODELS[model]()
    explanation = attempt(name, built, networks.example(name), **data.draw(options(name)))
    if explanation is not None:
        assert torch.isfinite(explanation.attribution).all()


@bounded
@given(
    baseline=OPTIONS["baseline"],
    path=OPTIONS["path"],
    rule=st.sampled_from(RULES),
    n_steps=st.integers(1, 4),
    shape=shapes,
    score=st.sampled_from(["logit", "probability", "log_probability"]),
)
def test_any_way_from_any_baseline(baseline, path, rule, n_steps, shape, score):
    model = networks.functional_relu_cnn()
    x = networks.random(*shape)
    given = {"baseline": baseline, "path": path, "rule": rule, "n_steps": n_steps, "score": score}
    explanation = attempt("integrated_gradients", model, x, **given)
    if explanation is not None:
        right(explanation, model)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("model", GOOD_MODELS)
def test_good_input_is_explained(name, model):
    """The tests above would be content with errors alone."""
    built, given = GOOD_MODELS[model](), quick(name)
    given |= (
        {"region": "pixel"} if "region" in networks.method_of(name).parameters else {}
    )  # class 1 may not be seen
    explanation = attempt(name, built, networks.example(name), target=1, **given)
    assert explanation is not None
    right(explanation, built)


# Metrics -------------------------------------------------------------------------------------------------

masks = st.one_of(
    shapes.map(lambda shape: networks.random(*shape, seed=2) > 0.5),
    st.sampled_from([(8, 8), (1, 8, 8), (11, 9)]).map(lambda shape: networks.random(*shape, seed=2) > 0.5),
    st.sampled_from(
        [
            None,
            "mask.png",
            True,
            3 + 2j,
            {},
            object(),
            [[1], [2, 3]],
            np.full((8, 8), "a"),
            np.full((8, 8), None),
            torch.ones(8, 8) * math.nan,
            torch.zeros(8, 8),
            torch.full((8, 8), 255, dtype=torch.uint8),
            torch.ones(8, 8, dtype=torch.complex64),
            torch.ones(8, 8).to_sparse(),
            torch.ones(8, 8, device="meta"),
            torch.ones(8, 8).requires_grad_(),
        ]
    ),
)
METRIC_OPTIONS = {
    "signs": st.sampled_from(["positive", "magnitude", "negative", "", None, 0, [], np.zeros(3)]),
    "k": st.one_of(numbers, st.just(np.zeros(3))),
    "tolerance": st.one_of(numbers, st.just(np.zeros(3))),
    "sings": st.just(1),
}


@settings(bounded, max_examples=2 * MANY)
@given(data=st.data(), name=st.sampled_from(list(xk.METRICS)), attribution=examples(), mask=masks)
def test_any_attribution_and_any_mask(data, name, attribution, mask):
    metric = xk.METRICS[name]
    own = [option for option in METRIC_OPTIONS if option in metric.parameters or option == "sings"]
    chosen = data.draw(st.lists(st.sampled_from(own), max_size=2, unique=True))
    judged, message = None, ""
    try:
        judged = metric(attribution, mask, **{o: data.draw(METRIC_OPTIONS[o]) for o in chosen})
    except xk.errors.XaikitError as error:
        message = str(error)
    assert judged is not None or SUGGESTION.search(message), f"does not say what to try: {message}"
    assert len(message) < 600, "too long to be read"
    assert judged is None or -1e-6 <= judged.result <= 1 + 1e-6


# Every number, one by one --------------------------------------------------------------------------------

ODD_NUMBERS = [0, -1, 1, 2.0, 0.5, math.nan, math.inf, True, None, "5", [5], 1j, np.int64(3), np.float32(0.5)]
NUMBERS = (
    "n_steps", "n_samples", "min_pixels", "max_sigma", "fraction", "max_distance", "noise_std", "seed",
    "epsilon", "gamma", "alpha", "n_permutations", "window", "stride", "cells", "p", "kernel_width",
    "penalty",
)  # fmt: skip
PAIRS = [(name, option) for name in xk.METHODS for option in NUMBERS if option in xk.METHODS[name].parameters]


@pytest.mark.parametrize(("name", "option"), PAIRS)
def test_every_number_means_something_or_is_refused(name, option):
    for number in [*ODD_NUMBERS, 10**400, torch.tensor(3), np.zeros(3)]:
        attempt(name, networks.small_cnn(), networks.example(name), **quick(name) | {option: number})


@pytest.mark.parametrize(("name", "option"), [("relevance_rank", "k"), ("pointing_game", "tolerance")])
def test_every_number_of_a_metric_means_something_or_is_refused(name, option):
    phi, mask = networks.random(6, 7), networks.random(6, 7, seed=1) > 0.5
    for number in [*ODD_NUMBERS, 10**400, torch.tensor(3), np.zeros(3)]:
        try:
            assert 0 <= xk.METRICS[name](phi, mask, **{option: number}).result <= 1
        except xk.errors.OptionError as error:
            message = str(error)
            assert message, "says something"


@pytest.mark.parametrize("name", [name for name in xk.METRICS if "mask" in xk.METRICS[name].parameters])
@pytest.mark.parametrize("mask", ["sparse", "complex", "graph"])
def test_a_tensor_of_another_kind_is_a_mask_or_is_refused(name, mask):
    given = {
        "sparse": torch.eye(6).to_sparse(),
        "complex": torch.eye(6, dtype=torch.complex64),
        "graph": torch.eye(6).requires_grad_(),
    }[mask]
    try:
        assert 0 <= xk.METRICS[name](networks.random(6, 6), given.to(networks.DEVICE)).result <= 1
    except xk.errors.InputError as error:
        message = str(error)
        assert SUGGESTION.search(message), message


@pytest.mark.parametrize("kind", ["sparse", "complex"])
@pytest.mark.parametrize("option", ["segments", "base_attribution", "background", "groups", "permutations"])
def test_a_tensor_of_another_kind_is_used_or_is_refused(option, kind):
    rows = torch.zeros((2, 3, 8, 8) if option == "background" else (8, 8))
    rows = rows.long() if option in ("segments", "groups", "permutations") else rows
    value = rows.to_sparse() if kind == "sparse" else rows.to(torch.complex64)
    for name in [n for n in xk.METHODS if option in xk.METHODS[n].parameters]:
        attempt(name, networks.small_cnn(), networks.example(name), **quick(name) | {option: value})
