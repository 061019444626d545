"""The occlusion lab: a window moves over the picture, the score answers, the map fills in."""

from typing import Any

import traitlets

from ..core.explanation import Explanation
from ..core.score import score
from ..inputs import baselines, masks
from . import wire
from .base import STATIC, Lab

SHARES = (12, 8, 5)  # sides of the windows that are tried beforehand, as parts of the picture's side
PLACES = 16  # windows along a side, at most


class OcclusionLab(Lab):
    """Occlusion, one window after the other.

    frame  which window hides the picture; the map is made of those up to it
    run    which size of window, an index into `state["runs"]`
    whole  whether the map is that of all windows
    """

    methods = ("occlusion",)
    _esm = STATIC / "occlusion.js"
    run = traitlets.Int(0).tag(sync=True)
    whole = traitlets.Bool(True).tag(sync=True)
    shared = (*Lab.shared, "run", "whole")

    def __init__(self, explanation: Explanation, *, alternatives: bool = True) -> None:
        self.explanation = explanation
        e, live = explanation, explanation.model is not None
        self.x0 = baselines.make(e.parameters["baseline"], e.x) if live else e.x
        x0 = self.x0[None]
        grid = masks.windows(e.x, e.parameters["window"], e.parameters["stride"])
        runs = [self._run(grid, e["scores"])]
        sides = {int(min(e.x.shape[1:]) / share) for share in SHARES} - {runs[0]["side"], 0}
        if live and alternatives:
            runs += [self._tried(side) for side in sides]
        runs.sort(key=lambda run: run["side"])
        state = {
            **wire.heading(e),
            "input": wire.pictures(e.x[None, :3], 700_000),
            "instead": wire.pictures((x0 if live else e["occluded"][:1])[:, :3], 700_000),
            "size": list(e.x.shape[1:]),
            "full": float(e["scores"][0] + e["differences"][0]),
            "runs": runs,
        }
        first = next(k for k, run in enumerate(runs) if run["side"] == grid.rows[0][1])
        top = int(runs[first]["best"])
        super().__init__(lab="occlusion", state=state, live=live, run=first, frame=top)

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether it is a picture, and the steps that are shown were kept."""
        kept = {"occluded", "scores", "differences"} <= set(explanation.steps)
        return kept and getattr(explanation.x, "ndim", 0) == 3

    def answer(self, request: dict[str, Any]) -> None:
        """A window of another size: compute, and show it."""
        run = self._tried(int(request["side"]))
        self.state = {**self.state, "runs": [*self.state["runs"], run]}
        self.run = len(self.state["runs"]) - 1

    def _tried(self, side: int) -> dict[str, Any]:
        """The scores behind windows of this size."""
        e = self.explanation
        stride = max(1, side // 2, -(-max(e.x.shape[1:]) // PLACES))
        grid = masks.windows(e.x, side, stride)
        assert e.model is not None
        given, p = e.parameters["target"], e.prediction
        F = score(e.model, e.x, p.index if given is None and p is not None else given)
        hidden = F.cheap_rows(len(grid), lambda k: grid.hide(e.x, self.x0, k))
        return self._run(grid, F(hidden))

    def _run(self, grid: masks.Windows, scores: Any) -> dict[str, Any]:
        """The windows of one size as the page needs them."""
        return {
            "side": grid.rows[0][1],
            "wide": grid.columns[0][1],
            "rows": wire.numbers([a for a, _ in grid.rows]),
            "columns": wire.numbers([a for a, _ in grid.columns]),
            "scores": wire.numbers(scores),
            "best": int(scores.argmin()),
        }
