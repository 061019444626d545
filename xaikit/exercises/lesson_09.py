"""Lesson 09, take it away and see: what looks at the answers."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from . import exercise, need, returned


def numbers(answer: Any, n: int, what: str) -> np.ndarray:
    """The answer as n numbers; otherwise NotYet says what was expected."""
    need(np.shape(answer) == (n,), f"expected {n} numbers, {what}.")
    return np.asarray(answer, float)


@exercise("09.1")
def by_hand(answer: Any) -> None:
    """Ablation by hand on x1 x2 + x3 at (2, 3, 5)."""
    need(isinstance(answer, Mapping) and set(answer) == {"parts", "too much"}, "keep the two names.")
    given = numbers(answer["parts"], 3, "one for each feature")
    x = np.array([2.0, 3, 5])
    f = lambda z: z[0] * z[1] + z[2]  # noqa: E731
    hidden = [np.where(np.arange(3) == k, 0, x) for k in range(3)]
    expected = np.array([f(x) - f(h) for h in hidden])
    need(
        not np.allclose(given, [f(h) for h in hidden]),
        "these are the scores that are left. Subtract each from the score of the whole.",
    )
    alone = [f(np.where(np.arange(3) == k, x, 0)) - f(0 * x) for k in range(3)]
    need(
        not np.allclose(given, alone),
        "this is what each adds when it is alone. Here one is taken away from all.",
    )
    need(
        not np.allclose(given, -expected), "the sign is turned round: a drop is the whole less what is left."
    )
    need(not np.allclose(given, [3, 3, 5]), "these are Shapley values. Ablation does not share the product.")
    need(np.allclose(given, expected), "not all three are right. What is the product if one factor is 0?")
    claimed = float(np.asarray(answer["too much"], float))
    need(
        not np.isclose(claimed, expected.sum()), "this is what they claim together. How much is it too much?"
    )
    need(np.isclose(claimed, expected.sum() - f(x)), "compare the sum of the three with F(x) − F(0).")


@exercise("09.2")
def sliding(answer: Callable[..., Any]) -> None:
    """The learner's drops(f, x, width)."""
    need(callable(answer), "expected a function drops(f, x, width).")
    f = lambda rows: (rows * torch.arange(1.0, rows.shape[1] + 1)).sum(1) + rows.prod(1)  # noqa: E731
    for x, width in (
        (torch.tensor([2.0, 1.0, 3.0, 0.5]), 2),
        (torch.tensor([1.0, 4.0, 2.0]), 1),
        (torch.ones(3), 3),
    ):
        expected = []
        for k in range(len(x) - width + 1):
            hole = x.clone()
            hole[k : k + width] = 0
            expected.append(f(x[None])[0] - f(hole[None])[0])
        given = returned(answer(f, x.clone(), width), torch.stack(expected))
        wanted = torch.stack(expected)
        need(
            not torch.allclose(given, -wanted),
            "the sign is turned round: a drop is the whole less what is left.",
        )
        need(
            not torch.allclose(given, f(x[None]) - wanted),
            "these are the scores with the hole. Subtract them.",
        )
        need(torch.allclose(given, wanted, atol=1e-5), f"for a window of {width} the drops are not right.")
    kept = torch.tensor([3.0, 2.0, 1.0])
    before = kept.clone()
    answer(f, kept, 2)
    need(torch.equal(kept, before), "your function changes x itself. Work on copies.")


@exercise("09.3")
def overlapping(answer: Any) -> None:
    """Four pixels under three windows of two."""
    given = numbers(answer, 4, "one for each pixel")
    drops = np.array([8.0, 2, 6])
    sums = np.array([drops[max(0, i - 1) : i + 1].sum() for i in range(4)])
    times = np.array([len(drops[max(0, i - 1) : i + 1]) for i in range(4)])
    need(not np.allclose(given, sums), "these are sums. Divide each by the number of windows over the pixel.")
    need(not np.allclose(given, sums / 2), "the pixels at the ends lie in one window only.")
    need(np.allclose(given, sums / times), "which windows hide each pixel? Take the mean of their drops.")


@exercise("09.4")
def every_mask(answer: Any) -> None:
    """RISE over all 16 masks of four pixels."""
    given = numbers(answer.tolist() if isinstance(answer, Tensor) else answer, 4, "one for each pixel")
    weights = np.arange(1.0, 5)
    masks = np.array(np.meshgrid(*[[0, 1]] * 4)).reshape(4, -1).T
    sums = ((masks @ weights)[:, None] * masks).sum(0)
    need(
        not np.allclose(given, weights),
        "these are the weights. RISE gives each pixel something of all others, too.",
    )
    need(not np.allclose(given, sums / 16), "divide by p as well: a pixel is shown half of the time only.")
    need(not np.allclose(given, sums), "these are sums. Divide by 16 p.")
    need(np.allclose(given, sums / 8), "the order is that of the weights; each mask counts once.")


@exercise("09.5")
def fooled(answer: Callable[..., Any]) -> None:
    """A function of three inputs of which ablation sees nothing."""
    need(callable(answer), "expected a function f(z) of rows (k, 3).")
    masks = torch.cartesian_prod(*[torch.tensor([0.0, 1])] * 3)
    scores = returned(answer(masks.clone()), masks[:, 0]).double()
    whole = scores[-1]
    shown = masks.sum(1)
    need(torch.allclose(scores[shown == 2], whole.expand(3)), "hiding one feature changes your score.")
    need(torch.allclose(scores[shown == 1], whole.expand(3)), "hiding two features changes your score.")
    need(not torch.allclose(scores[0], whole), "hiding all three changes nothing either.")
    need(torch.allclose(whole - scores[0], torch.ones(()).double()), "hiding all three must take exactly 1.")
