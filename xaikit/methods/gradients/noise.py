"""Noisy copies of an example, the mean of what they say, and how far that mean may be off."""

import math

import torch
from torch import Tensor

from ...core.errors import number, whole_number
from ...core.sampling import draws, standard_normal
from ...core.score import Score
from ...core.stack import Stack
from ...core.steps import Check

NOISY = r"x_k = x + \epsilon_k, \quad \epsilon_k \sim N(0, \sigma^2)"
SLOPES = r"g_k = \nabla F(x_k)"


def noisy_copies(F: Score, n_samples: int, noise_std: float, seed: int) -> Stack:
    """x_k = x + ε_k, (n, …). Raises OptionError for fewer than one sample or a negative σ."""
    whole_number("n_samples", n_samples, 50)
    noise_std = number("noise_std", noise_std, "a number from 0, in units of x", 0, 1e30, 0.15)
    noise = draws(standard_normal(F.x), F.x, seed=seed)
    return F.rows(n_samples, lambda where: F.x + noise_std * noise(where))


def running_mean(rows: Tensor) -> Tensor:
    """The mean of the first k rows, for every k: (n, …) → (n, …)."""
    counts = torch.arange(1, len(rows) + 1).to(rows)
    return rows.cumsum(0) / counts.reshape(-1, *[1] * (rows.dim() - 1))


def standard_error(mean: Tensor, variance: Tensor, n: int) -> Check:
    """How large the sampling error is beside the result itself: the ratio of the norms, ideally near zero."""
    if n == 1:
        error = torch.tensor(math.inf)  # one sample says nothing about its error
    else:
        spread = (variance.sum() / (n - 1)).sqrt()
        error = spread / mean.norm() if bool(mean.any()) else spread
    return Check.bound("standard_error", error, 0.1, r"\|\mathrm{SE}(\phi)\| / \|\phi\| \to 0")
