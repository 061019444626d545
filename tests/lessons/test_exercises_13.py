"""Lesson 13: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import re

import numpy as np
import pytest
import torch

import xaikit as xk


def pieces(text):
    starts = [m.start() for m in re.finditer(r"\w+", text)]
    return [text[a:b] for a, b in zip([0, *starts[1:]], [*starts[1:], len(text)], strict=True)]


def split_at_spaces(text):
    return re.findall(r"\S+\s*|^\s+", text)


def same_bin(data, x, rows):
    edges = torch.quantile(data, torch.tensor([0.25, 0.5, 0.75]).to(data), dim=0)
    below = lambda values: (values[None] > edges[:, None]).sum(0)  # noqa: E731
    return (below(rows) == below(x[None])).float()


def upper_bin(data, x, rows):
    edges = torch.quantile(data, torch.tensor([0.25, 0.5, 0.75]).to(data), dim=0)
    below = lambda values: (values[None] >= edges[:, None]).sum(0)  # noqa: E731
    return (below(rows) == below(x[None])).float()


def one_set_of_edges(data, x, rows):
    edges = torch.quantile(data, torch.tensor([0.25, 0.5, 0.75]).to(data))
    below = lambda values: (values[None] > edges[:, None, None]).sum(0)  # noqa: E731
    return (below(rows) == below(x[None])).float()


def saying(rule):
    def f(texts):
        p = np.array([rule(set(t.split())) for t in texts])
        return np.stack([p, 1 - p], 1)

    return f


either = saying(lambda words: 0.95 if words & {"not", "bad"} else 0.1)
only_bad = saying(lambda words: 0.95 if "bad" in words else 0.1)
both = saying(lambda words: 0.95 if {"not", "bad"} <= words else 0.1)
always = saying(lambda words: 0.95)

THIRD = 1 / 3


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("13.1", {"slopes": (0, 0.4, 0), "intercept": 0.5}),
        ("13.1", {"slopes": torch.tensor([0, 0.4, 0]), "intercept": 0.5}),
        ("13.2", pieces),
        ("13.3", same_bin),
        ("13.4", {"inside": 0.6, "outside": THIRD, "slope": 0.6 - THIRD}),
        ("13.4", {"inside": 0.6, "outside": 0.333, "slope": 0.267}),
        ("13.5", either),
        ("13.5", lambda texts: torch.from_numpy(either(texts))),
    ],
)
def test_a_right_answer_passes(number, answer):
    assert xk.check(number, answer), xk.check(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "reason"),
    [
        ("13.1", {"slopes": (..., ..., ...), "intercept": ...}, "put your answer"),
        ("13.1", (0, 0.4, 0), "keep the two names"),
        ("13.1", {"slopes": (0, 0.4), "intercept": 0.5}, "three slopes"),
        ("13.1", {"slopes": (0, -0.4, 0), "intercept": 0.5}, "sign"),
        ("13.1", {"slopes": (0.9, 0.5, 0.9), "intercept": 0.5}, "scores"),
        ("13.1", {"slopes": (0.1, 0.2, 0.1), "intercept": 0.5}, "lose"),
        ("13.1", {"slopes": (0, 0.4, 0), "intercept": 0.9}, "add to the intercept"),
        ("13.1", {"slopes": (0, 0.4, 0), "intercept": 0.1}, "must say 0.9"),
        ("13.2", lambda text: None, "returns nothing"),
        ("13.2", lambda text: text, "a list of str"),
        ("13.2", lambda text: re.findall(r"\w+", text), "put together again"),
        ("13.2", split_at_spaces, "words; there are"),
        ("13.2", lambda text: [text[:1], *pieces(text[1:])][: len(pieces(text))], ""),
        ("13.3", lambda data, x, rows: None, "returns nothing"),
        ("13.3", lambda data, x, rows: 1 - same_bin(data, x, rows), "other way round"),
        ("13.3", upper_bin, "lower bin"),
        ("13.3", one_set_of_edges, "own edges"),
        ("13.3", lambda data, x, rows: same_bin(data, x, rows)[0], "shape"),
        ("13.4", {"inside": 0, "outside": THIRD, "slope": -THIRD}, "says about the example"),
        ("13.4", {"inside": 0.5, "outside": THIRD, "slope": 0.2}, "above 0.6"),
        ("13.4", {"inside": 0.6, "outside": 0.4, "slope": 0.2}, "Leave the bin itself out"),
        ("13.4", {"inside": 0.6, "outside": 0.25, "slope": 0.35}, "another share"),
        ("13.4", {"inside": 0.6, "outside": 0.9, "slope": -0.3}, "three quarters"),
        ("13.4", {"inside": 0.6, "outside": THIRD, "slope": 0.6}, "difference"),
        ("13.5", lambda texts: None, "returns nothing"),
        ("13.5", lambda texts: [0.9] * len(texts), "probabilities for"),
        ("13.5", lambda texts: np.ones((len(texts), 2)), "sum to 1"),
        ("13.5", only_bad, "'bad' alone"),
        ("13.5", both, "'not' alone"),
        ("13.5", always, "without both"),
        ("13.5", lambda texts: 1 - either(texts), "whole sentence"),
    ],
)
def test_a_wrong_answer_is_told_what_is_wrong(number, answer, reason):
    verdict = xk.check(number, answer)
    assert not verdict
    assert reason in verdict.message
