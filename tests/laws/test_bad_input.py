"""Bad models and bad options: the answer says what to try."""

import pytest
import torch

import xaikit as xk

from .. import networks
from ..networks import example
from . import record_of
from .cases import CASES, KNOWN, every_method, explain, explained
from .compare import helps

#: A model, and options, that nothing can be done with.
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
#: Models whose score has no slope.
NO_GRADIENT = {
    "ignored": networks.ignores_input,
    "counted": networks.not_differentiable,
    "whole numbers": networks.integers,
    "detached": networks.detaches,
    "without derivative": networks.without_derivative,
    "infinite": networks.infinite_slope,
}

#: Options that mean nothing to one method.
SENSELESS = {
    f"{record.name}: {what}": (call.case(record.name), call.options)
    for record in KNOWN
    for what, call in record.senseless.items()
}


@pytest.mark.parametrize("name", [case for case in CASES if networks.kind_of(case) != "players"])
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_answered_with_what_to_try(name, case):
    build, options = BAD[case]
    with pytest.raises(xk.errors.XaikitError) as caught:
        explain(name, build(), example(name), **options)
    helps(caught.value)


@pytest.mark.parametrize("case", SENSELESS)
def test_an_option_that_means_nothing_is_answered_with_what_to_try(case):
    name, options = SENSELESS[case]
    with pytest.raises((xk.errors.InputError, xk.errors.OptionError, xk.errors.TargetError)) as caught:
        explain(name, networks.small_cnn(), example(name), **options)
    helps(caught.value)


@every_method
@pytest.mark.parametrize("case", NO_GRADIENT)
def test_a_model_without_a_slope_is_named_as_the_trouble(name, case):
    model = NO_GRADIENT[case]()
    model = networks.behind_features(model) if record_of(name).looks_at_a_layer else model
    if explained(name).cost["backward"]:
        with pytest.raises(xk.errors.ModelError) as caught:
            explain(name, model, example(name))
        helps(caught.value)
    else:  # it never asks for a slope, so it has an answer, or another reason for not giving one
        try:
            assert torch.isfinite(explain(name, model, example(name)).attribution).all()
        except xk.errors.XaikitError as error:
            helps(error)


@every_method
def test_an_unknown_class_name_is_answered_with_the_nearest(name):
    model = networks.small_cnn()
    model.labels = ["circle", "square", "star"]
    with pytest.raises(xk.errors.TargetError, match="Did you mean 'square'"):
        explain(name, model, example(name), target="squar")
