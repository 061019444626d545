"""A stack that is never kept: its rows are made anew whenever somebody looks."""

import pytest
import torch

import xaikit as xk
from xaikit.core.stack import Derived

from ..networks import example, fitting, small_cnn


def squares(length: int = 10, batch_size: int = 4):
    """k² in row k, twice, and a list of the slices that were asked for."""
    asked = []

    def rows(where: slice) -> torch.Tensor:
        asked.append((where.start, where.stop))
        return torch.arange(float(where.start), where.stop)[:, None].expand(-1, 2) ** 2

    return Derived(length, rows, batch_size=batch_size), asked


def test_nothing_is_made_before_somebody_looks_and_nothing_is_kept():
    stack, asked = squares()
    stack.settle()
    stack.keep = True
    assert len(stack) == 10
    assert not asked
    assert stack.value[:, 0].tolist() == [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]
    first = list(asked)
    assert stack.value is not stack.value
    assert asked == first * 3
    assert stack.known is None


def test_it_passes_in_batches():
    stack, asked = squares()
    assert [len(rows) for _, rows in stack.batches()] == [3, 3, 4]
    assert asked == [(0, 3), (3, 6), (6, 10)]


def test_single_rows_are_made_alone():
    stack, asked = squares(10**9)
    assert stack[[3, 2**20]].tolist() == [[9, 9], [2**40, 2**40]]
    assert asked == [(3, 4), (2**20, 2**20 + 1)]


def test_slices_end_where_the_stack_ends():
    stack, asked = squares()
    assert stack[8:99][:, 0].tolist() == [64, 81]
    assert stack[-1:][:, 0].tolist() == [81]
    assert asked == [(8, 10), (9, 10)]


def test_its_shape_is_known_from_one_row():
    stack, asked = squares(10**9)
    assert stack.shape == (10**9, 2)
    assert asked == [(0, 1)]


def test_its_rows_may_be_texts():
    texts = Derived(5, lambda where: ["ab"[: k % 3] for k in range(where.start, where.stop)], batch_size=2)
    assert texts.value == ["", "a", "ab", "", "a"]
    assert texts[[4, 2]] == ["a", "ab"]
    assert texts.shape == (5,)


def test_a_stack_of_nothing_has_a_value():
    stack, _ = squares(0)
    assert stack.value.shape == stack[[]].shape == (0, 2)
    assert Derived(0, lambda where: [], batch_size=3).value == []


@pytest.mark.parametrize("name", ["kernel_shap", "shapley_sampling", "exact_shapley"])
def test_a_single_player_gets_everything(name):
    game = lambda members: 3.5 if members else 1.0  # noqa: E731
    explanation = xk.METHODS[name](game, ["alone"])
    assert explanation.attribution.tolist() == [2.5]
    assert all(check.holds for check in explanation.checks)
    assert [step.value is not None for step in explanation.steps.values()]


def test_an_explanation_does_not_hold_the_pictures_that_were_shown():
    explanation = xk.rise(fitting("rise", small_cnn()), example("rise"), n_samples=20, cells=3)
    assert explanation.steps["masked"]._value.known is None
    assert explanation["masked"].shape == (20, 3, 8, 8)
    assert torch.equal(explanation["masked"], explanation["masked"])
