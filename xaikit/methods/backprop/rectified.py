"""A backward step for every ReLU: gradient, deconvnet, or guided.

R  what arrives at a ReLU      a  its output
"""

from typing import Any

import torch
from torch import Tensor, nn

from ...network.operations import MAX_POOLS, Call, is_rectifier
from ...network.rules import Rules, answered


class Rectified(Rules):
    """A backward step for every ReLU, by one of three rules.

    gradient   what arrives goes on where the ReLU was open
    deconvnet  where it is positive, open or not
    guided     where it is positive and the ReLU was open
    """

    nothing = "there is no ReLU on the way from the input to the score"

    def __init__(self, module: Any, rule: str, record: bool | None = None) -> None:
        super().__init__(module, record)
        self.rule = rule

    def begin(self, batch: Tensor) -> None:
        """Forget the last pass."""
        super().begin(batch)
        self.signals: dict[str, Tensor] = {}  # (2, …): what arrived at a ReLU, and what it handed on
        self.outputs: dict[str, Tensor] = {}  # what each ReLU gave
        self.switches: dict[str, Tensor] = {}  # which input each maximum came from, counted row by row

    def answer(self, call: Call) -> Any:
        """ReLUs with the rule; maxima as usual, with their places written down."""
        if is_rectifier(call):
            return self._rectified(call)
        if call.name in MAX_POOLS and self.record:
            return self._pooled(call)
        return call()

    def _rectified(self, call: Call) -> Tensor:
        self.applied += 1
        name = self.name(call.name)
        with torch.no_grad():  # in place, where the network is written so: no layer before it minds
            value = (call.literal or call)().detach()
        if self.record:
            self.outputs[name] = value[0].clone()
            self.signals[name] = value.new_zeros((2, *value.shape[1:]))  # its place in the order

        def backward(arriving: Tensor) -> tuple[Tensor]:
            handed_on = arriving if self.rule == "deconvnet" else through_open(call, value, arriving)
            if self.rule != "gradient":  # a tensor of our own may be written over, one that arrived may not
                handed_on = handed_on.clamp(min=0) if handed_on is arriving else handed_on.clamp_(min=0)
            if self.record:
                self.signals[name] = torch.stack([arriving[0], handed_on[0]])
            return (handed_on,)

        return answered(value, backward, call.x)

    def _pooled(self, call: Call) -> Any:
        pool = getattr(nn.functional, f"{call.name}_with_indices")
        given = {k: v for k, v in call.kwargs.items() if k != "return_indices"}
        value, places = pool(*call.args, **given)
        self.switches[self.name(call.name)] = places[0].detach()
        return (value, places) if call.kwargs.get("return_indices") else value


def through_open(call: Call, value: Tensor, arriving: Tensor) -> Tensor:
    """What arrives, where the ReLU is open: above its floor, and below its ceiling if it has one."""
    ceiling = {
        "relu6": lambda: 6,
        "hardtanh": lambda: call.bound("input", "min_val", "max_val")[2],
        "clamp": lambda: call.bound("input", "min", "max")[2],
        "clip": lambda: call.bound("input", "min", "max")[2],
    }.get(call.name, lambda: None)()
    if ceiling is None:
        return torch.ops.aten.threshold_backward(arriving, value, 0)
    return torch.ops.aten.hardtanh_backward(arriving, value, 0, ceiling)
