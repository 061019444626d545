"""The words that stand in the signatures of the methods."""

from collections.abc import Callable, Generator
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

import numpy as np
from torch import Tensor, nn

from .steps import Check, Step

Result = TypeVar("Result")

#: What a method is: a generator that yields its steps and checks, and returns its result.
Steps = Generator[Step | Check, None, Result]

#: A class index, a class name (if the model has `labels`), None for the predicted class,
#: or a function from the model's output for a batch to one number a sample.
Target: TypeAlias = int | str | None | Callable[[Any], Tensor]

#: A name, a number, or a tensor that broadcasts to the example's shape.
Baseline: TypeAlias = str | float | Tensor | np.ndarray

#: Points and weights of a numerical integral over [0, 1].
Rule: TypeAlias = Literal["left", "right", "midpoint", "trapezoid", "gauss_legendre"]

#: The way from the baseline to the picture: a name, or a function alpha → image.
Path: TypeAlias = str | Callable[[Tensor], Tensor]

#: Which steps stay in the explanation: all, the result alone, or those for which a function says yes.
Keep: TypeAlias = str | Callable[[Step], bool]

#: The unit of what is explained.
ScoreKind: TypeAlias = Literal["logit", "probability", "log_probability"]

#: A layer of the model by module or dotted name; None for the usual one.
Layer: TypeAlias = nn.Module | str | None


class Rules(Protocol):
    """A forward pass under backward rules (see `network.rules`): (model, batch) → the model's output."""

    def __call__(self, model: Callable[[Tensor], Any], batch: Tensor) -> Any: ...  # noqa: D102
