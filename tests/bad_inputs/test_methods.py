"""Drawn examples, options and models: each is explained rightly, or answered with what to try."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from .. import networks
from ..laws.cases import CASES
from .answers import attempt, right
from .drawn import MANY, bounded
from .examples import ANYTHING, shapes
from .models import BAD_MODELS, GOOD_MODELS
from .options import OPTIONS, RULES, options, quick, targets

methods = st.sampled_from(CASES)


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
    start=st.one_of(
        OPTIONS["baseline"].map(lambda baseline: ("integrated_gradients", {"baseline": baseline})),
        OPTIONS["path"].map(lambda path: ("path_integrated_gradients", {"path": path})),
    ),
    rule=st.sampled_from(RULES),
    n_steps=st.integers(1, 4),
    shape=shapes,
    score=st.sampled_from(["logit", "probability", "log_probability"]),
)
def test_any_way_from_any_baseline(start, rule, n_steps, shape, score):
    model = networks.functional_relu_cnn()
    x = networks.random(*shape)
    name, given = start
    explanation = attempt(name, model, x, **given, rule=rule, n_steps=n_steps, score=score)
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
