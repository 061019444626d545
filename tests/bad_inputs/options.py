"""What somebody may say in place of each option."""

import math
import types
import typing

import numpy as np
import torch
from hypothesis import strategies as st

import xaikit as xk
from xaikit.methods.paths.quadrature import RULES
from xaikit.methods.paths.routes import PATHS

from .. import networks
from .examples import shapes

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
#: What is tried in place of every number.
ODD_NUMBERS = [
    0, -1, 1, 2.0, 0.5, math.nan, math.inf, True, None, "5", [5], 1j, np.int64(3), np.float32(0.5), 10**400,
    torch.tensor(3), np.zeros(3),
]  # fmt: skip
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
#: In place of an option that nobody has thought of above.
ANYTHING_ELSE = st.one_of(numbers, st.sampled_from(["", "black", (), [], {}, np.zeros(3), object()]))


@st.composite
def options(draw, name):
    """One to three options, most of them of that method, most of them wrong."""
    own = [*networks.method_of(name).parameters][2:]
    own = [o for o in OPTIONS if o in own or o in SHARED] + [o for o in own if o not in OPTIONS]
    chosen = draw(st.lists(st.sampled_from(own * 3 + ["beta", "tarket", "steps"]), max_size=3, unique=True))
    return quick(name) | {option: draw(OPTIONS.get(option, ANYTHING_ELSE)) for option in chosen}


def quick(name, n: int = 3) -> dict:
    """What makes a method quick, and what it needs."""
    few = ("n_steps", "n_samples", "n_permutations")
    return {o: n for o in few if o in networks.method_of(name).parameters} | networks.needed(name)


def takes_a_number(parameter) -> bool:
    """Whether an option is a whole number or a fraction, as its annotation says, and never a name."""
    meant = parameter.annotation
    one_of_several = typing.get_origin(meant) in (typing.Union, types.UnionType)
    kinds = typing.get_args(meant) if one_of_several else (meant,)
    return (int in kinds or float in kinds) and str not in kinds
