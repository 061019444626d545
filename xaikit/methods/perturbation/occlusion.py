"""Occlusion: a window slides over the picture and hides it.

F  the score that is explained      x  the input      x0  what is seen in the window
w_k  the k-th window      d_k  how much of the score is lost behind it      K_i  the windows over pixel i
"""

from torch import Tensor

from ...core.method import method
from ...core.model import Model
from ...core.score import score
from ...core.steps import Check, Step
from ...core.types import Baseline, Steps, Target
from ...inputs import baselines, masks


@method("Occlusion", paper="zeiler2014")
def occlusion(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    window: int | tuple[int, int] | None = None,  # pixels a side; None: an eighth of a picture, one column
    stride: int | tuple[int, int] | None = None,  # from one window to the next; None: half a window
    baseline: Baseline = "black",  # x0, what is seen in the window
) -> Steps[Tensor]:
    r"""How far does the score fall when a window slides over the picture and hides it?

    $$\phi_i = \frac{1}{|K_i|} \sum_{k \in K_i} \left( F(x) - F(x^{\setminus w_k}) \right),
    \quad K_i = \{ k : i \in w_k \}$$

    x is (C, H, W) and the result (H, W), or both are (features,); the result is in units of the score: what
    the windows over a pixel took, on average. All channels are hidden together. The last window of a row is
    cut off at the edge of the picture.

    Deviations from the paper: 1. the paper draws the score at the middle of its gray window; the mean over
    all windows that hide a pixel gives a map of the picture's own size.

    Example
    >>> import xaikit as xk
    >>> model, x = xk.zoo.load("shapes"), xk.data.shapes(1, seed=0).images[0]
    >>> explanation = xk.occlusion(model, x, window=16, stride=16)
    >>> explanation["scores"].shape
    torch.Size([16])

    See also
    feature_ablation, rise
    """
    F = score(model, x, target)
    x0 = baselines.make(baseline, x)
    grid = masks.windows(x, window, stride)
    hidden = F.cheap_rows(len(grid), grid.masks)
    yield Step("windows", hidden, r"w_k", "where the picture is hidden", kind="masks")
    occluded = F.cheap_rows(len(grid), lambda where: grid.hide(x, x0, where))
    formula = r"x^{\setminus w_k}_i = x^0_i \; \mathrm{if} \; i \in w_k"
    yield Step("occluded", occluded, formula, "the window slides", kind="images")

    scores = F(occluded)
    yield Step("scores", scores, r"F(x^{\setminus w_k})", "what is left of the score", kind="curve")
    differences = F(x) - scores
    formula = r"d_k = F(x) - F(x^{\setminus w_k})"
    yield Step("differences", differences, formula, "what the window took", kind="curve")

    attribution = grid.average(differences)
    formula = r"\phi_i = \mathrm{mean}_{k : i \in w_k} d_k"
    yield Step("attribution", attribution, formula, "the mean of the windows over it")

    formula = r"\sum_k d_k \, / \, \overline{|K|} = F(x) - F(x^0)"
    yield Check("additivity", differences.sum() / grid.times, F(x) - F(x0), formula)
    return attribution
