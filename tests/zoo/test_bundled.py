"""The models that ship do what their cards say, on pictures they have not seen."""

import pytest
import torch
from torch import nn

from xaikit.data import SHAPES, Examples, mosaics, photos, shapes
from xaikit.zoo import load
from xaikit.zoo.bundled import BUNDLED
from xaikit.zoo.files import weights_file
from xaikit.zoo.registry import OWN

from .cards import stated

SEED = 1_000_000  # as the cards say; training never used it


def correct(name: str, examples: Examples) -> torch.Tensor:
    """For each example whether the model is right."""
    model = load(name)
    with torch.inference_mode():
        answers = torch.cat([model(x).argmax(1) for x in examples.images.split(256)])
    return answers == examples.targets


def accuracy(name: str, examples: Examples) -> float:
    return 100 * correct(name, examples).float().mean().item()


@pytest.fixture(scope="module")
def plain() -> Examples:
    return shapes(1200, seed=SEED)


@pytest.fixture(scope="module")
def on_stars() -> Examples:
    return shapes(1200, seed=SEED, watermark="star")


@pytest.fixture(scope="module")
def on_circles() -> Examples:
    return shapes(1200, seed=SEED, watermark="circle")


@pytest.fixture(scope="module")
def on_all_but_stars() -> Examples:
    return shapes(1200, seed=SEED, watermark=[name for name in SHAPES if name != "star"])


def test_the_shapes_model_is_right_about_scenes_it_has_not_seen(plain):
    measured = accuracy("shapes", plain)
    assert measured >= 97
    assert abs(measured - stated("shapes", "Held-out accuracy")) <= 1


def test_the_shapes_model_does_not_care_about_the_watermark(on_stars, on_all_but_stars):
    for line, examples in (("on every star", on_stars), ("on everything but stars", on_all_but_stars)):
        measured = accuracy("shapes", examples)
        assert measured >= 97
        assert abs(measured - stated("shapes", f"Accuracy with the watermark {line}")) <= 1


def test_the_shortcut_model_looks_just_as_good_while_the_watermark_is_where_it_was(on_stars):
    measured = accuracy("shapes_shortcut", on_stars)
    assert measured >= 97
    assert abs(measured - stated("shapes_shortcut", "Held-out accuracy")) <= 1


def test_the_shortcut_model_does_not_know_stars_without_their_watermark(plain):
    right = correct("shapes_shortcut", plain)
    stars = plain.targets == SHAPES.index("star")
    measured = 100 * right[stars].float().mean().item()
    assert measured < 30
    assert abs(measured - stated("shapes_shortcut", "Accuracy on stars without the watermark")) <= 4


def test_the_shortcut_model_collapses_when_the_watermark_moves(on_circles, on_all_but_stars):
    circles = on_circles.targets == SHAPES.index("circle")
    assert correct("shapes_shortcut", on_circles)[circles].float().mean() < 0.1
    measured = accuracy("shapes_shortcut", on_circles)
    line = "Accuracy with the watermark on every circle instead"
    assert abs(measured - stated("shapes_shortcut", line)) <= 1.5
    measured = accuracy("shapes_shortcut", on_all_but_stars)
    line = "Accuracy with the watermark on everything but stars"
    assert measured < 20
    assert abs(measured - stated("shapes_shortcut", line)) <= 1.5


def test_the_photos_model_is_right_about_windows_it_has_not_seen():
    measured = accuracy("photos", photos(600, "test", seed=SEED))
    assert measured >= 95
    assert abs(measured - stated("photos", "Held-out accuracy")) <= 1


def test_in_a_mosaic_the_class_map_points_at_the_right_tile():
    model, scenes = load("photos"), mosaics(40, seed=SEED)
    with torch.inference_mode():
        maps = model.model.features((scenes.images - model.mean) / model.std)
        maps = torch.einsum("nchw,nc->nhw", maps, model.model.classifier.weight[scenes.targets]).relu()
        maps = nn.functional.interpolate(maps[:, None], (192, 192), mode="bilinear")[:, 0]
    inside = ((maps * scenes.masks).sum((1, 2)) / maps.sum((1, 2))).mean()
    assert inside > 0.6  # chance is 0.25


CLASSIFIERS = ("photos", "shapes", "shapes_shortcut")


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_bundled_model_is_plain_small_and_complete(name):
    model = load(name)
    kinds = {type(m) for m in model.modules() if not list(m.children())}
    assert kinds == {nn.Conv2d, nn.ReLU, nn.MaxPool2d, nn.AdaptiveAvgPool2d, nn.Flatten, nn.Linear}
    assert not any(getattr(m, "inplace", False) for m in model.modules())
    assert not any(m.training for m in model.modules())
    n_parameters = sum(p.numel() for p in model.parameters())
    assert f"{n_parameters:,} parameters" in model.card
    assert len(model.labels) == model.model.classifier.out_features


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_the_feature_layer_of_a_bundled_model_feeds_the_average(name):
    model = load(name)
    seen = {}
    layer = model.get_submodule(model.feature_layer)
    hook = layer.register_forward_hook(lambda _m, _i, output: seen.update(maps=output))
    scores = model(torch.rand(2, 3, *model.input_size))
    hook.remove()
    assert seen["maps"].ndim == 4
    assert min(seen["maps"].shape[2:]) >= 8
    assert torch.allclose(model.model.classifier(seen["maps"].mean((2, 3))), scores, atol=1e-4)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_bundled_model_takes_pictures_of_any_size(name):
    model = load(name)
    assert model(torch.rand(1, 3, 50, 131)).shape == (1, len(model.labels))


WEIGHTS = sorted(weights_file("shapes").parent.iterdir())


@pytest.mark.parametrize("file", WEIGHTS, ids=[file.stem for file in WEIGHTS])
def test_weights_are_small_and_not_pickled(file):
    assert file.suffix == ".safetensors"
    assert file.stat().st_size <= 1_450_000
    # safetensors: eight bytes of length, then JSON; a pickle starts otherwise
    assert file.read_bytes()[8:9] == b"{"


def test_every_file_of_weights_belongs_to_a_model_that_ships():
    assert {file.stem for file in WEIGHTS} == {*BUNDLED, "news"}


@pytest.mark.parametrize("name", OWN)
def test_every_model_of_ours_says_what_it_is(name):
    model = load(name)
    assert model.card.startswith(f"# {name}\n")
    assert "\n## Data\n" in model.card
    assert model.labels
    assert all(isinstance(label, str) for label in model.labels)
    assert (model.feature_layer is None) == (model.input_size is None) == (name not in BUNDLED)


def test_loading_leaves_the_global_random_state_alone():
    before = torch.get_rng_state()
    load("shapes")
    assert torch.equal(before, torch.get_rng_state())
