"""Surrogates: near one example, the model is replaced by a line that can be read.

F  the score that is explained      x  the input      z_k  a sample: 1 where it is as in x, 0 elsewhere
x_k  what the model sees of it      d_k  how far it lies from x      w_k  how much it counts
β, c  slopes and intercept of the line      λ  the penalty on the slopes
"""

from typing import Any

import torch
from torch import Tensor

from ..core import neighbours
from ..core.coalitions import frame
from ..core.errors import number, whole_number
from ..core.method import method
from ..core.model import Model, score
from ..core.players import segments_of, word_players
from ..core.regression import Fit, ridge
from ..core.stack import Derived, Lazy
from ..core.steps import Check, Step
from ..core.types import Baseline, Steps, Target

KERNEL = r"w_k = \sqrt{\exp(-d_k^2 / \sigma^2)}"
LINE = r"\mathrm{argmin}_{\beta, c} \sum_k w_k (F(x_k) - c - z_k \beta)^2 + \lambda \|\beta\|^2"


@method("LIME on images", paper="ribeiro2016", takes=("picture",), score="probability")
def lime_image(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    segments: Any = "quickshift",  # quickshift, slic, felzenszwalb, or region numbers (H, W)
    hidden: Baseline = "mean",  # its mean colour, or a baseline for all: gray, blur, …
    n_samples: int = 1000,  # pictures with superpixels switched off
    kernel_width: float = 0.25,  # σ: how soon a sample counts less
    penalty: float = 1.0,  # λ on the slopes
    seed: int = 0,
) -> Steps[Tensor]:
    r"""Which superpixels does the score rest on, if it is a sum over those that can be seen?

    $$F(x_k) \approx c + \sum_i \beta_i z_{k i}, \quad w_k = \sqrt{\exp(-d_k^2 / \sigma^2)}$$

    x is (C, H, W), the result (H, W), in units of the score, by default a probability: the slope of each
    superpixel. d is the cosine distance between a sample and the whole picture.

    Deviations from the paper: 1. as in the authors' code all superpixels stay in the line, with a ridge
    penalty, where the paper picks K of them by the lasso. 2. superpixels are cut in the picture's own values.
    """
    F = score(model, x, target)
    index = segments_of(segments, x)
    n = int(index.max()) + 1
    region = index.to(x.device)
    yield Step("segments", index, r"s_1, \dots, s_n", "what can be switched off", kind="segments")

    z = neighbours.coin_flips(n, whole_number("n_samples", n_samples, 1000, least=2), seed)
    yield Step("samples", z, r"z_k \in \{0, 1\}^n", "which of them can be seen", kind="matrix")
    instead, on = neighbours.covered(hidden, x, region), z.to(x.device)
    at_once = model.rows_at_once(x)
    holes = lambda k: torch.where(on[k][:, None, region] > 0, x, instead)  # noqa: E731
    perturbed = Derived(len(z), holes, batch_size=at_once)
    yield Step("perturbed", perturbed, r"x_k", "the picture with holes", kind="images")

    fit = yield from fitted(F(perturbed), z, neighbours.cosine(z), kernel_width, penalty)
    yield line([f"segment {k}" for k in range(n)], fit)
    attribution = fit.coefficients.to(x)[region]
    yield Step("attribution", attribution, r"\phi_i = \beta_{s(i)}", "the slope of each superpixel")

    yield fidelity(fit)
    return attribution


@method("LIME on tables", paper="ribeiro2016", takes=("row",), score="probability")
def lime_tabular(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    background: Baseline = "black",  # (m, features): the data that rows are made of
    categorical: tuple[int | str, ...] = (),  # columns, by place or name, whose numbers are only names
    n_samples: int = 5000,  # rows that are made
    kernel_width: float | None = None,  # σ: how soon a sample counts less; None: 3/4 of √features
    penalty: float = 1.0,  # λ on the slopes
    seed: int = 0,
) -> Steps[Tensor]:
    r"""Which of this row's values, low, middling or high, does the score rest on?

    $$F(x_k) \approx c + \sum_i \beta_i z_{k i}, \quad z_{k i} = 1 \; \mathrm{if} \; x_{k i} \sim x_i$$

    x and the result are (features,), in units of the score, by default a probability: what it adds that a
    value lies in its own quarter of the data (∼). Each column of a sample is drawn by itself from the
    background.

    Deviations from the authors' code: 1. a value is drawn from the data, theirs from a normal distribution
    fitted to its bin. 2. all columns stay in the line.
    """
    F = score(model, x, target)
    data = neighbours.data_for(background, x)
    names = model.names or [f"feature {k}" for k in range(len(x))]
    bins = neighbours.Bins(data, x, neighbours.columns(categorical, names))
    yield Step("discretised", bins.table(names), r"q_1 < x_i \leq q_2", "the bin of each value", kind="table")

    n_samples = whole_number("n_samples", n_samples, 5000, least=2)
    samples = neighbours.mixed_rows(data, x, n_samples, seed)
    yield Step(
        "samples", samples, r"x_{k i} \sim \mathrm{column} \; i", "each column drawn alone", kind="matrix"
    )
    z = bins.same(samples)
    yield Step("same_bin", z, r"z_{k i} \in \{0, 1\}", "where it is as in x", kind="matrix")

    width = 0.75 * len(x) ** 0.5 if kernel_width is None else kernel_width
    distances = (1 - z).square().sum(1).sqrt()
    fit = yield from fitted(F(samples), z, distances, width, penalty)
    yield line(bins.names(names), fit)
    attribution = fit.coefficients.to(x)
    yield Step("attribution", attribution, r"\phi_i = \beta_i", "the slope of each column")

    yield fidelity(fit)
    return attribution


