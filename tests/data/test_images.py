"""Any picture file becomes an RGB tensor in [0, 1], or one clear line says why not."""

import warnings

import numpy as np
import pytest
import torch
from PIL import Image

from xaikit.core.errors import FileError, OptionError
from xaikit.data import photo, read_image
from xaikit.data.images import fit

RED, WHITE = (1.0, 0.0, 0.0), (1.0, 1.0, 1.0)


def pixel(image: torch.Tensor, y: int, x: int) -> tuple[float, ...]:
    return tuple(round(float(v), 2) for v in image[:, y, x])


def test_a_picture_is_rgb_in_0_1_with_its_height_first(tmp_path):
    Image.new("RGB", (8, 5), (255, 0, 51)).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert image.shape == (3, 5, 8)
    assert image.dtype == torch.float32
    assert pixel(image, 0, 0) == (1.0, 0.0, 0.2)


def test_the_orientation_that_the_camera_noted_is_honoured(tmp_path):
    picture = Image.new("RGB", (32, 16), "white")
    picture.paste((255, 0, 0), (0, 0, 16, 16))  # the left half is red
    exif = picture.getexif()
    exif[0x0112] = 6  # turn by 90° clockwise to view
    picture.save(tmp_path / "a.jpg", exif=exif, quality=95, subsampling=0)
    image = read_image(tmp_path / "a.jpg")
    assert image.shape == (3, 32, 16)
    assert np.allclose(pixel(image, 4, 8), RED, atol=0.05)
    assert np.allclose(pixel(image, 28, 8), WHITE, atol=0.05)


def test_transparent_pixels_are_laid_on_white(tmp_path):
    picture = Image.new("RGBA", (4, 4), (255, 0, 0, 255))
    picture.putpixel((1, 0), (0, 0, 0, 0))
    picture.putpixel((2, 0), (0, 0, 0, 128))
    picture.save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert pixel(image, 0, 0) == RED
    assert pixel(image, 0, 1) == WHITE
    assert pixel(image, 0, 2) == (0.5, 0.5, 0.5)


def test_grey_palette_and_bilevel_pictures_become_rgb(tmp_path):
    Image.new("L", (4, 4), 51).save(tmp_path / "grey.png")
    Image.new("1", (4, 4), 1).save(tmp_path / "bits.png")
    Image.new("RGB", (4, 4), (255, 0, 0)).quantize(4).save(tmp_path / "palette.png")
    assert pixel(read_image(tmp_path / "grey.png"), 1, 1) == (0.2, 0.2, 0.2)
    assert pixel(read_image(tmp_path / "bits.png"), 1, 1) == WHITE
    assert pixel(read_image(tmp_path / "palette.png"), 1, 1) == RED


def test_a_palette_with_a_transparent_entry_is_laid_on_white(tmp_path):
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([0, 0, 0, 255, 0, 0])
    picture.putpixel((0, 0), 1)
    picture.save(tmp_path / "a.png", transparency=0)
    image = read_image(tmp_path / "a.png")
    assert pixel(image, 0, 0) == RED
    assert pixel(image, 3, 3) == WHITE


def test_sixteen_bits_are_scaled_and_not_cut_off(tmp_path):
    ramp = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    Image.fromarray(ramp).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png")
    assert torch.allclose(image[1], torch.from_numpy(ramp / 65535).float(), atol=1e-6)
    assert read_image(tmp_path / "a.png", size=4).shape == (3, 4, 4)


def test_cmyk_becomes_rgb(tmp_path):
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "a.jpg", quality=95)
    assert np.allclose(pixel(read_image(tmp_path / "a.jpg"), 8, 8), RED, atol=0.05)


