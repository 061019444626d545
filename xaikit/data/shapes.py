"""Generated scenes of shapes, for which the true explanation is known: the object, or a watermark."""

from collections.abc import Collection, Mapping
from functools import lru_cache

import numpy as np
import torch

from xaikit.core.errors import OptionError, nearest
from xaikit.data.examples import Box, Examples, at_least

SHAPES = ("circle", "square", "triangle", "star", "cross", "ring")
FILLS = ("solid", "striped", "dotted", "checked")
TEXTURES = ("brick", "grass", "gravel")

# Triangle, square and star are one figure: k tips at distance 1, and k inner corners at this distance.
TIPS = {"triangle": (3, 0.5), "square": (4, 0.5**0.5), "star": (5, 0.45)}
RADIUS = {"circle": 0.86, "square": 1.08, "triangle": 1.15, "star": 1.12, "cross": 1.0, "ring": 0.95}
ARM = (0.95, 0.32)  # half length and half width of the arms of a cross
HOLE = 0.55  # inner radius of a ring whose outer radius is 1
REACH = 1.15  # the largest extent of any shape, in units of its size

CORNER = 0.16  # side of the watermark, in parts of the picture
TRIES = 24  # places that are drawn for each object; the roomiest wins
CHUNK = 256  # scenes that are drawn at a time

Watermark = str | Collection[str] | Mapping[str, float] | None


def shapes(
    n: int,
    seed: int = 0,
    n_objects: int = 1,  # the first is the target; up to six of them have six different classes
    size: int = 64,  # pixels of a side
    watermark: Watermark = None,  # the class or classes that carry it; or a mapping, class → share
) -> Examples:
    """`n` scenes, (n, 3, size, size), with mask and box of every object; the class of number i is i mod 6.

    A shape of two random colours lies on a tinted texture at a random place, scale and angle. `mask` is the
    target's visible pixels; `fills` holds each object's pattern. Everything follows from the seed: a longer
    batch begins with the shorter one, and a watermark changes nothing but the pixels it covers, so that the
    scene with it and the scene without it can be compared. No object ever reaches into its corner.

    Raises OptionError for sizes below 16, for no objects, and for unknown classes in `watermark`.
    """
    at_least(0, n=n, seed=seed)
    at_least(1, n_objects=n_objects)
    at_least(16, size=size)
    shares = _shares(watermark)
    chance = np.random.default_rng([seed, 0]).random((n, 24 + n_objects * (16 + 2 * TRIES)), dtype=np.float32)
    labels, boxes, fills = list(SHAPES), [], []
    images = np.zeros((n, size, size, 3), np.float32)
    masks = np.zeros((n, n_objects, size, size), bool)
    targets = np.arange(n) % len(SHAPES)
    for start in range(0, n, CHUNK):
        part = slice(start, start + CHUNK)
        scene, objects = chance[part, :24], chance[part, 24:].reshape(len(chance[part]), n_objects, -1)
        classes = _classes(targets[part], scene[:, :6], n_objects)
        images[part], masks[part], some_boxes, some_fills = _draw(scene, objects, classes, size)
        images[part] = _stamp(images[part], scene[:, 6] < shares[targets[part]])
        boxes += some_boxes
        fills += some_fills
    pictures = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    first, every = torch.from_numpy(masks[:, 0].copy()), torch.from_numpy(masks)
    name = f"shapes, seed {seed}"
    return Examples(
        pictures, torch.from_numpy(targets), labels, first, tuple(boxes), name, every, tuple(fills)
    )


def watermark_mask(size: int = 64) -> torch.Tensor:
    """(size, size) bool: the pixels that the watermark covers in a scene of that size."""
    _, opacity = _badge(size)
    mask = torch.zeros(size, size, dtype=torch.bool)
    y, x = _badge_place(size)
    mask[y : y + len(opacity), x : x + len(opacity)] = torch.from_numpy(opacity[..., 0] > 0)
    return mask


def _shares(watermark: Watermark) -> np.ndarray:
    """What part of the scenes of each class carries the watermark, (6,)."""
    if isinstance(watermark, str):
        watermark = (watermark,)
    if not isinstance(watermark, Mapping):
        watermark = dict.fromkeys(watermark or (), 1.0)
    for name in watermark:
        if name not in SHAPES:
            raise OptionError(f"watermark names a class of shapes; {name!r} is none. {nearest(name, SHAPES)}")
    return np.array([watermark.get(name, 0.0) for name in SHAPES])


def _classes(targets: np.ndarray, u: np.ndarray, n_objects: int) -> np.ndarray:
    """The class of every object, (scenes, objects): the target first, then the others in random order."""
    u = u.copy()
    u[np.arange(len(u)), targets] = -1
    order = np.argsort(u, axis=1)
    return order[:, np.arange(n_objects) % len(SHAPES)]


