"""Every method and every metric by name, in teaching order. `@method` and `@metric` fill them."""

from typing import Any, Protocol


class Entry(Protocol):
    """What the registry knows about a method or a metric; see `core.method.Walkable`."""

    name: str
    title: str
    paper: str
    family: str
    promises: tuple[str, ...]
    takes: tuple[str, ...]
    explains: str
    function: Any
    parameters: Any

    question: Any
    formula: Any
    walk: Any
    __call__: Any


METHODS: dict[str, Entry] = {}
METRICS: dict[str, Entry] = {}


def entry(name: str) -> Entry | None:
    """The method or the metric of this name; None for an attribution that came from elsewhere."""
    return METHODS.get(name) or METRICS.get(name)
