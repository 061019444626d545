"""Twelve photographs that ship with scikit-image and scikit-learn: whole, as crops, as mosaics."""

from functools import lru_cache

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from xaikit.core.errors import OptionError, nearest, one_of
from xaikit.data.examples import Examples, at_least
from xaikit.data.images import fit, to_tensor

# The name in its library → the name of its class.
PHOTOS = {
    "astronaut": "astronaut",
    "camera": "photographer",
    "chelsea": "cat",
    "china": "temple",
    "coffee": "coffee",
    "coins": "coins",
    "flower": "flower",
    "hubble_deep_field": "galaxies",
    "immunohistochemistry": "tissue",
    "retina": "retina",
    "rocket": "rocket",
    "stereo_motorcycle": "motorcycle",
}

SIDE = 96  # pixels of a crop
SHORT = 288  # pixels to which the shorter side of a photograph is scaled before it is cut
WINDOW = (120, 220)  # smallest and largest side of a window, in pixels of the scaled photograph
BANDS = ((0.25, 0.40), (0.60, 0.75))  # where windows for testing are centred, in parts of the width


def photo(name: str, size: int | None = None, crop: str = "square") -> Tensor:
    """One photograph by its library's name or its class, "chelsea" or "cat": (3, H, W), RGB in [0, 1].

    size  pixels of the square picture to return; None: the photograph as it is, not cut
    crop  "square": the largest square in the middle; "classic": torchvision's way, shorter side to
          size · 256 / 224, then the middle size × size pixels

    Raises OptionError for a name that is not in PHOTOS.
    """
    if size is not None:
        at_least(1, size=size)
    one_of("crop", crop, ("square", "classic"))
    picture = _picture(_library_name(name))
    return to_tensor(picture if size is None else fit(picture, size, crop))


def photos(n: int, split: str = "train", seed: int = 0) -> Examples:
    """`n` crops of the twelve photographs, (n, 3, 96, 96); the class of number i is i mod 12.

    A photograph is scaled to a shorter side of 288 pixels; a square window of 120 to 220 pixels is cut out
    anywhere and scaled to 96. The split is one of geometry: windows for "test" have their centre in two
    bands, between 25 and 40 % or between 60 and 75 % of the photograph's width; windows for "train" never
    have it there. The pixels of a test window do appear in training windows, at other places and scales: the
    split tests tolerance to position and framing, not new photographs.

    "train" is augmented: mirrored at random, brightness, contrast and saturation changed, a quarter of the
    crops without any colour. "test" is not. The same seed gives the same crops, and a longer batch begins
    with the shorter one.
    """
    at_least(0, n=n, seed=seed)
    one_of("split", split, ("train", "test"))
    chance = np.random.default_rng([seed, ("train", "test").index(split)]).random((n, 12), dtype=np.float32)
    names = list(PHOTOS)
    targets = np.arange(n) % len(names)
    crops = [_crop(names[t], u, split) for t, u in zip(targets, chance, strict=True)]
    images = np.stack(crops) if crops else np.zeros((0, SIDE, SIDE, 3), np.uint8)
    images = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous().float().div_(255)
    if split == "train":
        images = _augment(images, torch.from_numpy(chance[:, 3:]))
    name = f"photos, {split}, seed {seed}"
    return Examples(images, torch.from_numpy(targets), list(PHOTOS.values()), name=name)


