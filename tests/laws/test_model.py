"""The model is left as it was found: after a return, between two steps, and wherever it fails."""

import itertools

import pytest
import torch

import xaikit as xk

from .. import networks
from ..networks import example, same_state, state, tensor
from . import RECORDS, record_of
from .cases import every_method, explain, explained, walk
from .compare import equal

OF_ROWS = [name for name in xk.METHODS if "row" in xk.METHODS[name].takes]


@every_method
@pytest.mark.parametrize("build", [networks.training_net, networks.small_cnn, networks.functional_relu_cnn])
def test_the_model_is_unchanged_after_an_explanation(name, build):
    model = build()
    before = state(model)
    explain(name, model, example(name))
    assert same_state(before, state(model))


@pytest.mark.parametrize("name", [n for n in OF_ROWS if n in RECORDS and not RECORDS[n].pictures_only])
def test_a_formula_is_unchanged_after_an_explanation_of_a_row(name):
    model = networks.p2()
    before = state(model)
    needed = record_of(name).needed.items()  # what is as wide as a row becomes two numbers wide
    options = {k: v[:, :2] if isinstance(v, torch.Tensor) else v for k, v in needed}
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
    for reached in range(len(record_of(name).steps.split())):
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
def test_a_model_in_training_mode_is_explained_as_it_answers_in_evaluation_mode(name):
    learning = networks.training_net()
    finished = networks.training_net().eval()
    equal(explain(name, learning, example(name)), explain(name, finished, example(name)))


@every_method
@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_a_caller_without_gradients_gets_the_same_explanation(name, context):
    expected = explained(name)
    model = networks.small_cnn()
    with context():
        given = explain(name, model, example(name))
    equal(given, expected)