@method("LIME on texts", paper="ribeiro2016", takes=("text",), score="probability")
def lime_text(
    model: Model,
    x: str,
    *,
    target: Target = None,
    unit: str = "word",  # what is taken out: word, sentence or line
    n_samples: int = 1000,  # texts with pieces taken out
    kernel_width: float = 25.0,  # σ: how soon a sample counts less
    penalty: float = 1.0,  # λ on the slopes
    seed: int = 0,
) -> Steps[Tensor]:
    r"""Which words does the score rest on, if it is a sum over those that are left?

    $$F(x_k) \approx c + \sum_i \beta_i z_{k i}, \quad d_k = 100 \left( 1 - \sqrt{|z_k| / n} \right)$$

    x is a text, the model takes a list of them; the result has one number for each word, in units of the
    score, by default a probability.

    Deviations from the authors' code: 1. a word that stands twice is two words. 2. with a word goes its
    punctuation and one space. 3. all words stay in the line.
    """
    F = score(model, x, target)
    players = word_players(model, x, unit)
    n = len(players)
    pieces = list(players.pieces)
    yield Step("tokens", pieces, r"t_1, \dots, t_n", "what can be taken out", kind="tokens")

    z = neighbours.erasures(n, whole_number("n_samples", n_samples, 1000, least=2), seed)
    yield Step("samples", z, r"z_k \in \{0, 1\}^n", "which words are left", kind="matrix")
    texts = Derived(len(z), lambda where: players.inputs(z[where]), batch_size=model.rows_at_once(x))
    yield Step("perturbed_texts", texts, r"x_k", "the text with holes", kind="text")

    fit = yield from fitted(F(texts), z, 100 * neighbours.cosine(z), kernel_width, penalty)
    yield line(players.names, fit)
    attribution = fit.coefficients.float()
    yield Step("attribution", attribution, r"\phi_i = \beta_i", "the slope of each word")

    yield fidelity(fit)
    return attribution


# What they have in common ---------------------------------------------------------------------------------


def fitted(predictions: Tensor, z: Tensor, distances: Tensor, width: float, penalty: float) -> Steps[Fit]:
    """Predictions, distances, weights, and the line through the samples."""
    width = number("kernel_width", width, "a number above 0", 1e-9, 1e9, 0.25)
    penalty = number("penalty", penalty, "a number from 0", 0, 1e9, 1.0)
    yield Step("predictions", predictions, r"F(x_k)", "what the model says of each", kind="curve")
    yield Step("distances", distances, r"d_k = d(z_k, 1)", "how much is missing", kind="curve")
    weights = (-(distances**2) / width**2).exp().sqrt()
    yield Step("sample_weights", weights, KERNEL, "what is near counts more", kind="curve")
    return ridge(z, predictions.cpu(), weights, penalty)


def line(names: list[str], fit: Fit) -> Step:
    """The step that is the line itself: its slopes, its intercept, and how well it fits."""

    def table() -> Any:
        numbers = [*fit.coefficients.tolist(), float(fit.intercept), float(fit.r2)]
        return frame({"term": [*names, "intercept", "R²"], "value": numbers})

    return Step("regression", Lazy(table), LINE, "the line that stands for the model", kind="table")


def fidelity(fit: Fit) -> Check:
    """Whether the line follows the model at all: what it leaves unexplained is at most half."""
    formula = r"1 - R^2 \leq 0.5"
    return Check("fidelity", 1 - fit.r2, 0.0, formula, abs_tol=0.5, bounded=True)
