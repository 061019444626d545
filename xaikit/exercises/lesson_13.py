"""Lesson 13, LIME on tables and text: what looks at the answers."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from . import exercise, need, returned


@exercise("13.1")
def by_hand(answer: Any) -> None:
    """The line through four samples of a sentence of three words."""
    need(isinstance(answer, Mapping) and set(answer) == {"slopes", "intercept"}, "keep the two names.")
    need(np.shape(answer["slopes"]) == (3,), "expected three slopes, in the order of the words.")
    slopes, intercept = np.asarray(answer["slopes"], float), float(answer["intercept"])
    z = np.array([[1, 1, 1], [1, 0, 1], [0, 1, 1], [1, 1, 0]])
    y = np.array([0.9, 0.5, 0.9, 0.9])
    expected = np.linalg.solve(np.column_stack([z, np.ones(4)]), y)
    need(not np.allclose(slopes, -expected[:3]), "the sign is turned round: a slope is what the word adds.")
    need(
        not np.allclose(slopes, (0.9, 0.5, 0.9)), "these are scores. A slope is what goes when the word goes."
    )
    need(np.allclose(slopes, expected[:3]), "what does the score lose without each of the words?")
    need(not np.isclose(intercept, 0.9), "with everything on, the slopes add to the intercept.")
    need(
        np.isclose(intercept, expected[3]), "the slopes are right. With everything on, the line must say 0.9."
    )


@exercise("13.2")
def pieces(answer: Callable[..., Any]) -> None:
    """The learner's pieces(text)."""
    need(callable(answer), "expected a function pieces(text).")
    for text in ("The ball, at last, is in!", "«Oui», dit-elle.", "one", "  two words "):
        given = answer(text)
        need(given is not None, "the function returns nothing. End it with return …")
        need(isinstance(given, list) and all(isinstance(p, str) for p in given), "expected a list of str.")
        starts = [m.start() for m in re.finditer(r"\w+", text)]
        need("".join(given) == text, f"put together again the pieces must be {text!r}.")
        need(len(given) == len(starts), f"{text!r} has {len(starts)} words; there are {len(given)} pieces.")
        cuts = np.cumsum([len(p) for p in given])[:-1].tolist()
        need(cuts == starts[1:], "each piece after the first begins with its word.")


@exercise("13.3")
def same_bin(answer: Callable[..., Any]) -> None:
    """The learner's same_bin(data, x, rows)."""
    need(callable(answer), "expected a function same_bin(data, x, rows).")
    data = torch.rand(41, 3, generator=torch.Generator().manual_seed(0)).double()
    data[:, 1] = torch.arange(41).double() // 10  # edges that are values themselves
    x, rows = data[7], torch.cat([data[:20], data[:5] + 0.2])
    edges = np.quantile(data.numpy(), [0.25, 0.5, 0.75], axis=0)

    def bins(values: np.ndarray, side: str) -> np.ndarray:
        columns = [np.searchsorted(edges[:, i], values[:, i], side=side) for i in range(3)]
        return np.stack(columns, 1)

    def wanted(side: str) -> np.ndarray:
        return (bins(rows.numpy(), side) == bins(x.numpy()[None], side)).astype(float)

    given = returned(answer(data, x, rows), rows).double().numpy()
    need(
        not np.allclose(given, 1 - wanted("left")), "it is the other way round: 1 where the bin is the same."
    )
    need(not np.allclose(given, bins(rows.numpy(), "left")), "these are bins. Compare them with those of x.")
    need(
        not np.allclose(given, wanted("right")) or np.allclose(given, wanted("left")),
        "a value equal to an edge belongs to the lower bin.",
    )
    need(np.allclose(given, wanted("left")), "each column has its own edges: its quartiles.")


@exercise("13.4")
def across_the_boundary(answer: Any) -> None:
    """The slope of a bin that a boundary runs through."""
    names = {"inside", "outside", "slope"}
    need(isinstance(answer, Mapping) and set(answer) == names, "keep the three names.")
    inside, outside, slope = (float(answer[name]) for name in ("inside", "outside", "slope"))
    need(
        not np.isclose(inside, 0),
        "that is what the model says about the example. What does it say across the bin?",
    )
    need(np.isclose(inside, 0.15 / 0.25, atol=1e-3), "what share of the bin lies above 0.6?")
    need(not np.isclose(outside, 0.4), "that is the share of all. Leave the bin itself out.")
    need(
        not np.isclose(outside, 0.25),
        "0.25 of the whole is above; of the samples outside it is another share.",
    )
    need(np.isclose(outside, 1 / 3, atol=1e-3), "of the three quarters outside, which lie above 0.6?")
    need(np.isclose(slope, inside - outside, atol=2e-3), "the slope is the difference of the two means.")


@exercise("13.5")
def hidden_reason(answer: Callable[..., Any]) -> None:
    """A model for which either of two words is enough."""
    need(callable(answer), "expected a function f(texts).")
    words = ["the", "film", "was", "not", "bad"]
    gone = [set(), {"not"}, {"bad"}, {"the"}, {"film"}, {"was"}, {"not", "bad"}]
    texts = [" ".join(w for w in words if w not in out) for out in gone]
    given = answer(texts)
    need(given is not None, "the function returns nothing. End it with return …")
    p = np.asarray(given.detach() if isinstance(given, torch.Tensor) else given, float)
    need(p.shape == (len(texts), 2), f"expected ({len(texts)}, 2) probabilities for {len(texts)} texts.")
    need(np.allclose(p.sum(1), 1) and (p >= 0).all(), "each row must be two probabilities that sum to 1.")
    need(p[0, 0] >= 0.9, "the whole sentence must have at least 0.9.")
    for k in range(1, 6):
        need(p[k, 0] >= 0.9, f"without {next(iter(gone[k]))!r} alone it must stay at 0.9 or more.")
    need(p[6, 0] <= 0.2, "without both words it must fall to 0.2 or less.")
