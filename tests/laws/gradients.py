"""The records of the plain gradients."""

import torch

import xaikit as xk

from .record import Record

FEW = {"n_samples": 3}


def slope(F, point: torch.Tensor) -> torch.Tensor:
    """The gradient of a score at a point, by one backward pass."""
    leaf = point.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(F(leaf), leaf)
    return gradient


def slopes_of_the_noisy(explanation: xk.Explanation, F) -> torch.Tensor | None:
    """The gradients at the noisy inputs, one after the other; None if they were not kept."""
    if "noisy_inputs" not in explanation:
        return None
    return torch.stack([slope(F, point) for point in explanation["noisy_inputs"]])


def over_the_noise(statistic):
    """An oracle: a statistic of the gradients at the noisy inputs."""

    def oracle(explanation: xk.Explanation, F) -> torch.Tensor | None:
        g = slopes_of_the_noisy(explanation, F)
        return None if g is None else statistic(g)

    return oracle


RECORDS = (
    Record(
        "saliency",
        steps="score gradient attribution",
        rosetta=lambda w, x, x0: w.abs(),
        oracle=lambda e, F: slope(F, e.x).abs(),
    ),
    Record(
        "input_x_gradient",
        steps="score gradient attribution",
        rosetta=lambda w, x, x0: w * x,
        oracle=lambda e, F: e.x * slope(F, e.x),
    ),
    Record(
        "smoothgrad",
        steps="noisy_inputs gradients running_mean attribution",
        rosetta=lambda w, x, x0: w,
        quick=FEW,
        oracle=over_the_noise(lambda g: g.mean(0)),
    ),
    Record(
        "smoothgrad_squared",
        steps="noisy_inputs gradients attribution",
        rosetta=lambda w, x, x0: w**2,
        quick=FEW,
        oracle=over_the_noise(lambda g: (g**2).mean(0)),
    ),
    Record(
        "vargrad",
        steps="noisy_inputs gradients attribution",
        rosetta=lambda w, x, x0: torch.zeros_like(w),
        quick=FEW,
        oracle=over_the_noise(lambda g: g.var(0, correction=0)),
    ),
)
