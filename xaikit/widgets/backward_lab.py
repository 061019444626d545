"""The backward lab: what a ReLU hands on by three rules, and which map notices that weights are random."""

import copy
from collections.abc import Iterator
from typing import Any

import torch
import traitlets
from torch import Tensor, nn

from ..core.explanation import Explanation
from ..core.model import Model
from ..core.sampling import generator
from ..core.score import score
from ..methods.backprop.rectified import Rectified
from ..metrics.randomization import grouped, one_a_pixel, rank_correlation, redraw
from . import wire
from .base import STATIC, Lab

RULES = {
    "gradient": r"R_{\mathrm{in}} = R \odot [a > 0]",
    "deconvnet": r"R_{\mathrm{in}} = \max(0, R)",
    "guided": r"R_{\mathrm{in}} = \max(0, R) \odot [a > 0]",
}
MOST_RELUS = 12
MOST_GROUPS = 8


class BackwardLab(Lab):
    """Gradient, deconvnet and guided backpropagation, ReLU by ReLU.

    frame   how many groups of layers are random, from the last one down
    run     which rule is shown: 0 gradient, 1 deconvnet, 2 guided
    relu    which ReLU is looked at, counted from the input
    """

    methods = ("deconvnet", "guided_backprop")
    _esm = STATIC / "backward.js"
    run = traitlets.Int(2).tag(sync=True)
    relu = traitlets.Int(0).tag(sync=True)
    shared = (*Lab.shared, "run", "relu")

    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        module: Any = explanation.model.module  # type: ignore[union-attr]
        groups = grouped(explanation, MOST_GROUPS)
        passes = {rule: Rectified(module, rule) for rule in RULES}
        maps: dict[str, list[Tensor]] = {rule: [self._map(module, p)] for rule, p in passes.items()}
        for random in self._randomised(module, groups):
            for rule in RULES:
                maps[rule].append(self._map(random, Rectified(random, rule, record=False)))
        names = list(passes["gradient"].signals)
        self._relus = [names[k] for k in wire.evenly(len(names), MOST_RELUS)]
        self._channels = [strongest(passes["gradient"].signals[name][0]) for name in self._relus]
        outputs = passes["gradient"].outputs
        state = {
            **wire.heading(explanation),
            "input": wire.pictures(explanation.x[None, :3], 600_000),
            "relus": [
                {"name": n, "channel": c, "activation": packed(cells(outputs[n], c))}
                for n, c in zip(self._relus, self._channels, strict=True)
            ],
            "groups": ["none", *(g[-1] for g in groups)],
            "runs": [self._run(rule, passes[rule], torch.stack(maps[rule])) for rule in RULES],
        }
        own = {"deconvnet": 1}.get(explanation.method, 2)
        super().__init__(lab="backward", state=state, run=own, relu=len(self._relus) // 2)

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the explanation is of a picture and still has its model, which is asked again."""
        module = getattr(explanation.model, "module", None)
        return explanation.x.dim() == 3 and isinstance(module, nn.Module)

    def _map(self, module: Any, rules: Rectified) -> Tensor:
        """What the rules leave at the input, summed over channels, (H, W)."""
        e = self.explanation
        index = e.prediction.index if e.prediction is not None else None
        target = e.parameters["target"] if index is None else index
        F = score(Model(module, e.parameters["score"]), e.x, target)
        return F.differentiate(e.x[None], rules)[1][0].sum(0).cpu()

    def _randomised(self, module: Any, groups: list[list[str]]) -> Iterator[Any]:
        """A copy of the model with more and more random layers, from the last one down."""
        random = copy.deepcopy(module)
        for k, group in enumerate(groups):
            for name in group:
                redraw(random.get_submodule(name), int(generator(0, k).integers(2**31)))
            yield random

    def _run(self, rule: str, passed: Rectified, maps: Tensor) -> dict[str, Any]:
        """One rule as the page needs it."""
        first = one_a_pixel(maps[0], "magnitude")
        similarity = [rank_correlation(first, one_a_pixel(m, "magnitude")) for m in maps]
        relus = []
        for name, channel in zip(self._relus, self._channels, strict=True):
            arrived, handed = (cells(signal, channel) for signal in passed.signals[name])
            counts = counted(arrived, handed, cells(passed.outputs[name], channel))
            relus.append({"arrived": packed(arrived), "handed": packed(handed), "counts": counts})
        return {
            "rule": rule,
            "formula": wire.mathml(RULES[rule]),
            "maps": wire.maps(maps[:, None], 200_000),
            "similarity": wire.numbers(torch.tensor(similarity)),
            "relus": relus,
        }


def cells(value: Tensor, channel: int) -> Tensor:
    """One channel of a layer as a map; a layer without height and width as a square."""
    if value.dim() == 3:
        return value[channel]
    side = int(len(value) ** 0.5) or 1
    return value[: side * side].reshape(side, side)


def packed(one: Tensor) -> dict[str, Any]:
    """A map in the wire format."""
    return wire.maps(one[None, None], 20_000)


def counted(arrived: Tensor, handed: Tensor, output: Tensor) -> list[int]:
    """In how many cells a signal arrives; of these: the ReLU is closed, it is negative, it is handed on."""
    there = arrived != 0
    return [int(part.sum()) for part in (there, there & (output <= 0), arrived < 0, handed != 0)]


def strongest(signal: Tensor) -> int:
    """The channel in which most of both signs arrives, so that the rules differ; 0 where there are none."""
    if signal.dim() != 3:
        return 0
    up, down = (signal.clamp(min=0).sum((1, 2)), (-signal).clamp(min=0).sum((1, 2)))
    return int((2 * torch.minimum(up, down) + up).argmax())
