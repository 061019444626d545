"""Pictures from files, whatever their kind, as RGB tensors in [0, 1]."""

import os
import struct
import warnings
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from xaikit.core.errors import FileError, one_of
from xaikit.data.examples import at_least

CROPS = ("classic", "square")


def read_image(path: str | os.PathLike[str], size: int | None = None) -> Tensor:
    """Read a picture file as a (3, height, width) float32 tensor, RGB in [0, 1].

    With `size` the picture gets the classic geometry of ImageNet classifiers: its shorter side is scaled to
    size · 256 / 224 pixels, then the middle size × size pixels are cut out. A large JPEG is then decoded at a
    fraction of its resolution, so that it never stands in memory as a whole.

    The camera's orientation is honoured; transparent pixels are laid on white; grey, palette, 16-bit and CMYK
    pictures become RGB. Raises FileError with one line for whatever cannot be read.
    """
    if size is not None:
        at_least(1, size=size)
    path = _existing(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                return _decode(picture, size)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        limit = Image.MAX_IMAGE_PIXELS // 1_000_000
        raise FileError(f"{path} has more than {limit} million pixels. Try a smaller copy of it.") from None
    except UnidentifiedImageError:
        raise FileError(f"{path} is not a picture that Pillow can read. Try a JPEG or PNG file.") from None
    except FileError:
        raise
    except PermissionError:
        raise FileError(f"{path} may not be read. Check its permissions.") from None
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error) as error:
        raise FileError(f"{path} is broken ({error}). Try to save or download it again.") from None


def fit(picture: Image.Image, size: int, crop: str = "classic") -> Image.Image:
    """A size × size picture from the middle of one of any shape, resized with antialiasing.

    "classic" is what torchvision's classifiers were evaluated with: shorter side to size · 256 / 224, middle
    size × size pixels. "square" keeps more: the largest square in the middle, scaled to size.
    """
    one_of("crop", crop, CROPS)
    width, height = picture.size
    if max(width, height) > 8 * min(width, height):  # a strip: its ends would only cost memory
        width, height = min(width, 8 * height), min(height, 8 * width)
        picture = ImageOps.fit(picture, (width, height))
    short, shorter = min(width, height), round(size * 256 / 224) if crop == "classic" else size
    # The longer side is cut down to a whole number, as torchvision does: the pixels are then the same.
    picture = picture.resize(
        (int(shorter * width / short), int(shorter * height / short)), Image.Resampling.BILINEAR
    )
    left, top = round((picture.width - size) / 2), round((picture.height - size) / 2)
    return picture.crop((left, top, left + size, top + size))


def to_tensor(picture: Image.Image) -> Tensor:
    """An RGB picture of 8 bits, or a grey one of floats in [0, 1], as (3, H, W) float32 in [0, 1]."""
    if picture.mode == "F":
        grey = torch.from_numpy(np.array(picture, dtype=np.float32))
        return grey.clamp(0, 1).expand(3, -1, -1).contiguous()
    pixels = torch.from_numpy(np.array(picture.convert("RGB")))
    return pixels.permute(2, 0, 1).contiguous().float().div_(255)


def _existing(path: str | os.PathLike[str]) -> Path:
    """The path, if there is a file with something in it."""
    if not isinstance(path, str | os.PathLike):
        raise FileError(f"A picture is named by its path; {path!r} was given. Try 'cat.jpg'.")
    path = Path(path).expanduser()
    try:
        if path.is_dir():
            raise FileError(f"{path} is a folder, not a picture. Name one file in it.")
        if path.stat().st_size == 0 and path.is_file():
            raise FileError(f"{path} is empty: zero bytes. Try to save or download it again.")
    except FileError:
        raise
    except (OSError, ValueError):  # not there, or a name that no file can have
        raise FileError(f"There is no file {str(path)!r}. Check the spelling and the folder.") from None
    return path


def _decode(picture: Image.Image, size: int | None) -> Tensor:
    if size is not None and picture.format == "JPEG":
        # Twice the resolution that is needed: the decoder's own reduction is then not visible.
        picture.draft(None, (2 * round(size * 256 / 224),) * 2)
    picture = _plain(ImageOps.exif_transpose(picture))
    return to_tensor(picture if size is None else fit(picture, size))


def _plain(picture: Image.Image) -> Image.Image:
    """Any mode of Pillow as 8-bit RGB, or as floats in [0, 1] where 8 bits would lose something."""
    if picture.mode == "F":
        raise FileError("A picture of floating-point numbers has no fixed white. Save it with 8 or 16 bits.")
    if picture.mode.startswith("I"):
        return Image.fromarray(np.array(picture).astype(np.float32) / 65535)
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("RGB")
    return picture.convert("RGB")
