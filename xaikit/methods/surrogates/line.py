"""The line that stands for the model near one example: weighted least squares, in closed form.

z_k  a sample: 1 where it is as in x, 0 elsewhere      F(x_k)  what the model says about it
d_k  how far it lies from x      w_k  how much it counts      β, c  slopes and intercept      λ  the penalty
"""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from ...core.errors import number
from ...core.stack import Lazy
from ...core.steps import Check, Step
from ...core.types import Steps
from ...inputs.tables import frame

KERNEL = r"w_k = \sqrt{\exp(-d_k^2 / \sigma^2)}"
LINE = r"\mathrm{argmin}_{\beta, c} \sum_k w_k (F(x_k) - c - z_k \beta)^2 + \lambda \|\beta\|^2"


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


def fitted(predictions: Tensor, z: Tensor, distances: Tensor, width: float, penalty: float) -> Steps[Fit]:
    """Predictions, distances, weights, and the line through the samples."""
    width = number("kernel_width", width, "a number above 0", 1e-9, 1e9, 0.25)
    penalty = number("penalty", penalty, "a number from 0", 0, 1e9, 1.0)
    yield Step("predictions", predictions, r"F(x_k)", "what the model says about each", kind="curve")
    yield Step("distances", distances, r"d_k = d(z_k, 1)", "how much is missing", kind="curve")
    weights = (-(distances**2) / width**2).exp().sqrt()
    yield Step("sample_weights", weights, KERNEL, "what is near counts more", kind="curve")
    return ridge(z, predictions.cpu(), weights, penalty)


def line_step(names: list[str], fit: Fit) -> Step:
    """The step that is the line itself: its slopes, its intercept, and how well it fits."""

    def table() -> Any:
        numbers = [*fit.coefficients.tolist(), float(fit.intercept), float(fit.r2)]
        return frame({"term": [*names, "intercept", "R²"], "value": numbers})

    return Step("regression", Lazy(table), LINE, "the line that stands for the model", kind="table")


def fidelity(fit: Fit) -> Check:
    """Whether the line follows the model at all: what it leaves unexplained is at most half."""
    return Check.bound("fidelity", 1 - fit.r2, 0.5, r"1 - R^2 \leq 0.5")
