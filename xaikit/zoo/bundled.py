"""The models that ship: what each is made of, and what it was trained for."""

from dataclasses import dataclass
from pathlib import Path

from torch import nn

from xaikit.data import PHOTOS, SHAPES
from xaikit.zoo.networks import plain_cnn

FOLDER = Path(__file__).parent
MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
WATERMARKED = "star"  # the class that always carries the watermark when `shapes_shortcut` is trained

_SHAPES_WIDTHS = ((16,), (32, 32), (64, 64), (96, 96))
_PHOTOS_WIDTHS = ((24,), (48,), (64, 96), (128, 128))


@dataclass(frozen=True)
class Bundled:
    """A model of ours: the widths of its network, its classes, the side of its pictures in pixels."""

    name: str
    widths: tuple[tuple[int, ...], ...]
    labels: tuple[str, ...]
    side: int

    @property
    def weights(self) -> Path:
        """The file with its parameters."""
        return FOLDER / "weights" / f"{self.name}.safetensors"

    @property
    def card(self) -> str:
        """What it was trained on, how well it does, and what that means; Markdown."""
        return (FOLDER / "cards" / f"{self.name}.md").read_text(encoding="utf-8")

    def network(self) -> nn.Sequential:
        """The network without its trained parameters."""
        return plain_cnn(self.widths, len(self.labels))


BUNDLED = {
    model.name: model
    for model in (
        Bundled("shapes", _SHAPES_WIDTHS, SHAPES, 64),
        Bundled("shapes_shortcut", _SHAPES_WIDTHS, SHAPES, 64),
        Bundled("photos", _PHOTOS_WIDTHS, tuple(PHOTOS.values()), 96),
    )
}