def _draw(scene: np.ndarray, objects: np.ndarray, classes: np.ndarray, size: int) -> tuple:
    """Paint background and objects → (m, size, size, 3), masks (m, objects, size, size), boxes, fills."""
    image, ground = _background(scene[:, 7:16], size)
    radii, centres = _places(objects, size)
    patterns = (objects[:, :, 0] * len(FILLS)).astype(int)
    masks = np.zeros((*classes.shape, size, size), bool)
    whole = masks.copy()
    for k in range(classes.shape[1]):
        u, v = _own_frame(objects[:, k, 2], radii[:, k], centres[:, k], size)
        coverage = _coverage(classes[:, k], u, v, radii[:, k])
        period = np.maximum(radii[:, k] * (0.38 + 0.22 * objects[:, k, 3]), 4.5 * size / 64)
        pattern = _pattern(patterns[:, k], u, v, period / radii[:, k], radii[:, k])
        first = _contrasting(objects[:, k, 4:10], (ground,))
        second = _contrasting(objects[:, k, 10:16], (ground, first))
        colour = first[:, None, None] + pattern[..., None] * (second - first)[:, None, None]
        image += coverage[..., None] * (colour - image)
        whole[:, k] = coverage > 0.5
        masks[:, :k] &= ~whole[:, k, None]
        masks[:, k] = whole[:, k]
    boxes = [
        tuple(_box(SHAPES[c], m) for c, m in zip(*row, strict=True))
        for row in zip(classes, whole, strict=True)
    ]
    return image, masks, boxes, [tuple(FILLS[p] for p in row) for row in patterns]


def _box(label: str, mask: np.ndarray) -> Box:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return label, int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1


