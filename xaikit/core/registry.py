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

    @property
    def question(self) -> str:
        """The question that it answers."""
        ...

    @property
    def formula(self) -> str:
        """Its formula, LaTeX."""
        ...

    def walk(self, *given: Any, **options: Any) -> Any:
        """Its steps, one by one."""
        ...

    def __call__(self, *given: Any, **options: Any) -> Any:
        """The whole explanation."""
        ...


METHODS: dict[str, Entry] = {}
METRICS: dict[str, Entry] = {}


def entry(name: str) -> Entry | None:
    """The method or the metric of this name; None for an attribution that came from elsewhere."""
    return METHODS.get(name) or METRICS.get(name)
