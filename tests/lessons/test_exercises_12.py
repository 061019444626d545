"""Lesson 12: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import pytest
import torch

import xaikit as xk


def holes(x, segments, z, colour):
    return torch.where(z[segments] > 0, x, colour[:, None, None])


def in_place(x, segments, z, colour):
    x[:, z[segments] == 0] = colour[:, None]
    return x


def quality(z, y, w, slopes, intercept):
    fitted, level = intercept + z @ slopes, (w * y).sum() / w.sum()
    return 1 - (w * (y - fitted) ** 2).sum() / (w * (y - level) ** 2).sum()


def by_numpy(z, y, w, slopes, intercept):
    import numpy as np

    z, y, w = (t.numpy() for t in (z, y, w))
    left = y - float(intercept) - z @ slopes.numpy()
    return 1 - np.sum(w * left**2) / np.sum(w * (y - np.average(y, weights=w)) ** 2)


def plain_mean(z, y, w, slopes, intercept):
    return 1 - (w * (y - intercept - z @ slopes) ** 2).sum() / (w * (y - y.mean()) ** 2).sum()


def left(pictures):
    return pictures[:, :, :, :8].mean((1, 2, 3))


HALF = 0.6065306597  # e to the minus one half


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("12.1", {"distance": 0.25, "weight": HALF}),
        ("12.1", {"distance": torch.tensor(0.25), "weight": 0.607}),
        ("12.2", holes),
        ("12.3", quality),
        ("12.3", by_numpy),
        ("12.4", {"slopes": (0.3, 0.3), "without penalty": "not determined"}),
        ("12.5", left),
        ("12.5", lambda p: 3 * p[:, 0, 2, 2]),
    ],
)
def test_a_right_answer_passes(number, answer):
    assert xk.check(number, answer), xk.check(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "reason"),
    [
        ("12.1", {"distance": ..., "weight": ...}, "put your answer"),
        ("12.1", 0.25, "keep the two names"),
        ("12.1", {"distance": 7 / 16, "weight": HALF}, "takes a root"),
        ("12.1", {"distance": 0.75, "weight": HALF}, "the cosine"),
        ("12.1", {"distance": 0.1, "weight": HALF}, "share that is on"),
        ("12.1", {"distance": 0.25, "weight": HALF**2}, "root of this exponential"),
        ("12.1", {"distance": 0.25, "weight": 0.9}, "the weight not"),
        ("12.2", lambda x, segments, z, colour: None, "returns nothing"),
        ("12.2", lambda x, segments, z, colour: x, "nothing is hidden"),
        ("12.2", lambda x, segments, z, colour: x * z[segments], "not black"),
        ("12.2", lambda x, segments, z, colour: holes(x, segments, 1 - z, colour), "other way round"),
        ("12.2", in_place, "changes x itself"),
        ("12.2", lambda x, segments, z, colour: x[0], "shape"),
        ("12.3", lambda *given: None, "returns nothing"),
        ("12.3", plain_mean, "must be weighted"),
        ("12.3", lambda z, y, w, b, c: quality(z, y, torch.ones_like(w), b, c), "no weights"),
        ("12.3", lambda *given: 1 - quality(*given), "left unexplained"),
        ("12.3", lambda z, y, w, b, c: quality(z, y, w, b, 0 * c), "intercept"),
        ("12.4", {"slopes": (0.6, 0.0), "without penalty": "not determined"}, "never told"),
        ("12.4", {"slopes": (0.6, 0.6), "without penalty": "not determined"}, "1.2"),
        ("12.4", {"slopes": (0.4, 0.2), "without penalty": "not determined"}, "smallest squares"),
        ("12.4", {"slopes": (0.4, 0.3), "without penalty": "not determined"}, "add up"),
        ("12.4", {"slopes": (0.3, 0.3), "without penalty": "determined"}, "two other slopes"),
        ("12.4", {"slopes": (0.3, 0.3), "without penalty": "yes"}, "is 'determined' or"),
        ("12.5", lambda p: p[:, :, :, 8:].mean((1, 2, 3)), "left half black must change"),
        (
            "12.5",
            lambda p: p[:, :, :, :8].mean((1, 2, 3)) + 9 * p[:, :, :, 8:].flatten(1).var(1),
            "right half, too",
        ),
        ("12.5", lambda p: p, "shape"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(number, answer, reason):
    verdict = xk.check(number, answer)
    assert not verdict
    assert reason in verdict.message
