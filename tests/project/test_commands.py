"""How the tests themselves are run: the list of commands, the tiers, the spreading over cores."""

from pathlib import Path

import pytest
import torch

from tests import tiers, workers
from tests.__main__ import COMMANDS, main

ROOT = Path(__file__).resolve().parents[2]


def test_without_a_name_the_commands_are_listed(capsys):
    assert main([]) == 0
    printed = capsys.readouterr().out
    for name, (_, sentence) in COMMANDS.items():
        assert name in printed
        assert sentence in printed


def test_a_command_that_does_not_exist_lists_those_that_do(capsys):
    assert main(["quick"]) == 2
    assert "fast" in capsys.readouterr().out


def test_folders_run_on_all_cores_and_files_in_this_process():
    assert workers.workers([]) == min(workers.cores(), 8)
    assert workers.workers([str(ROOT / "tests" / "core")]) == min(workers.cores(), 8)
    assert workers.workers([f"{ROOT}/tests/test_cli.py::test_x[1]", f"{ROOT}/tests/test_cli.py"]) == 0


def test_a_process_has_one_thread_since_the_processes_run_side_by_side():
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("tests/core/test_a.py::test_x[1]", "tests/core/test_a.py::test_x[2::3]", True),
        ("tests/core/test_a.py::test_x[1]", "tests/core/test_a.py::test_y", False),
        (
            "tests/widgets/test_a.py::TestSources::test_x",
            "tests/widgets/test_a.py::TestSources::test_y",
            True,
        ),
        (f"{workers.LESSON}[01]", f"{workers.LESSON}[02]", False),
        (
            "tests/test_cli.py::test_the_tour_explains",
            "tests/browser/test_pages.py::test_axe_in_the_tour",
            True,
        ),
        ("tests/browser/test_pages.py::test_x", "tests/widgets/test_widgets.py::test_y", True),
        ("tests/browser/test_pages.py::test_x", "tests/browser/test_jupyterlab.py::test_y", False),
        ("tests/peers/test_paths.py::test_x", "tests/peers/test_paths.py::test_y", True),
    ],
)
def test_what_shares_something_slow_is_one_piece(first, second, together):
    assert (workers.piece(first) == workers.piece(second)) is together


def test_long_pieces_come_before_the_rest():
    turns = [workers.turn(start) for start in workers.FIRST]
    assert turns == sorted(turns)
    assert workers.turn("tests/core/test_nest.py::test_x") > max(turns)


@pytest.mark.parametrize(
    ("nodeid", "fast"),
    [
        ("tests/core/test_nest.py::test_x", True),
        ("tests/methods/test_paths.py::test_it_takes_the_memory_of_a_batch", False),
        ("tests/laws/test_walks.py::test_a_walk_is_a_call[grad_cam-small]", True),
        ("tests/laws/test_walks.py::test_a_walk_is_a_call[grad_cam_plus_plus-small]", False),
        ("tests/test_laws.py::test_a_walk_is_a_call[small-saliency]", True),
        ("tests/browser/test_pages.py::test_x", False),
    ],
)
def test_the_fast_tier_follows_a_rule(nodeid, fast):
    assert tiers.is_fast(nodeid) is fast
