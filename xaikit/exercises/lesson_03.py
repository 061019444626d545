"""Lesson 03, baselines: what looks at the answers."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import exercise, need, returned

STARTS = ("black", "white", "noise", "blur", "mean")


@exercise("03.1")
def by_hand(answer: Any) -> None:
    """The exact parts of f = x1 x2 at (2, 3), from (1, 1) and from (2, 1)."""
    need(
        isinstance(answer, dict) and set(answer) == {(1, 1), (2, 1)},
        "expected a dictionary of the two baselines, (1, 1) and (2, 1).",
    )
    for start, given in answer.items():
        need(np.shape(given) == (2,), f"from {start}: expected two numbers, for x1 and for x2.")
    x = np.array([2.0, 3.0])
    for start, given in answer.items():
        mine, x0 = np.asarray(given, float), np.array(start, float)
        way, mean_slope = x - x0, (x + x0)[::-1] / 2  # the slope in x1 is x2, and the other way round
        right = way * mean_slope
        others = {
            "these are the parts from (0, 0); where does the walk begin now?": np.array([3.0, 3.0]),
            "these are mean slopes; multiply each by the distance that its input goes.": mean_slope,
            "you took the slopes at the end of the way. They grow on it.": way * x[::-1],
            "you took the slopes at its beginning. They grow on the way.": way * x0[::-1],
            "the whole distance from zero is too far.": x * mean_slope,
            "the order is x1, then x2.": right[::-1],
        }
        for reason, wrong in others.items():
            need(
                np.allclose(mine, right, atol=0.01) or not np.allclose(mine, wrong, atol=0.01),
                f"from {start}: {reason}",
            )
        change = x.prod() - x0.prod()
        need(
            abs(mine.sum() - change) < 0.02,
            f"from {start}: your parts sum to {mine.sum():.2f}. By how much does f change from there?",
        )
        need(
            np.allclose(mine, right, atol=0.01),
            f"from {start}: the sum is right, but it is shared out wrongly. How far does each input go?",
        )


@exercise("03.2")
def sees_all(answer: Callable[..., Any]) -> None:
    """The learner's sees_all(x): values in [0, 1], nowhere nearer than ½ to x."""
    need(callable(answer), "expected a function sees_all(x).")
    x = torch.linspace(0, 1, 3 * 4 * 5)[torch.randperm(60, generator=torch.Generator().manual_seed(0))]
    x = x.reshape(3, 4, 5)
    x0 = returned(answer(x.clone()), x)
    need(torch.isfinite(x0).all(), "the baseline has values that are not finite.")
    need(x0.min() >= 0 and x0.max() <= 1, "the baseline leaves the range from 0 to 1.")
    nearest = (x - x0.to(x)).abs()
    worst = float(x.flatten()[nearest.argmin()])
    need(
        nearest.min() >= 0.5 - 1e-6,
        f"a value of {worst:.2f} in the picture is only {float(nearest.min()):.2f} away from your baseline.",
    )
    half = torch.full((1, 2, 2), 0.5)
    need(
        torch.allclose((half - returned(answer(half.clone()), half).to(half)).abs(), half),
        "at exactly one half your baseline is nearer than ½.",
    )


@exercise("03.3")
def expected(answer: Callable[..., Any]) -> None:
    """The learner's expected(f, x, background, n): the mean of integrated gradients from every row."""
    need(callable(answer), "expected a function expected(f, x, background, n).")
    x, background = torch.tensor([3.0, 2.0]), torch.tensor([[0.0, 0], [1, 1], [2, 0], [0, 4]])

    def f(z: Tensor) -> Tensor:
        return z[:, 0] * z[:, 1] + 2 * z[:, 0]

    given = returned(answer(f, x.clone(), background.clone(), 50), x)
    wrongs = {
        "it compares with the mean of the background. Walk from every row instead.": background.mean(0),
        "it uses only the first row of the background.": background[0],
        "it uses only the last row of the background.": background[-1],
    }
    right = torch.stack([line_of_products(x, row) for row in background]).mean(0)
    for reason, start in wrongs.items():
        need(not torch.allclose(given, line_of_products(x, start), atol=0.01), reason)
    need(
        not torch.allclose(given, len(background) * right, atol=0.01),
        "it adds the rows up. Take their mean.",
    )
    need(
        torch.allclose(given, right, atol=0.01),
        f"on f = x1·x2 + 2·x1 with four rows your parts sum to {float(given.sum()):.2f}; "
        "f(x) less the mean of f over the background is another number, or it is shared out wrongly.",
    )
    one = returned(answer(lambda z: (z**3).sum(1), x.clone(), torch.zeros(1, 2), 2), x)
    need(
        torch.allclose(one, x * 3 * x**2 * float(np.mean(np.square([0.25, 0.75]))), rtol=1e-4),
        "with many steps it is right, with two it is not the midpoint rule: where do the two points stand?",
    )


