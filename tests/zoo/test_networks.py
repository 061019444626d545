"""Batch normalisation can be folded away without a trace."""

import torch

from xaikit.zoo.networks import folded, plain_cnn, seeded


def test_folding_batch_normalisation_changes_nothing_but_the_parts():
    model = seeded(0, ((4,), (6, 6)), 3)
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(8, 3, 16, 16, generator=generator)
    for _ in range(5):
        model.train()(3 * x + 1)  # moves the running statistics off their start
    expected = model.eval()(x)
    plain = folded(model)
    assert torch.allclose(plain(x), expected, atol=1e-5)
    assert repr(plain) == repr(plain_cnn(((4,), (6, 6)), 3))


def test_a_seed_gives_the_same_network_and_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    a, b = seeded(3, ((4,),), 2), seeded(3, ((4,),), 2)
    assert torch.equal(a.features[0].weight, b.features[0].weight)
    assert torch.equal(before, torch.get_rng_state())
