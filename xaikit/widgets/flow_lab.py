"""The relevance lab: rules for layers, what flows down through them, and whether its sum is kept."""

from collections.abc import Iterable
from itertools import product
from typing import Any

import torch
import traitlets
from torch import Tensor

from ..core.explanation import Explanation
from ..methods.backprop.relevance_rules import COMPOSITES, Composite
from ..show.painters import one_map
from . import wire
from .base import STATIC, Lab

MOST_LAYERS = 12
SMALL = 3 * 100 * 100  # for pictures up to this size two controls may be switched beforehand, otherwise one
SAME = "as the others"

#: option → heading and values, in the order of the page.
CONTROLS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "lrp": {
        "first": ("First layer", (SAME, "flat", "z_box", "w_square")),
        "convolution": ("Convolutions", ("z_plus", "gamma", "alpha_beta", "epsilon", "zero")),
        "dense": ("Dense layers", ("epsilon", "zero", "gamma", "z_plus")),
    },
    "deep_lift": {
        "baseline": ("Compared with", ("black", "white", "gray", "blur", "noise")),
        "rule": ("Nonlinear", ("rescale", "reveal_cancel")),
    },
}


class FlowLab(Lab):
    """LRP, deep Taylor and DeepLIFT, layer by layer from the score down.

    frame   which layer is shown, counted from the output; the last one is the input
    run     which choice of rules is shown, an index into `state["runs"]`
    """

    methods = ("lrp", "deep_taylor", "deep_lift")
    _esm = STATIC / "flow.js"
    run = traitlets.Int(0).tag(sync=True)
    shared = (*Lab.shared, "run")

    def __init__(self, explanation: Explanation, *, alternatives: bool = True) -> None:
        self.explanation = explanation
        controls = CONTROLS.get(explanation.method, {})
        live = explanation.model is not None and bool(controls)
        own = options_of(explanation)
        names = list(flow_of(explanation))[::-1]
        self._names = [names[k] for k in wire.evenly(len(names), MOST_LAYERS)]
        runs = [self._run(explanation, own)]
        if live and alternatives:
            runs += self._beforehand(controls, own)
        state = {
            **wire.heading(explanation),
            "input": wire.pictures(explanation.x[None, :3], 600_000),
            "controls": [{"name": n, "heading": h, "values": list(v)} for n, (h, v) in controls.items()],
            "layers": [*self._names, "input"],
            "check": explanation.checks[0].name.replace("_", " "),
            "formula_of_check": wire.mathml(explanation.checks[0].formula),
            "runs": runs,
        }
        super().__init__(lab="flow", state=state, live=live, frame=len(self._names) // 2)

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the explanation is of a picture, and its layers were kept."""
        return explanation.x.dim() == 3 and bool(flow_of(explanation))

    def answer(self, request: dict[str, Any]) -> None:
        """Other rules: compute, and show them."""
        asked = {name: str(request[name]) for name in CONTROLS[self.explanation.method]}
        run = self._run(self.explain(**self._options(asked)), asked)
        runs = [*self.state["runs"], run]
        if len(runs) > 80:
            del runs[1]
        self.run = 0  # until the new state is there, whatever is shown exists
        self.state = {**self.state, "runs": runs}
        self.run = len(runs) - 1

    def _options(self, asked: dict[str, str]) -> dict[str, Any]:
        """What is asked for on the page, as options of the method."""
        if self.explanation.method != "lrp":
            return asked
        first = None if asked["first"] == SAME else asked["first"]
        return {"rules": Composite(asked["convolution"], asked["dense"], first, first)}

    def _beforehand(self, controls: dict[str, Any], own: dict[str, str]) -> Iterable[dict[str, Any]]:
        """The choices that differ from the own one in one control, or two."""
        choices = product(*(values for _, values in controls.values()))
        every = [dict(zip(controls, values, strict=True)) for values in choices]
        apart = [sum(options[name] != own.get(name) for name in options) for options in every]
        most = 2 if self.explanation.x.numel() <= SMALL else 1
        for asked, distance in zip(every, apart, strict=True):
            if 0 < distance <= most:
                yield self._run(self.explain(**self._options(asked)), asked)

    def _run(self, e: Explanation, options: dict[str, str]) -> dict[str, Any]:
        """One choice of rules as the page needs it."""
        flow, check = flow_of(e), e.checks[0]
        maps = [torch.from_numpy(one_map(wire.as_array(flow[name]))) for name in self._names]
        sums = [float(flow[name].sum()) for name in self._names] + [float(e.attribution.sum())]
        return {
            **options,
            "maps": [wire.maps(m[None, None], 2500) for m in maps],
            "attribution": wire.maps(e.attribution[None], 40_000),
            "sums": wire.numbers(torch.tensor(sums)),
            "right": check.right,
            "holds": check.holds,
        }


def flow_of(e: Explanation) -> dict[str, Tensor]:
    """What flows through each layer: its relevance, or its contribution to the difference of the scores."""
    name = next((step for step in ("relevances", "contributions") if step in e), None)
    return {} if name is None else e[name]


def options_of(e: Explanation) -> dict[str, str]:
    """The choices on the page that the explanation itself made; "your own" where they are not among them."""
    if e.method != "lrp":
        chosen = {name: e.parameters[name] for name in CONTROLS.get(e.method, {})}
        return {name: value if isinstance(value, str) else "your own" for name, value in chosen.items()}
    rules = e.parameters["rules"]
    rules = COMPOSITES.get(rules, Composite(rules, rules)) if isinstance(rules, str) else rules
    if not isinstance(rules, Composite):
        return dict.fromkeys(CONTROLS["lrp"], "your own")
    return {"first": rules.first_convolution or SAME, "convolution": rules.convolution, "dense": rules.dense}
