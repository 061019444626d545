"""Tables: data frames by their columns."""

from typing import Any


def frame(columns: dict[str, Any]) -> Any:
    """A pandas DataFrame."""
    import pandas  # it takes a while to import

    return pandas.DataFrame(columns)
