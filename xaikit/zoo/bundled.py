"""The models that ship: what each is made of, and what it was trained for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import nn

from xaikit.data import PHOTOS, SHAPES, TISSUES
from xaikit.zoo.networks import plain_cnn
from xaikit.zoo.unet import UNet

FOLDER = Path(__file__).parent
MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
WATERMARKED = "star"  # the class that always carries the watermark when `shapes_shortcut` is trained

_SHAPES = partial(plain_cnn, ((16,), (32, 32), (64, 64), (96, 96)), len(SHAPES))
_PHOTOS = partial(plain_cnn, ((24,), (48,), (64, 96), (128, 128)), len(PHOTOS))
_UNET = partial(UNet, (16, 32, 48, 64), len(TISSUES))


@dataclass(frozen=True)
class Bundled:
    """A model of ours.

    name           also that of its files
    build          makes its network, untrained; with `batch_norm=True` the one that is trained
    labels         its classes, in the order of its scores
    side           of its pictures, in pixels
    feature_layer  dotted name, in the network, of the layer that class activation maps look at
    """

    name: str
    build: Callable[..., nn.Module]
    labels: tuple[str, ...]
    side: int
    feature_layer: str

    @property
    def weights(self) -> Path:
        """The file with its parameters."""
        return FOLDER / "weights" / f"{self.name}.safetensors"

    @property
    def card(self) -> str:
        """What it was trained on, how well it does, and what that means; Markdown."""
        return (FOLDER / "cards" / f"{self.name}.md").read_text(encoding="utf-8")


BUNDLED = {
    model.name: model
    for model in (
        Bundled("shapes", _SHAPES, SHAPES, 64, "features.16"),
        Bundled("shapes_shortcut", _SHAPES, SHAPES, 64, "features.16"),
        Bundled("photos", _PHOTOS, tuple(PHOTOS.values()), 96, "features.14"),
        Bundled("unet", _UNET, TISSUES, 96, "bottleneck.3"),
    )
}
