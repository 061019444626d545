"""What the path lab knows of each path method: how its steps become one trip, and what may be switched."""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ..core import baselines
from ..core.explanation import Explanation
from ..core.routes import RULES, focusing, quadrature
from ..core.stack import along, resolve

BASELINES = ("black", "white", "noise", "blur")


@dataclass(frozen=True)
class Trip:
    """One walk from nothing to the picture, n points long.

    places      (n,) where each point stands on the axis of the chart
    reading     (n,) what the slider says of it
    weights     (n,) how far each reaches on the axis
    points      (n, C, H, W) the pictures on the way; None on a straight line, which the page mixes itself
    slopes      (n, C, H, W) what the second panel shows
    added       (n, C, H, W) what each point adds; they sum to the attribution, or their mean is it
    aside       (n, C, H, W) what else may be seen instead of the points, with its name; or None
    """

    places: Tensor
    reading: Tensor
    weights: Tensor
    points: Tensor | None
    slopes: Tensor
    added: Tensor
    scores: Tensor
    aside: Tensor | None = None
    signed_aside: bool = True


@dataclass(frozen=True)
class Tour:
    """How a method is shown: its formula in terms, its panels, its axis, and its switches.

    controls    option → heading, in the order of the page
    others      what is computed beforehand, so that a page without a kernel can switch to it
    """

    terms: tuple[tuple[str, str, str], ...]
    panels: tuple[tuple[str, str], ...]
    axis: dict[str, str]
    needs: frozenset[str]
    controls: dict[str, str] = field(default_factory=dict)
    views: tuple[str, ...] = ()
    aside: str = ""
    mean: bool = False
    change: str = "F(x) − F(x⁰), the change"
    advice: str = "take more steps"


SLOPE = ("slope", r"\nabla F", "slope")
ADD = ("sum", r"\sum_k w_k", "add up")
PANELS = (
    ("Point on the path", "the picture on its way"),
    ("Slope there", "gradient of the score, blue where a brighter pixel raises it"),
    ("Added up so far", "attribution up to this point of the path"),
    ("Over the picture", "the same, over the input"),
)
ALPHA = {"x": "α", "reading": "α", "slider": "α, the place on the path", "digits": "2", "unit": ""}

STRAIGHT = Tour(
    terms=(
        ("distance", r"(x - x^0)", "distance"),
        ("sum", r"\odot \sum_k w_k", "add up"),
        SLOPE,
        ("point", r"\left( x^0 + \alpha_k (x - x^0) \right)", "point on the path"),
    ),
    panels=PANELS,
    axis=ALPHA,
    needs=frozenset({"alphas", "weights", "gradients", "cumulative"}),
    controls={"baseline": "Compared with", "n_steps": "Steps", "rule": "Rule"},
)
CURVED = Tour(
    terms=(
        ADD,
        ("distance", r"\gamma'(\alpha_k) \odot", "speed"),
        SLOPE,
        ("point", r"\left( \gamma(\alpha_k) \right)", "point on the path"),
    ),
    panels=PANELS,
    axis=ALPHA,
    needs=STRAIGHT.needs,
)
BLUR = Tour(
    terms=(
        ADD,
        ("distance", r"\frac{d L_{\sigma_k}}{d \alpha} \odot", "what comes into focus"),
        SLOPE,
        ("point", r"\left( L_{\sigma_k} \right)", "blurred picture"),
    ),
    panels=(("Coming into focus", "the picture blurred by σ"), *PANELS[1:]),
    axis={
        "x": "α, from the widest blur to none",
        "reading": "σ",
        "slider": "σ, the width of the blur",
        "digits": "1",
        "unit": " px",
    },
    needs=frozenset({"sigmas", "blurred", "scores", "gradients"}),
    controls={"edges": "Beyond the edges", "n_steps": "Steps"},
    views=("picture", "what is added"),
    aside="blue: brighter",
    change="F(x) − F(most blurred), the change",
)
GUIDED = Tour(
    terms=(
        ("sum", r"\sum_k", "add up"),
        ("distance", r"(x_{k+1} - x_k) \odot", "the way it went"),
        SLOPE,
        ("point", r"\left( x_k \right)", "point on the path"),
    ),
    panels=PANELS,
    axis={**ALPHA, "x": "α, the share of the distance covered", "slider": "α, the share covered"},
    needs=frozenset({"path", "scores", "gradients"}),
    controls={"rule": "Slope of a step", "max_distance": "Furthest from the line", "n_steps": "Steps"},
    views=("picture", "who is ahead"),
    aside="blue: ahead",
    advice="the values that move were chosen for their small slope",
)
EXPECTED = Tour(
    terms=(
        ("sum", r"\frac{1}{n} \sum_k", "mean"),
        ("distance", r"(x - b_k) \odot", "distance"),
        SLOPE,
        ("point", r"\left( b_k + \alpha_k (x - b_k) \right)", "a point on the way from b"),
    ),
    panels=(
        ("Point of this draw", "a baseline drawn, and a point on the way from it"),
        ("What it says", "distance times slope at this point"),
        ("Mean so far", "the mean of all draws up to this one"),
        ("Over the picture", "the same, over the input"),
    ),
    axis={
        "x": "n, draws averaged",
        "reading": "n",
        "slider": "n, the number of draws",
        "digits": "0",
        "unit": "",
    },
    needs=frozenset({"baselines", "points", "samples"}),
    controls={"background": "Compared with"},
    views=("point", "its baseline"),
    mean=True,
    change="F(x) − mean of F(b), the change",
)


