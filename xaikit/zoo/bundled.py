"""The models for pictures that ship: what each is made of, and what it was trained for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import nn

from xaikit.core.preprocessed import Preprocessed
from xaikit.data import PHOTOS, SHAPES, TISSUES
from xaikit.zoo.files import load_parameters, read_card, read_parameters, weights_file
from xaikit.zoo.networks import plain_cnn
from xaikit.zoo.unet import UNet

MEAN, STD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
WATERMARKED = "star"  # the class that always carries the watermark when `shapes_shortcut` is trained

_SHAPES = partial(plain_cnn, ((16,), (32, 32), (64, 64), (96, 96)), len(SHAPES))
_PHOTOS = partial(plain_cnn, ((24,), (48,), (64, 96), (128, 128)), len(PHOTOS))
_UNET = partial(UNet, (16, 32, 48, 64), len(TISSUES))


@dataclass(frozen=True)
class Bundled:
    """A model of ours for pictures.

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
        return weights_file(self.name)

    @property
    def card(self) -> str:
        """What it was trained on, how well it does, and what that means; Markdown."""
        return read_card(self.name)


BUNDLED = {
    model.name: model
    for model in (
        Bundled("shapes", _SHAPES, SHAPES, 64, "features.16"),
        Bundled("shapes_shortcut", _SHAPES, SHAPES, 64, "features.16"),
        Bundled("photos", _PHOTOS, tuple(PHOTOS.values()), 96, "features.14"),
        Bundled("unet", _UNET, TISSUES, 96, "bottleneck.3"),
    )
}


def load_bundled(name: str) -> Preprocessed:
    """The model with its weights, in eval mode, on the CPU. FileError: their file is missing or broken."""
    bundled = BUNDLED[name]
    with torch.random.fork_rng(devices=[]):
        network = bundled.build()
    load_parameters(network, read_parameters(bundled.weights), bundled.weights)
    return Preprocessed(
        network.eval(),
        MEAN,
        STD,
        labels=bundled.labels,
        card=bundled.card,
        feature_layer=f"model.{bundled.feature_layer}",
        input_size=(bundled.side, bundled.side),
    )
