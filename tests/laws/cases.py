"""Every method with every kind of example: its walk, and its explanation for the laws that only read it.

A case is the name of a method, then given what it takes first, or `exact_shapley: text`.
"""

import functools
from typing import Any

import pytest
import torch

import xaikit as xk

from .. import networks
from . import RECORDS, record_of

KNOWN = [RECORDS[name] for name in xk.METHODS if name in RECORDS]
#: Every method, given what it takes first, and then whatever else.
CASES = [*xk.METHODS, *(case for record in KNOWN for case in record.cases[1:])]


def title(case: str, options: dict[str, Any]) -> str:
    """The name of a test with options: `deep_lift: rule=reveal_cancel`."""
    short = [f"{k}={v}" if isinstance(v, (int, float, str)) else k for k, v in options.items()]
    return " ".join([f"{case}:" if short else case, *short])


#: Every case, and every other way to call a method, by its title.
CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    title(case, options): (case, options)
    for case, options in [
        *((case, {}) for case in CASES),
        *((other.case(record.name), other.options) for record in KNOWN for other in record.variants),
    ]
}

every_method = pytest.mark.parametrize("name", list(xk.METHODS))
every_case = pytest.mark.parametrize("name", CASES)
every_call = pytest.mark.parametrize("call", CALLS)


def walk(name: str, model, x, **options):
    """A quick walk of a case, on a network of pictures."""
    given = {**record_of(name).options(networks.kind_of(name)), **options}
    return networks.method_of(name).walk(networks.fitting(name, model), x, **given)


def explain(name: str, model, x, **options) -> xk.Explanation:
    """A quick explanation of a case, by a network of pictures."""
    given = {**record_of(name).options(networks.kind_of(name)), **options}
    return networks.method_of(name)(networks.fitting(name, model), x, **given)


# Computed once for all laws that only read it --------------------------------------------------------------


def double_cnn():
    """`small_cnn` in double precision."""
    return networks.small_cnn().double()


@functools.cache
def explained(name: str, build=networks.small_cnn, dtype: torch.dtype = torch.float32) -> xk.Explanation:
    """The quick explanation of a case. Never write into it: other laws read it too."""
    return explain(name, build(), networks.example(name, dtype))


@functools.cache
def walked(name: str) -> tuple[list[xk.Step | xk.Check], xk.Explanation]:
    """All that the quick walk of a case yields, and its explanation."""
    begun = walk(name, networks.small_cnn(), networks.example(name))
    return list(begun), begun.explanation


@functools.cache
def called(call: str, build=networks.small_cnn) -> tuple[list[xk.Step | xk.Check], xk.Explanation]:
    """What a call yields in its own size, with nothing but the options of its title and those it needs."""
    name, options = CALLS[call]
    given = {**networks.needed(name), **options}
    begun = networks.method_of(name).walk(networks.fitting(name, build()), networks.example(name), **given)
    return list(begun), begun.explanation
