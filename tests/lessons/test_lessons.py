"""Every lesson: executed, the same again (nbval, strict), small, quiet, with exercises that really check."""

import json
import os
import re
import resource
import subprocess
import sys
import time

import nbformat
import pytest

import xaikit as xk
from xaikit.exercises import EXERCISES, course, load_all

from .execute import LESSONS, lessons

PATHS = lessons()
IDS = [p.stem for p in PATHS]
SKELETON = ("Predict", "From scratch", "Break it", "Exercise", "Quiz", "References", "On a real network")


def cells(path, kind: str) -> list[dict]:
    return [c for c in json.loads(path.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == kind]


def source(cell: dict) -> str:
    return "".join(cell["source"])


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_a_lesson_runs_and_prints_the_same_again(path, record_property):
    """nbval in strict mode, in a process of its own; its time and peak memory are recorded, not asserted."""
    command = [
        *(sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "--nbval-cell-timeout=300"),
        *("-p", "no:cacheprovider", "-W", "default", "-q", "-o", "addopts=", str(path)),
    ]
    started = time.perf_counter()
    environment = {**os.environ, "TQDM_DISABLE": "1"}
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=LESSONS.parent, timeout=900
    )
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    record_property("seconds", round(time.perf_counter() - started, 1))
    record_property("peak_mb_of_all_lessons_so_far", round(peak))
    assert done.returncode == 0, done.stdout[-6000:]


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_every_code_cell_was_executed_and_committed_with_its_output(path):
    counts = [c["execution_count"] for c in cells(path, "code") if source(c).strip()]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_outputs_are_quiet_stable_and_small(path):
    assert path.stat().st_size < 4_000_000
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr"
            assert not re.search(r"0x[0-9a-f]{8,}", json.dumps(output.get("data", {}).get("text/plain", "")))
        assert "%pip" not in source(cell)
        assert not re.search(r"['\"](/|[A-Z]:\\)", source(cell))


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_a_lesson_was_executed_with_the_real_network_and_shows_its_picture(path):
    """Weights that cannot be had here at all (a segmentation network's, lesson 14) have a message instead."""
    for cell in cells(path, "code"):
        if "squeezenet1_0" in source(cell):
            pictures = [o for o in cell["outputs"] if "image/png" in o.get("data", {})]
            assert pictures, "set XAIKIT_WEIGHTS to a folder with squeezenet1_0 and execute the lesson again"


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_a_lesson_has_the_whole_skeleton(path):
    text = "\n".join(source(c) for c in cells(path, "markdown"))
    for part in SKELETON:
        assert re.search(rf"^#+.*{part}", text, re.MULTILINE | re.IGNORECASE), part
    assert text.count("$$") >= 4
    assert text.count("<details>") >= 6


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_the_lesson_is_a_valid_notebook_with_nbgrader_metadata(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    ids = []
    for cell in notebook.cells:
        if "### BEGIN SOLUTION" in cell.source:
            grading = cell.metadata["nbgrader"]
            assert grading["solution"] is True
            assert grading["schema_version"] == 3
            ids.append(grading["grade_id"])
            assert "### END SOLUTION" in cell.source
    assert len(set(ids)) == len(ids) >= 3


def test_every_method_is_taught_in_a_lesson():
    untaught = [name for name in xk.METHODS if not course.taught(name)]
    assert untaught == []


def test_every_exercise_of_the_lessons_has_a_checker_and_every_checker_an_exercise():
    load_all()
    asked = {
        n for p in PATHS for c in cells(p, "code") for n in re.findall(r'xk\.check\("([\d.]+)"', source(c))
    }
    assert asked == set(EXERCISES)


@pytest.mark.parametrize("path", PATHS, ids=IDS)
def test_stubs_fail_their_check_and_solutions_pass_it(path):
    """As committed: the outputs are those of the run above."""
    for cell in cells(path, "code"):
        numbers = re.findall(r'xk\.check\("([\d.]+)"', source(cell))
        shown = json.dumps(cell["outputs"], ensure_ascii=False)
        for number in numbers:
            solved = "### BEGIN SOLUTION" in source(cell)
            assert f"{number} {'✓ right' if solved else '· not yet'}" in shown
