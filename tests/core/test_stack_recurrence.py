"""A recurrence: rows that come one after another, one run for all that is kept."""

import pytest
import torch

from xaikit.core.sums import moments, weighted_sum
from xaikit.methods.paths.recurrence import Recurrence

from .. import networks
from ..bench.memory import peak


def doubling(length: int, *, keep: bool):
    """(2^k, k) for k < length, and a list with a 1 for every run."""
    runs = []

    def run():
        runs.append(1)
        value = torch.ones(2, device=networks.DEVICE)
        for k in range(length):
            yield value, torch.tensor(float(k), device=networks.DEVICE)
            value = 2 * value

    return Recurrence(length, 2, run, keep=keep), runs


def test_one_run_fills_every_column_that_is_kept():
    powers, runs = doubling(4, keep=True)
    value, count = powers.columns
    assert value.known is None
    assert value.value.tolist() == [[1, 1], [2, 2], [4, 4], [8, 8]]
    assert count.known.tolist() == [0, 1, 2, 3]
    assert [t.tolist() for t in powers.last] == [[8, 8], 3]
    assert count.value is count.value
    assert runs == [1]


def test_nothing_runs_before_somebody_looks():
    powers, runs = doubling(3, keep=True)
    assert len(powers.columns[0]) == 3
    assert not runs


def test_the_last_row_needs_one_run_and_keeps_nothing_else():
    powers, runs = doubling(5, keep=False)
    assert powers.last[0].tolist() == [16, 16]
    assert powers.last[1].item() == 4
    assert [column.known for column in powers.columns] == [None, None]
    assert runs == [1]


def test_a_column_that_is_asked_to_stay_does_so_in_the_run_for_the_last_row():
    powers, runs = doubling(3, keep=False)
    powers.columns[1].keep = True
    assert powers.last[0].tolist() == [4, 4]
    assert powers.columns[1].value.tolist() == [0, 1, 2]
    assert powers.columns[0].known is None
    assert runs == [1]


def test_a_column_that_was_not_kept_is_computed_anew():
    powers, runs = doubling(3, keep=False)
    _ = powers.last
    assert powers.columns[0].value.tolist() == [[1, 1], [2, 2], [4, 4]]
    assert runs == [1, 1]


@pytest.mark.parametrize("keep", [True, False])
def test_a_column_is_a_stack_for_sums_slices_and_maps(keep):
    powers, _ = doubling(4, keep=keep)
    value = powers.columns[0]
    weights = torch.tensor([1.0, 0, 0, 1], device=networks.DEVICE)
    assert weighted_sum(weights, value).tolist() == [9, 9]
    mean, variance = moments(value)
    assert (mean.tolist(), variance.tolist()) == ([3.75, 3.75], [7.1875, 7.1875])
    assert value[slice(1, 3)].tolist() == [[2, 2], [4, 4]]
    assert value.map(lambda where, rows: rows + where.start).value.tolist() == [
        [1, 1],
        [3, 3],
        [6, 6],
        [11, 11],
    ]


def test_one_step_is_a_recurrence_too():
    powers, _ = doubling(1, keep=True)
    assert powers.columns[0].value.tolist() == [[1, 1]]
    assert powers.last[1].item() == 0


def test_a_run_that_fails_leaves_nothing_half_filled():
    def run():
        yield torch.zeros(1), torch.zeros(1)
        raise ValueError("the power went out")

    broken = Recurrence(3, 2, run, keep=True)
    with pytest.raises(ValueError, match="power"):
        _ = broken.last
    assert [column.known for column in broken.columns] == [None, None]


def test_without_keeping_a_run_takes_the_memory_of_a_row_however_long_it_is():
    def highest(length, keep):
        def run():
            value = torch.ones(10_000, device=networks.DEVICE)
            for _ in range(length):
                yield (value,)
                value = value * 0.5

        return peak(lambda: Recurrence(length, 1, run, keep=keep).last)

    assert highest(200, False) <= highest(10, False) + 1000
    assert highest(200, False) < 5 * 40_000
    assert highest(200, True) > 190 * 40_000, "the measure sees what is kept"
