"""The notes of a walk: what its method and the tools of the method must know about each other.

A walk lays its notes out while its method works on a step. `score` writes down what is explained; a stack
asks whether its rows are kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from .types import Keep


@dataclass
class Notes:
    """What one walk keeps, what it explains, and the names of the inputs."""

    keep: Keep = "all"  # which steps the walk keeps
    explained: Any = None  # the first `Score` that the method asked for
    names: list[str] | None = None  # columns, words or players

    @property
    def keeps_rows(self) -> bool:
        """Whether a stack keeps its rows even if no step asks for them."""
        return self.keep == "all"

    @property
    def keeps_steps(self) -> bool:
        """Whether any step is kept, so that recording it is worth the memory."""
        return self.keep != "result"


_on_the_table: ContextVar[Notes | None] = ContextVar("notes", default=None)


def notes() -> Notes:
    """The notes of the walk that is going on; outside a walk fresh ones, which keep everything."""
    return _on_the_table.get() or Notes()


@contextmanager
def taking(own: Notes) -> Iterator[None]:
    """Within the context, `notes()` are these. A walk inside a walk has its own."""
    before = _on_the_table.set(own)
    try:
        yield
    finally:
        _on_the_table.reset(before)
