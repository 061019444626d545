"""LIME on tables: near one row, the model is a sum over the values that lie in the row's own quarters.

F  the score that is explained      x  the input      z_k  a sample: 1 where a value is in the bin of x
x_k  the row that was drawn      d_k  how far it lies from x      w_k  how much it counts      β, c  the line
"""

from torch import Tensor

from ...core.errors import whole_number
from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.stack import Lazy
from ...core.steps import Step
from ...core.types import Baseline, Steps, Target
from . import neighbours
from .line import fidelity, fitted, line_step


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
    r"""Which of this row's values, low, middle or high, does the score rest on?

    $$F(x_k) \approx c + \sum_i \beta_i z_{k i}, \quad z_{k i} = 1 \; \mathrm{if} \; x_{k i} \sim x_i$$

    x and the result are (features,), in units of the score, by default a probability: what it adds that a
    value lies in its own quarter of the data (∼). Each column of a sample is drawn by itself from the
    background.

    Deviations from the authors' code: 1. a value is drawn from the data, theirs from a normal distribution
    fitted to its bin. 2. all columns stay in the line.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("iris"), xk.data.table("iris", "test").X[0]
    >>> explanation = xk.lime_tabular(model, x, background=xk.data.table("iris").X, n_samples=500)
    >>> explanation.attribution.shape
    torch.Size([4])

    See also
    lime_text, lime_image, kernel_shap
    """
    F = score(model, x, target)
    data = neighbours.data_for(background, x)
    names = model.names_of(x) or [f"feature {k}" for k in range(len(x))]
    bins = neighbours.Bins(data, x, neighbours.columns(categorical, names))
    table = Lazy(lambda: bins.table(names))
    yield Step("discretised", table, r"q_1 < x_i \leq q_2", "the bin of each value", kind="table")

    n_samples = whole_number("n_samples", n_samples, 5000, least=2)
    samples = neighbours.mixed_rows(data, x, n_samples, seed)
    formula = r"x_{k i} \sim \mathrm{column} \; i"
    yield Step("samples", samples, formula, "each column drawn alone", kind="matrix")
    z = bins.same(samples)
    yield Step("same_bin", z, r"z_{k i} \in \{0, 1\}", "where it is as in x", kind="matrix")

    width = 0.75 * len(x) ** 0.5 if kernel_width is None else kernel_width
    distances = (1 - z).square().sum(1).sqrt()
    fit = yield from fitted(F(samples), z, distances, width, penalty)
    yield line_step(bins.names(names), fit)
    attribution = fit.coefficients.to(x)
    yield Step("attribution", attribution, r"\phi_i = \beta_i", "the slope of each column")

    yield fidelity(fit)
    return attribution
