"""Which coalitions Kernel SHAP asks for, and what they weigh."""

import math

import pytest
import torch

from xaikit.methods.shapley.coalitions import everyone, sizes
from xaikit.methods.shapley.exact import shapley_of
from xaikit.methods.shapley.kernel import kernel_samples
from xaikit.methods.shapley.sampling import antithetic, inside
from xaikit.methods.shapley.tables import order_table

BUDGETS = [(n, count) for n in (2, 3, 4, 7, 10, 13, 50) for count in (2, 5, 14, 100, 1000)]


def sets(rows: torch.Tensor) -> set[frozenset[int]]:
    return {frozenset(row.nonzero().flatten().tolist()) for row in rows}


def test_coalition_k_is_the_number_k_in_binary():
    assert everyone(3)[:].int().tolist() == [
        [0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 1], [0, 1, 1], [1, 1, 1],
    ]  # fmt: skip
    assert sizes(3).tolist() == [0, 1, 1, 2, 1, 2, 2, 3]
    assert everyone(5)[[3, 30]].int().tolist() == [[1, 1, 0, 0, 0], [0, 1, 1, 1, 1]]


def test_a_glove_game_is_shared_as_shapley_shared_it():
    """Two left gloves and a right one, a pair is worth 1: the right one gets 2/3, the left ones 1/6 each."""
    pairs = torch.tensor([float(bool(k & 4) and bool(k & 3)) for k in range(8)], dtype=torch.float64)
    assert shapley_of(pairs, 3).tolist() == pytest.approx([1 / 6, 1 / 6, 2 / 3])


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 10])
def test_all_are_taken_where_the_budget_allows(n):
    S, weights = kernel_samples(n, max(1, 2**n - 2), seed=0)
    assert len(sets(S)) == len(S) == len(weights) == 2**n - 2
    for row, weight in zip(S, weights, strict=True):
        s = int(row.sum())
        assert weight.item() == pytest.approx((n - 1) / (math.comb(n, s) * s * (n - s)))


@pytest.mark.parametrize(("n", "count"), BUDGETS)
def test_none_is_drawn_twice_and_none_is_empty_or_whole(n, count):
    S, weights = kernel_samples(n, count, seed=1)
    assert 0 < len(S) <= count
    assert len(sets(S)) == len(S)
    assert ((S.sum(1) > 0) & (S.sum(1) < n)).all()
    assert (weights > 0).all()


@pytest.mark.parametrize(("n", "count"), BUDGETS)
def test_each_comes_with_its_complement(n, count):
    S, weights = kernel_samples(n, count, seed=2)
    assert sets(S) == sets(~S)
    weight_of = {frozenset(r.nonzero().flatten().tolist()): w.item() for r, w in zip(S, weights, strict=True)}
    for members, weight in weight_of.items():
        assert weight_of[frozenset(range(n)) - members] == weight


@pytest.mark.parametrize(("n", "count"), BUDGETS)
def test_the_sets_of_a_size_weigh_what_the_kernel_says(n, count):
    S, weights = kernel_samples(n, count, seed=3)
    for s in S.sum(1).unique().tolist():
        assert weights[S.sum(1) == s].sum().item() == pytest.approx((n - 1) / (s * (n - s)))


def test_no_room_is_wasted():
    for n, count in ((10, 500), (13, 1000), (50, 2148)):
        assert len(kernel_samples(n, count, seed=0)[0]) >= count - 1


def test_the_seed_says_which_are_drawn():
    one, again, other = (kernel_samples(20, 100, seed)[0] for seed in (0, 0, 1))
    assert torch.equal(one, again)
    assert sets(one) != sets(other)


def test_each_second_order_is_the_one_before_it_backwards():
    orders = antithetic(6, 8, seed=0)
    assert orders.sort(1).values.tolist() == [[0, 1, 2, 3, 4, 5]] * 8
    assert torch.equal(orders[1::2], orders[0::2].flip(1))
    assert torch.equal(antithetic(6, 2, seed=0, first=4), orders[4:6])


def test_on_the_way_one_after_the_other_comes():
    assert inside(torch.tensor([[2, 0, 1]])).int().tolist() == [[[0, 0, 1], [1, 0, 1]]]


def test_a_word_that_stands_twice_has_two_columns_in_the_table_of_orders():
    v = torch.tensor([0.0, 1, 2, 3], dtype=torch.float64)
    table = order_table(v, ["go", "go"])
    assert list(table.columns) == ["order", "go", "go (2)"]
    assert table["go"].tolist() == [1, 1]
    assert table["go (2)"].tolist() == [2, 2]
    assert list(order_table(v, ["order", "x"]).columns) == ["order", "order (2)", "x"]
