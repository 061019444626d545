"""The networks of the benchmark, each with an example: the zoo's, and torchvision's with random weights."""

import os

import torch

import xaikit as xk

from ..networks import DEVICE, random

RANDOM = ("vgg11", "resnet18", "mobilenet_v2")
NAMES = ("squeezenet1_0", *RANDOM, "shapes", "photos")


def available() -> list[str]:
    """SqueezeNet needs a folder with weights, named by XAIKIT_WEIGHTS."""
    return [n for n in NAMES if n != "squeezenet1_0" or os.environ.get("XAIKIT_WEIGHTS")]


def network(name: str) -> tuple[torch.nn.Module, torch.Tensor]:
    """A network in eval mode, and one picture for it."""
    if name in RANDOM:
        import torchvision

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            model = torchvision.models.get_model(name, weights=None)
        return model.eval().to(DEVICE), random(3, 224, 224)
    model = xk.zoo.load(name)
    return model.to(DEVICE), random(3, *model.input_size)
