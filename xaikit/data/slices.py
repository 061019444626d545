"""Generated slices through a head, as a FLAIR scan would show it, with lesions whose outline is known."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from xaikit.core.errors import OptionError
from xaikit.data.examples import Examples, at_least
from xaikit.data.shading import Head, between, box, column, grown, lay, smooth, soft, spot

TISSUES = ("background", "tissue", "ventricle", "lesion")

MOST = 3  # lesions in one slice
LEAST = 6  # pixels of 96 × 96 that a lesion shows at least; a smaller one is left out
TRIES = 24  # places that are drawn for each lesion; the first with room for it wins
VESSELS = 8  # bright dots that are no lesions
BRAIN = 0.87  # where the brain ends; the skin ends at 1
CHUNK = 128  # slices that are drawn at a time

# Random lattices, from which smooth noise is interpolated: their use, and their points along a side.
LATTICES = {"outline": 5, "folds": 12, "uneven": 9, "depth": 8, "ventricle": 7, "matter": 14, "bias": 3}
PLAIN, EACH, DOT = 32, 16, 4  # numbers in [0, 1) that a slice, a lesion, and a vessel take


def slices(
    n: int,
    seed: int = 0,
    size: int = 96,  # pixels of a side
    n_lesions: int | None = None,  # None: 0 to 3, as the seed has it; 0: the same heads, all healthy
) -> Examples:
    """`n` grey slices through heads, (n, 3, size, size), with the class of each pixel and each lesion's mask.

    `classes` (n, size, size) counts in TISSUES: "background" is all outside the brain, skin and skull
    included; "tissue" is grey and white matter with the narrow folds between them; then "ventricle" and
    "lesion". A lesion is a bright blob of irregular outline with a soft border, small or large, strong or
    faint. Bright without being one: skin, vessels, deep grey matter, rims of the ventricles, choroid plexus.

    `targets` is 1 where there is a lesion; `masks` is all lesions of a slice; `object_masks` has three rows,
    the last of them empty where there are fewer lesions than three, and `boxes` as many as there are lesions.
    The front of the head is up. Everything follows from the seed: a longer batch begins with the shorter one,
    and with `n_lesions=0` come the same heads without a lesion, so that the two can be compared.

    Raises OptionError for sizes below 32 and for more than three lesions.
    """
    at_least(0, n=n, seed=seed)
    at_least(32, size=size)
    if n_lesions is not None:
        at_least(0, n_lesions=n_lesions)
        if n_lesions > MOST:
            raise OptionError(f"n_lesions is at most {MOST}; {n_lesions} was given. Try n_lesions={MOST}.")
    draws = [np.random.default_rng([seed, k]) for k in range(3)]
    images = torch.zeros(n, 3, size, size)
    classes = torch.zeros(n, size, size, dtype=torch.long)
    each = torch.zeros(n, MOST, size, size, dtype=torch.bool)
    for start in range(0, n, CHUNK):
        part = slice(start, min(start + CHUNK, n))
        chance, noise, grain = _numbers(draws, part.stop - part.start, size)
        image, classes[part], each[part] = _draw(chance, noise, size, n_lesions)
        images[part] = _scanned(image, chance[:, 26:29], noise["bias"], grain)[:, None]
    boxes = tuple(tuple(box(mask) for mask in row if mask.any()) for row in each)
    found, labels = each.any(1), ["healthy", "lesion"]
    targets = found.flatten(1).any(1).long()
    return Examples(
        images, targets, labels, found, boxes, f"slices, seed {seed}", object_masks=each, classes=classes
    )


def _numbers(draws: list[np.random.Generator], m: int, size: int) -> tuple[Tensor, dict, Tensor]:
    """What is random in the next `m` slices: numbers in [0, 1), lattices (m, k, k), the scanner's noise."""
    chance = draws[0].random((m, PLAIN + VESSELS * DOT + MOST * (EACH + 2 * TRIES)), dtype=np.float32)
    points = [k * k for k in LATTICES.values()]
    rows = torch.from_numpy(draws[1].standard_normal((m, sum(points)), dtype=np.float32))
    noise = {
        name: row.view(m, LATTICES[name], -1)
        for name, row in zip(LATTICES, rows.split(points, 1), strict=True)
    }
    grain = torch.from_numpy(draws[2].standard_normal((m, 2, size, size), dtype=np.float32))
    return torch.from_numpy(chance), noise, grain