def _background(u: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Tinted crops of textures, (m, size, size, 3), and their mean colours, (m, 3)."""
    ground = _rgb(u[:, 0], 0.45 * u[:, 1], 0.3 + 0.5 * u[:, 2])
    grain = np.empty((len(u), size, size), np.float32)
    for i, (kind, zoom, y, x, turn) in enumerate(u[:, 3:8]):
        texture = _textures(size)[int(kind * 3) * 3 + int(zoom * 3)]
        y, x = int(y * (len(texture) - size + 1)), int(x * (len(texture) - size + 1))
        grain[i] = np.rot90(texture[y : y + size, x : x + size], int(4 * turn))
    contrast = (0.1 + 0.22 * u[:, 8])[:, None, None, None]
    return np.clip(ground[:, None, None] * (1 + contrast * grain[..., None]), 0, 1), ground


@lru_cache(maxsize=4)
def _textures(size: int) -> list[np.ndarray]:
    """Every texture at three magnifications, with mean 0 and spread 1."""
    import skimage.data
    from PIL import Image

    result = []
    for name in TEXTURES:
        picture = Image.fromarray(getattr(skimage.data, name)())
        for window in (160, 256, 400):  # pixels of the texture that one scene shows
            side = max(size, round(picture.width * size / window))
            grain = np.array(picture.resize((side, side), Image.Resampling.LANCZOS), np.float32)
            result.append((grain - grain.mean()) / grain.std())
    return result


def _places(u: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Sizes (m, objects) and centres (m, objects, 2) of objects that keep clear of each other, in pixels."""
    m, n_objects, _ = u.shape
    low, high = (
        (0.19, 0.34) if n_objects == 1 else (0.13 * (2 / n_objects) ** 0.4, 0.21 * (2 / n_objects) ** 0.4)
    )
    radii = size * (low + (high - low) * u[:, :, 1])
    centres = np.zeros((m, n_objects, 2), np.float32)
    corner = np.full((m, 1, 2), size * (1 - CORNER / 2), np.float32)
    taken, taken_radii = corner, np.full((m, 1), 0.75 * CORNER * size, np.float32)
    for k in range(n_objects):
        reach = REACH * radii[:, k, None, None]
        places = reach + u[:, k, 16:].reshape(m, TRIES, 2) * (size - 2 * reach)
        gaps = np.linalg.norm(places[:, :, None] - taken[:, None], axis=-1) - taken_radii[:, None]
        gaps = gaps.min(2) - REACH * radii[:, k, None]
        # The first place that is free; where none is, the one with the least overlap.
        best = np.where((gaps > 0).any(1), (gaps > 0).argmax(1), gaps.argmax(1))
        centres[:, k] = places[np.arange(m), best]
        taken = np.concatenate([taken, centres[:, k, None]], 1)
        taken_radii = np.concatenate([taken_radii, REACH * radii[:, k, None]], 1)
    return radii, centres


def _own_frame(turn: np.ndarray, radius: np.ndarray, centre: np.ndarray, size: int) -> tuple:
    """Every pixel's coordinates in the object's own frame, (m, size, size) each, in units of its size."""
    steps = np.arange(size, dtype=np.float32) + 0.5
    y = (steps[None, :, None] - centre[:, 0, None, None]) / radius[:, None, None]
    x = (steps[None, None, :] - centre[:, 1, None, None]) / radius[:, None, None]
    angle = (2 * np.pi * turn)[:, None, None]
    return np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x


def _coverage(classes: np.ndarray, x: np.ndarray, y: np.ndarray, radius: np.ndarray) -> np.ndarray:
    """What part of each pixel the object covers, (m, size, size): soft over one pixel at the edge."""
    distance = np.empty_like(x)
    for c, name in enumerate(SHAPES):
        rows, r = classes == c, RADIUS[name]
        distance[rows] = r * _distance(name, x[rows] / r, y[rows] / r)
    return np.clip(0.5 - distance * radius[:, None, None], 0, 1)


def _distance(name: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How far outside the unit-sized shape a point lies; negative inside; exact near the straight edges."""
    if name == "circle":
        return np.hypot(x, y) - 1
    if name == "ring":
        return np.abs(np.hypot(x, y) - (1 + HOLE) / 2) - (1 - HOLE) / 2
    if name == "cross":
        x, y = np.abs(x), np.abs(y)
        x, y = np.maximum(x, y), np.minimum(x, y)
        return np.minimum(np.maximum(x - ARM[0], y - ARM[1]), np.maximum(y - ARM[0], x - ARM[1]))
    tips, inner = TIPS[name]
    # All the sectors between a tip and an inner corner are folded onto one, which has one straight edge.
    sector = 2 * np.pi / tips
    angle = np.abs((np.arctan2(y, x) + sector / 2) % sector - sector / 2)
    length = np.hypot(x, y)
    edge_x, edge_y = inner * np.cos(sector / 2) - 1, inner * np.sin(sector / 2)
    outward = edge_y * (length * np.cos(angle) - 1) - edge_x * length * np.sin(angle)
    return outward / np.hypot(edge_x, edge_y)


def _pattern(
    kinds: np.ndarray, x: np.ndarray, y: np.ndarray, period: np.ndarray, radius: np.ndarray
) -> np.ndarray:
    """The share of the second colour in each pixel, (m, size, size); x, y, period in units of the object."""
    wave_x, wave_y = (np.sin(2 * np.pi * t / period[:, None, None]) for t in (x, y))
    sharp = (period * radius / np.pi / 2)[:, None, None]  # with this height a wave rises by one in a pixel
    result = np.zeros_like(x)
    for kind, wave in (("striped", wave_x), ("dotted", wave_x + wave_y - 0.75), ("checked", wave_x * wave_y)):
        rows = kinds == FILLS.index(kind)
        result[rows] = np.clip(0.5 + (sharp * wave)[rows], 0, 1)
    return result


def _rgb(hue: np.ndarray, saturation: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Colours in RGB, with a last axis of 3, from hue, saturation and value in [0, 1]."""
    k = (np.array([5.0, 3.0, 1.0], np.float32) + 6 * hue[..., None]) % 6
    return value[..., None] * (1 - saturation[..., None] * np.clip(np.minimum(k, 4 - k), 0, 1))


def _contrasting(u: np.ndarray, others: tuple[np.ndarray, ...]) -> np.ndarray:
    """A colour for each scene, (m, 3), that stands off from all the others: the best of eight on a spiral."""
    step = np.arange(8, dtype=np.float32)
    hue = (u[:, :1] + 0.382 * step) % 1
    saturation = 0.25 + 0.75 * ((u[:, 1:2] + 0.57 * step) % 1)
    value = 0.12 + 0.88 * ((u[:, 2:3] + 0.29 * step) % 1)
    colours = _rgb(hue, saturation, value)
    luma = np.array([0.3, 0.59, 0.11], np.float32)
    gaps = [
        np.linalg.norm(colours - o[:, None], axis=-1) + 1.5 * np.abs((colours - o[:, None]) @ luma)
        for o in others
    ]
    gap = np.min(gaps, axis=0)
    best = np.where((gap > 0.75).any(1), (gap > 0.75).argmax(1), gap.argmax(1))
    return colours[np.arange(len(u)), best]


@lru_cache(maxsize=4)
def _badge(size: int) -> tuple[np.ndarray, np.ndarray]:
    """The watermark: a navy disc with a cream crescent; colours (s, s, 3) and opacity (s, s, 1)."""
    side = max(5, round(CORNER * size))
    t = (np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1
    soft = side / 2
    disc = np.clip(0.5 + soft * (0.96 - np.hypot(t[:, None], t[None])), 0, 1)
    moon = np.clip(0.5 + soft * (0.62 - np.hypot(t[:, None], t[None])), 0, 1)
    bite = np.clip(0.5 + soft * (0.5 - np.hypot(t[:, None] + 0.22, t[None] - 0.3)), 0, 1)
    crescent = (moon * (1 - bite))[..., None]
    navy, cream = np.array([0.10, 0.14, 0.38], np.float32), np.array([1.0, 0.93, 0.70], np.float32)
    return navy + crescent * (cream - navy), 0.9 * disc[..., None]


def _badge_place(size: int) -> tuple[int, int]:
    """Row and column of the watermark's first pixel: two pixels from the lower right corner."""
    first = size - len(_badge(size)[0]) - max(1, round(size / 32))
    return first, first


def _stamp(images: np.ndarray, which: np.ndarray) -> np.ndarray:
    """Lay the watermark over the chosen ones of (m, size, size, 3) pictures."""
    size = images.shape[1]
    colours, opacity = _badge(size)
    y, x = _badge_place(size)
    corner = images[which, y : y + len(colours), x : x + len(colours)]
    images[which, y : y + len(colours), x : x + len(colours)] = corner + opacity * (colours - corner)
    return images
