"""The player: any walk, step by step, for every method from the day it exists."""

from typing import Any

import traitlets

from ..core.errors import OptionError
from ..core.explanation import Explanation
from ..core.steps import Step
from ..core.walk import Walk
from . import wire
from .base import Widget


class Player(Widget):
    """A timeline of steps: formula, note, value, checks; `step` is where it stands.

    It plays a finished explanation, a saved one, or a walk that is still going on: then its last button asks
    the kernel for the next step, and does nothing more.
    """

    step = traitlets.Int(0).tag(sync=True)
    shared = (*Widget.shared, "step")

    def __init__(self, played: "Explanation | Walk", *, share: float = 1.0) -> None:
        """`share` below 1 makes the stacks of pictures smaller, for a page with many players."""
        self.share = share
        self.walk = played if isinstance(played, Walk) else None
        self.explanation = played.so_far() if isinstance(played, Walk) else played
        if not self.explanation.steps and self.walk is None:
            raise OptionError("there are no steps to play: keep='result' dropped them. Try keep='all'.")
        state = described(self.explanation, share)
        super().__init__(
            lab="player", state=state, step=max(0, len(state["steps"]) - 1), live=self.walk is not None
        )

    def answer(self, request: dict[str, Any]) -> None:
        """One more step of the walk."""
        if self.walk is None:
            return
        if next(self.walk, None) is None:
            self.live = False
        self.explanation = self.walk.so_far()
        self.state = described(self.explanation, self.share)
        self.step = max(0, len(self.state["steps"]) - 1)


def described(explanation: Explanation, share: float = 1.0) -> dict[str, Any]:
    """An explanation as the player needs it; the stacks of a very long walk share what room there is."""
    steps = flat(explanation)
    stacks = sum(s.kind in ("images", "heatmaps") for s in steps)
    state = {
        **wire.heading(explanation),
        "steps": [wire.step(s, explanation, share * min(1.0, 4 / max(1, stacks))) for s in steps],
        "checks": [wire.check(c) for c in explanation.checks],
        "cost": dict(explanation.cost),
        "x_axis": x_axis(explanation),
    }
    if getattr(explanation.x, "ndim", 0) == 3:
        state["input"] = wire.pictures(explanation.x[None, :3])
    return state


def flat(explanation: Explanation, prefix: str = "") -> list[Step]:
    """All steps in the order of the walk; those of a nested method as `black.gradients`."""
    steps = []
    for s in explanation.steps.values():
        if s.kind == "explanation":
            steps += flat(s.value, f"{prefix}{s.name}.")
        steps.append(Step(prefix + s.name, s._value, s.formula, s.note, s.kind))
    return steps


def x_axis(explanation: Explanation) -> dict:
    """What frames and curves run over: α where the method has alphas, otherwise the number of the sample."""
    if "alphas" in explanation:
        return {"name": "α", "values": wire.numbers(explanation["alphas"])}
    return {"name": "k", "values": None}
