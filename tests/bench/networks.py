"""The models of the benchmark, each with an example: the zoo's, and torchvision's with random weights."""

import functools
import os
from typing import Any

import torch
from torch import nn

import xaikit as xk

from ..networks import DEVICE, random, seeded

RANDOM = ("vgg11", "resnet18", "mobilenet_v2")
PICTURES = ("squeezenet1_0", *RANDOM, "shapes", "photos")
COLUMNS, TABLE, TEXTS = "12 columns", "breast_cancer", "news"
NAMES = (*PICTURES, COLUMNS, TABLE, TEXTS)


def available() -> list[str]:
    """SqueezeNet needs a folder with weights, named by XAIKIT_WEIGHTS."""
    return [n for n in NAMES if n != "squeezenet1_0" or os.environ.get("XAIKIT_WEIGHTS")]


def network(name: str) -> tuple[nn.Module, Any]:
    """A network in eval mode, and one picture, row or text for it."""
    if name == COLUMNS:
        layers = lambda: nn.Sequential(  # noqa: E731
            nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2)
        )
        return seeded(layers), random(12)
    if name == TABLE:
        return xk.zoo.load(TABLE).to(DEVICE), xk.data.table(TABLE, "test").X[0].to(DEVICE)
    if name == TEXTS:
        return xk.zoo.load(TEXTS).to(DEVICE), xk.data.news("test").texts[0]
    if name in RANDOM:
        import torchvision

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            model = torchvision.models.get_model(name, weights=None)
        return model.eval().to(DEVICE), random(3, 224, 224)
    model = xk.zoo.load(name)
    return model.to(DEVICE), random(3, *model.input_size)


@functools.cache
def background(columns: int) -> torch.Tensor:
    """Twenty rows of as many columns, from the table where it is the table's."""
    if columns == 12:
        return random(20, 12, seed=1)
    return xk.data.table(TABLE).X[:20].to(DEVICE)
