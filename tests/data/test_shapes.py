"""The generated scenes are what their labels, masks and boxes say."""

import importlib
import math

import pytest
import torch

from xaikit.core.errors import OptionError
from xaikit.data import FILLS, SHAPES, shapes, watermark_mask
from xaikit.data.shapes import ARM, HOLE, RADIUS, TIPS


def area(name: str) -> float:
    """The area of a shape, in units of its size squared; by hand."""
    if name == "circle":
        unit = math.pi
    elif name == "ring":
        unit = math.pi * (1 - HOLE**2)
    elif name == "cross":
        unit = 2 * (2 * ARM[0]) * (2 * ARM[1]) - (2 * ARM[1]) ** 2
    else:
        tips, inner = TIPS[name]
        unit = tips * inner * math.sin(math.pi / tips)
    return unit * RADIUS[name] ** 2


def test_scenes_are_rgb_in_0_1_with_balanced_classes():
    examples = shapes(60)
    assert examples.images.shape == (60, 3, 64, 64)
    assert examples.images.dtype == torch.float32
    assert 0 <= examples.images.min() < examples.images.max() <= 1
    assert examples.targets.bincount().tolist() == [10] * 6
    assert [example.label for example in shapes(6)] == list(SHAPES)


def test_the_same_seed_gives_the_same_scenes_and_another_seed_others():
    assert torch.equal(shapes(20, seed=5).images, shapes(20, seed=5).images)
    assert not torch.equal(shapes(20, seed=5).images, shapes(20, seed=6).images)


def test_a_longer_batch_begins_with_the_shorter_one():
    short, long = shapes(5, seed=2, n_objects=3), shapes(300, seed=2, n_objects=3)
    assert torch.equal(short.images, long.images[:5])
    assert short.boxes == long.boxes[:5]


def test_the_global_random_state_is_not_touched():
    before = torch.get_rng_state()
    shapes(3)
    assert torch.equal(before, torch.get_rng_state())


def test_masks_have_the_area_that_geometry_gives():
    # A box tells the size of circle and ring; their areas then follow from their formulas.
    for example in shapes(120, seed=1, size=256):
        if example.label in ("circle", "ring"):
            _, y0, x0, y1, x1 = example.boxes[0]
            size = (y1 - y0 + x1 - x0) / 4 / RADIUS[example.label]
            assert abs(int(example.mask.sum()) / (area(example.label) * size**2) - 1) < 0.03


def test_masks_of_all_shapes_share_their_areas_ratio():
    # Sizes come from one distribution, so mean areas compare as the areas of the unit shapes do.
    examples = shapes(6 * 200, seed=4)
    pixels = examples.masks.sum((1, 2)).float()
    means = {name: pixels[examples.targets == c].mean().item() for c, name in enumerate(SHAPES)}
    for name in SHAPES:
        ratio = means[name] / means["circle"] / (area(name) / area("circle"))
        assert 0.9 < ratio < 1.1, name


def test_the_mask_lies_where_the_picture_shows_an_object(monkeypatch):
    # The package gives the name of this module to the function in it.
    module = importlib.import_module("xaikit.data.shapes")

    examples = shapes(60, seed=3, n_objects=2)
    monkeypatch.setattr(module, "_coverage", lambda classes, x, y, radius: _dot_at_centre(x, y))
    empty = module.shapes(60, seed=3, n_objects=2)
    changed = (examples.images - empty.images).abs().amax(1) > 0.02
    objects = examples.object_masks.any(1)
    around = torch.nn.functional.max_pool2d(objects[:, None].float(), 5, 1, 2)[:, 0].bool()
    around |= empty.object_masks.any(1)
    assert not (changed & ~around).any()  # nothing changes outside the objects and their soft edges
    # Inside, a colour may equal the ground here and there, but hardly ever.
    assert (changed & objects).sum() / objects.sum() > 0.97


def _dot_at_centre(x, y):
    """One pixel for each object: as good as no object, but with a box."""
    distance = x**2 + y**2
    return (distance == distance.min(axis=(1, 2), keepdims=True)).astype("float32")


