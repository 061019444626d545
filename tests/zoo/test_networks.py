"""Batch normalisation can be folded away without a trace."""

from functools import partial

import pytest
import torch

from xaikit.zoo.networks import folded, plain_cnn, seeded
from xaikit.zoo.unet import UNet

BUILDS = [partial(plain_cnn, ((4,), (6, 6)), 3), partial(UNet, (4, 6, 8), 3)]


@pytest.mark.parametrize("build", BUILDS, ids=["plain_cnn", "unet"])
def test_folding_batch_normalisation_changes_nothing_but_the_parts(build):
    model = seeded(0, build)
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(8, 3, 16, 16, generator=generator)
    for _ in range(5):
        model.train()(3 * x + 1)  # moves the running statistics off their start
    expected = model.eval()(x)
    before = repr(model)
    plain = folded(model)
    assert torch.allclose(plain(x), expected, atol=1e-5)
    assert repr(plain) == repr(build().eval())
    assert repr(model) == before
    assert torch.equal(model(x), expected)


def test_folding_is_exact_to_the_last_digits_of_double_precision():
    model = seeded(0, BUILDS[1]).double()
    x = torch.rand(2, 3, 16, 16, generator=torch.Generator().manual_seed(1)).double()
    model.train()(3 * x + 1)
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d):
            layer.weight.data.uniform_(-2, 2, generator=torch.Generator().manual_seed(layer.num_features))
    assert (folded(model)(x) - model.eval()(x)).abs().max() < 1e-12


def test_a_seed_gives_the_same_network_and_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    a, b = (seeded(3, BUILDS[0]) for _ in range(2))
    assert torch.equal(a.features[0].weight, b.features[0].weight)
    assert torch.equal(before, torch.get_rng_state())
