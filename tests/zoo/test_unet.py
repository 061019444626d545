"""The segmentation model does what its card says, on slices it has not seen."""

from functools import partial

import pytest
import torch
from torch import nn

from xaikit.core.preprocessed import Preprocessed
from xaikit.data import TISSUES, slices
from xaikit.zoo import load
from xaikit.zoo.bundled import BUNDLED
from xaikit.zoo.networks import seeded
from xaikit.zoo.train import dice, overlaps
from xaikit.zoo.unet import UNet

from .cards import stated

SEED = 1_000_000  # as the card says; training never used it


@pytest.fixture(scope="module")
def model() -> Preprocessed:
    return load("unet", device="cpu")


@pytest.fixture(scope="module")
def measured(model) -> dict[str, float]:
    return {line: 100 * part for line, part in overlaps(model, slices(200, seed=SEED)).items()}


def test_the_card_states_every_figure_and_the_dice_holds(measured):
    for line, part in measured.items():
        # Found lesions and false alarms are counted on few cases: 200 slices are not 500.
        assert abs(part - stated("unet", line)) <= (2.5 if "Dice" in line else 8), line


def test_lesions_are_outlined_well_but_not_perfectly(measured):
    assert 85 <= measured["Lesion Dice, all pixels"] <= 97
    assert 85 <= measured["Lesion Dice, mean over slices with a lesion"] <= 97
    assert measured["Background Dice, all pixels"] > 99


def test_the_figures_are_what_counting_pixels_gives(model, measured):
    examples = slices(200, seed=SEED)
    with torch.inference_mode():
        lesion = model(examples.images).argmax(1) == TISSUES.index("lesion")
    share = 2 * (lesion & examples.masks).sum() / (lesion.sum() + examples.masks.sum())
    assert abs(100 * share - measured["Lesion Dice, all pixels"]) < 1e-3
    mean = dice(lesion, examples.masks)[examples.targets == 1].mean()
    assert abs(100 * mean - measured["Lesion Dice, mean over slices with a lesion"]) < 1e-3


def test_the_unet_is_complete_small_and_in_eval_mode(model):
    assert isinstance(model, Preprocessed)
    assert model.labels == list(TISSUES)
    assert model.input_size == (96, 96)
    assert not any(m.training for m in model.modules())
    kinds = {type(m) for m in model.modules() if not list(m.children())}
    assert kinds == {nn.Conv2d, nn.ReLU, nn.MaxPool2d}
    n_parameters = sum(p.numel() for p in model.parameters())
    assert n_parameters <= 370_000
    assert f"{n_parameters:,} parameters" in model.card
    assert BUNDLED["unet"].weights.stat().st_size <= 1_450_000


@pytest.mark.parametrize("size", [(96, 96), (64, 128), (50, 131)])
def test_every_pixel_gets_a_score_for_every_class(model, size):
    with torch.inference_mode():
        assert model(torch.rand(2, 3, *size)).shape == (2, 4, *size)


def test_the_feature_layer_is_the_end_of_the_bottleneck(model):
    layer = model.get_submodule(model.feature_layer)
    assert isinstance(layer, nn.ReLU)
    assert layer is model.model.bottleneck[-1]
    seen = []
    hook = layer.register_forward_hook(lambda _m, _i, output: seen.append(tuple(output.shape)))
    model(torch.rand(1, 3, 96, 96))
    hook.remove()
    assert seen == [(1, 64, 12, 12)]


def test_skip_connections_lay_maps_side_by_side():
    network = seeded(0, partial(UNet, (8, 12, 16), 4)).eval()
    assert [block[0].in_channels for block in network.decoder] == [16 + 12, 12 + 8]
    # With a bottleneck that says nothing, what the picture shows still gets through beside it.
    for parameter in network.bottleneck.parameters():
        nn.init.zeros_(parameter)
    a, b = torch.rand(2, 1, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    assert not network.bottleneck(torch.rand(1, 12, 4, 4)).any()
    assert (network(a) - network(b)).abs().max() > 1e-3


def test_a_lesion_is_explained_by_a_target_function(model):
    # A number for each sample is what the methods need: the lesion's scores, added over its mask.
    examples = slices(1, seed=SEED, n_lesions=1)
    x = examples.images.requires_grad_()
    score = (model(x)[:, TISSUES.index("lesion")] * examples.masks).sum((1, 2))
    (slope,) = torch.autograd.grad(score.sum(), x)
    near = slope[0].abs().sum(0)
    assert near[examples.masks[0]].mean() > 3 * near.mean()
