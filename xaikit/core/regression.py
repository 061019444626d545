"""Weighted least squares, in closed form: the line that a surrogate fits.

Z  samples (k, n)      y  what the model says of each (k,)      w  how much each counts (k,)
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Fit(NamedTuple):
    """A line: y ≈ intercept + Z coefficients, and the share of the weighted variance that it explains."""

    coefficients: Tensor
    intercept: Tensor
    r2: Tensor
    fitted: Tensor


def ridge(Z: Tensor, y: Tensor, w: Tensor, penalty: float) -> Fit:
    r"""$\min_{\beta, c} \sum_k w_k (y_k - c - z_k \beta)^2 + \lambda \|\beta\|^2$; the intercept is free.

    With more columns than samples the same solution comes from the smaller, dual system.
    """
    Z, y, w = Z.double(), y.double(), w.double()
    share = w / w.sum()
    middle, level = share @ Z, share @ y
    A, b = (Z - middle) * w.sqrt()[:, None], (y - level) * w.sqrt()
    wide = A.shape[1] > A.shape[0]
    beta = A.T @ solve(A @ A.T, b, penalty) if wide else solve(A.T @ A, A.T @ b, penalty)
    intercept = level - middle @ beta
    fitted = intercept + Z @ beta
    left, all_ = (w * (y - fitted) ** 2).sum(), (w * (y - level) ** 2).sum()
    # Where every sample has the same score there is nothing to explain, and the flat line says all of it.
    r2 = 1 - left / all_ if bool(all_ > 1e-24 * (w * y**2).sum()) else torch.ones_like(left)
    return Fit(beta, intercept, r2, fitted)


def solve(G: Tensor, b: Tensor, penalty: float) -> Tensor:
    """(G + λ I)⁻¹ b for a symmetric G; the smallest solution where there are many."""
    G = G + penalty * torch.eye(len(G), dtype=G.dtype, device=G.device)
    return torch.linalg.pinv(G, hermitian=True, rtol=1e-12) @ b if penalty == 0 else torch.linalg.solve(G, b)


def with_sum(Z: Tensor, y: Tensor, w: Tensor, total: Tensor) -> Tensor:
    r"""$\min_\beta \sum_k w_k (y_k - z_k \beta)^2$ where $\sum_i \beta_i$ is the total, by Lagrange."""
    Z, y, w = Z.double(), y.double(), w.double()
    inverse = torch.linalg.pinv((Z * w[:, None]).T @ Z, hermitian=True, rtol=1e-12)
    free, ones = inverse @ (Z.T @ (w * y)), inverse.sum(1)
    if not bool(ones.sum() > 0):  # no sample: all share alike
        return (total / Z.shape[1]).expand(Z.shape[1]).clone()
    return free - ones * (free.sum() - total) / ones.sum()
