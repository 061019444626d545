"""What the path lab knows of each path method: how its steps become one trip, and what may be switched."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from ..core.explanation import Explanation
from ..core.sums import along
from ..inputs import baselines
from ..methods.paths.blur import focus_of
from ..methods.paths.quadrature import RULES, quadrature

BASELINES = ("black", "white", "noise", "blur")


@dataclass(frozen=True)
class Trip:
    """One walk from nothing to the picture, n points long.

    places      (n,) where each point stands on the axis of the chart
    weights     (n,) how far each reaches on the axis
    points      (n, C, H, W) the pictures on the way
    slopes      (n, C, H, W) what the second panel shows
    added       (n, C, H, W) what each point adds; they sum to the attribution, or their mean is it
    scores      (n,) the score at each point; None where the order of the points means nothing
    reading     (n,) what the slider says about each point, if not its place
    aside       (n, C, H, W) what else may be seen instead of the points, a map or a picture; or None
    """

    places: Tensor
    weights: Tensor
    points: Tensor
    slopes: Tensor
    added: Tensor
    scores: Tensor | None = None
    reading: Tensor | None = None
    aside: Tensor | None = None


# How the steps of each method become a trip -------------------------------------------------------------


def along_a_route(e: Explanation) -> Trip:
    """Integrated Gradients."""
    cumulative = e["cumulative"]
    added = cumulative.diff(dim=0, prepend=torch.zeros_like(cumulative[:1]))
    return Trip(e["alphas"], e["weights"], e["interpolated"], e["gradients"], added, e["scores"])


def into_focus(e: Explanation) -> Trip:
    """Blur IG; aside, what comes into focus at each point."""
    focus = focus_of(e.x, **{name: e.parameters[name] for name in ("max_sigma", "edges", "spacing")})
    alphas, weights = quadrature(e.parameters["rule"], len(e["sigmas"]), e.x)
    gradients = e["gradients"]
    sharper = along(weights, e.x) * focus.speed(alphas, e.x)
    seen = {"reading": e["sigmas"], "aside": sharper}
    return Trip(alphas, weights, e["blurred"], gradients, sharper * gradients, e["scores"], **seen)


def round_about(e: Explanation) -> Trip:
    """Guided IG; aside, how far each pixel is ahead of the straight line, or behind it."""
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
    return Trip(covered, weights, path, gradients, added, e["scores"], aside=ahead)


def by_draws(e: Explanation) -> Trip:
    """Expected gradients; aside, the baseline of each draw."""
    samples = e["samples"]
    counts = torch.arange(1, len(samples) + 1).to(e.x)
    weights = torch.full_like(counts, 1 / len(counts))
    return Trip(counts, weights, e["points"], samples, samples, aside=e["baselines"])


# What is computed beforehand: enough to switch to, cheap enough not to be waited for --------------------


def other_lines(own: dict[str, Any]) -> list[dict[str, Any]]:
    """Integrated Gradients: baselines, rules, numbers of steps."""
    starts = [{"baseline": b, "n_steps": 16} for b in unlike("baseline", BASELINES, own)]
    return [*starts, *({"rule": r, "n_steps": 10} for r in RULES), {"n_steps": 5}, {"n_steps": 25}]


def other_blurs(own: dict[str, Any]) -> list[dict[str, Any]]:
    """Blur IG: the other edges, fewer steps."""
    return [*({"edges": edges} for edges in unlike("edges", ("black", "mirrored"), own)), {"n_steps": 10}]


def other_detours(own: dict[str, Any]) -> list[dict[str, Any]]:
    """Guided IG: the other rule, and both without a leash."""
    few = min(50, own["n_steps"])
    kept = [{"rule": rule, "n_steps": few} for rule in unlike("rule", ("left", "trapezoid"), own)]
    return [*kept, *({"max_distance": 1.0, "rule": r, "n_steps": few} for r in ("left", "trapezoid"))]


def other_backgrounds(own: dict[str, Any]) -> list[dict[str, Any]]:
    """Expected gradients: noise, and single baselines."""
    few = min(24, own["n_samples"])
    return [{"background": b, "n_samples": few} for b in unlike("background", (None, "black", "white"), own)]


def unlike(name: str, values: Iterable[Any], own: dict[str, Any]) -> list[Any]:
    """Those values of an option that the explanation itself does not have."""
    return [value for value in values if shown(name, value) != shown(name, own[name])]


def shown(name: str, value: Any) -> str | float:
    """An option as the page writes it: a tensor has no name, no background means noise."""
    if name == "background" and value is None:
        return "noise"
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return value
    return "your own"


# How each method is shown -------------------------------------------------------------------------------

SLOPE = ("slope", r"\nabla F", "slope")
ADD = ("sum", r"\sum_k w_k", "add up")
PANELS = (
    ("Point on the path", "the picture on its way"),
    ("Slope there", "gradient of the score, blue where a brighter pixel raises it"),
    ("Added up so far", "attribution up to this point of the path"),
    ("Over the picture", "the same, over the input"),
)
ALPHA = {"x": "α", "reading": "α", "slider": "α, the place on the path", "digits": "2", "unit": ""}


@dataclass(frozen=True)
class Plan:
    """How a method is shown in the path lab.

    trip        explanation → Trip
    others      its parameters → the options that are computed beforehand, for a page without a kernel
    terms       the formula, term by term: what it lights, LaTeX, a caption
    panels      title and description of the four pictures
    axis        what the chart and the slider call a place
    controls    option → heading, in the order of the page
    views       what the first panel can show: the point, or what is aside
    aside       what the colours say of what is aside, if it is a map
    mean        whether the attribution is the mean of what the points add
    mixed       whether the page mixes the points itself, from the two ends of a straight line
    """

    trip: Callable[[Explanation], Trip]
    terms: tuple[tuple[str, str, str], ...]
    needs: frozenset[str]
    others: Callable[[dict[str, Any]], list[dict[str, Any]]] = lambda own: []
    panels: tuple[tuple[str, str], ...] = PANELS
    axis: dict[str, str] = field(default_factory=lambda: ALPHA)
    controls: dict[str, str] = field(default_factory=dict)
    views: tuple[str, ...] = ()
    aside: str = ""
    mean: bool = False
    mixed: bool = False
    change: str = "F(x) − F(x⁰), the change"
    advice: str = "take more steps"


STRAIGHT = Plan(
    trip=along_a_route,
    others=other_lines,
    mixed=True,
    terms=(
        ("distance", r"(x - x^0)", "distance"),
        ("sum", r"\odot \sum_k w_k", "add up"),
        SLOPE,
        ("point", r"\left( x^0 + \alpha_k (x - x^0) \right)", "point on the path"),
    ),
    needs=frozenset({"alphas", "weights", "gradients", "cumulative"}),
    controls={"baseline": "Compared with", "n_steps": "Steps", "rule": "Rule"},
)
CURVED = Plan(
    trip=along_a_route,
    terms=(
        ADD,
        ("distance", r"\gamma'(\alpha_k) \odot", "speed"),
        SLOPE,
        ("point", r"\left( \gamma(\alpha_k) \right)", "point on the path"),
    ),
    needs=STRAIGHT.needs,
)
BLUR = Plan(
    trip=into_focus,
    others=other_blurs,
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
GUIDED = Plan(
    trip=round_about,
    others=other_detours,
    terms=(
        ("sum", r"\sum_k", "add up"),
        ("distance", r"(x_{k+1} - x_k) \odot", "the way it went"),
        SLOPE,
        ("point", r"\left( x_k \right)", "point on the path"),
    ),
    axis={**ALPHA, "x": "α, the share of the distance covered", "slider": "α, the share covered"},
    needs=frozenset({"path", "scores", "gradients"}),
    controls={"rule": "Slope of a step", "max_distance": "Furthest from the line", "n_steps": "Steps"},
    views=("picture", "who is ahead"),
    aside="blue: ahead",
    advice="the values that move were chosen for their small slope",
)
EXPECTED = Plan(
    trip=by_draws,
    others=other_backgrounds,
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

PLANS = {
    "integrated_gradients": STRAIGHT,
    "path_integrated_gradients": CURVED,
    "blur_integrated_gradients": BLUR,
    "guided_integrated_gradients": GUIDED,
    "gradient_shap": EXPECTED,
}


def plan_of(e: Explanation) -> Plan | None:
    """How this explanation is shown; None if the path lab does not know its method."""
    # A file of an earlier version may hold a curved path under the name of Integrated Gradients.
    curved = e.method == "integrated_gradients" and e.parameters.get("path", "line") != "line"
    return CURVED if curved else PLANS.get(e.method)
