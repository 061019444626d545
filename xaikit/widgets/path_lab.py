"""The path lab: drag α, and see the picture, the slope, the sum so far, and completeness closing."""

from typing import Any

import torch
import traitlets

from ..core.explanation import Explanation
from ..inputs import baselines
from ..methods.gradients.noise import running_mean
from . import trips, wire
from .base import STATIC, Lab

CURVED_FRAMES = 40  # pictures on a path that the page cannot mix itself
OTHER_FRAMES = 24  # the same of what is only switched to
WHOLE = {"n_steps": (1, 200), "n_samples": (2, 200)}  # what a learner may ask for


class PathLab(Lab):
    """Integrated Gradients and its family, one point of the path at a time.

    With a model behind the explanation (as long as it was not loaded from a file) other baselines, rules and
    numbers of steps are computed beforehand, and any further one when the page asks for it.

    frame, alpha   where the slider stands; alpha is the same as a number (σ, or n), to read from Python
    run            which of the runs in `state["runs"]` is shown
    guess          the α that the learner guessed, if the lab was made with ask=True; -1 before that
    """

    methods = (
        "integrated_gradients",
        "path_integrated_gradients",
        "blur_integrated_gradients",
        "guided_integrated_gradients",
        "gradient_shap",
    )
    _esm = STATIC / "path.js"
    run = traitlets.Int(0).tag(sync=True)
    alpha = traitlets.Float(0.0).tag(sync=True)
    ask = traitlets.Bool(False).tag(sync=True)
    guess = traitlets.Float(-1.0).tag(sync=True)
    shared = (*Lab.shared, "run", "alpha", "ask", "guess")

    def __init__(self, explanation: Explanation, *, alternatives: bool = True, ask: bool = False) -> None:
        self.explanation, self.plan = explanation, trips.plan_of(explanation)
        self._starts: dict[str, Any] = {}  # each baseline's picture once, whatever the number of runs from it
        runs = [self._run(explanation, detail=2_600_000)]
        live = explanation.model is not None and bool(self.plan.controls)
        if live and alternatives:
            runs += [
                self._run(self.explain(**o), 300_000, OTHER_FRAMES)
                for o in self.plan.others(explanation.parameters)
            ]
        state = {
            **wire.heading(explanation),
            "question": self._question(),
            "terms": [
                {"id": name, "formula": wire.mathml(latex), "caption": caption}
                for name, latex, caption in self.plan.terms
            ],
            "panels": [list(words) for words in self.plan.panels],
            "axis": self.plan.axis,
            "views": list(self.plan.views),
            "aside": self.plan.aside,
            "mean": self.plan.mean,
            "change": self.plan.change,
            "advice": self.plan.advice,
            "input": wire.pictures(explanation.x[None, :3], 700_000),
            "runs": runs,
            "starts": self._starts,
            "controls": self._controls(runs) if live else self._controls(runs[:1]),
        }
        frame = len(runs[0]["frames"]) - 1
        super().__init__(
            lab="path", state=state, live=live, ask=ask, frame=frame, alpha=alpha_at(runs[0], frame)
        )

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the explanation is of a picture, and its steps were kept."""
        plan = trips.plan_of(explanation)
        return plan is not None and explanation.x.dim() == 3 and plan.needs <= set(explanation.steps)

    def answer(self, request: dict[str, Any]) -> None:
        """Another baseline, rule or number of steps: compute it, and show it."""
        options = {name: self._given(name, request[name]) for name in self.plan.controls}
        runs = [*self.state["runs"], self._run(self.explain(**options), detail=1_300_000)]
        while wire.size(self.state | {"runs": runs}) > wire.STATE_BYTES and len(runs) > 2:
            del runs[1]  # the oldest; the learner's own run stays
        self.state = {**self.state, "runs": runs, "starts": dict(self._starts)}
        self.run = len(self.state["runs"]) - 1

    def _given(self, name: str, value: Any) -> Any:
        """An option as the page names it → as the method takes it."""
        own = self.explanation.parameters[name]
        if value == trips.shown(name, own):
            return own
        if name in WHOLE:
            low, high = WHOLE[name]
            return max(low, min(high, int(value)))
        return None if (name, value) == ("background", "noise") else value

    def _question(self) -> str:
        """The question, about this class."""
        if self.explanation.method != "integrated_gradients":
            return self.explanation.about.question
        return (
            f"How much did each pixel add to the score of {self.explanation.prediction.label} "
            "on the way from the baseline to the picture?"
        )

    def _controls(self, runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The switches, each with what there is to choose; a kernel offers more."""
        offered = {
            "baseline": list(trips.BASELINES),
            "rule": list(trips.RULES) if self.explanation.method == "integrated_gradients" else [],
        }
        controls = []
        for name, heading in self.plan.controls.items():
            there = [run[name] for run in runs]
            values = list(dict.fromkeys([*there[:1], *offered.get(name, []), *there]))
            values = sorted(values) if name in WHOLE else values
            words = [str(v).replace("gauss_legendre", "Gauss–Legendre") for v in values]
            controls.append(
                {"key": name, "label": heading, "values": values, "words": words, "count": name in WHOLE}
            )
        return controls

    def _run(self, explanation: Explanation, detail: int, most: int = wire.MOST_FRAMES) -> dict[str, Any]:
        """One run as the page needs it; `added` are the maps w_k γ'(α_k) ⊙ g_k, which the page sums."""
        e, trip = explanation, self.plan.trip(explanation)
        chosen = wire.evenly(len(trip.places), most if self.plan.mixed else min(most, CURVED_FRAMES))
        cumulative = trip.added.cumsum(0)[chosen]
        added = cumulative.diff(dim=0, prepend=torch.zeros_like(cumulative[:1]))
        change = next(check for check in e.checks if check.name == "completeness").right
        sums = trip.added.flatten(1).sum(1)
        run = {
            **{name: trips.shown(name, e.parameters[name]) for name in self.plan.controls},
            "frames": chosen,
            "places": wire.numbers(trip.places),
            "reading": wire.numbers(trip.places if trip.reading is None else trip.reading),
            "weights": wire.numbers(trip.weights),
            "scores": None if trip.scores is None else wire.numbers(trip.scores),
            "probabilities": None if trip.scores is None else self.probabilities(trip.points),
            "magnitudes": wire.numbers(trip.slopes.abs().flatten(1).mean(1)),
            "sums": wire.numbers(sums.cumsum(0)),
            "start_score": e.prediction.score - change,
            "end_score": e.prediction.score,
            "gradients": wire.maps(trip.slopes[chosen], detail // 4),
            "added": wire.maps(added, detail),
            "limit": wire.limit_of(wire.as_array(e.attribution.sum(0))),
        }
        if "n_steps" in run:  # with a tolerance there are as many as were needed
            run["n_steps"] = len(trip.places)
        if self.plan.mean:
            run["errors"] = wire.numbers(errors_of_means(sums))
        return run | self._pictures(e, trip, chosen, detail)

    def _pictures(self, e: Explanation, trip: trips.Trip, chosen: list[int], detail: int) -> dict[str, Any]:
        """A straight line is mixed in the page from its two ends; a curved path must be sent."""
        if self.plan.mixed:
            baseline = e.parameters["baseline"]
            start = wire.pictures(baselines.make(baseline, e.x)[None, :3], 700_000)
            self._starts[str(trips.shown("baseline", baseline))] = start
            return {}
        sent = {"images": wire.pictures(trip.points[chosen][:, :3], min(1_900_000, 2 * detail))}
        if trip.aside is not None:
            aside, room = trip.aside[chosen], min(600_000, detail)
            is_map = bool(self.plan.aside)
            sent["aside"] = wire.maps(aside, room) if is_map else wire.pictures(aside[:, :3], 2 * room)
        return sent


def errors_of_means(values: torch.Tensor) -> torch.Tensor:
    """The standard error of the mean of the first 1, 2, …, n values; 0 for the first, which says nothing."""
    values = values.detach().cpu().double()
    variance = (running_mean(values**2) - running_mean(values) ** 2).clamp_min(0)
    return (variance / torch.arange(len(values)).clamp_min(1)).sqrt()


def alpha_at(run: dict[str, Any], frame: int) -> float:
    """What the slider says at a frame of a run."""
    reading = torch.frombuffer(bytearray(run["reading"]["view"]), dtype=torch.float32)
    return round(float(reading[run["frames"][frame]]), 6)
