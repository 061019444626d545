"""What holds for every metric, whatever it measures: the laws of the methods, as far as they apply."""

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.core.papers import papers
from xaikit.exercises import course

from .. import networks
from ..laws.compare import typeset
from ..networks import SUGGESTION, same_state, state

every_metric = pytest.mark.parametrize("name", list(xk.METRICS))
MASKED = [name for name in xk.METRICS if "mask" in xk.METRICS[name].parameters]
with_a_mask = pytest.mark.parametrize("name", MASKED)


def explanation(**options) -> xk.Explanation:
    return xk.integrated_gradients(
        networks.small_cnn(), networks.random(3, 8, 8, seed=1), n_steps=5, **options
    )


def mask() -> torch.Tensor:
    inside = torch.zeros(8, 8, dtype=torch.bool)
    inside[2:6, 1:5] = True
    return inside


def given(name: str) -> tuple:
    """What a metric takes besides an explanation."""
    return (mask(),) if name in MASKED else ()


def tensors(e: xk.Explanation) -> list[torch.Tensor]:
    return [e[step] for step in e.steps if isinstance(e[step], torch.Tensor)]


@every_metric
def test_a_metric_says_what_it_asks_and_where_it_comes_from(name):
    metric = xk.METRICS[name]
    assert metric.question.endswith("?")
    assert metric.formula
    assert metric.paper in papers()
    assert getattr(xk, name) is metric
    assert name in xk.__all__
    assert name not in xk.METHODS


@every_metric
def test_formulas_can_be_typeset_and_notes_are_short(name):
    typeset(xk.METRICS[name].formula)
    for item in xk.METRICS[name].walk(explanation(), *given(name)):
        assert item.formula
        typeset(item.formula)
        if isinstance(item, xk.Step):
            assert 0 < len(item.note) <= 40


@with_a_mask
def test_the_last_step_is_the_result_and_the_check_says_whether_it_beats_chance(name):
    judged = xk.METRICS[name](explanation(), mask())
    assert float(judged[list(judged.steps)[-1]]) == float(judged.result)
    assert 0 <= float(judged.result) <= 1
    (check,) = judged.checks
    assert check.left == float(judged["chance"]) == 16 / 64
    assert check.holds is (float(judged.result) >= 16 / 64)


@with_a_mask
def test_a_map_that_says_the_same_everywhere_does_as_well_as_chance_and_one_that_misses_does_not(name):
    even = xk.METRICS[name](torch.ones(8, 8), mask())
    assert float(even.result) == pytest.approx(16 / 64)
    assert even.checks[0].holds
    missed = xk.METRICS[name]((~mask()).float(), mask())
    assert float(missed.result) == 0
    assert not missed.checks[0].holds


@every_metric
def test_a_walk_gives_what_a_call_gives_and_keeping_nothing_changes_nothing(name):
    called = xk.METRICS[name](explanation(), *given(name))
    walk = xk.METRICS[name].walk(explanation(), *given(name))
    for _ in walk:
        pass
    assert same_state(tensors(walk.explanation), tensors(called))
    lean = xk.METRICS[name](explanation(), *given(name), keep="result")
    assert not lean.steps
    assert torch.equal(lean.result, called.result)


@with_a_mask
def test_a_metric_asks_the_model_nothing_and_leaves_it_alone(name):
    model = networks.training_net()
    e = xk.integrated_gradients(model, networks.random(3, 8, 8, seed=1), n_steps=5)
    before = state(model)
    judged = xk.METRICS[name](e, mask())
    assert same_state(before, state(model))
    assert judged.cost == {"forward": 0, "backward": 0}


@with_a_mask
def test_an_attribution_from_elsewhere_is_judged_too(name):
    e = explanation()
    ours = xk.METRICS[name](e, mask()).result
    assert torch.equal(xk.METRICS[name](e.attribution, mask()).result, ours)
    assert torch.equal(xk.METRICS[name](e.attribution.cpu().numpy(), mask().numpy()).result.cpu(), ours.cpu())


@with_a_mask
def test_a_loaded_explanation_is_judged_as_the_one_that_was_saved(name, tmp_path):
    e = explanation()
    e.save(tmp_path / "e.safetensors")
    read = xk.METRICS[name](xk.load(tmp_path / "e.safetensors"), mask())
    assert float(read.result) == pytest.approx(float(xk.METRICS[name](e, mask()).result))
    read.save(tmp_path / "judged.safetensors")
    again = xk.load(tmp_path / "judged.safetensors")
    assert same_state(tensors(read), tensors(again))
    assert again.title == xk.METRICS[name].title


@every_metric
def test_a_metric_is_drawn_and_played(name, tmp_path):
    judged = xk.METRICS[name](explanation(), *given(name))
    judged.plot_steps()
    judged.plot(next(iter(judged.steps)))
    widget = judged.widget()
    assert [s["name"] for s in widget.state["steps"]] == list(judged.steps)
    judged.to_html(tmp_path / "judged.html")
    assert "https://" not in (tmp_path / "judged.html").read_text(encoding="utf-8").replace(
        "http://www.w3.org", ""
    )


BAD = {
    "no mask": ((), {}),
    "an empty mask": ((torch.zeros(8, 8, dtype=torch.bool),), {}),
    "a mask of another size": ((torch.ones(4, 4, dtype=torch.bool),), {}),
    "a mask with other numbers": ((torch.full((8, 8), 0.5),), {}),
    "a mask in words": (("left",), {}),
    "unknown signs": ((mask(),), {"signs": "negative"}),
    "an unknown option": ((mask(),), {"sings": "positive"}),
    "too many arguments": ((mask(), mask(), mask()), {}),
}


@with_a_mask
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_answered_with_what_to_try(name, case):
    arguments, options = BAD[case]
    with pytest.raises(xk.errors.XaikitError) as caught:
        xk.METRICS[name](explanation(), *arguments, **options)
    assert SUGGESTION.search(str(caught.value)), str(caught.value)


@with_a_mask
@pytest.mark.parametrize(
    "attribution", [np.array("map"), torch.zeros(0), torch.zeros(3, 8, 8), torch.ones(5), None, "cat.png"]
)
def test_what_is_no_attribution_is_refused(name, attribution):
    with pytest.raises(xk.errors.XaikitError):
        xk.METRICS[name](attribution, mask())


def test_every_metric_is_taught_in_a_lesson():
    assert [name for name in xk.METRICS if not course.taught(name)] == []
