"""What the cards say, read back."""

import re

from xaikit.zoo.files import read_card


def stated(name: str, line: str, unit: str = " %") -> float:
    """The figure that the card of a model gives behind `line`, in per cent unless `unit` says otherwise."""
    found = re.search(rf"- {re.escape(line)}: (-?[\d.]+){unit}$", read_card(name), re.MULTILINE)
    assert found, f"the card of {name} has no line {line!r}"
    return float(found[1])
