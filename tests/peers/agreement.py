"""What agreement with another library means here, and the networks on which it is asked for.

The comparison is made on copies in double precision: there both sides may differ by their rounding alone,
and 1e-5 of the largest value would show a wrong formula. In single precision a convolution sums thousands
of terms in an order that depends on the layout in memory (pictures run in channels_last here), so a ReLU at
its kink, or a maximum between two equal numbers, falls the other way in a few places. captum's own single-
precision maps lie up to 0.9 % of the largest value from its double-precision ones for that reason: 2 % in
every pixel and a correlation of 0.9999 is what float32 allows two programs to agree on.
"""

import copy

import pytest
import torch

from .. import networks

ZOO = ("shapes", "photos", "squeezenet1_0")
SMALL = {
    "module ReLUs": networks.small_cnn,
    "in-place ReLUs": lambda: networks.small_cnn(inplace=True),
    "functional ReLUs": networks.functional_relu_cnn,
}
everywhere = pytest.mark.parametrize("network", [*ZOO, *SMALL])


def doubled(network: str, zoo_model):
    """A network in double precision and an example for it."""
    if network in SMALL:
        return SMALL[network]().double(), networks.random(3, 16, 16, dtype=torch.float64)
    model, x = zoo_model(network)
    return copy.deepcopy(model).double(), x.double()


def close(ours: torch.Tensor, theirs: torch.Tensor, relative: float = 1e-5) -> None:
    """Everywhere within a share of the largest value."""
    theirs = theirs.detach().reshape(ours.shape).to(ours)
    assert theirs.abs().max() > 0, "two empty maps agree on nothing"
    assert (ours - theirs).abs().max() <= relative * theirs.abs().max()


def close_in_single_precision(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    """Within 2 % of the largest value everywhere, and correlated to 0.9999."""
    close(ours, theirs, 0.02)
    pair = torch.stack([ours.flatten(), theirs.detach().flatten()])
    assert torch.corrcoef(pair)[0, 1] > 0.9999
