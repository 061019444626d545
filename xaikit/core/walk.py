"""A walk: a method at work, one step at a time."""

import inspect
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import torch

from .errors import OptionError
from .explanation import Explanation
from .model import Model
from .notes import Notes, notes, taking
from .registry import Entry
from .steps import Check, Step
from .types import Keep


@dataclass
class Given:
    """What a walk was given: the models, the subject x, other subjects by name, and the options."""

    x: Any = None
    models: list[Model] = field(default_factory=list)
    others: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def model(self) -> Model | None:
        """The first model."""
        return self.models[0] if self.models else None

    def samples(self) -> dict[str, int]:
        """How many samples all models have seen so far, forward and backward."""
        counts = [(m.forward_samples, m.backward_samples) for m in self.models]
        return {"forward": sum(f for f, _ in counts), "backward": sum(b for _, b in counts)}


class Walk(Iterator[Step | Check]):
    """A method at work: `next(walk)` does the next step and nothing more, `finish()` does the rest.

    A widget, a progress bar and a lesson drive the same walk. A walk may be abandoned at any point: between
    two steps the model is as it was.
    """

    def __init__(self, entry: Entry, arguments: inspect.BoundArguments, given: Given) -> None:
        self.method, self.given, self.model, self.x = entry, given, given.model, given.x
        self.steps: list[Step] = []
        self.checks: list[Check] = []
        self.explanation: Explanation | None = None
        self.notes = Notes()
        if given.model is not None:
            self.notes.names = given.model.names_of(given.x)
        if isinstance(given.x, list):  # a game: the players are called what they are
            self.notes.names = given.x
        self._before = given.samples()
        self._generator = entry.function(*arguments.args, **arguments.kwargs)
        self._failed: BaseException | None = None

    def __next__(self) -> Step | Check:
        """The next step or check."""
        try:
            # The caller's inference mode must not reach the values.
            with taking(self.notes), torch.inference_mode(False):
                item = next(self._generator)
        except StopIteration as stop:
            if self.explanation is None and self._failed is None:
                self.explanation = self._explain(stop.value, self.notes.explained)
            raise
        except BaseException as error:
            self._failed = error
            raise
        if isinstance(item, Check):
            self._check(item)
        elif "." not in item.name:  # a dotted step was already counted inside the nested method
            self._take(item)
        return item

    def _take(self, step: Step) -> None:
        keep = self.notes.keep
        if keep == "all":
            step.settle()
        if keep == "all" or (callable(keep) and keep(step)):
            step.keep()
            self.steps.append(step)

    def _check(self, check: Check) -> None:
        if self.notes.keeps_steps:  # otherwise it is measured when somebody looks
            check.settle()
        self.checks.append(check)

    def finish(self, keep: Keep | None = None) -> Explanation:
        """Walk to the end and give the explanation; `keep` as for the method itself."""
        if keep is not None:
            self.notes.keep = keep_option(keep)
        for _ in self:
            pass
        if self.explanation is None:
            raise OptionError(
                f"this walk broke off with {type(self._failed).__name__}. "
                f"Try a new one: {self.method.name}.walk(…)."
            ) from self._failed
        return self.explanation

    def so_far(self) -> Explanation:
        """What is there up to now, to look at: the steps and checks so far; the last step is the result."""
        if self.explanation is not None:
            return self.explanation
        asked = self.notes.explained  # the model is not asked now, only because somebody looks
        known = asked if asked is not None and asked.resolved else None
        return self._explain(self.steps[-1].value if self.steps else None, known)

    def _explain(self, result: Any, explained: Any) -> Explanation:
        for step in self.steps:
            step.settle()
            if callable(self.notes.keep):  # what it is derived from was dropped, and the model may change
                step.fix()
        given, now = self.given, self.given.samples()
        unit = {"score": given.model.score_kind, **given.model.said} if given.model is not None else {}
        return Explanation(
            method=self.method.name,
            x=given.x,
            result=result,
            steps={step.name: step for step in self.steps},
            checks=tuple(self.checks),
            parameters={**given.options, **unit},
            prediction=explained.prediction if explained is not None else None,
            cost={kind: now[kind] - self._before[kind] for kind in now},
            model=given.model,
            names=self.notes.names,
            others=given.others,
        )


def nest(name: str, walk: Walk) -> Generator[Step | Check, None, Explanation]:
    """A method inside a method: its steps go by as `name.step`, and stand as `explanation[name][step]`.

    ig = yield from nest("black", integrated_gradients.walk(model, x, baseline="black"))
    """
    outer, inner = notes(), walk.notes
    whole = Step(name, None, walk.method.formula, "a method within the method", kind="explanation")
    inner.keep = outer.keep  # what the outer walk does not keep, the inner one must not keep either
    if callable(inner.keep) and inner.keep(whole):  # somebody wants it, and so all that is in it
        inner.keep = "all"
    for item in walk:
        outer.explained = outer.explained or inner.explained  # seen also by somebody who looks half way
        if isinstance(item, Step):
            yield item.renamed(f"{name}.{item.name}")
    outer.explained = outer.explained or inner.explained
    assert walk.explanation is not None
    whole._value = walk.explanation
    yield whole
    return walk.explanation


def keep_option(keep: Any) -> Keep:
    """The `keep` option, or OptionError."""
    if callable(keep) or (isinstance(keep, str) and keep in ("all", "result")):
        return cast("Keep", keep)
    raise OptionError(
        f"keep is one of 'all', 'result', or a function step → bool; {keep!r} was given. Try 'all'."
    )
