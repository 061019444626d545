"""The path lab: drag α, and see the picture, the slope, the sum so far, and completeness closing."""

from typing import Any

import torch
import traitlets

from ..core import baselines
from ..core.explanation import Explanation
from ..core.model import Model, Score
from ..core.routes import RULES
from ..methods import integrated_gradients
from . import wire
from .base import Widget

FORMULA = (
    ("distance", r"(x - x^0)", "distance"),
    ("sum", r"\odot \sum_k w_k", "add up"),
    ("slope", r"\nabla F", "slope"),
    ("point", r"\left( x^0 + \alpha_k (x - x^0) \right)", "point on the path"),
)
CURVED = (
    ("sum", r"\sum_k w_k", "add up"),
    ("distance", r"\gamma'(\alpha_k) \odot", "speed"),
    ("slope", r"\nabla F", "slope"),
    ("point", r"\left( \gamma(\alpha_k) \right)", "point on the path"),
)
BASELINES = ("black", "white", "noise", "blur")
OTHER_RULES_STEPS = 10  # what a page without a kernel can switch to
OTHER_STEPS = (5, 25)
OTHER_BASELINES_STEPS = 16


class PathLab(Widget):
    """Integrated Gradients, one α at a time.

    With a model behind the explanation (as long as it was not loaded from a file) other baselines, rules and
    numbers of steps are computed beforehand, and any further one when the page asks for it.

    frame, alpha   where the slider stands; alpha is the same as a number, to read from Python
    run            which of the runs in `state["runs"]` is shown
    guess          the α that the learner guessed, if the lab was made with ask=True; -1 before that
    """

    run = traitlets.Int(0).tag(sync=True)
    alpha = traitlets.Float(0.0).tag(sync=True)
    ask = traitlets.Bool(False).tag(sync=True)
    guess = traitlets.Float(-1.0).tag(sync=True)
    shared = (*Widget.shared, "run", "alpha", "ask", "guess")

    def __init__(self, explanation: Explanation, *, alternatives: bool = True, ask: bool = False) -> None:
        self.explanation = explanation
        self._starts: dict[str, Any] = {}  # each baseline's picture once, whatever the number of runs from it
        straight = explanation.parameters["path"] == "line"
        runs = [self._run(explanation, detail=2_600_000)]
        live = explanation.model is not None and straight
        if live and alternatives:
            runs += [self._run(e, detail=300_000) for e in self._alternatives()]
        state = {
            **wire.heading(explanation),
            "question": f"How much did each pixel add to the score of {explanation.prediction.label} "
            "on the way from the baseline to the picture?",
            "terms": [
                {"id": name, "formula": wire.mathml(latex), "caption": caption}
                for name, latex, caption in (FORMULA if straight else CURVED)
            ],
            "input": wire.pictures(explanation.x[None, :3], 700_000),
            "runs": runs,
            "starts": self._starts,
            "baselines": list(dict.fromkeys([baseline_name(explanation), *BASELINES])) if straight else [],
            "rules": list(RULES) if straight else [],
        }
        frame = len(runs[0]["frames"]) - 1
        super().__init__(
            lab="path", state=state, live=live, ask=ask, frame=frame, alpha=alpha_at(runs[0], frame)
        )

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the explanation is of a picture, and its steps were kept."""
        return explanation.x.dim() == 3 and {"alphas", "gradients", "cumulative"} <= set(explanation.steps)

    def answer(self, request: dict[str, Any]) -> None:
        """Another baseline, rule or number of steps: compute it, and show it."""
        own = {"your own": self.explanation.parameters["baseline"]}
        explanation = self._explain(
            baseline=own.get(request["baseline"], request["baseline"]),
            rule=request["rule"],
            n_steps=max(1, min(200, int(request["n_steps"]))),
        )
        runs = [*self.state["runs"], self._run(explanation, detail=1_300_000)]
        while wire.size(self.state | {"runs": runs}) > wire.STATE_BYTES and len(runs) > 2:
            del runs[1]  # the oldest; the learner's own run stays
        self.state = {**self.state, "runs": runs, "starts": dict(self._starts)}
        self.run = len(self.state["runs"]) - 1

    def _explain(self, **options: Any) -> Explanation:
        e = self.explanation
        own = {name: e.parameters[name] for name in ("baseline", "rule", "n_steps")}
        return integrated_gradients(e.model, e.x, target=e.parameters["target"], **{**own, **options})

    def _alternatives(self) -> "list[Explanation]":
        others = [b for b in BASELINES if b != baseline_name(self.explanation)]
        wanted: list[dict[str, Any]] = [{"baseline": b, "n_steps": OTHER_BASELINES_STEPS} for b in others]
        wanted += [{"rule": r, "n_steps": OTHER_RULES_STEPS} for r in RULES]
        wanted += [{"n_steps": n} for n in OTHER_STEPS]
        return [self._explain(**options) for options in wanted]

    def _run(self, explanation: Explanation, detail: int) -> dict[str, Any]:
        """One run as the page needs it; `added` are the maps w_k γ'(α_k) ⊙ g_k, which the page sums."""
        e, own = explanation, explanation.parameters
        cumulative, chosen = wire.frames_of(e["cumulative"])
        added = torch.cat([cumulative[:1], cumulative.diff(dim=0)])
        change = e.checks[0].right
        return {
            "baseline": baseline_name(e),
            "rule": own["rule"],
            "n_steps": len(e["alphas"]),
            "frames": chosen,
            "alphas": wire.numbers(e["alphas"]),
            "weights": wire.numbers(e["weights"]),
            "scores": wire.numbers(e["scores"]),
            "probabilities": self._probabilities(e),
            "magnitudes": wire.numbers(e["gradient_magnitudes"]),
            "sums": wire.numbers(cumulative.flatten(1).sum(1)),
            "start_score": e.prediction.score - change,
            "end_score": e.prediction.score,
            "gradients": wire.maps(e["gradients"][chosen], detail // 4),
            "added": wire.maps(added, detail),
            "limit": wire.limit_of(wire.as_array(e.attribution.sum(0))),
            **self._way(e, chosen),
        }

    def _way(self, e: Explanation, chosen: list[int]) -> dict[str, Any]:
        """A straight line is mixed in the page from its two ends; a curved path must be sent."""
        if e.parameters["path"] != "line":
            return {"images": wire.pictures(e["interpolated"][chosen][:, :3], 2_000_000)}
        x0 = baselines.make(e.parameters["baseline"], e.x)
        self._starts[baseline_name(e)] = wire.pictures(x0[None, :3], 700_000)
        return {}

    def _probabilities(self, e: Explanation) -> "dict[str, Any] | None":
        if e.model is None or e.prediction.probability is None or e.prediction.index is None:
            return None
        F = Score(Model(e.model.module, "probability"), e.x, e.prediction.index)
        return wire.numbers(F(e["interpolated"]))


def baseline_name(explanation: Explanation) -> str:
    """The baseline by name; a tensor or a number has none."""
    baseline = explanation.parameters["baseline"]
    return baseline if isinstance(baseline, str) else "your own"


def alpha_at(run: dict[str, Any], frame: int) -> float:
    """The α of a frame of a run."""
    alphas = torch.frombuffer(bytearray(run["alphas"]["view"]), dtype=torch.float32)
    return round(float(alphas[run["frames"][frame]]), 6)