def test_a_photograph_of_24_megapixels_is_decoded_at_a_fraction(tmp_path, monkeypatch):
    Image.linear_gradient("L").resize((6000, 4000)).convert("RGB").save(tmp_path / "a.jpg")
    sizes = []
    plain = Image.Image.resize
    monkeypatch.setattr(
        Image.Image, "resize", lambda s, *a, **k: (sizes.append(s.size), plain(s, *a, **k))[1]
    )
    image = read_image(tmp_path / "a.jpg", size=224)
    assert image.shape == (3, 224, 224)
    assert sizes == [(1500, 1000)]  # a quarter of each side
    assert 0 < image.min() < 0.15
    assert 0.85 < image.max() < 1


def test_size_gives_the_pixels_that_torchvision_gives():
    from torchvision.transforms import CenterCrop, Compose, Resize
    from torchvision.transforms.functional import pil_to_tensor

    whole = (photo("chelsea").permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    picture = Image.fromarray(whole)
    theirs = pil_to_tensor(Compose([Resize(256), CenterCrop(224)])(picture))
    assert torch.equal(theirs, pil_to_tensor(fit(picture, 224)))
    assert torch.equal(theirs / 255, photo("chelsea", 224, crop="classic"))


def test_read_image_and_photo_agree(tmp_path):
    whole = (photo("cat").permute(1, 2, 0).numpy() * 255).round().astype(np.uint8)
    Image.fromarray(whole).save(tmp_path / "cat.png")
    assert torch.equal(read_image(tmp_path / "cat.png", 96), photo("cat", 96, crop="classic"))


def broken_files(folder):
    """Name → what the message must say."""
    (folder / "text.jpg").write_text("These are not the pixels you are looking for.\n" * 20)
    (folder / "empty.png").touch()
    (folder / "folder.png").mkdir()
    Image.effect_noise((64, 64), 50).save(folder / "whole.png")
    Image.effect_noise((64, 64), 50).save(folder / "whole.jpg")
    for name in ("png", "jpg"):
        whole = (folder / f"whole.{name}").read_bytes()
        (folder / f"cut.{name}").write_bytes(whole[: len(whole) // 2])
    (folder / "head.png").write_bytes((folder / "whole.png").read_bytes()[:20])
    Image.new("F", (4, 4)).save(folder / "float.tif")
    return {
        "nowhere.jpg": "no file",
        "nowhere" * 100: "no file",
        "folder.png": "is a folder",
        "text.jpg": "not a picture",
        "empty.png": "is empty",
        "cut.png": "broken",
        "cut.jpg": "broken",
        "head.png": "head.png is",
        "float.tif": "floating-point",
    }


def test_what_cannot_be_read_is_said_in_one_line(tmp_path):
    for name, words in broken_files(tmp_path).items():
        with pytest.raises(FileError) as caught:
            read_image(tmp_path / name)
        message = str(caught.value)
        assert words in message, name
        assert "\n" not in message
        assert caught.value.__suppress_context__ or caught.value.__context__ is None, name


@pytest.mark.parametrize("factor", [0.75, 0.25], ids=["pillow warns", "pillow refuses"])
def test_a_decompression_bomb_is_refused_without_a_warning(tmp_path, monkeypatch, factor):
    Image.new("L", (100, 100)).save(tmp_path / "a.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", int(100 * 100 * factor))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(FileError, match="million pixels"):
            read_image(tmp_path / "a.png")
    assert not caught


def test_a_strip_of_one_pixel_costs_no_memory(tmp_path):
    Image.new("RGB", (60_000, 1), (255, 0, 0)).save(tmp_path / "a.png")
    image = read_image(tmp_path / "a.png", size=64)
    assert image.shape == (3, 64, 64)
    assert pixel(image, 5, 5) == RED


@pytest.mark.parametrize("path", [None, 3])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(FileError, match="named by its path"):
        read_image(path)


@pytest.mark.parametrize("size", [0, -3, 1.5, True, "224"])
def test_a_size_that_means_nothing_is_refused(tmp_path, size):
    with pytest.raises(OptionError, match="size is a whole number, at least 1"):
        read_image(tmp_path / "a.png", size=size)
