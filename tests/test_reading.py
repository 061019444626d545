"""How much a learner reads to understand what a method computes: at most 4 files and 130 lines.

Counted are the lines that run in the default call, outside docstrings. Not counted is what is the same for
every method and is read once: `core` and `network` (how a model is asked, in batches or under rules, how a
target is resolved), the checks, and a method inside the method, which has a count of its own.
"""

import ast
import functools
import pathlib
import sys

import pytest

import xaikit as xk

from . import networks

PACKAGE = pathlib.Path(xk.__file__).parent
#: Files that ask the model in batches, and those that measure checks.
APART = ("core/", "network/", "methods/shapley/game.py", "methods/shapley/axioms.py")
AXIOMS = str(PACKAGE / "methods" / "shapley" / "axioms.py")


@functools.cache
def code_lines(path: str) -> frozenset[int]:
    """The lines of a file that belong to statements inside functions, docstrings excepted."""
    found: set[int] = set()
    for function in ast.walk(ast.parse(pathlib.Path(path).read_text(encoding="utf-8"))):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
                if not text:
                    found |= set(range(statement.lineno, (statement.end_lineno or 0) + 1))
    return frozenset(found)


def read(name: str) -> dict[str, set[int]]:
    """The lines of each file that run in the default call of a method."""
    inner = {m.function.__code__ for other, m in xk.METHODS.items() if other != name}
    seen: dict[str, set[int]] = {}

    def trace(frame, event, _argument):
        path = frame.f_code.co_filename
        if not path.startswith(str(PACKAGE)) or called_by(frame, inner):
            return None
        where = pathlib.Path(path).relative_to(PACKAGE).as_posix()
        if where.startswith(APART):
            return trace if event == "call" else None
        if frame.f_lineno in code_lines(path):
            seen.setdefault(where, set()).add(frame.f_lineno)
        return trace

    case = (
        name
        if "row" not in xk.METHODS[name].takes or "players" not in xk.METHODS[name].takes
        else f"{name}: row"
    )
    method, x = networks.method_of(case), networks.example(case)
    model, options = networks.fitting(case, networks.small_cnn()), networks.needed(case)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        method(model, x, **options)
    finally:
        sys.settrace(before)
    return seen


def called_by(frame, codes: set) -> bool:
    """Whether a nested method or a check is at work."""
    while frame is not None:
        if frame.f_code in codes or frame.f_code.co_filename == AXIOMS:
            return True
        frame = frame.f_back
    return False


@pytest.mark.parametrize("name", list(xk.METHODS))
def test_a_learner_enters_at_most_four_files_and_130_lines(name):
    seen = read(name)
    counts = {where: len(lines) for where, lines in seen.items()}
    assert sum(counts.values()) > 4, "the method's own lines were not seen"
    assert len(counts) <= 4, counts
    assert sum(counts.values()) <= 130, counts
