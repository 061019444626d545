"""Lesson 06, class activation maps: what looks at the answers."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import exercise, need

MAPS = ("weights", "grad_cam", "hires_cam")
WAYS = ("nearest", "bilinear")


@exercise("06.1")
def by_hand(answer: Any) -> None:
    """Channel weights, Grad-CAM and HiResCAM of two feature maps of four cells."""
    need(
        isinstance(answer, dict) and set(answer) == set(MAPS),
        f"expected a dictionary with {', '.join(MAPS)}.",
    )
    A = np.array([[[2.0, 0], [1, 1]], [[0, 4], [2, 2]]])
    G = np.array([[[4.0, 0], [0, 0]], [[0, -2], [2, 2]]])
    weights, hires = G.mean((1, 2)), (G * A).sum(0)
    need(np.shape(answer["weights"]) == (2,), "weights: expected two numbers, one a channel.")
    mine = np.asarray(answer["weights"], float)
    need(not np.allclose(mine, G.sum((1, 2))), "weights: take the mean over the cells, not their sum.")
    need(
        not np.allclose(mine, np.maximum(G, 0).mean((1, 2))),
        "weights: a slope below zero counts in the mean, too.",
    )
    need(
        not np.allclose(mine, (G * A).mean((1, 2))),
        "weights: only the slopes are averaged, not the products.",
    )
    need(
        np.allclose(mine, weights, atol=0.01), "weights: the mean slope of each channel, over its four cells."
    )
    for name in MAPS[1:]:
        need(np.shape(answer[name]) == (2, 2), f"{name}: expected two rows of two.")
    mine = np.asarray(answer["grad_cam"], float)
    need(
        not np.allclose(mine, hires),
        "grad_cam: these are the products cell by cell. Average the slopes first.",
    )
    right = np.tensordot(weights, A, 1)
    need(
        np.allclose(mine, right, atol=0.01),
        "grad_cam: in each cell, weight times feature map, the two channels added.",
    )
    mine = np.asarray(answer["hires_cam"], float)
    need(not np.allclose(mine, np.maximum(hires, 0)), "hires_cam: it has no ReLU; what is below zero stays.")
    need(np.allclose(mine, hires, atol=0.01), "hires_cam: slope times feature map in each cell, then add up.")


def heads() -> "dict[str, tuple[Callable[[Tensor], Tensor], Tensor]]":
    """Functions of feature maps whose slopes are uneven, and maps to put in."""
    draw = torch.Generator().manual_seed(12)
    A = torch.rand(3, 2, 4, generator=draw)
    w = torch.randn(3, 2, 4, generator=draw)
    return {
        "a linear head": (lambda maps: (w * maps).sum(), A),
        "a head with squares": (lambda maps: (w * maps**2).sum(), A + 0.5),
    }


@exercise("06.2")
def from_a_head(answer: Callable[..., Any]) -> None:
    """The learner's grad_cam(head, A), by autograd."""
    need(callable(answer), "expected a function grad_cam(head, A).")
    for name, (head, A) in heads().items():
        given = answer(head, A.clone())
        need(given is not None, "the function returns nothing. End it with return …")
        need(isinstance(given, Tensor), f"expected a tensor; the function gave a {type(given).__name__}.")
        cells = tuple(A.shape[1:])
        need(given.shape == A.shape[1:], f"expected one number a cell, {cells}; it has {tuple(given.shape)}.")
        leaf = A.clone().requires_grad_()
        G = torch.autograd.grad(head(leaf), leaf)[0]
        signed = torch.tensordot(G.mean((1, 2)), A, 1)
        right, mine = signed.clamp(min=0), given.detach()

        def same(other: Tensor, mine: Tensor = mine) -> bool:
            return torch.allclose(mine, other, atol=1e-4)

        for reason, wrong in {
            "what speaks against the class is still in it: the ReLU is missing.": signed,
            "this is HiResCAM: the slopes must be averaged over the cells first.": (G * A).sum(0),
            "this is HiResCAM with a ReLU: average the slopes over the cells first.": (G * A)
            .sum(0)
            .clamp(min=0),
            "the slopes are added up, not averaged.": torch.tensordot(G.sum((1, 2)), A, 1).clamp(min=0),
            "the ReLU comes after the sum over the channels, not before.": (G.mean((1, 2))[:, None, None] * A)
            .clamp(min=0)
            .sum(0),
            "a channel that speaks against is lost: the weights have a sign.": torch.tensordot(
                G.mean((1, 2)).clamp(min=0), A, 1
            ),
        }.items():
            need(same(right) or not same(wrong), f"{name}: {reason}")
        need(same(right), f"{name}: the map is wrong. The slope of head at A, its mean a channel, then A.")


