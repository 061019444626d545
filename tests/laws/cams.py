"""The records of the class activation maps."""

import numpy as np
import torch
from torch import nn

from .. import networks
from .linear import behind_a_layer, pooled_cam, unchanged
from .record import Record, call


class Against(nn.Module):
    """The score against another class that always has 0."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, 1) → (n, 2)."""
        return torch.cat([x, torch.zeros_like(x)], 1)


def as_convolution(w: torch.Tensor) -> nn.Module:
    """One score a pixel, the same weights of the channels everywhere."""
    layer = nn.Conv2d(3, 1, 1, bias=False)
    with torch.no_grad():
        layer.weight.copy_(w.mean((1, 2))[None, :, None, None] / w[0].numel())
    return layer.to(networks.DEVICE)


def averaged_linear(w: torch.Tensor) -> nn.Module:
    """Feature maps, a global average, one linear layer."""
    return nn.Sequential(unchanged(3), nn.AdaptiveAvgPool2d(1), networks.linear(w.mean((1, 2)), 0.75))


def plus_plus_by_hand(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Grad-CAM++ cell by cell."""
    weights = []
    for slope, seen in zip(w, x, strict=True):
        total, weight = seen.sum(), 0.0
        for g in slope.flatten():
            weight = weight + g**2 / (2 * g**2 + total * g**3 + 1e-6) * max(g, g * 0)
        weights.append(weight)
    return torch.stack(weights).reshape(-1, 1, 1).mul(x).sum(0).clamp(min=0)


def score_cam_weights(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """What each channel, stretched to [0, 1], lets through of the score."""
    scores = [(w * x * ((c - c.min()) / (c.max() - c.min()))).sum() for c in x]
    return torch.stack(scores).softmax(0)


def principal_by_hand(x: torch.Tensor) -> torch.Tensor:
    """The first principal direction by numpy's eigenvectors of the covariance."""
    cells = x.double().flatten(1).cpu().numpy()
    v = np.linalg.eigh(np.cov(cells))[1][:, -1]
    centred = cells - cells.mean(1, keepdims=True)
    v = -v if (v @ centred) @ centred.mean(0) < 0 else v
    return torch.from_numpy((v @ centred).reshape(x.shape[1:]).clip(min=0)).to(x)


def cam(name: str, steps: str, rosetta, **more) -> Record:
    """A record of a map over the first layer of a linear model that has one."""
    first = {"layer": "0", "target": 0}
    usual = {"linear": behind_a_layer, "told": lambda x, x0: first, "one_a_pixel": True}
    return Record(name, steps=steps, rosetta=rosetta, **(usual | more))


RECORDS = (
    cam(
        "cam",
        steps="feature_maps class_weights weighted_maps cam attribution",
        rosetta=lambda w, x, x0: pooled_cam(w, x),
        linear=averaged_linear,
        around=networks.averaged,
        needs_a_class=True,
    ),
    cam(
        "grad_cam",
        steps="feature_maps gradients channel_weights weighted_maps combination cam attribution",
        rosetta=lambda w, x, x0: pooled_cam(w, x).clamp(min=0),
        open_checks=("linearity",),
        variants=(call(relu=False, upsample="nearest"),),
    ),
    cam(
        "grad_cam_plus_plus",
        steps="feature_maps gradients alphas channel_weights cam attribution",
        rosetta=lambda w, x, x0: plus_plus_by_hand(w, x),
    ),
    cam(
        "hires_cam",
        steps="feature_maps gradients products cam attribution",
        rosetta=lambda w, x, x0: (w * x).sum(0),
    ),
    cam(
        "layer_cam",
        steps="feature_maps gradients cell_weights cam attribution",
        rosetta=lambda w, x, x0: (w.clamp(min=0) * x).sum(0),
    ),
    cam(
        "score_cam",
        steps="feature_maps masks masked scores channel_weights cam attribution",
        rosetta=lambda w, x, x0: (score_cam_weights(w, x)[:, None, None] * x).sum(0),
    ),
    cam(
        "eigen_cam",
        steps="feature_maps centered singular_values principal_direction cam attribution",
        rosetta=lambda w, x, x0: principal_by_hand(x),
    ),
    cam(
        "contrastive_grad_cam",
        steps="loss feature_maps gradients channel_weights cam attribution",
        rosetta=lambda w, x, x0: (((w * x).sum() + 0.75).sigmoid() * pooled_cam(w, x)).clamp(min=0),
        linear=lambda w: nn.Sequential(*behind_a_layer(w), Against()),
    ),
    cam(
        "seg_grad_cam",
        steps="mask_prediction region feature_maps gradients channel_weights cam attribution",
        rosetta=lambda w, x, x0: pooled_cam(w, x).clamp(min=0) / x[0].numel(),
        linear=lambda w: nn.Sequential(unchanged(3), as_convolution(w)),
        needs_a_class=True,
        variants=(call(region="pixel"),),
    ),
)
