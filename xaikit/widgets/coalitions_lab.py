"""The coalitions lab: features come and go, orders are walked, and what each adds is averaged."""

import traitlets

from ..core.explanation import Explanation
from . import wire
from .base import STATIC, Lab


class CoalitionsLab(Lab):
    """A game with all its coalitions.

    coalition  who is in, as a number: bit i for player i
    order      the order that is walked, the players' numbers
    frame      how many of the order have come
    player     whose contributions the table shows
    drawn      how many orders are averaged
    """

    methods = ("exact_shapley",)
    _esm = STATIC / "coalitions.js"
    coalition = traitlets.Int(0).tag(sync=True)
    order = traitlets.List(traitlets.Int()).tag(sync=True)
    player = traitlets.Int(0).tag(sync=True)
    drawn = traitlets.Int(1).tag(sync=True)
    shared = (*Lab.shared, "coalition", "order", "player", "drawn")

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        names = [name.strip() for name in explanation.names or ()]
        state = {
            **wire.heading(explanation),
            "unit": explanation.unit if explanation.prediction else "value",
            "names": names,
            "values": wire.numbers(explanation["coalitions"]["value"].to_numpy()),
            "exact": wire.numbers(explanation.attribution.reshape(-1)),
        }
        super().__init__(lab="coalitions", state=state, order=list(range(len(names))))

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the values of all coalitions are there, and the players have names."""
        n = len(explanation.names or ())
        return n > 0 and "coalitions" in explanation and len(explanation["coalitions"]) == 2**n
