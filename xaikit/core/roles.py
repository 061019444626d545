"""What a parameter of a method may be given, and how that is admitted: its role.

A method says which role each parameter before the star plays: `takes=("picture", "row")` for its `x`, or
`takes={"x": "activations", "y": "activations"}`. A parameter called `model` is a model.

model        a module, a function or an estimator; it is asked in batches and counted
picture, row, rows, text, players   one example (see `admit`); a parameter may take several of these
explanation  an explanation, or an attribution that came from another library
examples, activations, table, checkpoints   whole data sets, and training (see `inputs.datasets`)

A new role is one function with `@role(name)`, anywhere. What it gives is what the method gets, and what the
explanation saves under the parameter's name (models excepted).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .admit import EXAMPLES, admitted, one_example
from .errors import shown
from .explanation import Explanation
from .model import Model
from .types import ScoreKind


@dataclass
class Asked:
    """Who asks for a value, for which parameter, and the first model that was given before it."""

    who: str
    parameter: str = ""
    model: Model | None = None
    score: ScoreKind = "logit"
    batch_size: int | None = None

    def placed(self, values: Any) -> Any:
        """Tensors on the model's device and in its precision, everything else as it is."""
        return self.model.admit(values) if self.model is not None else apart(values)


Admit = Callable[[Any, Asked], Any]
ROLES: dict[str, Admit] = {}


def role(name: str) -> Callable[[Admit], Admit]:
    """Register how a role is admitted: a function (value, asked) → value that raises InputError."""

    def register(admit: Admit) -> Admit:
        ROLES[name] = admit
        return admit

    return register


def admit(value: Any, roles: tuple[str, ...], asked: Asked) -> Any:
    """The value as the method gets it. Raises InputError for one that plays none of the roles."""
    if EXAMPLES.issuperset(roles):
        return asked.placed(admitted(value, roles, asked.who))
    (one,) = roles
    return ROLES[one](value, asked)


def roles_of(takes: Any, parameters: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The roles of each parameter that has some, from what the decorator was told."""
    told = takes if isinstance(takes, Mapping) else {"x": takes}
    told = {name: (roles,) if isinstance(roles, str) else tuple(roles) for name, roles in told.items()}
    usual = {"model": ("model",), "explanation": ("explanation",)}
    return {name: roles for name in parameters if (roles := told.get(name) or usual.get(name))}


def apart(values: Any) -> Any:
    """A copy of a tensor apart from any graph and inference mode."""
    if not isinstance(values, Tensor):
        return values
    with torch.inference_mode(False):
        return values.detach().clone()


# The roles ------------------------------------------------------------------------------------------------


@role("model")
def model(value: Any, asked: Asked) -> Model:
    """A module, a function or an estimator; a model of a walk that is going on stays as it is."""
    return value if isinstance(value, Model) else Model(value, asked.score, asked.batch_size)


@role("explanation")
def explanation(value: Any, asked: Asked) -> Explanation:
    """An explanation; an attribution of another library becomes one without steps."""
    if isinstance(value, Explanation):
        return value
    values = one_example(value)
    return Explanation("attribution", x=values, result=values, steps={})


def expected(asked: Asked, what: str, value: Any) -> str:
    """The first sentence about a value that does not fit: what was expected, and what came."""
    shape = getattr(value, "shape", None)
    came = shown(value) if shape is None else f"{type(value).__name__} {tuple(shape)}"
    return f"{asked.who} expects {what} as {asked.parameter}; {came} was given."