def mosaics(n: int, seed: int = 0) -> Examples:
    """`n` scenes of 2 × 2 crops, (n, 3, 192, 192): the evidence for the target lies in one tile, its mask.

    The four tiles come from test windows of four different photographs. The target is the class of one of
    them, drawn at random; `mask` is True on that tile, `boxes` names all four.
    """
    at_least(0, n=n, seed=seed)
    rng = np.random.default_rng([seed, 2])
    chance = rng.random((n, len(PHOTOS) + 1 + 4 * 3))
    names, labels = list(PHOTOS), list(PHOTOS.values())
    images = torch.zeros(n, 3, 2 * SIDE, 2 * SIDE)
    masks = torch.zeros(n, 2 * SIDE, 2 * SIDE, dtype=torch.bool)
    targets, boxes = torch.zeros(n, dtype=torch.long), []
    for i, u in enumerate(chance):
        classes = np.argsort(u[: len(names)])[:4]
        chosen = int(4 * u[len(names)])
        targets[i] = int(classes[chosen])
        boxes.append(tuple((labels[c], *_tile(k)) for k, c in enumerate(classes)))
        for k, (c, v) in enumerate(zip(classes, u[len(names) + 1 :].reshape(4, 3), strict=True)):
            y0, x0, y1, x1 = _tile(k)
            images[i, :, y0:y1, x0:x1] = to_tensor(Image.fromarray(_crop(names[c], v, "test")))
            masks[i, y0:y1, x0:x1] = k == chosen
    return Examples(images, targets, labels, masks, tuple(boxes), name=f"mosaics, seed {seed}")


def _tile(k: int) -> tuple[int, int, int, int]:
    y, x = SIDE * (k // 2), SIDE * (k % 2)
    return y, x, y + SIDE, x + SIDE


def _library_name(name: str) -> str:
    by_label = {label: name for name, label in PHOTOS.items()}
    if name in PHOTOS:
        return name
    if name in by_label:
        return by_label[name]
    hint = nearest(name, [*PHOTOS, *by_label])
    raise OptionError(f"There is no bundled photograph {name!r}. {hint}")


@lru_cache(maxsize=32)
def _picture(name: str) -> Image.Image:
    if name in ("china", "flower"):
        from sklearn.datasets import load_sample_image

        return Image.fromarray(load_sample_image(f"{name}.jpg"))
    import skimage.data

    pixels = getattr(skimage.data, name)()
    return Image.fromarray(pixels[0] if name == "stereo_motorcycle" else pixels).convert("RGB")


@lru_cache(maxsize=32)
def _scaled(name: str) -> Image.Image:
    picture = _picture(name)
    scale = SHORT / min(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS)


def _crop(name: str, u: np.ndarray, split: str) -> np.ndarray:
    """Cut one window; `u` holds uniform numbers for its side, its column and its row → (96, 96, 3) uint8."""
    picture = _scaled(name)
    side = WINDOW[0] + float(u[0]) * (WINDOW[1] - WINDOW[0])
    x = _centre(float(u[1]), side, picture.width, split) - side / 2
    y = float(u[2]) * (picture.height - side)
    box = (max(x, 0), y, min(x + side, picture.width), y + side)
    return np.array(picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box))


def _centre(u: float, side: float, width: int, split: str) -> float:
    """The column of a window's centre, uniform over those that the split allows; in pixels."""
    (a, b), (c, d) = BANDS
    allowed = BANDS if split == "test" else ((0, a), (b, c), (d, 1))
    low, high = side / 2, width - side / 2
    spans = [(max(low, p * width), min(high, q * width)) for p, q in allowed]
    spans = [(p, q) for p, q in spans if q > p]
    left = u * sum(q - p for p, q in spans)
    for p, q in spans:
        if left <= q - p:
            return p + left
        left -= q - p
    return spans[-1][1]


def _augment(images: Tensor, u: Tensor) -> Tensor:
    """Mirror and recolour (n, 3, H, W) pictures; `u` holds nine uniform numbers for each."""
    u = u.reshape(len(u), -1, 1, 1, 1)
    images = torch.where(u[:, 0] < 0.5, images.flip(-1), images)
    grey = images.mean(1, keepdim=True)
    saturation = torch.where(u[:, 1] < 0.25, 0.0, 1.5 * u[:, 2])
    images = grey + saturation * (images - grey)
    tint = 0.85 + 0.3 * u[:, 3:6].reshape(-1, 3, 1, 1)
    images = images * torch.where(u[:, 1] < 0.25, 1.0, tint)
    middle = images.mean((1, 2, 3), keepdim=True)
    images = middle + (0.6 + 0.8 * u[:, 6]) * (images - middle)
    return (images + 0.4 * (u[:, 7] - 0.5)).clamp(0, 1)
