"""A small U-Net (Ronneberger 2015): down to see far, up again to see sharply, with bridges in between."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate


class UNet(nn.Module):
    """A network that gives every pixel a class: RGB pictures (n, 3, H, W) → logits (n, n_classes, H, W).

    widths      channels of each level, from the full picture to the bottleneck; between two levels stands a
                2 × 2 maximum on the way down, and the nearest pixel on the way up
    batch_norm  True while training; `xaikit.zoo.networks.folded` then gives the same function without it

    On the way up each level first gets its own maps of the way down laid beside what comes from below: the
    skip connections. Sides are best multiples of 2 ** (levels - 1), so that the halves fit; others do work.
    """

    def __init__(self, widths: Sequence[int], n_classes: int, batch_norm: bool = False) -> None:
        super().__init__()
        *outer, deepest = widths
        inputs = [3, *outer]
        below = [*outer[1:], deepest]
        self.encoder = nn.ModuleList(_block(a, b, batch_norm) for a, b in zip(inputs, outer, strict=False))
        self.pool = nn.MaxPool2d(2)
        self.bottleneck = _block(outer[-1], deepest, batch_norm)
        self.decoder = nn.ModuleList(
            _block(a + b, b, batch_norm) for a, b in reversed(list(zip(below, outer, strict=True)))
        )
        self.classifier = nn.Conv2d(outer[0], n_classes, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """(n, 3, H, W) → (n, n_classes, H, W)."""
        skips = []
        for block in self.encoder:
            x = block(x)
            skips.append(x)
            x = self.pool(x)
        x = self.bottleneck(x)
        for block in self.decoder:
            skip = skips.pop()
            x = block(torch.cat([skip, interpolate(x, size=skip.shape[2:])], dim=1))
        return self.classifier(x)


def _block(inputs: int, width: int, batch_norm: bool) -> nn.Sequential:
    """Two 3 × 3 convolutions, each with its ReLU."""
    layers: list[nn.Module] = []
    for channels in (inputs, width):
        layers.append(nn.Conv2d(channels, width, kernel_size=3, padding=1))
        layers += [nn.BatchNorm2d(width)] if batch_norm else []
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)
