"""The small classifiers of the zoo: convolutions, ReLUs, a global average, one linear layer. Nothing else."""

import copy
from collections import OrderedDict
from collections.abc import Callable, Sequence

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


def folded(model: nn.Module) -> nn.Module:
    """A copy in eval mode without batch normalisation: its scale and shift move into the convolutions.

    A normalisation must stand right behind its convolution in an `nn.Sequential`, at whatever depth.
    """
    model = copy.deepcopy(model).eval()
    for run in [part for part in model.modules() if isinstance(part, nn.Sequential)]:
        for i in reversed(range(1, len(run))):
            if isinstance(run[i], nn.BatchNorm2d):
                run[i - 1] = nn.utils.fuse_conv_bn_eval(run[i - 1], run[i])
                del run[i]
    return model


def seeded(seed: int, build: Callable[..., nn.Module]) -> nn.Module:
    """A fresh network to be trained, the same for the same seed; the global generator is left as it was.

    build  makes the network; called with `batch_norm=True`
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return build(batch_norm=True)
