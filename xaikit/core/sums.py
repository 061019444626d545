"""Sums over the leading axis of a stack, in one pass and in the memory of one batch."""

import torch
from torch import Tensor

from .stack import Stack


def along(values: Tensor, x: Tensor) -> Tensor:
    """One number a row, shaped so that it multiplies rows of the shape of `x`: (n,) → (n, 1, …, 1)."""
    return values.reshape(-1, *[1] * x.dim())


def weighted_sum(weights: Tensor, rows: "Stack | Tensor") -> Tensor:
    r"""$\sum_k w_k r_k$ over the leading axis, batch by batch: (n,) and (n, …) → (…)."""
    stack = Stack.of(rows, len(rows))
    total: Tensor | None = None
    for where, batch in stack.batches():
        part = torch.tensordot(weights[where].to(batch), batch, dims=1)
        total = part if total is None else total + part
    assert total is not None
    return total


def moments(rows: "Stack | Tensor") -> tuple[Tensor, Tensor]:
    """Mean and variance (divided by n) over the leading axis in one pass, merged by batches (Chan 1979)."""
    stack = Stack.of(rows, len(rows))
    n, mean, squares = 0, torch.zeros(()), torch.zeros(())
    for _, batch in stack.batches():
        k, batch_mean = len(batch), batch.mean(0)
        if n == 0:
            mean, squares = torch.zeros_like(batch_mean), torch.zeros_like(batch_mean)
        shift = batch_mean - mean
        squares = squares + ((batch - batch_mean) ** 2).sum(0) + shift**2 * (n * k / (n + k))
        mean = mean + shift * (k / (n + k))
        n += k
    return mean, squares / n
