"""What a model's output means: classes, the one that is explained, and its score."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .errors import ModelError, TargetError, first_line, nearest
from .types import ScoreKind


@dataclass(frozen=True)
class Prediction:
    """A class and what the model says about it: `score` in the unit asked for, `probability` or None."""

    index: int | None
    label: str
    score: float
    probability: float | None


def by_function(function: Callable[[Any], Tensor]) -> Callable[[Any], Tensor]:
    """The target function, watched: it must give one real number a sample. Raises TargetError otherwise."""

    def pick(output: Any) -> Tensor:
        try:
            scores = function(output)
        except Exception as error:
            raise TargetError(
                f"the target function failed on the model's output: {type(error).__name__}: "
                f"{first_line(error)}. Try lambda output: output[:, 3]."
            ) from error
        rows = len(output) if isinstance(output, Tensor) else None
        real = isinstance(scores, Tensor) and not scores.is_complex()
        if not real or scores.dim() != 1 or rows not in (None, len(scores)):
            given = tuple(scores.shape) if real else str(getattr(scores, "dtype", type(scores).__name__))
            raise TargetError(
                f"the target function gives one number a sample, (n,); it gave {given}. "
                "Try lambda output: output[:, 3]."
            )
        return finite(scores if scores.is_floating_point() else scores.float(), "score")

    return pick


def classes_of(output: Any, rows: int | None = None) -> Tensor:
    """The output as (n, classes), with n = `rows` if that is known. Raises ModelError for anything else."""
    if not isinstance(output, Tensor) or output.is_complex():
        raise ModelError(
            f"the model gave {output.dtype if isinstance(output, Tensor) else type(output).__name__}, "
            "not a tensor of real class scores. "
            "Say which part is meant: target=lambda output: output[0][:, 3]."
        )
    if output.dim() == 1:
        output = output[:, None]
    if output.dim() != 2 or output.shape[1] == 0 or rows not in (None, len(output)):
        raise ModelError(
            f"the model gave an output of shape {tuple(output.shape)}, not (n, classes). "
            "Say which number is meant: target=lambda output: output[:, 3, 10, 20]; for a segmentation there "
            "is seg_grad_cam."
        )
    return finite(output if output.is_floating_point() else output.float(), "output")


def finite(values: Tensor, what: str) -> Tensor:
    """The same values. Raises ModelError if one is NaN or infinite."""
    if not torch.isfinite(values.sum()) and not torch.isfinite(values).all():  # the sum alone is quick
        raise ModelError(
            f"the model's {what} has NaN or infinite values. "
            "Try model.double(), or look at its weights and the input."
        )
    return values


def picked(output: Tensor, index: int, kind: ScoreKind, probabilities: bool = False) -> Tensor:
    """The score of class `index` for each row of (n, classes); one class alone has a sigmoid.

    Where the output already holds `probabilities` they are taken as they are; the log of none is that of the
    smallest number there is.
    """
    if probabilities:
        p = output[:, index]
        return p.clamp(min=torch.finfo(p.dtype).tiny).log() if kind == "log_probability" else p
    if kind == "logit":
        return output[:, index]
    if output.shape[1] == 1:
        log_probabilities = torch.nn.functional.logsigmoid(output)
    else:
        log_probabilities = output.log_softmax(1)
    return log_probabilities[:, index] if kind == "log_probability" else log_probabilities[:, index].exp()


def resolve_target(target: Any, output: Tensor, labels: list[str] | None) -> int:
    """The class index that is meant. Raises TargetError if there is no such class."""
    n = output.shape[1]
    if target is None:
        return int(output[0].argmax())
    if isinstance(target, str):
        if not labels:
            raise TargetError(
                f"the model has no labels, so {target!r} means nothing. Try an index from 0 to {n - 1}."
            )
        places = [k for k, label in enumerate(labels) if label == target]
        places = places or [k for k, label in enumerate(labels) if label.lower() == target.lower()]
        if len(places) > 1:
            raise TargetError(
                f"{len(places)} classes are called {target!r}. Give one of the indices {places}."
            )
        if not places:
            raise TargetError(f"the model has no class {target!r}. {nearest(target, labels)}")
        return places[0]
    try:
        index = target.__index__()
    except (AttributeError, TypeError, RuntimeError):
        index = None
    if index is None or isinstance(target, bool):
        raise TargetError(
            f"target is a class index, a class name, None or a function; {target!r} was given. "
            f"Try a whole number from 0 to {n - 1}."
        )
    if not 0 <= index < n:
        raise TargetError(
            f"target {index} is not a class of this model. Try a whole number from 0 to {n - 1}."
        )
    return index


def label_of(index: int, labels: list[str] | None) -> str:
    """The name of a class, or `class 3` where the model has no names."""
    return str(labels[index]) if labels and index < len(labels) else f"class {index}"
