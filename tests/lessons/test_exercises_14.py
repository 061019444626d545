"""Lesson 14: right answers pass, stubs and plausible wrong ones fail, and no message gives the answer."""

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.exercises import lesson_14

ALPHA, L, HIRES = [0.5, -1], [[0, 0], [0, 1]], [[8, -12], [0, -8]]
A, G = np.array([[[1.0, 5]]]), np.array([[[2.0, 0]]])


def hand(alpha=ALPHA, L=L, hires=HIRES):
    return {"alpha": alpha, "L": L, "hires": hires}


def margin(out, mask):
    return (out[:, 3] - out[:, :3].amax(1))[:, mask].mean(1)


def loop(out, mask):
    return torch.stack([(o[3] - o[:3].max(0).values)[mask].mean() for o in out])


def sees(p):
    """As a recursion over the levels, unlike the solution."""

    def through(lo, hi, depth):
        lo, hi = lo - 2, hi + 2
        if depth == 3:
            return lo, hi
        lo, hi = through(lo // 2, hi // 2, depth + 1)
        return 2 * lo - 2, 2 * hi + 3

    lo, hi = through(p, p, 0)
    return max(0, lo), min(95, hi)


@pytest.mark.parametrize("p", [26, 40, 41, 48, 53])
def test_the_rows_that_a_pixel_sees_are_those_on_which_its_score_depends(p):
    """The oracle is the network itself, with weights above zero, so that no path is silent."""
    model = xk.zoo.load("unet").model.double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(0.01)
        plain = torch.ones(1, 3, 96, 8, dtype=torch.float64)
        batch = plain.repeat(97, 1, 1, 1)
        for row in range(96):
            batch[row, :, row] = 1000  # so bright that it wins every maximum
        scores = torch.cat([model(part)[:, 3, p, 4] for part in batch.split(16)])
    rows = (scores[:96] != scores[96]).nonzero().flatten().tolist()
    assert (rows[0], rows[-1]) == sees(p) == lesson_14.reach(p)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("14.1", hand()),
        ("14.1", {name: np.array(value) for name, value in hand().items()}),
        ("14.2", margin),
        ("14.2", loop),
        ("14.3", sees),
        ("14.3", lambda p: np.array(sees(p)).tolist()),
        ("14.4", (A, G)),
        ("14.4", (torch.from_numpy(A), torch.from_numpy(G))),
        ("14.5", 1.8),
        ("14.5", np.float64(1.8)),
    ],
)
def test_right_answers_pass(number, answer):
    assert xk.check(number, answer).message == "right."


@pytest.mark.parametrize(
    ("number", "stub"),
    [
        ("14.1", hand([..., ...], [[..., ...], [..., ...]], [[..., ...], [..., ...]])),
        ("14.2", lambda out, mask: None),
        ("14.2", lambda out, mask: ...),
        ("14.3", lambda p: None),
        ("14.3", lambda p: ...),
        ("14.4", (..., ...)),
        ("14.5", ...),
    ],
)
def test_stubs_fail(number, stub):
    verdict = xk.check(number, stub)
    assert not verdict
    assert verdict.message.startswith("not yet")


@pytest.mark.parametrize(
    ("number", "answer", "said", "unsaid"),
    [
        ("14.1", hand(alpha=[2, -4]), "sum of the slopes", "0.5"),
        ("14.1", hand(alpha=[1, -4]), "all four cells", "0.5"),
        ("14.1", hand(alpha=[0.5]), "one a channel", "-1"),
        ("14.1", hand(L=[[0, -3], [0, 1]]), "ReLU is missing", "[0"),
        ("14.1", hand(L=[[8, 0], [0, 0]]), "cell by cell", "[0"),
        ("14.1", hand(L=[[1, 0], [0, 1]]), "each times its", "[0"),
        ("14.1", hand(L=[0, 0, 0, 1]), "two rows", "[0"),
        ("14.1", hand(hires=[[8, 0], [0, 0]]), "no ReLU here", "12"),
        ("14.1", hand(hires=[[8, -12], [0, 8]]), "cell by cell", "12"),
        ("14.1", [ALPHA, L, HIRES], "dictionary", "12"),
        ("14.2", lambda out, mask: margin(out, mask) * mask.sum(), "sum over the mask", "amax"),
        ("14.2", lambda out, mask: -margin(out, mask), "wrong way round", "amax"),
        ("14.2", lambda out, mask: out[:, 3][:, mask].mean(1), "rather than what", "amax"),
        ("14.2", lambda out, mask: margin(out, mask | True), "whole picture", "amax"),
        ("14.2", lambda out, mask: (out[:, 3] - out.amax(1))[:, mask].mean(1), "with itself", "amax"),
        ("14.2", lambda out, mask: (out[:, 3] - out[:, 1])[:, mask].mean(1), "than tissue", "amax"),
        ("14.2", lambda out, mask: (out[:, 3] - out[:, :3].mean(1))[:, mask].mean(1), "largest", "amax"),
        (
            "14.2",
            lambda out, mask: out[:, 3][:, mask].mean(1) - out[:, :3][:, :, mask].mean(2).amax(1),
            "before the mean",
            "amax",
        ),
        ("14.2", lambda out, mask: margin(out.detach(), mask), "differentiate", "amax"),
        ("14.2", lambda out, mask: margin(out, mask).sum(), "shape", "amax"),
        ("14.2", lambda out, mask: margin(out, mask).tolist(), "expected a tensor", "amax"),
        ("14.2", lambda out, mask: margin(out, mask) + 1, "numbers are wrong", "amax"),
        ("14.2", 3, "a function", "amax"),
        ("14.3", lambda p: (max(p - 44, 0), min(p + 44, 95)), "pooled", "93"),
        ("14.3", lambda p: (0, 95), "as far as you say", "93"),
        ("14.3", lambda p: (p, p), "further than you say", "93"),
        ("14.3", lambda p: (p - 51, p + 51), "from 0 to 95", "93"),
        ("14.3", lambda p: p, "first and the last", "93"),
        ("14.3", (0, 77), "a function", "93"),
        ("14.4", (np.array([[[5.0, 1]]]), G), "strongest cell", "[["),
        ("14.4", (A, np.array([[[2.0, 1]]])), "right half", "[["),
        ("14.4", (A, -G), "empty after the ReLU", "[["),
        ("14.4", (A, 0 * G), "depends on nothing", "[["),
        ("14.4", (-A, G), "out of a ReLU", "[["),
        ("14.4", (A[0], G[0]), "channels, h, w", "[["),
        ("14.4", (A, G[:, :, :1]), "shape of A", "[["),
        ("14.4", (np.ones((1, 1, 3)), np.ones((1, 1, 3))), "even number", "[["),
        ("14.4", (np.ones((5, 1, 2)), np.ones((5, 1, 2))), "at most", "[["),
        ("14.4", (A * np.nan, G), "finite", "[["),
        ("14.4", A, "two arrays", "[["),
        ("14.5", 1.5, "is found", "1.8"),
        ("14.5", 2.0, "less would do", "1.8"),
        ("14.5", 1.75, "one of 1.0", "1.8"),
        ("14.5", 18, "from 1 to 5", "1.8"),
    ],
)
def test_wrong_answers_are_told_why_and_not_the_answer(number, answer, said, unsaid):
    verdict = xk.check(number, answer)
    assert not verdict
    assert said in verdict.message
    assert unsaid not in verdict.message