def line_of_products(x: Tensor, x0: Tensor) -> Tensor:
    """Integrated gradients of f = x1 x2 + 2 x1 from x0: the slopes are straight, so their means are exact."""
    middle = (x + x0) / 2
    return (x - x0) * torch.stack([middle[1] + 2, middle[0]])


@exercise("03.4")
def first_sure(answer: Any) -> None:
    """The first of fifty midpoints at which the coins are above one half, from five baselines."""
    need(
        isinstance(answer, dict) and set(answer) == set(STARTS),
        "expected a dictionary of the five baselines.",
    )
    for name in STARTS:
        given = answer[name]
        need(np.shape(given) == (), f"{name}: expected one number, an α.")
        given = float(given)
        need(0 < given < 1, f"{name}: α lies between 0 and 1.")
        alphas, chance = on_the_way(name)
        first, mine = int((chance > 0.5).argmax()), int(np.abs(alphas - given).argmin())
        need(mine >= first, f"{name}: at α = {given:.2f} the probability is {chance[mine]:.2f}.")
        need(mine <= first, f"{name}: at α = {given:.2f} it is above ½, but it was before.")


@lru_cache(maxsize=8)
def on_the_way(name: str) -> tuple[np.ndarray, np.ndarray]:
    """α and the probability of coins, at fifty midpoints from a baseline to number 5 of the test crops."""
    from .. import data, zoo
    from ..inputs import baselines

    model = zoo.load("photos")
    place = next(model.parameters()).device
    example = data.photos(6, split="test")[5]
    x, target = example.image.to(place), model.labels.index(example.label)
    x0, alphas = baselines.make(name, x), (np.arange(50) + 0.5) / 50
    points = torch.lerp(x0[None], x[None], torch.as_tensor(alphas).to(x).reshape(-1, 1, 1, 1))
    with torch.no_grad():
        return alphas, model(points).softmax(1)[:, target].cpu().numpy()


@exercise("03.5")
def made_to_order(answer: Callable[..., Any]) -> None:
    """The learner's order(w, x, wish): a baseline from which f = w · z gives the map `wish`."""
    need(callable(answer), "expected a function order(w, x, wish).")
    w, x = torch.tensor([4.0, -2.0, 0.5]), torch.tensor([1.0, 2.0, 3.0])
    wish = torch.tensor([1.0, 6.0, -2.0])
    x0 = returned(answer(w.clone(), x.clone(), wish.clone()), x)
    need(torch.isfinite(x0).all(), "the baseline has values that are not finite.")
    given = w * (x - x0)  # the slopes of a linear function are its weights, everywhere
    need(
        not torch.allclose(given, -wish, atol=1e-3),
        "every number comes out with the wrong sign. Which way does the walk go?",
    )
    need(
        not torch.allclose(x0, wish / w, atol=1e-3),
        "this is the distance that each input must go. Where does the walk begin, if it ends at x?",
    )
    need(
        not torch.allclose(x0, x - wish, atol=1e-3),
        "you forgot the slopes: a distance of one gives as much as the weight.",
    )
    off = int((given - wish).abs().argmax())
    need(
        torch.allclose(given, wish, atol=1e-3),
        f"x{off + 1} should get {wish[off]:.2f}; from your baseline it gets {given[off]:.2f}.",
    )
