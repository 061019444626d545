"""Linear models in the shapes that methods need, and arithmetic that several Rosetta rows share."""

import torch
from torch import nn

from .. import networks


def unchanged(channels: int) -> nn.Module:
    """A convolution that changes nothing, so that there is a layer to look at."""
    layer = nn.Conv2d(channels, channels, 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(torch.eye(channels)[:, :, None, None])
    return layer.to(networks.DEVICE)


def behind_a_layer(w: torch.Tensor, *between: nn.Module) -> nn.Module:
    """w · x + 0.75 of a picture, behind a layer with height and width and whatever stands between them."""
    return nn.Sequential(unchanged(3), *between, networks.linear(w, 0.75))


def followed_by_a_relu(w: torch.Tensor) -> nn.Module:
    """max(w · x + 0.75, 0), for rules that change what a ReLU does in the backward pass."""
    return nn.Sequential(networks.linear(w, 0.75), nn.ReLU())


def pooled_cam(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """The maps weighted by their mean slopes, summed."""
    return (w.mean((1, 2))[:, None, None] * x).sum(0)


def halves(x: torch.Tensor) -> torch.Tensor:
    """Two regions, the upper and the lower half."""
    return (torch.arange(x.shape[-2]) >= x.shape[-2] // 2)[:, None].expand(x.shape[-2:]).long()


def mean_over_halves(A: torch.Tensor) -> torch.Tensor:
    """Every pixel with the mean of its half."""
    lower = halves(A).bool().to(A.device)
    return torch.where(lower, A[lower].mean(), A[~lower].mean())


def sum_over_halves(A: torch.Tensor) -> torch.Tensor:
    """Every pixel with the sum of its half."""
    return mean_over_halves(A) * (A.numel() / 2)


def several(x: torch.Tensor) -> torch.Tensor:
    """The row, and two others."""
    return torch.stack([x, 1 - x, x**2])
