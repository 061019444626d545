"""Lesson 14, segmentation: what looks at the answers."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from . import exercise, need, returned

PARTS = ("alpha", "L", "hires")
LESION = 3


@exercise("14.1")
def by_hand(answer: Any) -> None:
    """Weights and maps of two channels of 2 × 2 cells."""
    need(
        isinstance(answer, dict) and set(answer) == set(PARTS),
        "expected a dictionary of alpha, L, hires.",
    )
    A = np.array([[[2.0, 0], [0, 4]], [[1, 3], [0, 1]]])
    G = np.array([[[4.0, 0], [0, -2]], [[0, -4], [0, 0]]])
    alpha, L, hires = (np.asarray(answer[name], float) for name in PARTS)
    need(alpha.shape == (2,), "alpha has two numbers, one a channel.")
    need(L.shape == hires.shape == (2, 2), "a map has two rows of two cells.")
    need(not np.allclose(alpha, G.sum((1, 2))), "alpha: that is the sum of the slopes. Take the mean.")
    right = G.mean((1, 2))
    need(np.allclose(alpha, right, atol=0.01), "alpha is wrong. It is the mean of G over all four cells.")
    combined = np.tensordot(right, A, 1)
    need(not np.allclose(L, combined), "L: the ReLU is missing.")
    need(not np.allclose(L, (G * A).sum(0).clip(0)), "L: you took the slopes cell by cell, not their mean.")
    need(np.allclose(L, combined.clip(0), atol=0.01), "L is wrong. Add the feature maps, each times its α.")
    need(not np.allclose(hires, (G * A).sum(0).clip(0)), "hires: no ReLU here, keep the signs.")
    need(
        np.allclose(hires, (G * A).sum(0), atol=0.01),
        "hires is wrong. Multiply G and A cell by cell, then add the channels.",
    )


@exercise("14.2")
def margin(answer: Callable[..., Any]) -> None:
    """The learner's margin(out, mask): lesion less the best of the rest, a mean over the mask."""
    need(callable(answer), "expected a function margin(out, mask).")
    out = torch.randn(3, 4, 5, 6, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    out.requires_grad_()
    mask = torch.zeros(5, 6, dtype=torch.bool)
    mask[1:4, 2:4] = True
    rest = [c for c in range(4) if c != LESION]
    expected = (out[:, LESION] - out[:, rest].amax(1))[:, mask].mean(1)
    raw = answer(out, mask)
    given = returned(raw, expected)

    def equal(other: torch.Tensor) -> bool:
        return torch.allclose(given, other.detach().to(given), atol=1e-6)

    need(not equal(expected * mask.sum()), "that is the sum over the mask. Take the mean.")
    need(not equal(-expected), "the sign is the wrong way round: large where it is surely lesion.")
    need(not equal(out[:, LESION][:, mask].mean(1)), "nothing is taken off: lesion rather than what?")
    everywhere = (out[:, LESION] - out[:, rest].amax(1)).mean((1, 2))
    need(not equal(everywhere), "the mean is over the whole picture, not over the mask.")
    own = (out[:, LESION] - out.amax(1))[:, mask].mean(1)
    need(not equal(own), "the largest of all four was taken off; lesion must not compete with itself.")
    one = (out[:, LESION] - out[:, 1])[:, mask].mean(1)
    need(not equal(one), "that is lesion rather than tissue. Take the best of the other three.")
    mean = (out[:, LESION] - out[:, rest].mean(1))[:, mask].mean(1)
    need(not equal(mean), "that is the mean of the other three. Take the largest.")
    regional = out[:, LESION][:, mask].mean(1) - out[:, rest][:, :, mask].mean(2).amax(1)
    need(not equal(regional), "the largest of the others is to be taken pixel by pixel, before the mean.")
    need(equal(expected), "the numbers are wrong. Pixel by pixel: lesion less the largest of the others.")
    need(raw.requires_grad, "the numbers are right, but torch cannot differentiate them: do not detach.")


@exercise("14.3")
def sees(answer: Callable[..., Any]) -> None:
    """The learner's sees(p): the rows on which the score of a pixel can depend."""
    need(callable(answer), "expected a function sees(p).")
    for p in (48, 41, 53, 26, 0, 95):
        given = answer(p)
        need(given is not None, "the function returns nothing. End it with return …")
        need(isinstance(given, (tuple, list)) and len(given) == 2, "expected the first and the last row.")
        lo, hi = (int(end) for end in given)
        first, last = reach(p)
        need(0 <= lo <= hi <= 95, f"row {p}: the rows go from 0 to 95; yours are {lo} to {hi}.")
        plain = max(p - 44, 0), min(p + 44, 95)
        need(
            (lo, hi) == (first, last) or (lo, hi) != plain,
            f"row {p}: the convolutions are counted. A cell that was pooled has two rows, too.",
        )
        need(lo >= first and hi <= last, f"row {p}: it cannot see as far as you say.")
        need(lo <= first and hi >= last, f"row {p}: it can see further than you say.")


def reach(p: int) -> tuple[int, int]:
    """First and last row for row p, going backwards through the network."""
    lo = hi = p
    for _ in range(3):
        lo, hi = (lo - 2) // 2, (hi + 2) // 2
    lo, hi = lo - 2, hi + 2
    for _ in range(3):
        lo, hi = 2 * lo - 2, 2 * hi + 3
    return max(lo, 0), min(hi, 95)


@exercise("14.4")
def astray(answer: Any) -> None:
    """Feature maps and slopes for which the map is strongest where no slope is."""
    need(isinstance(answer, (tuple, list)) and len(answer) == 2, "expected two arrays, A and G.")
    A, G = (np.asarray(part, float) for part in answer)
    need(A.ndim == 3, f"A has the shape (channels, h, w); yours is {A.shape}.")
    need(A.shape == G.shape, f"G must have the shape of A, {A.shape}; it has {G.shape}.")
    channels, rows, columns = A.shape
    need(channels <= 4 and max(rows, columns) <= 6, f"at most 4 × 6 × 6; yours is {A.shape}.")
    need(columns >= 2 and columns % 2 == 0, "an even number of columns, so that there are two halves.")
    need(np.isfinite(A).all() and np.isfinite(G).all(), "the numbers must be finite.")
    need((A >= 0).all(), "A is nowhere below zero: it comes out of a ReLU.")
    half = columns // 2
    need((G[:, :, half:] == 0).all(), "G is not zero in the right half: the score depends on it.")
    need(G.any(), "G is zero everywhere: then the score depends on nothing.")
    L = np.tensordot(G.mean((1, 2)), A, 1).clip(0)
    need(L.any(), "the map is empty after the ReLU. Which sign has the weight?")
    left, right = L[:, :half].max(), L[:, half:].max()
    need(
        right > left + 1e-9,
        f"the strongest cell of the left half has {left:.2f}, of the right half {right:.2f}.",
    )


@exercise("14.5")
def gain(answer: Any) -> None:
    """How many times as strong the faint lesion of number 10 must be."""
    given = float(answer)
    need(1 <= given <= 5, "expected a gain from 1 to 5.")
    need(abs(10 * given - round(10 * given)) < 1e-6, "expected one of 1.0, 1.1, 1.2, ….")
    here = share_found(given)
    need(here >= 2 / 3, f"at {given:.1f} only {here:.0%} of it is found.")
    need(share_found(given - 0.1) < 2 / 3, f"at {given:.1f} enough of it is found, but less would do.")


@functools.cache
def share_found(strength: float) -> float:
    """What share of the second lesion of slice 10 is found, `strength` times as strong."""
    from .. import data, zoo

    head, twin = data.slices(11)[10], data.slices(11, n_lesions=0)[10]
    model = zoo.load("unet")
    z = twin.image + strength * (head.image - twin.image)
    with torch.no_grad():
        scores = model(z[None].to(next(model.parameters()).device))[0].cpu()
    return float((scores.argmax(0) == LESION)[head.object_masks[1]].float().mean())
