"""What a walk leaves behind: the result, every step on the way, what was checked, and what it cost."""

import html
import os
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from . import saving
from .model import Model
from .registry import Entry, entry
from .stack import Derived, Lazy, Stack
from .steps import Check, Step, shape_of
from .targets import Prediction


@dataclass(repr=False, eq=False)
class Explanation:
    """An explanation of one prediction (or of a whole model), with all its steps.

    explanation["gradients"]   the value of a step; explanation["black"]["gradients"] of a nested method
    explanation.result         what the method returned; `.attribution` is the same where it is one
    explanation.checks         the properties that were measured, both sides, and whether they hold
    explanation.x              the first thing that the method was given besides a model; the rest is `others`
    """

    method: str
    x: Any  # a tensor; a text; for a game the names of its players; a table; None for models alone
    result: Any
    steps: dict[str, Step]
    checks: tuple[Check, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    prediction: Prediction | None = None
    cost: dict[str, int] = field(default_factory=dict)
    model: Model | None = None  # what was explained, so that a widget can ask it more; not saved
    names: list[str] | None = None  # of the inputs, where they have some: columns, tokens, players
    others: dict[str, Any] = field(default_factory=dict)  # what else the method was given, by parameter

    def __getitem__(self, name: str) -> Any:
        """The value of a step."""
        if name not in self.steps:
            kept = ", ".join(self.steps) or "none: keep='result' drops the steps"
            raise KeyError(f"no step is called {name!r}. Kept: {kept}.")
        return self.steps[name].value

    def __contains__(self, name: str) -> bool:
        return name in self.steps

    @property
    def attribution(self) -> Tensor:
        """The result, where it says how much each input counted: the shape of x, or (H, W), a pixel each."""
        if not isinstance(self.result, Tensor):
            raise AttributeError(f"{self.method} gives no attribution; see .result")
        return self.result

    @property
    def target(self) -> int | str | None:
        """The class that was explained: its index, or the name of the target function."""
        if self.prediction is None:
            return None
        return self.prediction.label if self.prediction.index is None else self.prediction.index

    @property
    def unit(self) -> str:
        """What the score is: a logit or a probability; a function of the output gives just a score."""
        if self.prediction is not None and self.prediction.index is None:
            return "score"
        return str(self.parameters.get("score_unit") or self.parameters.get("score", "score")).replace(
            "_", " "
        )

    @property
    def about(self) -> Entry | None:
        """The entry in METHODS or METRICS: title, question, formula, paper."""
        return entry(self.method)

    @property
    def title(self) -> str:
        """The method's name as people say it."""
        return self.about.title if self.about else self.method

    # To look at -------------------------------------------------------------------------------------------

    def plot(self, step: str | None = None, **options: Any) -> Any:
        """The explanation, or one step of it, as a matplotlib figure (see xaikit.show.plot)."""
        from .. import show

        return show.plot(self, step, **options)

    def plot_steps(self, **options: Any) -> Any:
        """Every step with its formula, note, picture and numbers, as one matplotlib figure."""
        from .. import show

        return show.plot_steps(self, **options)

    def widget(self, lab: bool = True) -> Any:
        """The interactive widget: the lab made for this method if there is one, otherwise the player."""
        from .. import widgets

        return widgets.widget_for(self, lab=lab)

    def to_html(self, path: "str | os.PathLike[str]") -> None:
        """Write one page that shows every step interactively, with no kernel and no network."""
        from .. import widgets

        widgets.write_page(path, [self])

    def save(self, path: "str | os.PathLike[str]") -> None:
        """Write the whole explanation to one safetensors file; `xk.load(path)` reads it back."""
        tensors: dict[str, Tensor] = {}
        described = self.described("", tensors)
        saving.write(path, described, tensors)

    def described(self, prefix: str, tensors: dict[str, Tensor]) -> saving.Described:
        """Everything as JSON but the arrays, which go into `tensors` under keys with this prefix."""
        put = lambda key, value: saving.put(prefix + key, value, tensors)  # noqa: E731
        about = lambda s: {"name": s.name, "formula": s.formula, "note": s.note, "kind": s.kind}  # noqa: E731
        return {
            "method": self.method,
            "x": put("x", self.x),
            "others": put("others", self.others),
            "result": put("result", self.result),
            "steps": [{**about(s), **put(f"steps/{s.name}", s.value)} for s in self.steps.values()],
            "checks": [list(check.parts()) for check in self.checks],
            "parameters": put("parameters", self.parameters),
            "prediction": None if self.prediction is None else list(vars(self.prediction).values()),
            "cost": self.cost,
            "names": self.names,
        }

    # To read ----------------------------------------------------------------------------------------------

    def facts(self) -> list[tuple[str, str]]:
        """What there is to say, as (heading, text): prediction, steps, checks, cost; always the same."""
        rows = []
        if self.prediction is not None:
            p = self.prediction
            known = p.probability is None or self.unit == "probability"
            sure = "" if known else f", probability {p.probability:.2f}"
            rows.append(("explains", f"{p.label} ({self.unit} {p.score:.2f}{sure})"))
        rows.append(("result", shape_of(self.result)))
        rows.append(
            ("steps", " · ".join(f"{s.name} {brief(s)}".strip() for s in self.steps.values()) or "not kept")
        )
        rows += [("check", str(check)) for check in self.checks]
        spent = [f"{n} {kind}" for kind, n in self.cost.items() if n]
        rows.append(("cost", " and ".join(spent) + " samples" if spent else "nothing"))
        return rows

    def __repr__(self) -> str:
        rows = self.facts()
        return "\n".join([self.title, *(f"  {heading:<9}{text}" for heading, text in rows)])

    def _repr_html_(self) -> str:
        """A static table; everything in it is escaped."""
        question = self.about.question if self.about else ""
        cells = "".join(
            f"<tr><th style='text-align:left;vertical-align:top'>{html.escape(heading)}</th>"
            f"<td style='text-align:left'>{html.escape(text)}</td></tr>"
            for heading, text in self.facts()
        )
        return (
            f"<table><caption style='text-align:left'><b>{html.escape(self.title)}</b><br>"
            f"{html.escape(question)}</caption><tbody>{cells}</tbody></table>"
        )


def load(path: "str | os.PathLike[str]") -> Explanation:
    """Read a saved explanation; its tensors are on the CPU. Raises FileError for any other file."""
    described, tensors = saving.read(path)
    try:
        return restored(described, tensors)
    except (KeyError, TypeError, ValueError) as error:
        raise saving.damaged(path, error) from error


def restored(described: saving.Described, tensors: dict[str, Tensor]) -> Explanation:
    """The inverse of `Explanation.described`."""
    get = lambda e: saving.get(e, tensors, lambda inner: restored(inner, tensors))  # noqa: E731
    steps = [Step(s["name"], get(s), s["formula"], s["note"], s["kind"]) for s in described["steps"]]
    prediction = described["prediction"]
    return Explanation(
        method=described["method"],
        x=get(described["x"]),
        result=get(described["result"]),
        steps={s.name: s for s in steps},
        checks=tuple(Check(*c) for c in described["checks"]),
        parameters=get(described["parameters"]),
        prediction=None if prediction is None else Prediction(*prediction),
        cost=described["cost"],
        names=described.get("names"),
        others=get(described["others"]) if "others" in described else {},
    )


def brief(step: Step) -> str:
    """The shape of a step for one line of text, without computing what was put off."""
    if step.kind == "explanation":
        return "(nested)"
    value = step._value
    if isinstance(value, Derived):
        return shape_of(value)
    if isinstance(value, Lazy | Stack):
        value = value.known
    return "" if value is None else shape_of(value)
