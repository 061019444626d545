"""The CAM lab: feature maps times weights, added up channel by channel, laid over the picture."""

from typing import Any

import torch
import traitlets
from torch import Tensor

from ..core.explanation import Explanation
from ..core.registry import METHODS
from ..core.sums import along
from . import wire
from .base import STATIC, Lab

#: What can be switched to, and the weight of a feature map in its formula.
VARIANTS = {
    "cam": r"w_k",
    "grad_cam": r"\alpha_k",
    "grad_cam_plus_plus": r"\alpha_k",
    "hires_cam": r"G^k \odot",
    "layer_cam": r"\max(0, G^k) \odot",
}
MOST_CHANNELS = 128


class CamLab(Lab):
    """A class activation map, one channel at a time.

    frame   how many channels are added up, less one
    run     which method is shown, an index into `state["runs"]`
    smooth  whether the map is enlarged by interpolation, or cell by cell
    relu    whether what speaks against the class is dropped
    """

    methods = ("cam", "grad_cam", "grad_cam_plus_plus", "hires_cam", "layer_cam", "contrastive_grad_cam")
    _esm = STATIC / "cam.js"
    run = traitlets.Int(0).tag(sync=True)
    smooth = traitlets.Bool(True).tag(sync=True)
    relu = traitlets.Bool(True).tag(sync=True)
    shared = (*Lab.shared, "run", "smooth", "relu")

    def __init__(self, explanation: Explanation, *, alternatives: bool = True) -> None:
        self.explanation = explanation
        live = explanation.model is not None and explanation.prediction is not None
        others = (
            [n for n in VARIANTS if n not in ("cam", explanation.method)] if live and alternatives else []
        )
        explained = [explanation, *(self._other(name) for name in others)]
        A = explanation["feature_maps"]
        weighted = [summands(e) for e in explained]
        strength = torch.stack([w.abs().flatten(1).mean(1) / (w.abs().mean() + 1e-12) for w in weighted])
        kept = strength.amax(0).argsort(descending=True)[:MOST_CHANNELS].sort().values
        state = {
            **wire.heading(explanation),
            "input": wire.pictures(explanation.x[None, :3], 700_000),
            "maps": wire.maps(A[kept][:, None]),
            "channels": wire.numbers(kept),
            "of": len(A),
            "runs": [self._run(e, w, kept) for e, w in zip(explained, weighted, strict=True)],
        }
        frame = min(4, len(kept)) - 1
        relu = bool(explanation.parameters.get("relu", explanation.method not in ("cam", "hires_cam")))
        super().__init__(lab="cam", state=state, frame=frame, relu=relu)

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the steps that are shown were kept."""
        weights = {"class_weights", "channel_weights", "products", "cell_weights"}
        kept = set(explanation.steps)
        return {"feature_maps", "cam"} <= kept and bool(weights & kept)

    def _other(self, name: str) -> Explanation:
        """Another method for the same class and layer."""
        e = self.explanation
        options = {"target": e.prediction.index, "layer": e.parameters.get("layer")}  # type: ignore[union-attr]
        return METHODS[name](e.model.module, e.x, **options)  # type: ignore[union-attr]

    def _run(self, e: Explanation, weighted: Tensor, kept: Tensor) -> dict[str, Any]:
        """One method as the page needs it."""
        order = weighted[kept].abs().flatten(1).mean(1).argsort(descending=True)
        total = weighted.sum(0)
        terms = {"relu": r"\max(0, \cdot)", "sum": r"\sum_k", "map": r"A^k"}
        terms["weight"] = VARIANTS.get(e.method, VARIANTS["grad_cam"])
        linear = next((c for c in e.checks if c.name in ("linearity", "completeness")), None)
        return {
            "name": METHODS[e.method].title,
            "terms": {name: wire.mathml(part) for name, part in terms.items()},
            "weights": wire.numbers(weights_of(e)[kept]) if weights_of(e) is not None else None,
            "summands": wire.maps(weighted[kept][:, None]),
            "order": wire.numbers(order),
            "rest": wire.numbers((total - weighted[kept].sum(0)).flatten()),
            "total": wire.numbers(total.flatten()),
            "goal": None if linear is None or e.method == "cam" else linear.right,
        }


def weights_of(e: Explanation) -> Tensor | None:
    """One weight for each channel; None where every cell has its own."""
    name = next((n for n in ("class_weights", "channel_weights") if n in e), None)
    return None if name is None else e[name]


def summands(e: Explanation) -> Tensor:
    """What each channel adds to the map, (channels, h, w)."""
    A, weights = e["feature_maps"], weights_of(e)
    if weights is not None:
        return along(weights, A[0]) * A
    return e["products"] if "products" in e else e["cell_weights"] * A
