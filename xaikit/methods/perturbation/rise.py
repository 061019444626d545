"""RISE: the picture is shown in random pieces; a pixel is as good as the scores of the pieces it is in.

F  the score that is explained      x  the input
M_k  a mask, 1 where the picture is shown      p  how often a place is shown
"""

import numpy as np
import torch
from torch import Tensor

from ...core.errors import number, whole_number
from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.stack import Lazy, Stack
from ...core.steps import Check, Step
from ...core.types import Steps, Target
from ...inputs.masks import soft_grid

FRAMES = 32  # of the running map


@method("RISE", paper="petsiuk2018", promises=("mask_mean",), takes=("picture",), score="probability")
def rise(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    n_samples: int = 4000,  # masks
    cells: int = 7,  # of the coarse grid, a side
    p: float = 0.5,  # how often a cell is shown
    seed: int = 0,
) -> Steps[Tensor]:
    r"""How high is the score, on average, when this pixel is among those that are shown?

    $$\phi_i = \frac{1}{n \, p} \sum_{k=1}^{n} F(x \odot M_k) \, M_{k,i}$$

    x is (C, H, W), the result (H, W), in units of the score, by default a probability. A mask is a coarse
    grid of zeros and ones, made larger than the picture without hard edges and shifted at random. The model
    is asked for its score and nothing else.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.rise(model, x, n_samples=100)
    >>> explanation["masks"].shape
    torch.Size([100, 64, 64])

    See also
    occlusion, score_cam, lime_image
    """
    F = score(model, x, target)
    whole_number("n_samples", n_samples, 4000)
    p = number("p", p, "a share between 0 and 1, how often a cell is shown", 1e-6, 1, 0.5)
    draw = soft_grid(x, whole_number("cells", cells, 7), p, seed)
    shown = F.cheap_rows(n_samples, draw)
    formula = r"M_k = \mathrm{shift}(\mathrm{enlarge}(b_k)), \quad b_k \sim \mathrm{Bernoulli}(p)"
    yield Step("masks", shown, formula, "what is shown, softly", kind="masks")
    masked = F.cheap_rows(n_samples, lambda where: x * shown[where][:, None])
    yield Step("masked", masked, r"x \odot M_k", "the rest is black", kind="images")

    scores = F(masked)
    yield Step("scores", scores, r"F(x \odot M_k)", "which masks leave the class?", kind="curve")

    running_map = Lazy(lambda: mean_so_far(scores, shown) / p)
    formula = r"\frac{1}{k p} \sum_{j \leq k} F(x \odot M_j) \, M_j"
    yield Step("running_map", running_map, formula, "the noise averages out", kind="heatmaps")

    weights = torch.stack([scores, torch.ones_like(scores)], 1) / n_samples
    total, mean = weighted_sums(weights, shown)
    attribution = total / p
    formula = r"\phi = \frac{1}{n p} \sum_k F(x \odot M_k) \, M_k"
    yield Step("attribution", attribution, formula, "the mean score of its masks")

    yield Check("mask_mean", mean.mean(), p, r"\mathrm{mean}_{k,i} \, M_{k,i} = p")
    return attribution


def mean_so_far(scores: Tensor, rows: Stack) -> Tensor:
    """The mean of scores times rows over the first k of them, for some k up to all: (frames, …)."""
    n, total, frames = len(scores), torch.zeros(()), []
    ends = np.unique(np.ceil(np.linspace(0, n, min(n, FRAMES) + 1))[1:].astype(int)).tolist()
    for first, last in zip([0, *ends[:-1]], ends, strict=True):
        for k in range(first, last, rows.batch_size):
            where = slice(k, min(k + rows.batch_size, last))
            total = total + torch.tensordot(scores[where].to(rows[:1]), rows[where], dims=1)
        frames.append(total / last)
    return torch.stack(frames)


def weighted_sums(weights: Tensor, rows: Stack) -> Tensor:
    """Several weighted sums over the leading axis in one pass: (n, sums) and (n, …) → (sums, …)."""
    total: Tensor | None = None
    for where, batch in rows.batches():
        part = torch.tensordot(weights[where].T.to(batch), batch, dims=1)
        total = part if total is None else total + part
    assert total is not None
    return total
