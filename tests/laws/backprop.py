"""The records of the methods that change the rules of the backward pass."""

import torch
from torch import nn

from .linear import behind_a_layer, followed_by_a_relu, pooled_cam
from .record import Record, call

RELEVANCE = "activations relevances layer_sums attribution"


def boxed_by_hand(w: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Shares of x w - h w⁻ for values between 0 and 1, of the whole score."""
    share = x * w - w.clamp(max=0)
    return share / share.sum() * ((w * x).sum() + 0.75)


RECORDS = (
    Record(
        "deconvnet",
        steps="relu_signals switches attribution",
        rosetta=lambda w, x, x0: w,
        linear=followed_by_a_relu,
        open_checks=("linearity",),
    ),
    Record(
        "guided_backprop",
        steps="relu_signals attribution",
        rosetta=lambda w, x, x0: w,
        linear=followed_by_a_relu,
        open_checks=("linearity",),
    ),
    Record(
        "guided_grad_cam",
        steps="guided_backprop grad_cam attribution",
        rosetta=lambda w, x, x0: w.clamp(min=0) * pooled_cam(w, x).clamp(min=0),
        linear=lambda w: behind_a_layer(w, nn.ReLU()),
        told=lambda x, x0: {"layer": "1", "target": 0},
        open_checks=("linearity",),
    ),
    Record(
        "lrp",
        steps=RELEVANCE,
        rosetta=lambda w, x, x0: w * x,
        open_checks=("conservation",),
        variants=(call(rules="epsilon-gamma-box"), call(rules={"": "z_plus"})),
    ),
    Record(
        "deep_taylor",
        steps=RELEVANCE,
        rosetta=lambda w, x, x0: boxed_by_hand(w, x),
        variants=(call(box=None),),
    ),
    Record(
        "deep_lift",
        steps="activations reference_activations multipliers contributions attribution",
        rosetta=lambda w, x, x0: w * (x - x0),
        variants=(call(rule="reveal_cancel"), call(baseline="white")),
    ),
    Record(
        "deep_shap",
        steps="multipliers per_reference attribution",
        rosetta=lambda w, x, x0: w * (x - x0),
    ),
)
