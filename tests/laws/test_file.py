"""Saving and loading: the file alone has all that an explanation says."""

import torch

import xaikit as xk

from .. import networks
from ..networks import example, same_state
from . import record_of
from .cases import every_case, explain
from .compare import leaves


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
    target = lambda out: out[:, 0]  # noqa: E731
    if record_of(name).needs_a_class:
        target = None if networks.method_of(name).explains == "pixels" else 0
    explanation = explain(name, networks.small_cnn(), example(name), keep="result", target=target)
    explanation.save(tmp_path / "it.safetensors")
    same_after_loading(explanation, xk.load(tmp_path / "it.safetensors"))