def test_boxes_are_the_masks_extent():
    for example in shapes(30, seed=7):
        label, y0, x0, y1, x1 = example.boxes[0]
        rows, columns = example.mask.any(1).nonzero(), example.mask.any(0).nonzero()
        assert label == example.label
        assert (y0, y1) == (int(rows.min()), int(rows.max()) + 1)
        assert (x0, x1) == (int(columns.min()), int(columns.max()) + 1)


def test_objects_lie_wholly_in_the_picture():
    masks = shapes(120, seed=8, n_objects=2).object_masks
    border = torch.ones(64, 64, dtype=torch.bool)
    border[1:-1, 1:-1] = False
    assert not (masks & border).any()


@pytest.mark.parametrize("n_objects", [2, 4, 6])
def test_several_objects_have_different_classes_and_hardly_overlap(n_objects):
    examples = shapes(48, seed=9, n_objects=n_objects, size=128)
    assert examples.object_masks.shape == (48, n_objects, 128, 128)
    assert torch.equal(examples.masks, examples.object_masks[:, 0])
    assert (examples.object_masks.sum(1) <= 1).all()
    for example in examples:
        labels = [box[0] for box in example.boxes]
        assert labels[0] == example.label
        assert len(set(labels)) == n_objects
        assert len(example.fills) == n_objects
        for mask, box in zip(example.object_masks, example.boxes, strict=True):
            inside = mask[box[1] : box[3], box[2] : box[4]]
            assert inside.sum() == mask.sum() > 40


def test_all_fills_occur_with_all_shapes():
    examples = shapes(600)
    seen = {(example.label, example.fills[0]) for example in examples}
    assert seen == {(shape, fill) for shape in SHAPES for fill in FILLS}


def test_a_solid_object_has_one_colour_and_the_others_have_two():
    for example in shapes(60, seed=11):
        inside = torch.nn.functional.avg_pool2d(example.mask[None].float(), 3, 1, 1)[0] == 1
        spread = example.image[:, inside].std(1).max()
        assert (spread < 0.01) == (example.fills[0] == "solid")


def test_the_watermark_changes_only_its_corner_and_only_its_class():
    plain, marked = shapes(60, seed=1), shapes(60, seed=1, watermark="star")
    changed = (plain.images != marked.images).any(1)
    stars = plain.targets == SHAPES.index("star")
    assert not changed[~stars].any()
    assert (changed[stars] <= watermark_mask()).all()
    assert (changed[stars].sum((1, 2)) > 0.9 * watermark_mask().sum()).all()
    assert torch.equal(plain.masks, marked.masks)


@pytest.mark.parametrize("size", [32, 64, 96])
def test_no_object_lies_under_the_watermark_and_it_is_small(size):
    masks = shapes(300, seed=2, size=size, n_objects=2).object_masks
    assert not (masks & watermark_mask(size)).any()
    assert watermark_mask(size).float().mean() < 0.03


def test_a_mapping_gives_the_share_of_each_class_that_carries_the_watermark():
    def marked(share):
        examples = shapes(1200, seed=3, watermark=share)
        return (examples.images != shapes(1200, seed=3).images).flatten(1).any(1).float()

    rate = marked({"circle": 0.3, "ring": 1.0}).reshape(-1, 6).mean(0).tolist()
    assert abs(rate[0] - 0.3) < 0.1
    assert rate[1:] == [0, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"watermark": "sta"}, "Did you mean 'star'"),
        ({"n_objects": 0}, "n_objects is a whole number"),
        ({"size": 8}, "size is a whole number, at least 16"),
        ({"n": -1}, "n is a whole number"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, words):
    with pytest.raises(OptionError, match=words):
        shapes(**{"n": 4, **options})


def test_examples_behave_like_a_list():
    examples = shapes(4)
    assert len(examples) == 4
    assert [e.name for e in examples][-1] == examples[-1].name == "shapes, seed 0, number 3"
    assert repr(examples[0]) == "Example('shapes, seed 0, number 0': circle, (3, 64, 64))"
    with pytest.raises(IndexError, match="there are 4 examples"):
        examples[4]


def test_an_empty_batch_is_a_batch():
    assert shapes(0).images.shape == (0, 3, 64, 64)
