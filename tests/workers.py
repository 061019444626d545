"""How the tests are spread over the cores: how many workers, what stays together, what comes first.

Two workers on two cores end together if the long pieces come first and the last ones are small. What shares
something that is slow to make (a page, a server, another library) goes to one worker as one piece.
"""

import os
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

LESSON = "tests/lessons/test_lessons.py::test_a_lesson_runs"

#: The order in which tests are handed out, long pieces first, by how their names begin; then the rest.
FIRST = (
    "tests/browser",
    "tests/widgets/test_widgets.py",
    LESSON,
    "tests/project",
    "tests/test_cli.py",
    "tests/test_laws.py",
    "tests/laws",
    "tests/test_bad_inputs.py",
    "tests/peers",
    "tests/widgets",
    "tests/methods",
)


def workers(args: list[str]) -> int:
    """One worker a core for folders; 0, this process alone, for files: a worker takes seconds to start."""
    named = [Path(arg.partition("::")[0]) for arg in args]
    if named and all(path.is_file() for path in named):
        return 0
    return min(cores(), 8)  # a worker may fill 2 GB


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def piece(nodeid: str) -> str:
    """What one worker runs without a break; unless said here, a class, or a test with all its parameters."""
    file, test = nodeid.partition("::")[0], nodeid.partition("[")[0]
    if "the_tour" in test:
        return "the tour, which takes half a minute to make"
    if nodeid.startswith(LESSON):
        return nodeid  # one notebook, and nothing shared with the next
    if file == "tests/browser/test_jupyterlab.py":
        return "a server"
    if file.startswith(("tests/browser", "tests/widgets/test_widgets.py")):
        return "a browser, its pages, and every method explained once"
    if file.startswith("tests/peers"):
        return file  # a library is imported once
    return test.rpartition("::")[0] if test.count("::") > 1 else test  # a class shares what its tests need


def turn(nodeid: str) -> int:
    """The place of a test in the order in which pieces are handed out."""
    return next((k for k, start in enumerate(FIRST) if nodeid.startswith(start)), len(FIRST))


class Pieces(LoadScopeScheduling):
    """Hands out pieces in the order of the collection."""

    def _split_scope(self, nodeid: str) -> str:
        return piece(nodeid)
