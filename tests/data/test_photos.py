"""Photographs, their crops, and mosaics whose masks say where the evidence is."""

import pytest
import torch

from xaikit.core.errors import OptionError
from xaikit.data import PHOTOS, mosaics, photo, photos
from xaikit.data.photos import BANDS, SHORT, WINDOW, _centre


def test_there_are_twelve_photographs_of_different_classes():
    assert len(PHOTOS) == len(set(PHOTOS.values())) == 12
    for name in PHOTOS:
        image = photo(name, 32)
        assert image.shape == (3, 32, 32)
        assert 0 <= image.min() < image.max() <= 1


def test_a_photograph_is_found_by_its_name_and_by_its_class():
    assert photo("chelsea").shape == (3, 300, 451)
    assert torch.equal(photo("chelsea"), photo("cat"))


def test_square_shows_more_of_the_photograph_than_classic():
    # Both are resized from the same middle; the classic crop is its inner 224/256.
    square, classic = photo("coffee", 256), photo("coffee", 224, crop="classic")
    assert (square[:, 16:-16, 16:-16] - classic).abs().mean() < 0.01


def test_an_unknown_photograph_gets_the_nearest_name():
    with pytest.raises(OptionError, match="Did you mean 'chelsea'"):
        photo("chelsee")
    with pytest.raises(OptionError, match="crop is one of"):
        photo("cat", 96, crop="middle")


@pytest.mark.parametrize("split", ["train", "test"])
def test_crops_are_balanced_and_follow_from_the_seed(split):
    a, b = photos(24, split, seed=3), photos(30, split, seed=3)
    assert a.images.shape == (24, 3, 96, 96)
    assert 0 <= a.images.min() < a.images.max() <= 1
    assert a.targets.tolist() == [*range(12), *range(12)]
    assert torch.equal(a.images, b.images[:24])
    assert not torch.equal(a.images, photos(24, split, seed=4).images)


def test_windows_for_training_are_never_centred_where_windows_for_testing_are():
    def in_bands(column, width):
        return any(low <= column / width <= high for low, high in BANDS)

    for width in (SHORT, 365, 432):
        for side in WINDOW:
            for k in range(101):
                train, test = (_centre(k / 100, side, width, split) for split in ("train", "test"))
                assert side / 2 <= train <= width - side / 2 + 1e-9
                assert in_bands(test, width)
                edges = [width * edge for band in BANDS for edge in band]
                assert not in_bands(train, width) or min(abs(train - e) for e in edges) < 1e-9


def test_colour_alone_gives_nothing_away_in_training():
    # A quarter of the crops, and the crops of colourless photographs whose tint happens to be weak.
    images = photos(480).images
    grey = (images.amax(1) - images.amin(1)).flatten(1).amax(1) < 1e-5
    assert 0.2 < grey.float().mean() < 0.6


def test_a_mosaics_mask_is_the_tile_of_its_target():
    scenes = mosaics(20, seed=1)
    assert scenes.images.shape == (20, 3, 192, 192)
    assert (scenes.masks.sum((1, 2)) == 96 * 96).all()
    for scene in scenes:
        assert len({box[0] for box in scene.boxes}) == len(scene.boxes) == 4
        (tile,) = (box for box in scene.boxes if box[0] == scene.label)
        _, y0, x0, y1, x1 = tile
        assert scene.mask[y0:y1, x0:x1].all()
        assert (y1 - y0, x1 - x0) == (96, 96)


def test_the_tile_of_a_mosaic_shows_its_class():
    # The photograph of coins has no colour at all; the tile that is said to show it has none either.
    for scene in mosaics(60, seed=2):
        if scene.label == "coins":
            tile = scene.image[:, scene.mask]
            assert (tile.amax(0) - tile.amin(0)).max() < 1e-6


def test_mosaics_follow_from_the_seed_and_their_target_is_in_any_tile():
    assert torch.equal(mosaics(4, seed=5).images, mosaics(6, seed=5).images[:4])
    corners = mosaics(40).masks[:, [0, 0, 191, 191], [0, 191, 0, 191]]
    assert corners.any(0).all()
    assert (corners.sum(1) == 1).all()


def test_an_unknown_split_is_refused():
    with pytest.raises(OptionError, match="split is one of train, test"):
        photos(2, "validation")
