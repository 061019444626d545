"""Paths: the evidence is added up on the way from nothing to the picture.

F  the score that is explained      x  the input      x0  the baseline
α ∈ [0, 1]  how far along      γ(α)  the path, γ(0) = x0 and γ(1) = x      γ'(α)  its velocity
α_k, w_k  points and weights of the integral      x_k = γ(α_k)      g_k = ∇F(x_k)
σ  the width of a blur      b_k  a baseline drawn from a background
A  one number a pixel      s_k  the k-th region      M_k  all pixels of the first k regions
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from ..core import baselines, regions
from ..core.errors import OptionError, whole_number
from ..core.method import method, nest
from ..core.model import Model, Score, score
from ..core.routes import contributions, detour, focusing, route, sample, sampled
from ..core.sampling import generator
from ..core.stack import Lazy, Stack, along, moments, weighted_sum
from ..core.steps import Check, Step
from ..core.types import Baseline, Path, Rule, Steps, Target


@method("Integrated Gradients", paper="sundararajan2017", promises=("completeness",))
def integrated_gradients(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,  # the class to explain; None: the predicted one
    baseline: Baseline = "black",  # x0, the absence of signal; paths other than the line bring their own
    path: Path = "line",  # line, luminosity, saturation, blur, or a function alpha → image that ends at x
    n_steps: int = 50,  # points on the path
    tolerance: float | None = None,  # instead of n_steps: the share of the change that the sum may miss
    rule: Rule = "midpoint",  # how the integral becomes a sum
) -> Steps[Tensor]:
    r"""How much did each input add to the score on the way from the baseline to the input?

    $$\phi_i = (x_i - x^0_i) \int_0^1 \partial_i F(x^0 + \alpha (x - x^0)) \, d\alpha$$

    x, baseline and result share one shape, (C, H, W) or (features,); the result is in units of the score.
    Along a curved path γ the distance becomes the velocity: φ = ∫ γ'(α) ⊙ ∇F(γ(α)) dα.
    With a tolerance n_steps is not used: the points are doubled, 8, 16, … up to 1,024, until it is met.

    Deviations from the paper: 1. the paper sums at the right ends of its intervals; the midpoint rule is the
    default here, since its error falls with the square of the number of steps.
    """
    F = score(model, x, target)
    way = route(path, baseline, x)
    x0 = way.x0

    alphas, weights, interpolated, scores, gradients = sampled(F, way, rule, n_steps, tolerance)
    yield Step("alphas", alphas, r"\alpha_k", f"{len(alphas)} points from baseline to input", kind="curve")
    yield Step("weights", weights, r"w_k", "how much each point counts", kind="curve")
    yield Step("interpolated", interpolated, way.formula, "the input fades in", kind="images")
    yield Step("scores", scores, r"F(x_k)", "where does the model make up its mind?", kind="curve")
    yield Step("gradients", gradients, r"g_k = \nabla F(x_k)", "the slope, point by point", kind="heatmaps")

    steepness = Lazy(lambda: gradients.value.abs().flatten(1).mean(1))
    yield Step(
        "gradient_magnitudes", steepness, r"\mathrm{mean}_i |g_{k,i}|", "how steep it is", kind="curve"
    )

    added = contributions(way, alphas, gradients)
    cumulative = Lazy(lambda: (along(weights, x) * added.value).cumsum(0))
    formula = r"\sum_{j \leq k} w_j \gamma'(\alpha_j) \odot g_j"
    yield Step("cumulative", cumulative, formula, "added up so far", kind="heatmaps")

    average_gradient = Lazy(lambda: weighted_sum(weights, gradients), once=True)
    yield Step("average_gradient", average_gradient, r"\bar g = \sum_k w_k g_k", "a mean cannot saturate")

    attribution = (x - x0) * average_gradient.value if way.straight else weighted_sum(weights, added)
    yield Step("attribution", attribution, way.sum_formula, "distance times slope")

    formula, share = r"\sum_i \phi_i = F(x) - F(x^0)", tolerance or 0.05
    yield Check("completeness", attribution.sum(), F(x) - F(x0), formula, rel_tol=share)
    return attribution


@method("Blur IG", paper="xu2020", promises=("completeness",))
def blur_integrated_gradients(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    max_sigma: float | None = None,  # the widest blur, in pixels; None: a quarter of the shorter side
    edges: str = "black",  # what lies beyond the picture: black, or mirrored
    spacing: str = "quadratic",  # of the σ_k: quadratic, closer together where it is sharp, or linear
    n_steps: int = 50,  # points on the path
    rule: Rule = "midpoint",  # how the integral becomes a sum
) -> Steps[Tensor]:
    r"""At which sharpness of the picture does the evidence appear, and where?

    $$\phi = \int_{\sigma_{\max}}^{0} \frac{\partial L_\sigma}{\partial \sigma} \odot \nabla F(L_\sigma)
    \, d\sigma, \quad L_\sigma = x * G_\sigma$$

    x and the result share one shape, (C, H, W); the result is in units of the score. No colour stands for
    nothing: the path begins at the picture itself, blurred by max_sigma pixels.

    Deviations from the paper: 1. the integral does not depend on how the path is timed; equal steps of σ are
    those of the authors' code, steps that shrink with σ need about half as many points. 2. the blur is
    differentiated by σ exactly, where the authors' code takes a difference of two blurs, and the Gaussian is
    not cut off at 4 σ.
    """
    F = score(model, x, target)
    way, sigmas_at = focusing(x, max_sigma, edges, spacing)

    alphas, weights, blurred, scores, gradients = sample(F, way, rule, n_steps)
    yield Step("sigmas", sigmas_at(alphas), r"\sigma_k", "from the widest blur to none", kind="curve")
    yield Step("blurred", blurred, r"L_k = x * G_{\sigma_k}", "the picture comes into focus", kind="images")
    yield Step("scores", scores, r"F(L_k)", "how much detail does the model need?", kind="curve")
    yield Step("gradients", gradients, r"g_k = \nabla F(L_k)", "the slope at each sharpness", kind="heatmaps")

    attribution = weighted_sum(weights, contributions(way, alphas, gradients))
    formula = r"\phi = \sum_k w_k \frac{d L_k}{d \alpha} \odot g_k"
    yield Step("attribution", attribution, formula, "change of the picture times slope")

    formula = r"\sum_i \phi_i = F(x) - F(L_{\sigma_{\max}})"
    yield Check("completeness", attribution.sum(), F(x) - F(way.x0), formula)
    return attribution


@method("Guided IG", paper="kapishnikov2021", promises=("arrival",))
def guided_integrated_gradients(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    baseline: Baseline = "black",  # x0, the absence of signal
    n_steps: int = 200,  # in each, the same share of the whole distance is covered
    fraction: float = 0.25,  # this share of the values may move at once, those with the smallest slopes
    max_distance: float = 0.02,  # how far from the straight line, in α; 1: as far as it likes
    rule: str = "left",  # the slope of a step: left, at its beginning, or trapezoid, the mean of both ends
) -> Steps[Tensor]:
    r"""What is left of Integrated Gradients when the path goes round the steep places?

    $$\phi = \sum_k g_k \odot (x_{k+1} - x_k), \quad g_k = \nabla F(x_k)$$

    x, baseline and result share one shape, (C, H, W) or (features,); the result is in units of the score.
    In every step the values with the smallest slopes |g_k| move on, until 1/n_steps of the distance ‖x − x0‖₁
    is covered: what the model hardly reacts to moves first, and less of its noise is collected.
    A step needs the one before, so the model sees one picture at a time.

    The values that move are those whose slope was small, so the slope at the beginning of a step is no fair
    sample of the slope along it: with rule="left", the paper's, completeness is missed by far, and more steps
    hardly help (the check says by how much); the trapezoid rule costs one gradient more and mends most of it.

    Deviations from the paper: 1. as in the authors' code the path stays within max_distance of the straight
    line, where the paper ties it to anchor points on the line.
    """
    F = score(model, x, target)
    x0 = baselines.make(baseline, x)
    walked = detour(F, x, x0, n_steps, fraction, max_distance, rule)
    path, frozen_fraction, scores, gradients = walked.columns
    yield Step("path", path, r"x_k", "flat places fill in first", kind="images")
    formula = r"\mathrm{mean}_i [x_{k+1,i} = x_{k,i}]"
    yield Step("frozen_fraction", frozen_fraction, formula, "the share that waits in this step", kind="curve")
    yield Step("scores", scores, r"F(x_k)", "the score along this path", kind="curve")
    yield Step("gradients", gradients, r"g_k = \nabla F(x_k)", "the slope decides who moves", kind="heatmaps")

    *_, attribution, end = walked.last
    slope = r"g_k" if rule == "left" else r"\frac{1}{2} (g_k + g_{k+1})"
    formula = rf"\phi = \sum_k {slope} \odot (x_{{k+1}} - x_k)"
    yield Step("attribution", attribution, formula, "slope times the way it went")

    yield Check("completeness", attribution.sum(), F(x) - F(x0), r"\sum_i \phi_i = F(x) - F(x^0)")
    formula, rounding = r"\max_i |x_i - x_{n,i}| = 0", 1e-5 * float(x.abs().max())
    yield Check("arrival", (x - end).abs().max(), 0.0, formula, abs_tol=rounding, bounded=True)
    return attribution


@method("Expected Gradients", paper="erion2021")
def gradient_shap(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    background: Baseline | None = None,  # (m, …) examples to compare with; None: ten pictures of noise
    n_samples: int = 50,  # draws, each of one baseline and one point on the way from it; 2 or more
    seed: int = 0,
) -> Steps[Tensor]:
    r"""How much did each input add, compared with a whole background instead of one baseline?

    $$\phi = \mathbb{E}_{b, \alpha} \left[ (x - b) \odot \nabla F(b + \alpha (x - b)) \right]$$

    x and the result share one shape, (C, H, W) or (features,); the result is in units of the score. b is
    drawn from the background and α from [0, 1]: Integrated Gradients from every baseline, a point of each.
    In expectation the parts sum to F(x) less the mean score of the background.

    Deviations from the paper: 1. shap and captum can add noise to x besides; here x stays as it is.
    """
    F = score(model, x, target)
    if whole_number("n_samples", n_samples, 50) < 2:
        raise OptionError("one draw says nothing of its error: n_samples is 2 or more. Try 50.")
    pool = baselines.background(background, x, seed=seed)
    which = torch.from_numpy(generator(seed, 0).integers(len(pool), size=n_samples)).to(x.device)
    alphas = torch.from_numpy(generator(seed, 1).random(n_samples)).to(x)

    at_once = {"batch_size": model.rows_at_once(x), "keep": model.retain}
    drawn = Stack(n_samples, lambda k: pool[which[k]], **at_once)
    yield Step("baselines", drawn, r"b_k \sim D", "one of the background a draw", kind="images")
    yield Step("alphas", alphas, r"\alpha_k \sim U(0, 1)", "how far on the way from it", kind="curve")
    points = Stack(n_samples, lambda k: torch.lerp(drawn[k], x, along(alphas[k], x)), **at_once)
    yield Step("points", points, r"x_k = b_k + \alpha_k (x - b_k)", "one point on each way", kind="images")

    _, gradients = F.with_gradients(points)
    yield Step("gradients", gradients, r"g_k = \nabla F(x_k)", "the slope there", kind="heatmaps")
    samples = gradients.map(lambda k, rows: (x - drawn[k]) * rows)
    yield Step("samples", samples, r"s_k = (x - b_k) \odot g_k", "what one draw would say", kind="heatmaps")

    drawn_once, again = which.unique(return_inverse=True)
    change = F(x) - F(pool[drawn_once])[again]
    attribution, error, gap = mean_and_error(samples, change, x)
    formula = r"\mathrm{SE} = \sqrt{\frac{1}{n (n - 1)} \sum_k (s_k - \phi)^2}"
    yield Step("standard_error", error, formula, "how far the mean may be off")
    yield Step("attribution", attribution, r"\phi = \frac{1}{n} \sum_k s_k", "what they say on average")

    formula = r"\sum_i \phi_i = F(x) - \frac{1}{n} \sum_k F(b_k)"
    yield Check("completeness", attribution.sum(), change.mean(), formula, rel_tol=1e-4, abs_tol=3 * gap)
    return attribution


@method("XRAI", paper="kapishnikov2019", promises=("ranked_once", "conservation"))
def xrai(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    base_attribution: Tensor | None = None,  # instead of Integrated Gradients from black and from white
    segments: Tensor | None = None,  # instead of Felzenszwalb's: region numbers, or boolean masks
    n_steps: int = 50,  # points on each path
    min_pixels: int = 20,  # a region that would add fewer is dropped
) -> Steps[Tensor]:
    r"""Which regions of the picture, rather than pixels, does the score rest on?

    $$s_{k+1} = \mathrm{argmax}_s \frac{1}{|s \setminus M_k|} \sum_{i \in s \setminus M_k} A_i,
    \quad M_{k+1} = M_k \cup s_{k+1}$$

    x has the shape (C, H, W), the result (H, W), in units of the score a pixel: the mean of A over what its
    region added. A is the largest channel of the base attribution, which is (C, H, W) or (H, W).
    The regions enter one by one, always the one that adds most relevance a pixel.

    Deviations from the paper: 1. min_pixels counts what a region would still add, as in the authors' code.
    2. regions are not widened by five pixels; masks that are can be given as segments. 3. the scales are
    Felzenszwalb's for values in [0, 1] and the picture's own size; the authors' code resizes it to 224×224
    and stretches it to [−1, 1] first.
    """
    F = score(model, x, target)
    whole_number("min_pixels", min_pixels, 20)
    A = yield from pixel_evidence(F, base_attribution, n_steps)
    layers = yield from over_segmentation(x, segments)
    entering = regions.Regions(A, layers).greedily(min_pixels)
    return (yield from region_map(A, entering, "the densest of what is left enters"))


@method("Fast XRAI", paper="kapishnikov2019", promises=("ranked_once", "conservation"))
def xrai_fast(
    model: Model,
    x: Tensor,
    *,
    target: Target = None,
    base_attribution: Tensor | None = None,  # instead of Integrated Gradients from black and from white
    segments: Tensor | None = None,  # instead of Felzenszwalb's: region numbers, or boolean masks
    n_steps: int = 50,  # points on each path
    min_pixels: int = 20,  # a region that would add fewer is dropped
) -> Steps[Tensor]:
    r"""Which regions does the score rest on, if their overlaps are ignored while they are ranked?

    $$s_1, s_2, \dots \quad \mathrm{by} \quad \frac{1}{|s|} \sum_{i \in s} A_i,
    \quad M_{k+1} = M_k \cup s_{k+1}$$

    As `xrai`, but the regions are ranked once, by the density that each has alone, and enter in that order.
    That saves the search at every step, and gives another map where regions overlap.
    """
    F = score(model, x, target)
    whole_number("min_pixels", min_pixels, 20)
    A = yield from pixel_evidence(F, base_attribution, n_steps)
    layers = yield from over_segmentation(x, segments)
    entering = regions.Regions(A, layers).by_density(min_pixels)
    return (yield from region_map(A, entering, "in the order of their own density"))


def mean_and_error(samples: Stack, change: Tensor, x: Tensor) -> tuple[Tensor, Tensor, float]:
    """The mean of the samples, its standard error, and that of Σφ less the mean change, in one pass."""

    def with_gap(where: slice, rows: Tensor) -> Tensor:
        flat = rows.flatten(1)
        return torch.cat([flat, flat.sum(1, keepdim=True) - change[where, None]], 1)

    mean, variance = moments(samples.map(with_gap))
    error = (variance / (len(samples) - 1)).sqrt()
    return mean[:-1].reshape(x.shape), error[:-1].reshape(x.shape), float(error[-1])


# Regions --------------------------------------------------------------------------------------------------


def pixel_evidence(F: Score, base_attribution: Tensor | None, n_steps: int) -> Steps[Tensor]:
    """A, (H, W): what each pixel says, before the regions are asked."""
    baselines.picture_shape(F.x, "XRAI")
    if base_attribution is not None:
        base = regions.pixel_map(base_attribution, F.x)
    else:
        options = {"target": F.target, "n_steps": n_steps}
        walk = integrated_gradients.walk(F.model, F.x, baseline="black", **options)
        black = yield from nest("attribution_black", walk)
        walk = integrated_gradients.walk(F.model, F.x, baseline="white", **options)
        white = yield from nest("attribution_white", walk)
        base = (black.attribution + white.attribution) / 2
    A = base.amax(0) if base.dim() == 3 else base
    yield Step("base_attribution", A, r"A_i = \max_c \phi_{c,i}", "one number a pixel")
    if base_attribution is None:
        formula = r"\sum_i A_i = F(x) - \frac{1}{2} (F(0) + F(1))"
        yield Check("completeness", A.sum(), (black.checks[0].right + white.checks[0].right) / 2, formula)
    return A


def over_segmentation(x: Tensor, segments: Tensor | None) -> Steps[Tensor]:
    """Layers of region numbers (layers, H, W): from these pieces the regions are chosen."""
    layers = regions.felzenszwalb(x) if segments is None else regions.numbered(segments, x)
    formula = r"s \in S_1 \cup S_2 \cup \dots"
    yield Step("segmentations", layers, formula, "the pieces, from fine to coarse", kind="segments")
    return layers


def region_map(A: Tensor, entering: Iterator[Tensor], note: str) -> Steps[Tensor]:
    """The attribution (H, W) from the new pixels of each region, in the order in which they enter."""
    values = A.detach().cpu().double().flatten()
    order, gains, entered = torch.zeros(values.shape, dtype=torch.long), [], 0
    for new in entering:
        gains.append(values[new].mean())
        order[new] = len(gains)
        entered += len(new)
    if (rest := order == 0).any():  # what no region covers, or only regions that are too small
        gains.append(values[rest].mean())
        order[rest] = len(gains)
    gains, order = torch.stack(gains), order.reshape(A.shape)
    formula = r"\frac{1}{|s_k \setminus M_{k-1}|} \sum_{i \in s_k \setminus M_{k-1}} A_i"
    yield Step("region_gains", gains.to(A), formula, note, kind="curve")
    yield Step("order", order, r"k : i \in s_k \setminus M_{k-1}", "when each pixel entered, 1 the first")

    attribution = gains[order - 1].to(A)
    yield Step("attribution", attribution, r"\phi_i = \mathrm{gain}_{k(i)}", "one value a region")

    formula = r"\sum_i \phi_i = \sum_i A_i"
    yield Check("conservation", gains[order - 1].sum(), values.sum(), formula, rel_tol=1e-6)
    formula = r"\sum_k |s_k \setminus M_{k-1}| = H \cdot W"
    yield Check("ranked_once", entered + rest.sum(), A.numel(), formula, rel_tol=0)
    return attribution
