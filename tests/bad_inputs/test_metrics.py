"""Attributions and masks of all kinds: a metric judges them, or answers with what to try."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import xaikit as xk

from .. import networks
from ..networks import SUGGESTION
from .drawn import MANY, bounded
from .examples import examples, shapes
from .options import ODD_NUMBERS, numbers, takes_a_number

MASKED = [name for name in xk.METRICS if "mask" in xk.METRICS[name].parameters]
PAIRS = [(n, o) for n in MASKED for o, p in xk.METRICS[n].parameters.items() if takes_a_number(p)]

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


@pytest.mark.parametrize(("name", "option"), PAIRS)
def test_every_number_of_a_metric_means_something_or_is_refused(name, option):
    phi, mask = networks.random(6, 7), networks.random(6, 7, seed=1) > 0.5
    for number in ODD_NUMBERS:
        try:
            assert 0 <= xk.METRICS[name](phi, mask, **{option: number}).result <= 1
        except xk.errors.OptionError as error:
            message = str(error)
            assert message, "says something"


@pytest.mark.parametrize("name", MASKED)
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
