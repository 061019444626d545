"""The training script does what it says, shown on a short training of a tiny network."""

from functools import partial

import pytest
import torch

from xaikit.data import shapes, slices
from xaikit.zoo import train as module
from xaikit.zoo.bundled import Bundled
from xaikit.zoo.networks import plain_cnn
from xaikit.zoo.unet import UNet


@pytest.fixture
def tiny(monkeypatch):
    def nothing(model):
        return {}

    recipe = module.Recipe(lambda i: shapes(96, seed=i, size=24), 2, 1e-2, nothing)
    monkeypatch.setitem(module.RECIPES, "shapes", recipe)
    build = partial(plain_cnn, ((6,), (8,)), 6)
    monkeypatch.setitem(module.BUNDLED, "shapes", Bundled("shapes", build, ("a",) * 6, 24, "features.4"))
    recipe = module.Recipe(lambda i: slices(8, seed=i, size=32), 2, 1e-2, nothing, module.pixel_loss, batch=4)
    monkeypatch.setitem(module.RECIPES, "unet", recipe)
    build = partial(UNet, (4, 6), 4)
    monkeypatch.setitem(module.BUNDLED, "unet", Bundled("unet", build, ("a",) * 4, 32, "bottleneck.3"))


@pytest.mark.parametrize("name", ["shapes", "unet"])
def test_training_twice_gives_the_same_parameters(tiny, capsys, name):
    a, b = (module.train(name).state_dict() for _ in range(2))
    assert all(a[key].equal(b[key]) for key in a)
    assert "epoch 2/2" in capsys.readouterr().out


def test_an_unknown_model_is_one_line_and_exit_code_2(capsys):
    assert module.main(["shape"]) == 2
    assert "Did you mean 'shapes'" in capsys.readouterr().err


def test_dice_by_hand():
    found = torch.tensor([[[1, 1, 0, 0]], [[0, 0, 0, 0]], [[1, 0, 0, 0]]]).bool()
    truth = torch.tensor([[[0, 1, 1, 0]], [[0, 0, 1, 0]], [[1, 0, 0, 0]]]).bool()
    assert module.dice(found, truth).tolist() == [0.5, 0.0, 1.0]


def test_the_pixel_loss_by_hand():
    # Even chances for two classes: cross entropy ln 2; the Dice of each is 2·(2·½) / (4·½ + 2) = ½.
    classes = torch.tensor([[[0, 1], [1, 0]]])
    loss = module.pixel_loss(torch.zeros(1, 2, 2, 2), classes)
    assert abs(loss.item() - (0.6931472 + 0.5)) < 1e-6
    sure = 50.0 * torch.stack([classes == 0, classes == 1], 1)
    assert module.pixel_loss(sure, classes) < 1e-6


def test_overlaps_of_a_model_that_knows_the_truth_are_perfect():
    examples = slices(20, seed=2)

    class Oracle(torch.nn.Module):
        def forward(self, x):
            return torch.nn.functional.one_hot(examples.classes, 4).movedim(3, 1).float()

    figures = module.overlaps(Oracle(), examples)
    assert figures.pop("Healthy slices with a false alarm") == 0
    assert set(figures.values()) == {1.0}
