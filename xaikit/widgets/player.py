"""The player: any walk, step by step, for every method from the day it exists."""

import traitlets

from ..core.errors import OptionError
from ..core.explanation import Explanation
from ..core.steps import Step
from . import wire
from .base import Widget


class Player(Widget):
    """A timeline of the steps of an explanation: formula, note, value, checks; `step` is where it stands."""

    step = traitlets.Int(0).tag(sync=True)
    shared = (*Widget.shared, "step")

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        steps = flat(explanation)
        if not steps:
            raise OptionError("there are no steps to play: keep='result' dropped them. Try keep='all'.")
        state = {
            **wire.heading(explanation),
            "steps": [wire.step(s, explanation.x) for s in steps],
            "checks": [wire.check(c) for c in explanation.checks],
            "cost": dict(explanation.cost),
            "x_axis": x_axis(explanation),
        }
        if explanation.x.dim() == 3:
            state["input"] = wire.pictures(explanation.x[None, :3])
        super().__init__(lab="player", state=state, step=len(steps) - 1)


def flat(explanation: Explanation, prefix: str = "") -> list[Step]:
    """All steps in the order of the walk; those of a nested method as `black.gradients`."""
    steps = []
    for s in explanation.steps.values():
        if isinstance(s.value, Explanation):
            steps += flat(s.value, f"{prefix}{s.name}.")
        steps.append(Step(prefix + s.name, s._value, s.formula, s.note, s.kind))
    return steps


def x_axis(explanation: Explanation) -> dict:
    """What frames and curves run over: α where the method has alphas, otherwise the number of the sample."""
    if "alphas" in explanation:
        return {"name": "α", "values": wire.numbers(explanation["alphas"])}
    return {"name": "k", "values": None}
