"""`@method` and `@metric`: a generator of steps becomes a function of the library, and a registry entry."""

import functools
import inspect
import re
from collections.abc import Callable, Generator, Mapping
from typing import Any

from .errors import OptionError
from .explanation import Explanation
from .model import Model
from .registry import METHODS, METRICS
from .roles import Asked, admit, roles_of
from .types import Keep, ScoreKind
from .walk import Given, Walk

#: The roles that one parameter may play, or those of several parameters by name.
Takes = str | tuple[str, ...] | Mapping[str, str | tuple[str, ...]]


class Walkable:
    """A generator of steps with a name: call it for an explanation, `walk` it for its steps one by one.

    Besides its own options it takes
    keep        "all" steps, the "result" alone (in the memory of one batch), or a function step → bool
    and, if it asks a model,
    score       "logit", "probability" or "log_probability": the unit of what is explained
    batch_size  how many samples the model sees at once; None: as many as run fast in bounded memory
    """

    def __init__(
        self,
        function: Callable[..., Generator[Any, Any, Any]],
        title: str,
        paper: str,
        promises: tuple[str, ...] = (),
        explains: str = "class",
        takes: Takes = ("picture", "row"),
        score: ScoreKind = "logit",
    ) -> None:
        functools.update_wrapper(self, function)
        self.function, self.title, self.paper, self.promises = function, title, paper, promises
        self.explains = explains  # what a model must answer with: a "class", or the class of its "pixels"
        self.name = function.__name__
        self.family = family_of(function.__module__)
        self.own_signature = inspect.signature(function)
        self.parameters = self.own_signature.parameters
        self.roles = roles_of(takes, self.parameters)
        self.subjects = [name for name, roles in self.roles.items() if roles != ("model",)]
        self.takes = self.roles[self.subjects[0]] if self.subjects else ()
        self.score: ScoreKind = score
        self.shared: dict[str, Any] = {"keep": "all"}
        if ("model",) in self.roles.values():
            self.shared = {"score": score, "batch_size": None, "keep": "all"}
        own, only = self.parameters.values(), inspect.Parameter.KEYWORD_ONLY
        options = [inspect.Parameter(name, only, default=value) for name, value in self.shared.items()]
        self.__signature__ = self.own_signature.replace(
            parameters=[*own, *options], return_annotation=Explanation
        )

    def __call__(self, *given: Any, keep: Keep = "all", **options: Any) -> Explanation:
        """Walk to the end and give the explanation."""
        return self.walk(*given, **options).finish(keep)

    def walk(self, *given: Any, **options: Any) -> Walk:
        """The lazy walk through the steps. What is given is looked at now; nothing is computed yet."""
        asks = {
            name: options.pop(name)
            for name in ("score", "batch_size")
            if name in self.shared and name in options
        }
        unknown = [name for name in options if name not in self.parameters]
        if unknown:
            raise OptionError(f"{self.name} has no option {unknown[0]!r}. {self._it_takes}")
        try:
            arguments = self.own_signature.bind(*given, **options)
        except TypeError as error:
            raise OptionError(f"{self.name}: {error}. {self._it_takes}") from None
        arguments.apply_defaults()
        return Walk(self, arguments, self._admit(arguments, {"score": self.score, **asks}))

    def _admit(self, arguments: inspect.BoundArguments, asks: dict[str, Any]) -> Given:
        """Every value by its role; in `arguments` the method gets what was admitted."""
        values, asked = arguments.arguments, Asked(self.name, **asks)
        admitted: dict[str, Any] = {}
        for name, roles in sorted(self.roles.items(), key=lambda entry: entry[1] != ("model",)):
            asked.parameter = name
            admitted[name] = values[name] = admit(values[name], roles, asked)
            if asked.model is None and isinstance(admitted[name], Model):
                asked.model = admitted[name]
        models = [m for v in admitted.values() for m in models_in(v)]
        options = {name: value for name, value in values.items() if name not in self.roles}
        first, *rest = self.subjects or [""]
        subject = admitted.get(first)
        if isinstance(subject, Explanation):  # what is judged is looked at beside what it explains
            subject = subject.x
        others = {name: admitted[name] for name in rest if not models_in(admitted[name])}
        return Given(subject, models, others, options)

    @property
    def _it_takes(self) -> str:
        known = [name for name in self.__signature__.parameters if name not in ("model", "x", "explanation")]
        return f"It takes {', '.join(known)}."

    @property
    def question(self) -> str:
        """The question that it answers: the first line of its docstring."""
        return (inspect.getdoc(self.function) or "").split("\n")[0]

    @property
    def formula(self) -> str:
        """The formula of its docstring, LaTeX without the dollar signs."""
        found = re.search(r"\$\$(.+?)\$\$", inspect.getdoc(self.function) or "", re.DOTALL)
        return " ".join(found.group(1).split()) if found else ""

    def __repr__(self) -> str:
        return f"<{type(self).__name__.lower()} {self.name}: {self.title}>"


class Method(Walkable):
    """A method of explainable AI, over a model and an example, or over whatever its paper takes."""


class Metric(Walkable):
    """A measure of explanations, over an explanation or an attribution that came from elsewhere."""


def method(
    title: str,
    *,
    paper: str,
    promises: tuple[str, ...] = (),
    explains: str = "class",
    takes: Takes = ("picture", "row"),
    score: ScoreKind = "logit",
) -> Callable[[Callable[..., Generator[Any, Any, Any]]], Method]:
    """Make a method of a generator: `title` as people say it, `paper` a key of papers.toml.

    `promises` are the checks that hold by the mathematics of the method, up to a numerical error. It
    `explains` the class of a picture or a row, or in a segmentation the class of its "pixels". It `takes`
    what `core.roles` lists; `score` is the usual unit.
    """

    def register(function: Callable[..., Generator[Any, Any, Any]]) -> Method:
        entry = Method(function, title, paper, promises, explains, takes, score)
        METHODS[entry.name] = entry
        return entry

    return register


def metric(title: str, *, paper: str) -> Callable[[Callable[..., Generator[Any, Any, Any]]], Metric]:
    """Make a metric of a generator over an explanation, as `method` makes a method of one over a model."""

    def register(function: Callable[..., Generator[Any, Any, Any]]) -> Metric:
        entry = Metric(function, title, paper)
        METRICS[entry.name] = entry
        return entry

    return register


def family_of(module: str) -> str:
    """The folder in which a method stands: `paths` for xaikit.methods.paths.integrated."""
    folders = module.split(".")
    return folders[-2] if len(folders) > 1 else folders[-1]


def models_in(value: Any) -> list[Model]:
    """The models in an admitted value: a model, checkpoints, or the model that an explanation still has."""
    if isinstance(value, Explanation):
        return [value.model] if value.model is not None else []
    values = value if isinstance(value, list) else [value]
    return [m for m in values if isinstance(m, Model)]
