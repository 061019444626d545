"""When two explanations are equal, when a message helps, and when a formula can be read."""

import functools

import pandas
import torch
from matplotlib.mathtext import MathTextParser

import xaikit as xk

from ..networks import SUGGESTION, same_state


def leaves(value):
    """All tensors inside a value, and whatever else is no container; the columns of a table as tensors."""
    if isinstance(value, xk.Explanation):
        value = {name: step.value for name, step in value.steps.items()}
    if isinstance(value, pandas.DataFrame):
        columns = [value[name].to_numpy() for name in value.columns]
        rows = [torch.from_numpy(c.copy()) if c.dtype.kind in "fiub" else list(c) for c in columns]
        return [*map(str, value.columns), *leaves(rows)]
    if isinstance(value, dict):
        return [leaf for name, v in value.items() for leaf in (name, *leaves(v))]
    return [leaf for v in value for leaf in leaves(v)] if isinstance(value, (list, tuple)) else [value]


def tensors(value):
    """All tensors inside a value."""
    return [leaf for leaf in leaves(value) if isinstance(leaf, torch.Tensor)]


def equal(one: xk.Explanation, other: xk.Explanation) -> None:
    """Both explanations say the same, to the last bit."""
    assert list(one.steps) == list(other.steps)
    for step in one.steps:
        assert same_state(leaves(one[step]), leaves(other[step])), step
    assert same_state(leaves(one.result), leaves(other.result))
    assert (one.checks, one.prediction, one.cost) == (other.checks, other.prediction, other.cost)


def helps(error: BaseException) -> None:
    """The message says what to try, in a few lines."""
    message = str(error)
    assert SUGGESTION.search(message), message
    assert len(message) < 400, message


@functools.cache
def typeset(formula: str) -> None:
    """matplotlib reads the formula, or this raises; each is read once."""
    MathTextParser("agg").parse(f"${formula}$")
