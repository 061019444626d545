"""Lesson 11, SHAP: what looks at the answers."""

from collections.abc import Callable
from functools import cache
from math import comb
from typing import Any

import numpy as np
import torch

from . import exercise, need


@cache
def diabetes() -> tuple[Any, torch.Tensor, torch.Tensor]:
    """The network of the lesson, the rows it was trained on, and the patient."""
    import xaikit as xk

    rows, patient = xk.data.table("diabetes").X, xk.data.table("diabetes", "test").X[0]
    return xk.zoo.load("diabetes"), rows, patient


@exercise("11.1")
def on_a_line(answer: Any) -> None:
    """3 x1 - 2 x2 + 5 at (4, 1), compared with (1, 1) and (3, 5)."""
    need(np.shape(answer) == (2,), "expected two numbers, one for x1 and one for x2.")
    given = np.asarray(answer, float)
    weights, x, rows = np.array([3.0, -2]), np.array([4.0, 1]), np.array([[1.0, 1], [3, 5]])
    right = weights * (x - rows.mean(0))
    others = {
        "these are slopes. Multiply each by a distance.": weights,
        "this is weight times value; it compares with zeros.": weights * x,
        "this compares with the first row only.": weights * (x - rows[0]),
        "this compares with the second row only.": weights * (x - rows[1]),
        "this is the sum over the two rows. Take the mean.": 2 * right,
        "these are distances. Multiply each by its weight.": x - rows.mean(0),
        "the sign is turned round: a distance is example less background.": -right,
        "the order is x1, then x2.": right[::-1],
        "you left out the minus sign of x2.": np.abs(weights) * (x - rows.mean(0)),
    }
    found = np.allclose(given, right, atol=0.01)
    for reason, wrong in others.items():
        need(found or not np.allclose(given, wrong, atol=0.01), reason)
    need(found or abs(given.sum() - right.sum()) < 0.01, "the two do not add up to f less its mean.")
    need(found, "the sum is right, the parts are not.")


@exercise("11.2")
def weights(answer: Any) -> None:
    """What one coalition of each size weighs, of four features."""
    need(isinstance(answer, dict) and set(answer) == {1, 2, 3}, "expected a dictionary of the sizes 1, 2, 3.")
    given = np.array([float(answer[s]) for s in (1, 2, 3)])
    right = np.array([3 / (comb(4, s) * s * (4 - s)) for s in (1, 2, 3)])
    need(
        not np.allclose(given, right * [4, 6, 4]),
        "this is what all coalitions of a size weigh together. Take one of them.",
    )
    need(
        not np.allclose(given, [1 / 12, 1 / 12, 1 / 4]) and not np.allclose(given, [1 / 4, 1 / 12, 1 / 12]),
        "these are the weights of lesson 10, of differences. Here the values themselves are weighed.",
    )
    need(not np.allclose(given, given[0]), "the middle weighs less than the ends.")
    need(abs(given[0] - given[2]) < 1e-9, "one present and one absent weigh the same.")
    same = np.allclose(given / given.sum(), right / right.sum())
    need(not same or np.allclose(given, right), "right up to a factor. What stands above the line for n = 4?")
    need(np.allclose(given, right), "the ends and the middle are not in the right proportion.")


@exercise("11.3")
def slopes(answer: Callable[..., Any]) -> None:
    """The learner's slopes(Z, y, w): weighted least squares with an intercept."""
    need(callable(answer), "expected a function slopes(Z, y, w).")
    random = np.random.default_rng(3)
    Z = random.integers(0, 2, size=(14, 4)).astype(float)
    y, w = 5 + Z @ [2.0, -1, 0.5, 3] + random.normal(size=14), random.uniform(0.1, 4, 14)

    def fit(w: np.ndarray, intercept: bool = True) -> np.ndarray:
        A = np.column_stack([np.ones(len(Z)), Z]) if intercept else Z
        return np.linalg.lstsq(A * np.sqrt(w)[:, None], y * np.sqrt(w), rcond=None)[0]

    given = answer(Z.copy(), y.copy(), w.copy())
    need(given is not None, "the function returns nothing. End it with return …")
    need(np.shape(given) != (5,), "five numbers for four features: leave out the intercept.")
    need(np.shape(given) == (4,), "expected one slope for each column of Z.")
    given = np.asarray(given, float)
    need(not np.allclose(given, fit(w, intercept=False)), "this line goes through zero: no intercept.")
    need(not np.allclose(given, fit(np.ones(14))[1:]), "the weights do not count.")
    need(not np.allclose(given, fit(w**2)[1:]), "the weights are squared: least squares does that itself.")
    need(not np.allclose(given, fit(w)[:-1]), "the intercept is among the slopes, and the last slope is not.")
    need(np.allclose(given, fit(w)[1:], atol=1e-6), "these are not the slopes of the weighted line.")


@exercise("11.4")
def somebody(answer: Any) -> None:
    """A real patient beside whom the triglycerides speak for the progression."""
    import xaikit as xk

    network, rows, patient = diabetes()
    need(np.ndim(answer) == 0 and int(answer) == answer, "expected the number of a row, a whole number.")
    k = int(answer)
    need(0 <= k < len(rows), f"there is no such row; they are numbered from 0 to {len(rows) - 1}.")
    with torch.no_grad():
        ours, theirs = network(torch.stack([patient, rows[k]]))[:, 0].tolist()
    found = xk.kernel_shap(network, patient, background=rows[k], keep="result").attribution
    part = float(found[8])
    need(theirs > ours, f"that patient's forecast, {theirs:.0f}, is lower than ours, {ours:.0f}.")
    need(part >= 10, f"compared with that patient log triglycerides get {part:+.1f}.")


@exercise("11.5")
def possible(answer: Any) -> None:
    """Groups of the ten columns that leave no impossible patient, and no more tied than needed."""
    import xaikit as xk

    need(np.shape(answer) == (10,), "expected ten numbers, one for each column.")
    given = np.asarray(answer)
    need(np.array_equal(given, given.astype(int)), "the numbers of the groups are whole numbers.")
    groups = torch.tensor(given.astype(int))
    network, people, patient = diabetes()
    count = len(groups.unique())
    if count > 1:
        rows = xk.kernel_shap(network, patient, background=people[:50], groups=groups)["perturbed"][:]
        gap = (rows[:, 4] - rows[:, 6] - rows[:, 8].exp() / 5 - rows[:, 5]).abs()
        share = float((gap > 1).float().mean())
        need(share == 0, f"{share:.0%} of the rows still break the formula of LDL.")
        wrong = float(((rows[:, 4] / rows[:, 6] - rows[:, 7]).abs() > 1).float().mean())
        need(wrong == 0, f"{wrong:.0%} of the rows have a ratio that does not fit its two numbers.")
    need(count >= 6, f"possible rows only; but more is tied than the two formulas ask for: {count} groups.")