def _draw(chance: Tensor, noise: dict, size: int, n_lesions: int | None) -> tuple[Tensor, Tensor, Tensor]:
    """The slices before the scanner's faults (m, size, size), their classes, the lesions (m, 3, …)."""
    head = _head(chance[:, :8], noise, size)
    image, ventricle = _anatomy(head, chance)
    image = image + _vessels(head, chance[:, PLAIN : PLAIN + VESSELS * DOT].unflatten(1, (VESSELS, DOT)))
    drawn = chance[:, PLAIN + VESSELS * DOT :].unflatten(1, (MOST, -1))
    count = torch.tensor([0, 1, 1, 1, 2, 2, 3])[(7 * chance[:, 8]).long()]
    if n_lesions is not None:
        count = torch.full_like(count, n_lesions)
    lesions, light = _lesions(head, drawn, ventricle, count)
    brain = (head.depth > 0).long()
    classes = torch.where(ventricle > 0.5, 2 * brain, brain)
    return image + light, torch.where(lesions.any(1), 3, classes), lesions


def _head(u: Tensor, noise: dict, size: int) -> Head:
    """Every pixel's place in a head that is somewhat turned, shifted, larger or smaller, long or round."""
    steps = torch.arange(size) + 0.5 - size / 2
    turn = column(between(u[:, 0], -0.22, 0.22))
    half = column(between(u[:, 1], 0.40, 0.455)) * size
    y = (steps[None, :, None] - column(between(u[:, 2], -0.02, 0.02)) * size) / half
    x = (steps[None, None, :] - column(between(u[:, 3], -0.02, 0.02)) * size) / half
    right, back = turn.cos() * x + turn.sin() * y, turn.cos() * y - turn.sin() * x
    side = right.abs()
    wide = column(between(u[:, 4], 0.76, 0.84)) + 0.05 * back  # wider at the back than at the forehead
    radius = ((right / wide).abs() ** 2.15 + back.abs() ** 2.15) ** (1 / 2.15)
    radius = radius * (1 + 0.012 * smooth(noise["outline"], right, back))
    return Head(right, back, side, half, noise, BRAIN - radius)


def _anatomy(head: Head, chance: Tensor) -> tuple[Tensor, Tensor]:
    """The healthy head and the share of each pixel that is ventricle."""
    tone = _tones(chance[:, 9:16])
    cortex, furrow = _folds(head, chance[:, 16:19])
    ventricle, rim = _ventricles(head, chance[:, 19:24])
    matter = tone["white"] + (tone["grey"] - tone["white"]) * torch.maximum(cortex, _nuclei(head, chance))
    matter = matter * (1 + 0.035 * smooth(head.noise["matter"], head.u, head.v))
    matter = matter + rim * tone["rim"]
    inside = lay(matter, furrow, tone["fluid"])
    plexus = spot(head.side - 0.15, head.v - 0.2, 0.045) * column(chance[:, 24])
    inside = lay(inside, ventricle, tone["fluid"] + 0.45 * plexus)
    skin = tone["skin"] * (1 + 0.25 * smooth(head.noise["depth"], head.v, head.u))
    skull = BRAIN + 0.045 + 0.006 * smooth(head.noise["outline"], head.v, head.side)
    radius = BRAIN - head.depth
    image = lay(torch.zeros_like(radius), soft(1 - radius, head), skin)
    image = lay(image, soft(skull + 0.045 - radius, head), 0.09)
    image = lay(image, soft(skull - radius, head), tone["fluid"])
    return lay(image, soft(head.depth, head), inside), ventricle


def _tones(u: Tensor) -> dict[str, Tensor]:
    """How bright the parts are in each slice, (m, 1, 1)."""
    white = between(u[:, 0], 0.36, 0.44)
    return {
        "white": column(white),
        "grey": column(white + between(u[:, 1], 0.11, 0.2)),
        "fluid": column(between(u[:, 2], 0.09, 0.16)),
        "skin": column(between(u[:, 3], 0.5, 0.85)),
        # Only in some slices do the ventricles have a bright rim.
        "rim": column(between(u[:, 4], -0.2, 0.2).clamp(min=0)),
    }


