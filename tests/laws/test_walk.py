"""There is one way to compute: a walk, a call, a batch size, a kept step and a seed give the same numbers."""

import random

import numpy as np
import pytest
import torch

import xaikit as xk

from .. import networks
from ..networks import example, same_state
from .cases import CASES, double_cnn, every_case, every_method, explain, explained, walk, walked
from .compare import equal, tensors


@every_case
def test_a_walk_gives_what_a_call_gives(name):
    items, explanation = walked(name)
    equal(explanation, explained(name))
    steps = [item for item in items if isinstance(item, xk.Step)]
    assert [s.name for s in steps if "." not in s.name] == list(explained(name).steps)


@every_case
@pytest.mark.parametrize("looked_at", [0, 1, 2])
def test_a_walk_may_be_finished_from_anywhere(name, looked_at):
    begun = walk(name, networks.small_cnn(), example(name))
    for _ in range(looked_at):
        next(begun)
    equal(begun.finish(), explained(name))


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
def test_keeping_the_result_alone_gives_the_same_result(name):
    lean = explain(name, networks.small_cnn(), example(name), keep="result")
    assert not lean.steps
    assert same_state(tensors(lean.result), tensors(explained(name).result))
    assert lean.checks == explained(name).checks


@every_method
def test_a_predicate_keeps_each_step_alone_as_it_was(name):
    everything = explained(name)
    model, x = networks.small_cnn(), example(name)
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
def test_the_same_seed_gives_the_same_bits(name):
    torch.manual_seed(1), np.random.seed(1), random.seed(1)
    equal(explained(name), explain(name, networks.small_cnn(), example(name)))


@pytest.mark.parametrize("name", [n for n in xk.METHODS if "seed" in xk.METHODS[n].parameters])
def test_another_seed_gives_another_explanation(name):
    other = explain(name, networks.small_cnn(), example(name), seed=1)
    assert not torch.equal(explained(name).result, other.result)


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
    whole = explained(name, double_cnn, torch.float64)
    parts = explain(name, double_cnn(), example(name, torch.float64), batch_size=batch_size)
    for step in whole.steps:
        for one, other in zip(tensors(whole[step]), tensors(parts[step]), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-9)
    assert whole.cost == parts.cost


@pytest.mark.parametrize("name", [c for c in CASES if networks.kind_of(c) in ("picture", "row")])
def test_a_leading_axis_of_one_is_taken_off(name):
    equal(explain(name, networks.small_cnn(), example(name)[None]), explained(name))


@pytest.mark.parametrize("name", [c for c in CASES if isinstance(example(c), torch.Tensor)])
def test_an_array_is_as_good_as_a_tensor(name):
    equal(explain(name, networks.small_cnn(), example(name).cpu().numpy()), explained(name))
