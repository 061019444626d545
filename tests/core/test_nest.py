"""A method inside a method: its steps go by, stand in their own place, and survive a file."""

import pytest
import torch

import xaikit as xk
from xaikit.core.model import Model
from xaikit.core.score import score
from xaikit.core.types import Steps

from .. import networks
from ..networks import same_state, state


@pytest.fixture
def toys(registry):
    """`contrast`: the gradients of two classes and their difference; `outer`: a contrast inside a method."""

    @xk.method("Contrast", paper="simonyan2014", promises=("zero",))
    def contrast(
        model: Model,
        x: torch.Tensor,
        *,
        target: int = 0,
        rival: int = 1,  # the class that it is compared with
    ) -> Steps[torch.Tensor]:
        r"""Which inputs speak for the target and against its rival?

        $$\phi = \nabla F(x) - \nabla G(x)$$
        """
        score(model, x, target)
        ours = yield from xk.nest("ours", xk.integrated_gradients.walk(model, x, target=target, n_steps=8))
        theirs = yield from xk.nest("theirs", xk.integrated_gradients.walk(model, x, target=rival, n_steps=8))
        attribution = ours.attribution - theirs.attribution
        yield xk.Step("attribution", attribution, r"\phi = a - b", "the difference")
        yield xk.Check(
            "zero", (attribution - ours.attribution + theirs.attribution).abs().sum(), 0.0, "0 = 0"
        )
        return attribution

    @xk.method("Outer", paper="simonyan2014")
    def outer(model: Model, x: torch.Tensor, *, target: int = 0) -> Steps[torch.Tensor]:
        r"""What is inside?

        $$\phi = 1$$
        """
        inner = yield from xk.nest("inner", contrast.walk(model, x, target=target))
        yield xk.Step("attribution", inner.attribution, r"\phi", "the same again")
        return inner.attribution

    return contrast, outer


@pytest.fixture
def example():
    return networks.small_cnn(), networks.random(3, 8, 8)


def test_a_nested_explanation_is_what_the_method_alone_gives(toys, example, one_thread):
    contrast, _ = toys
    model, x = example
    explanation = contrast(model, x, target=2, rival=0)
    assert list(explanation.steps) == ["ours", "theirs", "attribution"]
    assert explanation.target == 2, "what the outer method explains, not what the last inner one did"
    for name, target in (("ours", 2), ("theirs", 0)):
        alone = xk.integrated_gradients(model, x, target=target, n_steps=8)
        nested = explanation[name]
        assert isinstance(nested, xk.Explanation)
        assert list(nested.steps) == list(alone.steps)
        for step in alone.steps:
            assert torch.equal(explanation[name][step], alone[step])
        assert nested.checks == alone.checks
        assert nested.prediction == alone.prediction
    assert torch.equal(explanation.attribution, explanation["ours"].result - explanation["theirs"].result)


def test_the_steps_inside_go_by_one_by_one_under_dotted_names(toys, example):
    contrast, outer = toys
    names = [item.name for item in contrast.walk(*example) if isinstance(item, xk.Step)]
    inside = [item.name for item in xk.integrated_gradients.walk(*example) if isinstance(item, xk.Step)]
    expected = (
        [f"ours.{n}" for n in inside] + ["ours"] + [f"theirs.{n}" for n in inside] + ["theirs", "attribution"]
    )
    assert names == expected
    deep = [item.name for item in outer.walk(*example) if isinstance(item, xk.Step)]
    assert "inner.ours.gradients" in deep
    assert deep[-2:] == ["inner", "attribution"]


def test_what_goes_by_is_what_stands_there_afterwards(toys, example):
    contrast, _ = toys
    walk = contrast.walk(*example)
    gone_by = {item.name: item.value for item in walk if isinstance(item, xk.Step)}
    explanation = walk.finish()
    assert torch.equal(gone_by["ours.gradients"], explanation["ours"]["gradients"])
    assert gone_by["ours.gradients"].data_ptr() == explanation["ours"]["gradients"].data_ptr(), (
        "no copy is made"
    )


def test_the_explained_class_is_that_of_the_outer_method_and_the_cost_is_that_of_all(toys, example):
    _, outer = toys
    model, x = example
    calls = []
    model.register_forward_pre_hook(lambda _, inputs: calls.append(len(inputs[0])))
    explanation = outer(model, x, target=1)
    assert explanation.target == 1
    assert explanation.cost == {"forward": sum(calls), "backward": 16}
    assert explanation["inner"]["ours"].cost["backward"] == 8


def test_a_walk_with_walks_inside_may_be_abandoned_anywhere(toys):
    contrast, _ = toys
    model, x = networks.training_net(), networks.random(3, 8, 8)
    before = state(model)
    for reached in range(22):
        walk = contrast.walk(model, x)
        for _ in range(reached):
            next(walk, None)
        del walk
        assert same_state(before, state(model))


def test_nested_explanations_survive_saving_and_loading(toys, example, tmp_path):
    _, outer = toys
    explanation = outer(*example)
    explanation.save(tmp_path / "it.safetensors")
    read = xk.load(tmp_path / "it.safetensors")
    for names in (["inner", "ours"], ["inner", "theirs"]):
        one, other = explanation, read
        for name in names:
            one, other = one[name], other[name]
            assert isinstance(other, xk.Explanation)
        assert list(one.steps) == list(other.steps)
        for step in one.steps:
            assert torch.equal(one[step].cpu(), other[step])
        assert (one.checks, one.prediction, one.cost) == (other.checks, other.prediction, other.cost)
        assert torch.equal(one.result.cpu(), other.result)


@pytest.mark.parametrize("keep", ["result", lambda step: step.name == "attribution"])
def test_a_nested_method_keeps_nothing_that_the_outer_one_drops(toys, keep):

    contrast, _ = toys
    model, x = networks.small_cnn(), networks.random(3, 32, 32)
    lean = contrast(model, x, keep=keep)
    assert "ours" not in lean
    torch.testing.assert_close(lean.attribution, contrast(model, x).attribution)


def test_an_error_inside_comes_out_and_the_model_is_as_it_was(toys):
    contrast, _ = toys
    model, x = networks.training_net(), networks.random(3, 8, 8)
    before = state(model)
    with pytest.raises(xk.errors.TargetError, match="target 7"):
        contrast(model, x, rival=7)
    assert same_state(before, state(model))


def test_toys_are_gone_when_their_test_is_over():
    assert "contrast" not in xk.METHODS
    assert "outer" not in xk.METHODS
