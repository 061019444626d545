"""`@method`: a generator of steps becomes a function of the library, and an entry of the registry."""

import functools
import inspect
import re
from collections.abc import Callable, Generator, Iterator
from typing import Any, cast

import torch

from .admit import admitted, one_example
from .errors import OptionError
from .explanation import Explanation
from .model import Model, Score
from .steps import Check, Step
from .types import Keep, ScoreKind

#: Every method of the library by name, in teaching order.
METHODS: "dict[str, Method]" = {}
#: Every metric by name: what explanations are judged by.
METRICS: "dict[str, Metric]" = {}


class Walk(Iterator[Step | Check]):
    """A method at work: `next(walk)` does the next step and nothing more, `finish()` does the rest.

    A widget, a progress bar and a lesson drive the same walk. A walk may be abandoned at any point: between
    two steps the model is as it was.
    """

    def __init__(self, method: "Method", arguments: inspect.BoundArguments, model: Model, x: Any) -> None:
        self.method, self.model, self.x = method, model, x
        self.keep: Keep = "all"
        self.steps: list[Step] = []
        self.checks: list[Check] = []
        self.explanation: Explanation | None = None
        given = arguments.arguments.items()
        self._parameters = {k: v for k, v in given if k not in ("model", "x", "explanation")}
        self._spent = (model.forward_samples, model.backward_samples)
        self._generator = method.function(*arguments.args, **arguments.kwargs)
        self._failed: BaseException | None = None
        self._explained: Score | None = None  # the first score that this method asked for

    def __next__(self) -> Step | Check:
        """The next step or check."""
        self.model.keep = self.keep
        outer, self.model.explained = (
            self.model.explained,
            self._explained,
        )  # a method within another has its own
        try:
            with torch.inference_mode(False):  # the caller's mode must not reach the values
                item = next(self._generator)
        except StopIteration as stop:
            if self.explanation is None and self._failed is None:
                self.explanation = self._explain(stop.value, self.model.explained)
            raise
        except BaseException as error:
            self._failed = error
            raise
        finally:
            self._explained, self.model.explained = self.model.explained, outer or self.model.explained
        if isinstance(item, Check):
            self.checks.append(item)
        elif "." not in item.name:  # a dotted step was already counted inside the nested method
            self._take(item)
        return item

    def _take(self, step: Step) -> None:
        if self.keep == "all":
            step.settle()
        if self.keep == "all" or (callable(self.keep) and self.keep(step)):
            step.keep()
            self.steps.append(step)

    def finish(self, keep: Keep | None = None) -> Explanation:
        """Walk to the end and give the explanation; `keep` as for the method itself."""
        self.keep = keep_option(self.keep if keep is None else keep)
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
        asked = self._explained if self._explained is not None and self._explained.resolved else None
        return self._explain(self.steps[-1].value if self.steps else None, asked)

    def _explain(self, result: Any, explained: Score | None) -> Explanation:
        for step in self.steps:
            step.settle()
            if callable(self.keep):  # what it is derived from was dropped, and the model may change later
                step.fix()
        forward, backward = self._spent
        return Explanation(
            method=self.method.name,
            x=self.x,
            result=result,
            steps={step.name: step for step in self.steps},
            checks=tuple(self.checks),
            parameters={**self._parameters, "score": self.model.score_kind, **self.model.said},
            prediction=explained.prediction if explained else None,
            cost={
                "forward": self.model.forward_samples - forward,
                "backward": self.model.backward_samples - backward,
            },
            model=self.model,
            names=self.model.names,
        )


class Method:
    """A method of explainable AI: call it for an explanation, `walk` it for its steps one by one.

    Besides its own options every method takes
    score       "logit", "probability" or "log_probability": the unit of what is explained
    batch_size  how many samples the model sees at once; None: as many as run fast in bounded memory
    keep        "all" steps, the "result" alone (in the memory of one batch), or a function step → bool
    """

    def __init__(
        self,
        function: Callable[..., Generator],
        title: str,
        paper: str,
        promises: tuple[str, ...] = (),
        explains: str = "class",
        takes: tuple[str, ...] = ("picture", "row"),
        score: ScoreKind = "logit",
    ) -> None:
        functools.update_wrapper(self, function)
        self.function, self.title, self.paper, self.promises = function, title, paper, promises
        self.explains = explains  # what a model must answer with: a "class", or the class of its "pixels"
        self.takes = takes
        self.score: ScoreKind = score
        self.name = function.__name__
        self.family = function.__module__.rpartition(".")[2]
        self.parameters = inspect.signature(function).parameters
        self.__signature__ = self._whole_signature()

    def _whole_signature(self) -> inspect.Signature:
        shared = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default)
            for name, default in (("score", self.score), ("batch_size", None), ("keep", "all"))
        ]
        own = inspect.signature(self.function)
        return own.replace(parameters=[*own.parameters.values(), *shared], return_annotation=Explanation)

    def __call__(self, model: Any, x: Any, *, keep: Keep = "all", **options: Any) -> Explanation:
        """Walk to the end and give the explanation."""
        return self.walk(model, x, **options).finish(keep)

    def walk(
        self,
        model: Any,
        x: Any,
        *,
        score: ScoreKind | None = None,
        batch_size: int | None = None,
        **options: Any,
    ) -> Walk:
        """The lazy walk through the steps. The example is looked at now; nothing is computed yet."""
        unknown = [name for name in options if name not in self.parameters]
        if unknown:
            known = [name for name in self.__signature__.parameters if name not in ("model", "x")]
            raise OptionError(f"{self.name} has no option {unknown[0]!r}. It takes {', '.join(known)}.")
        if not isinstance(model, Model):
            model = Model(model, self.score if score is None else score, batch_size)
        bound_model, example = model, model.admit(admitted(x, self.takes, self.name))
        arguments = inspect.signature(self.function).bind(bound_model, example, **options)
        arguments.apply_defaults()
        return Walk(self, arguments, bound_model, example)

    @property
    def question(self) -> str:
        """The question that the method answers: the first line of its docstring."""
        return (inspect.getdoc(self.function) or "").split("\n")[0]

    @property
    def formula(self) -> str:
        """The formula of its docstring, LaTeX without the dollar signs."""
        found = re.search(r"\$\$(.+?)\$\$", inspect.getdoc(self.function) or "", re.DOTALL)
        return " ".join(found.group(1).split()) if found else ""

    def __repr__(self) -> str:
        return f"<method {self.name}: {self.title}>"


