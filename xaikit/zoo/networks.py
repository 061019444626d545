"""The small networks of the zoo: convolutions and ReLUs, a global average, one linear layer. Nothing else."""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import nn


def plain_cnn(widths: Sequence[Sequence[int]], n_classes: int, batch_norm: bool = False) -> nn.Sequential:
    """A network for RGB pictures of any size, (n, 3, H, W) → (n, n_classes).

    widths      one entry a block, with the channels of its 3 × 3 convolutions; a 2 × 2 maximum stands between
                two blocks, so that `((16,), (32, 32))` has three convolutions and halves the picture once
    batch_norm  True while training; `folded` then gives the same function without it

    Because the classifier is linear in the channels' averages, a class activation map is exact on it.
    """
    layers: list[nn.Module] = []
    channels = 3
    for block in widths:
        layers += [nn.MaxPool2d(2)] if layers else []
        for width in block:
            layers.append(nn.Conv2d(channels, width, kernel_size=3, padding=1))
            layers += [nn.BatchNorm2d(width)] if batch_norm else []
            layers.append(nn.ReLU())
            channels = width
    parts = {
        "features": nn.Sequential(*layers),
        "pool": nn.AdaptiveAvgPool2d(1),
        "flatten": nn.Flatten(),
        "classifier": nn.Linear(channels, n_classes),
    }
    return nn.Sequential(OrderedDict(parts))


def folded(model: nn.Sequential) -> nn.Sequential:
    """The same function without batch normalisation: its scale and shift move into the convolutions."""
    layers: list[nn.Module] = []
    for layer in model.features:
        if isinstance(layer, nn.BatchNorm2d):
            layers[-1] = nn.utils.fuse_conv_bn_eval(layers[-1].eval(), layer.eval())
        else:
            layers.append(layer)
    parts = OrderedDict(model.named_children())
    parts["features"] = nn.Sequential(*layers)
    return nn.Sequential(parts).eval()


def seeded(seed: int, widths: Sequence[Sequence[int]], n_classes: int) -> nn.Sequential:
    """A fresh network to be trained, the same for the same seed; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return plain_cnn(widths, n_classes, batch_norm=True)
