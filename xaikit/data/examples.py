"""What a data set hands out: an `Example`, or `Examples`, a batch, with the truth beside the pictures."""

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from xaikit.core.errors import OptionError

Box = tuple[str, int, int, int, int]


@dataclass(frozen=True, eq=False, repr=False)
class Example:
    """One picture and what is known about it.

    image         (3, H, W) float32, RGB in [0, 1]
    label         the name of its class
    mask          (H, W) bool, True on the pixels that belong to the target; None where nobody knows
    boxes         one (label, y0, x0, y1, x1) for each object, in pixels, y1 and x1 exclusive
    name          says where it comes from, such as "shapes, seed 0, number 3"
    object_masks  (objects, H, W) bool, one for each box, in the same order, visible pixels only; or None
    fills         the pattern of each object ("solid", "striped", …), where the data set has patterns
    classes       (H, W) int64, the class of each pixel, where the data set says it, such as `slices`; or None
    """

    image: Tensor
    label: str
    mask: Tensor | None = None
    boxes: tuple[Box, ...] = ()
    name: str = ""
    object_masks: Tensor | None = None
    fills: tuple[str, ...] = ()
    classes: Tensor | None = None

    def __repr__(self) -> str:
        return f"Example({self.name!r}: {self.label}, {tuple(self.image.shape)})"


@dataclass(frozen=True, eq=False, repr=False)
class Examples:
    """A batch of `n` pictures: `examples[i]` is an `Example`; `len` and iteration work as on a list.

    images        (n, 3, H, W) float32, RGB in [0, 1]
    targets       (n,) int64, the class of each picture, counted in `labels`
    labels        the names of all classes
    masks         (n, H, W) bool, or None
    boxes         for each picture its boxes, as in `Example`; empty where there are none
    name          what the batch is, such as "shapes, seed 0"
    object_masks  (n, objects, H, W) bool, or None; the last ones are empty where a picture has fewer objects
    fills         for each picture the patterns of its objects; empty where there are none
    classes       (n, H, W) int64, the class of each pixel, or None
    """

    images: Tensor
    targets: Tensor
    labels: list[str]
    masks: Tensor | None = None
    boxes: tuple[tuple[Box, ...], ...] = ()
    name: str = ""
    object_masks: Tensor | None = None
    fills: tuple[tuple[str, ...], ...] = ()
    classes: Tensor | None = None

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> Example:
        if not -len(self) <= i < len(self):
            raise IndexError(f"there are {len(self)} examples; number {i} was asked for")
        i %= len(self)
        boxes = self.boxes[i] if self.boxes else ()
        return Example(
            image=self.images[i],
            label=self.labels[int(self.targets[i])],
            mask=None if self.masks is None else self.masks[i],
            boxes=boxes,
            name=f"{self.name}, number {i}",
            object_masks=None if self.object_masks is None else self.object_masks[i][: len(boxes)],
            fills=self.fills[i] if self.fills else (),
            classes=None if self.classes is None else self.classes[i],
        )

    def __iter__(self) -> Iterator[Example]:
        return (self[i] for i in range(len(self)))

    def __repr__(self) -> str:
        shape = tuple(self.images.shape[1:])
        return f"Examples({self.name!r}: {len(self)} × {shape}, {len(self.labels)} classes)"


def at_least(least: int, **numbers: object) -> None:
    """Raise OptionError unless every one of the named `numbers` is a whole number from `least` on."""
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            message = f"{name} is a whole number, at least {least}; {value!r} was given."
            raise OptionError(f"{message} Try {name}={max(least, 10)}.")
