"""Every number and every tensor of an option, one by one."""

import pytest
import torch

import xaikit as xk

from .. import networks
from .answers import attempt
from .options import ODD_NUMBERS, quick, takes_a_number

PAIRS = [(n, o) for n in xk.METHODS for o, p in xk.METHODS[n].parameters.items() if takes_a_number(p)]


@pytest.mark.parametrize(("name", "option"), PAIRS)
def test_every_number_means_something_or_is_refused(name, option):
    for number in ODD_NUMBERS:
        attempt(name, networks.small_cnn(), networks.example(name), **quick(name) | {option: number})


@pytest.mark.parametrize("kind", ["sparse", "complex"])
@pytest.mark.parametrize("option", ["segments", "base_attribution", "background", "groups", "permutations"])
def test_a_tensor_of_another_kind_is_used_or_is_refused(option, kind):
    rows = torch.zeros((2, 3, 8, 8) if option == "background" else (8, 8))
    rows = rows.long() if option in ("segments", "groups", "permutations") else rows
    value = rows.to_sparse() if kind == "sparse" else rows.to(torch.complex64)
    for name in [n for n in xk.METHODS if option in xk.METHODS[n].parameters]:
        attempt(name, networks.small_cnn(), networks.example(name), **quick(name) | {option: value})