def tour_of(e: Explanation) -> Tour | None:
    """How this explanation is shown; None if the path lab does not know its method."""
    if e.method == "integrated_gradients":
        return STRAIGHT if e.parameters["path"] == "line" else CURVED
    known = {
        "blur_integrated_gradients": BLUR,
        "guided_integrated_gradients": GUIDED,
        "gradient_shap": EXPECTED,
    }
    return known.get(e.method)


def trip_of(e: Explanation) -> Trip:
    """The trip of an explanation that has kept its steps."""
    walked = {
        "integrated_gradients": along_a_route,
        "blur_integrated_gradients": into_focus,
        "guided_integrated_gradients": round_about,
        "gradient_shap": by_draws,
    }
    return walked[e.method](e)


def along_a_route(e: Explanation) -> Trip:
    """Integrated Gradients."""
    alphas, cumulative = e["alphas"], e["cumulative"]
    added = torch.cat([cumulative[:1], cumulative.diff(dim=0)])
    points = None if e.parameters["path"] == "line" else e["interpolated"]
    return Trip(alphas, alphas, e["weights"], points, e["gradients"], added, e["scores"])


def into_focus(e: Explanation) -> Trip:
    """Blur Integrated Gradients."""
    own = {name: e.parameters[name] for name in ("max_sigma", "edges", "spacing")}
    way, _ = focusing(e.x, **own)
    alphas, weights = (points.to(e.x) for points in quadrature(e.parameters["rule"], len(e["sigmas"])))
    sharper = along(weights, e.x) * way.velocity(alphas)
    return Trip(
        alphas,
        e["sigmas"],
        weights,
        e["blurred"],
        e["gradients"],
        sharper * e["gradients"],
        e["scores"],
        sharper,
    )


def round_about(e: Explanation) -> Trip:
    """Guided Integrated Gradients; aside, how far each pixel is ahead of the straight line, or behind it."""
    path, gradients, n = e["path"], e["gradients"], len(e["path"])
    slopes = gradients[:-1]
    if e.parameters["rule"] == "trapezoid":
        slopes = (gradients[:-1] + gradients[1:]) / 2
    added = path.diff(dim=0) * slopes
    added = torch.cat([added, (e.attribution - added.sum(0))[None]])  # the last step is what is left

    x0 = baselines.make(e.parameters["baseline"], e.x)
    covered, distance = torch.arange(n).to(e.x) / n, e.x - x0
    progress = (path - x0) / torch.where(distance == 0, 1.0, distance)
    ahead = torch.where(distance == 0, 0.0, progress - along(covered, e.x)) / len(e.x)
    weights = torch.full_like(covered, 1 / n)
    return Trip(covered, covered, weights, path, gradients, added, e["scores"], ahead)


def by_draws(e: Explanation) -> Trip:
    """Expected gradients."""
    samples = resolve(e["samples"])
    counts = torch.arange(1, len(samples) + 1).to(e.x)
    scores = counts * 0
    weights = torch.full_like(counts, 1 / len(counts))
    return Trip(counts, counts, weights, e["points"], samples, samples, scores, e["baselines"], False)


def others(e: Explanation) -> list[dict[str, Any]]:
    """What is computed beforehand: enough to switch to, cheap enough not to be waited for."""
    own = e.parameters
    if e.method == "integrated_gradients":
        wanted: list[dict[str, Any]] = [
            {"baseline": b, "n_steps": 16} for b in BASELINES if not same(b, own["baseline"])
        ]
        wanted += [{"rule": r, "n_steps": 10} for r in RULES]
        return [*wanted, {"n_steps": 5}, {"n_steps": 25}]
    if e.method == "blur_integrated_gradients":
        other = "mirrored" if own["edges"] == "black" else "black"
        return [{"edges": other}, {"n_steps": 10}]
    if e.method == "guided_integrated_gradients":
        few, other = min(50, own["n_steps"]), "left" if own["rule"] == "trapezoid" else "trapezoid"
        freely = [{"max_distance": 1.0, "rule": r, "n_steps": few} for r in ("left", "trapezoid")]
        return [{"rule": other, "n_steps": few}, *freely]
    few = min(24, own["n_samples"])
    names = [None, "black", "white"]
    return [{"background": b, "n_samples": few} for b in names if not same(b, own["background"])]


def same(one: Any, other: Any) -> bool:
    """Whether two options are one name, or both are left out."""
    return (one is None and other is None) or (
        isinstance(one, str) and isinstance(other, str) and one == other
    )


def shown(name: str, value: Any) -> str | float:
    """An option as the page writes it: a tensor has no name, no background means noise."""
    if name == "background" and value is None:
        return "noise"
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    return "your own"