def _folds(head: Head, u: Tensor) -> tuple[Tensor, Tensor]:
    """What share of each pixel is cortex, and which is the fluid in the furrows between its folds.

    A furrow is where a phase that grows with the angle, bent by smooth noise, is a multiple of 2π: so it runs
    inwards, winds, and has nearly the same course on both sides.
    """
    angle = torch.atan2(head.side / 0.8, -head.v)
    bend = 1.7 * smooth(head.noise["folds"], head.side, head.v)
    bend = bend + 0.8 * smooth(head.noise["uneven"], head.u, head.v)
    phase = 2 * column(between(u[:, 0], 9.5, 12.5)) * angle + bend
    across, along = torch.gradient(phase, dim=(1, 2))
    slope = torch.hypot(across, along) * head.half
    off = ((phase + torch.pi) % (2 * torch.pi) - torch.pi).abs() / slope.clamp(min=8)
    reach = 0.17 + 0.06 * smooth(head.noise["depth"], head.side, head.v)
    reach = reach + 0.14 * torch.exp(-(((angle - 1.35) / 0.15) ** 2))  # the deep furrow at the temple
    furrow = torch.hypot(off, (head.depth - reach).clamp(min=0))
    # Between the hemispheres, in front of and behind what connects them.
    middle = (head.u + 0.012 * smooth(head.noise["uneven"], head.v, head.v)).abs()
    bridge = (column(between(u[:, 1], 0.42, 0.34)) - head.v.abs()).clamp(min=0)
    furrow = torch.minimum(furrow, torch.hypot(middle, bridge))
    thick = 0.052 + 0.008 * smooth(head.noise["depth"], head.v, head.side)
    width = column(between(u[:, 2], 0.004, 0.016))
    return soft(thick - torch.minimum(head.depth, furrow), head), soft(width - furrow, head)


def _ventricles(head: Head, u: Tensor) -> tuple[Tensor, Tensor]:
    """The share of each pixel that is ventricle, and a rim around them; wide or narrow, hardly uneven."""
    wide = column(between(u[:, 0], 0.028, 0.08)) * (1 + 0.25 * head.u.sign() * column(u[:, 1] - 0.5))
    v = head.v + column(between(u[:, 2], -0.03, 0.05))
    centre = 0.03 + wide + column(between(u[:, 3], 0.9, 1.5)) * v**2
    length = column(between(u[:, 0], 0.28, 0.38))
    taper = (1 - (v / length) ** 2).clamp(min=0).sqrt() * (1 - 0.8 * v)
    wobble = 0.008 * smooth(head.noise["ventricle"], head.side, head.v)
    inside = wide * taper - (head.side - centre).abs() + wobble
    inside = torch.minimum(inside, 0.6 * (length - v.abs()))
    beyond = ((head.v - 0.12).abs() - 0.07).clamp(min=0)
    third = column(between(u[:, 4], -0.02, 0.026)) - torch.hypot(head.u, beyond)
    inside = torch.maximum(inside, third)
    return soft(inside, head), torch.exp(-((inside / 0.03) ** 2))


def _nuclei(head: Head, chance: Tensor) -> Tensor:
    """The share of grey matter deep in the brain: caudate nucleus, putamen, thalamus on both sides."""
    strength = column(between(chance[:, 25], 0.1, 1.0))
    wobble = 0.015 * smooth(head.noise["ventricle"], head.v, head.side)
    parts = ((0.2, -0.2, 0.05, 0.1), (0.33, -0.03, 0.055, 0.16), (0.13, 0.13, 0.075, 0.11))
    share = torch.zeros_like(head.u)
    for u, v, wide, long in parts:
        inside = 1 - torch.hypot((head.side - u - 0.2 * (head.v - v)) / wide, (head.v - v) / long)
        share = torch.maximum(share, soft(wide * inside + wobble, head, 2.0))
    return strength * share


