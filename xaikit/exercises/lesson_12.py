"""Lesson 12, LIME on images: what looks at the answers."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from . import exercise, need, returned


@exercise("12.1")
def by_hand(answer: Any) -> None:
    """The distance and the weight of a sample with 9 of 16 superpixels on."""
    need(isinstance(answer, Mapping) and set(answer) == {"distance", "weight"}, "keep the two names.")
    distance, weight = (float(answer[name]) for name in ("distance", "weight"))
    share, sigma = 9 / 16, 0.25
    d = 1 - share**0.5
    need(not np.isclose(distance, 1 - share), "that is the share that is off. The distance takes a root.")
    need(not np.isclose(distance, share**0.5), "that is the cosine. The distance is 1 less that.")
    need(
        np.isclose(distance, d, atol=1e-3),
        "the distance is not right: 1 less the root of the share that is on.",
    )
    need(
        not np.isclose(weight, np.exp(-(d**2) / sigma**2), atol=1e-3),
        "the distance is right. The weight is the root of this exponential.",
    )
    need(
        np.isclose(weight, np.exp(-(d**2) / sigma**2) ** 0.5, atol=1e-3),
        "the distance is right, the weight not.",
    )


@exercise("12.2")
def with_holes(answer: Callable[..., Any]) -> None:
    """The learner's holes(x, segments, z, colour)."""
    need(callable(answer), "expected a function holes(x, segments, z, colour).")
    x = torch.rand(3, 4, 6, generator=torch.Generator().manual_seed(0))
    segments = torch.arange(6).expand(4, 6) // 2
    colour, z = torch.tensor([0.1, 0.5, 0.9]), torch.tensor([1.0, 0.0, 1.0])
    expected = x.clone()
    expected[:, :, 2:4] = colour[:, None, None]
    turned = torch.where(z[segments] > 0, colour[:, None, None], x)
    before = x.clone()
    given = returned(answer(x, segments, z, colour), x)
    need(torch.equal(x, before), "your function changes x itself. Work on a copy.")
    need(
        not torch.allclose(given, turned),
        "it is the other way round: 1 means that the superpixel can be seen.",
    )
    need(not torch.allclose(given, x), "nothing is hidden.")
    need(not torch.allclose(given, x * z[segments]), "what is off must show the colour, not black.")
    need(torch.allclose(given, expected), "look at which pixels are hidden, and with what.")


@exercise("12.3")
def weighted_r2(answer: Callable[..., Any]) -> None:
    """The learner's quality(z, y, w, slopes, intercept)."""
    need(callable(answer), "expected a function quality(z, y, w, slopes, intercept).")
    random = torch.Generator().manual_seed(1)
    z = (torch.rand(30, 4, generator=random) > 0.5).double()
    y, w = torch.rand(30, generator=random).double(), torch.rand(30, generator=random).double() ** 3
    slopes, intercept = torch.tensor([0.2, -0.1, 0.3, 0.0]).double(), torch.tensor(0.3).double()

    def r2(weights: torch.Tensor, level: torch.Tensor) -> float:
        left = (weights * (y - intercept - z @ slopes) ** 2).sum()
        return float(1 - left / (weights * (y - level) ** 2).sum())

    given = answer(z, y, w, slopes, intercept)
    need(given is not None, "the function returns nothing. End it with return …")
    value = float(given)
    mean, plain = (w * y).sum() / w.sum(), y.mean()
    need(not np.isclose(value, r2(torch.ones_like(w), plain)), "this R² has no weights.")
    need(not np.isclose(value, r2(w, plain)), "the mean of y must be weighted, too.")
    need(
        not np.isclose(value, 1 - r2(w, mean)),
        "this is the share that is left unexplained. R² is 1 less that.",
    )
    need(np.isclose(value, r2(w, mean)), "not right yet. Did the intercept come in?")


@exercise("12.4")
def twins(answer: Any) -> None:
    """Two superpixels that were always on or off together."""
    need(isinstance(answer, Mapping) and set(answer) == {"slopes", "without penalty"}, "keep the two names.")
    need(np.shape(answer["slopes"]) == (2,), "expected two slopes.")
    slopes = np.asarray(answer["slopes"], float)
    need(
        not np.allclose(slopes, (0.6, 0)),
        "the line cannot know that only the first matters: the samples never told.",
    )
    need(not np.allclose(slopes, (0.6, 0.6)), "together they would add 1.2 to the score. It is 0.6.")
    need(np.isclose(slopes.sum(), 0.6), "the two must add up to what both together do.")
    need(
        np.allclose(slopes, 0.3),
        "the sum is right. Of all pairs with this sum, which has the smallest squares?",
    )
    word = str(answer["without penalty"]).strip().lower()
    need(word in ("determined", "not determined"), "the second is 'determined' or 'not determined'.")
    need(word == "not determined", "try two other slopes with the same sum: does the line fit worse?")


@exercise("12.5")
def blind_spot(answer: Callable[..., Any]) -> None:
    """A model that rests on a flat half of the picture, which the mean colour cannot hide."""
    from ..methods import lime_image

    need(callable(answer), "expected a function f(pictures).")
    x = torch.rand(3, 16, 16, generator=torch.Generator().manual_seed(2))
    x[:, :, :8] = 0.8
    strips = torch.arange(16)[:, None] // 4 + 4 * (torch.arange(16) // 8)
    black = x.clone()
    black[:, :, :8] = 0
    scores = returned(answer(torch.stack([x, black])), torch.zeros(2)).double()
    need(
        abs(float(scores[0] - scores[1])) >= 0.5, "painting the left half black must change the score by 0.5."
    )
    e = lime_image(
        lambda rows: answer(rows)[:, None], x, target=0, segments=strips, n_samples=200, score="logit"
    )
    slopes = e.attribution[::4, :8].abs()
    need(
        float(slopes.max()) < 1e-4,
        "LIME gives the left half something: your model looks at the right half, too.",
    )