@exercise("06.3")
def wrong_peak(answer: Any) -> None:
    """Feature maps and slopes where Grad-CAM peaks in a cell whose HiResCAM is below zero."""
    need(isinstance(answer, (tuple, list)) and len(answer) == 2, "expected two arrays, A and G.")
    A, G = (np.asarray(part, float) for part in answer)
    need(
        A.shape == G.shape and A.ndim == 3 and max(A.shape) <= 4,
        f"A and G have one shape (channels, rows, columns), at most 4 each; "
        f"yours are {A.shape} and {G.shape}.",
    )
    need(np.isfinite(A).all() and np.isfinite(G).all(), "the numbers must be finite.")
    need((A >= 0).all(), "feature maps come out of a ReLU: A must not be below zero.")
    L, hires = np.maximum(np.tensordot(G.mean((1, 2)), A, 1), 0), (G * A).sum(0)
    need(L.max() > 0, "your Grad-CAM map is empty: nowhere is it above zero.")
    peaks = np.argwhere(np.isclose(L, L.max()))
    need(len(peaks) == 1, "your Grad-CAM map has several strongest cells. Let there be one.")
    here = tuple(int(i) for i in peaks[0])
    need(
        hires[here] < -1e-9,
        f"Grad-CAM peaks at {here}, and HiResCAM is {hires[here]:.2f} there. It must be below zero.",
    )


@exercise("06.4")
def spread(answer: Any) -> None:
    """How much of an enlarged row of cells lies in the pixels of its strongest cell."""
    need(
        isinstance(answer, dict) and set(answer) == set(WAYS),
        "expected a dictionary with nearest and bilinear.",
    )
    given = {name: float(answer[name]) for name in WAYS}
    row, inside = torch.tensor([0.0, 8, 4, 0]).reshape(1, 1, 1, 4), slice(4, 8)
    large = {
        "nearest": torch.nn.functional.interpolate(row, size=(1, 16)),
        "bilinear": torch.nn.functional.interpolate(row, size=(1, 16), mode="bilinear", align_corners=False),
    }
    corners = torch.nn.functional.interpolate(row, size=(1, 16), mode="bilinear", align_corners=True)

    def share(v: Tensor) -> float:
        return float(v.flatten()[inside].sum() / v.sum())

    for name in WAYS:
        need(0 <= given[name] <= 1, f"{name}: expected a share, from 0 to 1.")
    right = {name: share(v) for name, v in large.items()}
    need(abs(given["nearest"] - right["nearest"]) < 0.006, "nearest: each cell is repeated four times.")
    need(
        abs(given["bilinear"] - right["nearest"]) > 0.006,
        "bilinear: the cells are not repeated; between two centres the values lie on a line.",
    )
    need(
        abs(given["bilinear"] - share(corners)) > 0.006,
        "bilinear: that is align_corners=True, where the outermost cells stand at the very edge.",
    )
    need(
        abs(given["bilinear"] - right["bilinear"]) < 0.006,
        "bilinear: it is wrong. Do the sixteen pixels still sum to four times the cells?",
    )


@exercise("06.5")
def hot_but_losing(answer: Any) -> None:
    """Class weights with which P has the higher score, and Q the hotter cell."""
    need(isinstance(answer, dict) and set(answer) == {"P", "Q"}, "expected a dictionary with P and Q.")
    w = {name: np.asarray(answer[name], float) for name in ("P", "Q")}
    for name, weights in w.items():
        need(weights.shape == (2,), f"{name}: expected two weights, one a channel.")
        need(np.isfinite(weights).all(), f"{name}: the weights must be finite.")
    A = np.array([[[4.0, 0], [0, 0]], [[2, 2], [2, 2]]])
    L = {name: np.tensordot(weights, A, 1) for name, weights in w.items()}
    P, Q = (float(L[name].mean()) for name in "PQ")
    need(P > Q + 1e-9, f"the score of P is {P:.2f}, that of Q {Q:.2f}. P must win.")
    P, Q = (float(L[name].max()) for name in "PQ")
    need(Q > P + 1e-9, f"the hottest cell of P is {P:.2f}, that of Q {Q:.2f}. Q must be hotter.")