def _vessels(head: Head, u: Tensor) -> Tensor:
    """Bright dots, smaller than any lesion, most of them near the surface; (m, size, size)."""
    angle = 2 * torch.pi * u[:, :, 0]
    far = 0.8 * BRAIN * u[:, :, 1] ** 0.4
    light = torch.zeros_like(head.u)
    for k in range(VESSELS):
        off_u = head.u - column(0.8 * far[:, k] * angle[:, k].sin())
        off_v = head.v + column(far[:, k] * angle[:, k].cos())
        strength = column(between(u[:, k, 2], -0.4, 0.5).clamp(min=0))
        light = light + strength * spot(off_u, off_v, column(between(u[:, k, 3], 0.018, 0.03)))
    return light


def _lesions(head: Head, u: Tensor, ventricle: Tensor, count: Tensor) -> tuple[Tensor, Tensor]:
    """Masks (m, 3, size, size) of the first `count` lesions, and what light they add, (m, size, size)."""
    m, size = head.u.shape[:2]
    tissue = soft(head.depth, head) * (1 - ventricle)
    masks = torch.zeros(m, MOST, size, size, dtype=torch.bool)
    light = torch.zeros_like(head.u)
    taken = torch.zeros_like(head.u, dtype=torch.bool)
    for k in range(MOST):
        free = tissue * ~taken
        share = _blob(head, u[:, k], free) * free
        mask = (share > 0.5) & (k < count[:, None, None])
        seen = mask.sum((1, 2), keepdim=True) >= LEAST * (size / 96) ** 2
        masks[:, k] = mask & seen
        strength = column(0.1 + 0.3 * u[:, k, 1] ** 0.4)  # faint ones are rare
        speckle = 1 + 0.12 * smooth(head.noise["matter"], head.v, head.u)
        light = torch.maximum(light, seen * strength * speckle * share)
        # A gap of some pixels keeps two lesions apart.
        taken = taken | (grown(masks[:, k]) & seen)
    return masks, light


def _blob(head: Head, u: Tensor, free: Tensor) -> Tensor:
    """How much of each pixel one lesion covers, (m, size, size); it lies where `free` tissue has room."""
    places = _room(u[:, EACH:].unflatten(1, (TRIES, 2)), free)
    at_u, at_v = (t.flatten(1).gather(1, places)[:, :, None] for t in (head.u, head.v))
    radius = column(0.06 * (0.20 / 0.06) ** u[:, 0])
    turn, stretch = column(torch.pi * u[:, 3]), column(between(u[:, 2], 1.0, 1.7).sqrt())
    off_u, off_v = head.u - at_u, head.v - at_v
    a = (turn.cos() * off_u + turn.sin() * off_v) / stretch
    b = (turn.cos() * off_v - turn.sin() * off_u) * stretch
    angle, outline = torch.atan2(b, a), torch.ones_like(a)
    for k in range(4):
        height, phase = column(u[:, 4 + 2 * k]), column(2 * torch.pi * u[:, 5 + 2 * k])
        outline = outline + 0.45 / (k + 2) * height * torch.cos((k + 2) * angle + phase)
    return soft(radius * outline - torch.hypot(a, b), head, 1.2 + 2.0 * column(u[:, 13]))


def _room(u: Tensor, free: Tensor) -> Tensor:
    """The first of the places (m, TRIES, 2) that has free tissue around it, as an index of pixels (m, 1)."""
    size = free.shape[-1]
    around = 2 * round(0.03 * size) + 1
    room = avg_pool2d(free[:, None], around, 1, around // 2).flatten(1)
    rows, columns = ((0.1 + 0.8 * u) * size).long().unbind(2)
    places = rows * size + columns
    found = room.gather(1, places)
    best = torch.where((found > 0.9).any(1), (found > 0.9).int().argmax(1), found.argmax(1))
    return places.gather(1, best[:, None])


def _scanned(image: Tensor, u: Tensor, bias: Tensor, grain: Tensor) -> Tensor:
    """What the scanner makes of it: a little blur, uneven sensitivity, and the noise of a magnitude."""
    image = image + u[:, :1, None] * 0.6 * (avg_pool2d(image[:, None], 3, 1, 1)[:, 0] - image)
    steps = torch.linspace(-1, 1, image.shape[-1]).expand_as(image)
    image = image * torch.exp(0.12 * column(u[:, 2]) * smooth(bias, steps, steps.mT))
    noise = column(between(u[:, 1], 0.012, 0.035)) * grain.permute(1, 0, 2, 3)
    return torch.hypot(image + noise[0], noise[1]).clamp(0, 1)
