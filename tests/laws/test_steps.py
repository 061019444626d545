"""The steps of a method: names, order, formulas, notes, and the checks that it makes."""

import numpy as np
import pytest
import torch

import xaikit as xk

from .. import networks
from ..networks import example, same_state
from . import record_of
from .cases import CALLS, called, every_call, every_case, explain, explained, walk, walked
from .compare import tensors, typeset


@every_case
def test_the_steps_come_in_the_order_of_the_catalogue(name):
    assert list(explained(name).steps) == record_of(name).steps.split()


@every_case
def test_every_step_has_a_name_of_its_own_and_the_last_one_is_the_result(name):
    steps = [item for item in walked(name)[0] if isinstance(item, xk.Step)]
    assert len({step.name for step in steps}) == len(steps)
    explanation = explained(name)
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


@every_call
def test_formulas_can_be_typeset_and_notes_are_short(call):
    typeset(networks.method_of(CALLS[call][0]).formula)
    for item in called(call)[0]:
        assert item.formula, f"{item.name} has no formula"
        typeset(item.formula)
        if isinstance(item, xk.Step):
            assert 0 < len(item.note) <= 40


@every_call
@pytest.mark.parametrize("build", [networks.small_cnn, networks.functional_relu_cnn])
def test_every_promised_check_is_made_and_holds(call, build):
    checks = {check.name: check for check in called(call, build)[1].checks}
    for promise in networks.method_of(CALLS[call][0]).promises:
        assert checks[promise].holds, str(checks[promise])


@every_case
def test_a_check_is_made_of_two_finite_numbers(name):
    checks = explained(name).checks
    assert checks, "every method measures something of itself"
    for check in checks:
        assert np.isfinite([check.left, check.right]).all()
        assert check.difference == check.left - check.right


@every_case
def test_the_text_of_an_explanation_is_the_same_on_every_run(name):
    one, other = explained(name), explain(name, networks.small_cnn(), example(name))
    assert repr(one) == repr(other)
    assert "0x" not in repr(one)
    assert one.title in one._repr_html_()