def method(
    title: str,
    *,
    paper: str,
    promises: tuple[str, ...] = (),
    explains: str = "class",
    takes: tuple[str, ...] = ("picture", "row"),
    score: ScoreKind = "logit",
) -> Callable[[Callable[..., Generator]], Method]:
    """Make a method of a generator: `title` as people say it, `paper` a key of papers.toml.

    `promises` are the checks that hold by the mathematics of the method, up to a numerical error. It
    `explains` the class of a picture or a row, or in a segmentation the class of its "pixels". It `takes` a
    "picture", a "row", several "rows", a "text", the "players" of a game; `score` is the usual unit.
    """

    def register(function: Callable[..., Generator]) -> Method:
        entry = Method(function, title, paper, promises, explains, takes, score)
        METHODS[entry.name] = entry
        return entry

    return register


def metric(title: str, *, paper: str) -> Callable[[Callable[..., Generator]], "Metric"]:
    """Make a metric of a generator over an explanation, as `method` does of one over a model."""

    def register(function: Callable[..., Generator]) -> Metric:
        entry = Metric(function, title, paper)
        METRICS[entry.name] = entry
        return entry

    return register


class Metric(Method):
    """A measure of explanations: call it for its value and its steps, `walk` it step by step.

    It takes an explanation, or an attribution that came from elsewhere as a tensor or array.
    """

    def _whole_signature(self) -> inspect.Signature:
        own = inspect.signature(self.function)
        keep = inspect.Parameter("keep", inspect.Parameter.KEYWORD_ONLY, default="all")
        return own.replace(parameters=[*own.parameters.values(), keep], return_annotation=Explanation)

    def __call__(self, explanation: Any, *arguments: Any, keep: Keep = "all", **options: Any) -> Explanation:
        """Walk to the end; `.result` is the value."""
        return self.walk(explanation, *arguments, **options).finish(keep)

    def walk(self, explanation: Any, *arguments: Any, **options: Any) -> Walk:
        """The lazy walk through the steps."""
        judged = explanation if isinstance(explanation, Explanation) else from_elsewhere(explanation)
        try:
            bound = inspect.signature(self.function).bind(judged, *arguments, **options)
        except TypeError as error:
            known = [name for name in self.__signature__.parameters if name != "explanation"]
            raise OptionError(f"{self.name}: {error}. It takes {', '.join(known)}.") from None
        bound.apply_defaults()
        return Walk(self, bound, judged.model or Model(lambda rows: rows), judged.x)


def from_elsewhere(attribution: Any) -> Explanation:
    """An attribution of another library as an explanation without steps."""
    values = one_example(attribution)
    return Explanation("attribution", x=values, result=values, steps={})


def nest(name: str, walk: Walk) -> Generator[Step | Check, None, Explanation]:
    """A method inside a method: its steps go by as `name.step`, and stand as `explanation[name][step]`.

    ig = yield from nest("black", integrated_gradients.walk(model, x, baseline="black"))
    """
    whole = Step(name, None, walk.method.formula, "a method within the method", kind="explanation")
    walk.keep = walk.model.keep  # the outer walk's: what it does not keep, the inner one must not keep either
    if callable(walk.keep) and walk.keep(whole):  # somebody wants it, and so all that is in it
        walk.keep = "all"
    for item in walk:
        if isinstance(item, Step):
            dotted = Step(f"{name}.{item.name}", None, item.formula, item.note, item.kind)
            dotted._value = item._value  # the same rows, not a copy of them
            yield dotted
    assert walk.explanation is not None
    whole._value = walk.explanation
    yield whole
    return walk.explanation


def keep_option(keep: Any) -> Keep:
    """The `keep` option, or OptionError."""
    if callable(keep) or (isinstance(keep, str) and keep in ("all", "result")):
        return cast("Keep", keep)
    raise OptionError(f"keep is one of 'all', 'result', or a function step → bool; {keep!r} was given.")
