"""The generated slices are what their classes, masks and boxes say."""

import pytest
import torch
from torch.nn.functional import max_pool2d

from xaikit.core.errors import OptionError
from xaikit.data import TISSUES, Examples, shapes, slices
from xaikit.data.slices import LEAST, MOST

BACKGROUND, TISSUE, VENTRICLE, LESION = range(4)


@pytest.fixture(scope="module")
def many() -> Examples:
    return slices(150, seed=4)


@pytest.fixture(scope="module")
def healthy() -> Examples:
    return slices(150, seed=4, n_lesions=0)


def test_slices_are_grey_pictures_in_0_1(many):
    assert many.images.shape == (150, 3, 96, 96)
    assert many.images.dtype == torch.float32
    assert 0 <= many.images.min() < many.images.max() <= 1
    assert torch.equal(many.images[:, 0], many.images[:, 2])
    assert slices(2, size=64).images.shape == (2, 3, 64, 64)


def test_every_pixel_has_a_class_and_every_class_its_usual_share(many):
    assert TISSUES == ("background", "tissue", "ventricle", "lesion")
    assert many.classes.shape == (150, 96, 96)
    assert many.classes.dtype == torch.int64
    share = many.classes.flatten().bincount(minlength=4) / many.classes.numel()
    for c, (low, high) in enumerate(((0.55, 0.7), (0.27, 0.4), (0.01, 0.04), (0.005, 0.02))):
        assert low < share[c] < high, TISSUES[c]
    for c in (BACKGROUND, TISSUE, VENTRICLE):
        assert (many.classes == c).flatten(1).any(1).all()


def test_masks_boxes_targets_and_classes_tell_the_same_story(many):
    assert many.object_masks.shape == (150, MOST, 96, 96)
    assert torch.equal(many.masks, many.classes == LESION)
    assert torch.equal(many.masks, many.object_masks.any(1))
    assert (many.object_masks.sum(1) <= 1).all()
    assert torch.equal(many.targets == 1, many.masks.flatten(1).any(1))
    for example in many:
        assert len(example.object_masks) == len(example.boxes)
        assert example.label == ("lesion" if example.boxes else "healthy")
        for mask, (label, y0, x0, y1, x1) in zip(example.object_masks, example.boxes, strict=True):
            assert label == "lesion"
            assert mask.sum() >= LEAST
            assert mask[y0:y1, x0:x1].sum() == mask.sum()
            assert mask[y0].any()
            assert mask[y1 - 1].any()
            assert mask[:, x0].any()
            assert mask[:, x1 - 1].any()


def test_most_slices_have_a_lesion_and_none_has_more_than_three(many):
    numbers = torch.tensor([len(boxes) for boxes in many.boxes]).bincount(minlength=MOST + 1)
    assert len(numbers) == MOST + 1
    assert (numbers > 5).all()
    assert numbers[0] < 0.25 * len(many)


def test_lesions_are_brighter_than_the_same_head_without_them(many, healthy):
    assert not healthy.masks.any()
    assert not any(healthy.boxes)
    change = (many.images - healthy.images)[:, 0]
    near = max_pool2d(many.masks[:, None].float(), 9, 1, 4)[:, 0].bool()
    assert change[~near].abs().max() < 1e-6  # nothing but the lesion and its soft border differs
    inside = [change[i][mask].mean() for i, row in enumerate(many) for mask in row.object_masks]
    assert 0.05 < min(inside) < 0.15
    assert max(inside) > 2.5 * min(inside)  # some are strong and some are faint


def test_a_lesion_takes_the_place_of_tissue_alone(many, healthy):
    assert (healthy.classes[many.masks] == TISSUE).all()
    assert torch.equal(healthy.classes[~many.masks], many.classes[~many.masks])


def test_brightness_alone_does_not_tell_a_lesion(many):
    # The best threshold, found with the truth at hand; then the best inside the true brain.
    def best(where):
        found = [where & (many.images[:, 0] > t / 100) for t in range(30, 95, 5)]
        return max(2 * (f & many.masks).sum() / (f.sum() + many.masks.sum()) for f in found)

    assert best(many.classes >= BACKGROUND) < 0.6
    assert best(many.classes > BACKGROUND) < 0.78


def test_ventricles_are_dark_and_lie_in_the_middle(many):
    grey = many.images[:, 0]
    assert grey[many.classes == VENTRICLE].mean() < 0.6 * grey[many.classes == TISSUE].mean()
    rows, columns = (many.classes == VENTRICLE).nonzero()[:, 1:].unbind(1)
    assert 15 < min(rows.min(), columns.min())
    assert max(rows.max(), columns.max()) < 80


def test_a_head_is_nearly_the_same_on_both_sides(healthy):
    # A tilted head mirrored is tilted the other way, and still it is nearer than another head is.
    mirrored, other = healthy.classes.flip(2), healthy.classes.roll(1, 0)
    assert (mirrored != healthy.classes).sum() < 0.95 * (other != healthy.classes).sum()


def test_the_same_seed_gives_the_same_slices_and_another_seed_others():
    a, b = slices(4, seed=5), slices(4, seed=5)
    assert torch.equal(a.images, b.images)
    assert torch.equal(a.classes, b.classes)
    assert not torch.equal(a.images, slices(4, seed=6).images)


def test_a_longer_batch_begins_with_the_shorter_one(many):
    short = slices(5, seed=4)
    assert torch.equal(short.images, many.images[:5])
    assert torch.equal(short.classes, many.classes[:5])
    assert short.boxes == many.boxes[:5]


def test_n_lesions_says_how_many_and_a_smaller_number_leaves_the_last_out():
    one, two = slices(20, seed=1, n_lesions=1), slices(20, seed=1, n_lesions=2)
    assert torch.equal(one.object_masks[:, 0], two.object_masks[:, 0])
    assert not one.object_masks[:, 1:].any()
    assert sum(len(boxes) for boxes in two.boxes) > 35  # one without enough room is left out


def test_the_global_random_state_is_not_touched():
    before = torch.get_rng_state()
    slices(2)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": -1}, "n is a whole number"),
        ({"seed": 0.5}, "seed is a whole number"),
        ({"size": 16}, "size is a whole number, at least 32"),
        ({"n_lesions": -1}, "n_lesions is a whole number"),
        ({"n_lesions": 4}, "n_lesions is at most 3; 4 was given. Try n_lesions=3"),
    ],
)
def test_options_that_mean_nothing_are_refused(options, words):
    with pytest.raises(OptionError, match=words):
        slices(**{"n": 2, **options})


def test_an_empty_batch_is_a_batch():
    empty = slices(0)
    assert empty.images.shape == (0, 3, 96, 96)
    assert empty.boxes == ()


def test_other_data_sets_have_no_classes_for_pixels():
    assert shapes(1).classes is None
    assert shapes(1)[0].classes is None
