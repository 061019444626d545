"""The exercises of the lessons: `xk.check("02.3", answer)` says what is wrong, and never the answer."""

import importlib
import importlib.resources
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..core.errors import OptionError, nearest

#: What looks at an answer: it returns nothing if the answer is right, and otherwise raises NotYet.
Checker = Callable[[Any], None]

EXERCISES: dict[str, Checker] = {}


class NotYet(Exception):  # noqa: N818 (it is no error of the program)
    """The answer is not right yet; the message says in which way."""


@dataclass(frozen=True)
class Verdict:
    """What `check` says: whether the answer is right, and if not, what is wrong with it."""

    number: str
    passed: bool
    message: str

    def __bool__(self) -> bool:
        return self.passed

    def __repr__(self) -> str:
        return f"{self.number} {'✓' if self.passed else '·'} {self.message}"


def exercise(number: str) -> Callable[[Checker], Checker]:
    """Register what looks at the answers to exercise `number`, such as "02.3"."""

    def register(checker: Checker) -> Checker:
        EXERCISES[number] = checker
        return checker

    return register


def check(number: str, answer: Any) -> Verdict:
    """Look at an answer. Raises OptionError if there is no such exercise."""
    load_all()
    if number not in EXERCISES:
        raise OptionError(f"there is no exercise {number!r}. {nearest(number, EXERCISES)}")
    if unanswered(answer):
        return Verdict(number, False, "not yet: put your answer where the dots are.")
    try:
        EXERCISES[number](answer)
    except NotYet as reason:
        return Verdict(number, False, f"not yet: {reason}")
    except Exception as error:  # a learner's function may fail in any way
        first_line = (str(error).strip() or "no message").splitlines()[0]
        return Verdict(number, False, f"not yet: it stopped with {type(error).__name__}: {first_line}")
    return Verdict(number, True, "right.")


def unanswered(answer: Any) -> bool:
    """Whether the dots of the question still stand, also inside a list or a dictionary."""
    if isinstance(answer, dict):
        return any(unanswered(v) for v in answer.values())
    if isinstance(answer, (list, tuple)):
        return any(unanswered(v) for v in answer)
    return answer is ... or answer is None


def need(condition: Any, message: str) -> None:
    """Raise NotYet unless the condition holds."""
    if not bool(condition):
        raise NotYet(message)


def returned(given: Any, like: Tensor) -> Tensor:
    """What a learner's function gave, a tensor of the shape of `like`; otherwise NotYet says what it is."""
    need(given is not None, "the function returns nothing. End it with return …")
    need(isinstance(given, Tensor), f"expected a tensor; the function gave a {type(given).__name__}.")
    shapes = f"{tuple(like.shape)}; it has {tuple(given.shape)}"
    need(given.shape == like.shape, f"the result must have the shape {shapes}.")
    return given.detach()


def load_all() -> None:
    """Import the exercises of every lesson: the modules lesson_01, lesson_02, …"""
    for entry in importlib.resources.files(__name__).iterdir():
        if re.fullmatch(r"lesson_\d\d\.py", entry.name):
            importlib.import_module(f"{__name__}.{entry.name.removesuffix('.py')}")
