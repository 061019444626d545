"""The docstring of every method: an example that runs, and methods to see beside it."""

import doctest
import inspect
import re

import pytest

import xaikit as xk


@pytest.mark.parametrize("name", list(xk.METHODS))
def test_the_example_of_a_method_runs_and_prints_what_it_says(name):
    text = inspect.getdoc(xk.METHODS[name].function)
    example = doctest.DocTestParser().get_doctest(text, {}, name, None, None)
    assert any(f"xk.{name}(" in line.source for line in example.examples)
    assert any(line.want for line in example.examples), "an example shows what comes out"
    said: list[str] = []
    result = doctest.DocTestRunner().run(example, out=said.append)
    assert result.failed == 0, "".join(said)


@pytest.mark.parametrize("name", list(xk.METHODS))
def test_what_stands_beside_a_method_is_there(name):
    text = inspect.getdoc(xk.METHODS[name].function)
    (beside,) = re.findall(r"^See also\n(.+)", text, re.MULTILINE)
    others = beside.split(", ")
    assert name not in others
    assert set(others) <= set(xk.METHODS)
