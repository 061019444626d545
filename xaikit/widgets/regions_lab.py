"""The regions lab: drag the area that is shown, and see the regions enter in the order of their gain."""

from typing import Any

import numpy as np
import torch
import traitlets

from ..core.explanation import Explanation
from ..inputs import regions
from ..inputs.pictures import gaussian_blur
from . import wire
from .base import STATIC, Lab

MOST_PIXELS = 256  # along the longer side; of a larger picture every second or third pixel travels
ASKED = 24  # how many of the areas the model is asked about


class RegionsLab(Lab):
    """XRAI, one region at a time.

    frame   how many regions are shown, less one
    run     which segmentation is used, an index into `state["runs"]`: all scales, or one alone
    area    the share of the picture that is shown, to read from Python
    """

    methods = ("xrai", "xrai_fast")
    _esm = STATIC / "regions.js"
    run = traitlets.Int(0).tag(sync=True)
    area = traitlets.Float(1.0).tag(sync=True)
    shared = (*Lab.shared, "run", "area")

    def __init__(self, explanation: Explanation, *, alternatives: bool = True) -> None:
        self.explanation, layers = explanation, explanation["segmentations"].cpu()
        own_cut = explanation.parameters.get("segments") is None
        scales = regions.SCALES if own_cut else range(1, len(layers) + 1)
        names = [str(s) for s in scales][:12]
        runs = [self._run(explanation, "all")]
        if explanation.model is not None and alternatives and 1 < len(layers) == len(names):
            A = explanation["base_attribution"]
            runs += [
                self._run(self.explain(base_attribution=A, segments=layers[k : k + 1]), name)
                for k, name in enumerate(names)
            ]
        state = {
            **wire.heading(explanation),
            "input": wire.pictures(self._thin(explanation.x[None, :3]), 700_000),
            "base": wire.maps(self._thin(explanation["base_attribution"][None]), 300_000),
            "pieces": wire.labels(self._thin(layers[: len(names)]) + 1),
            "names": names,
            "heading": "Scale" if own_cut else "Layer",
            "runs": runs,
            "total": float(explanation["base_attribution"].double().sum()),
        }
        areas = np.frombuffer(runs[0]["areas"]["view"], "<f4")
        frame = int((areas < 0.1).sum())  # the first at which a tenth of the picture is shown
        super().__init__(lab="regions", state=state, frame=frame, area=round(float(areas[frame]), 6))

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the steps that are replayed were kept."""
        return {"base_attribution", "segmentations", "region_gains", "order"} <= set(explanation.steps)

    def _thin(self, rows: torch.Tensor) -> torch.Tensor:
        """Every pixel, or every second or third of a large picture: region numbers cannot be averaged."""
        stride = -(-max(rows.shape[-2:]) // MOST_PIXELS)
        return rows[..., ::stride, ::stride]

    def _run(self, e: Explanation, name: str) -> dict[str, Any]:
        """One segmentation as the page needs it."""
        order = e["order"].cpu()
        sizes = order.flatten().bincount()[1:]
        return {
            "name": name,
            "order": wire.labels(self._thin(order[None])),
            "gains": wire.numbers(e["region_gains"]),
            "areas": wire.numbers(sizes.cumsum(0) / order.numel()),
            "sums": wire.numbers((sizes * e["region_gains"].cpu().double()).cumsum(0)),
            "limit": wire.limit_of(wire.as_array(e.attribution)),
            "seen": self._seen(e, order) if name == "all" else None,
        }

    def _seen(self, e: Explanation, order: torch.Tensor) -> dict[str, Any] | None:
        """What the model says about the picture with only the first k regions sharp, for some k."""
        asked = torch.linspace(0, int(order.max()), ASKED).round().long().unique()
        blurred = gaussian_blur(e.x, torch.tensor(0.1 * min(e.x.shape[1:])))
        sharp = (order[None] <= asked.reshape(-1, 1, 1)).to(e.x.device)[:, None]
        said = self.probabilities(torch.where(sharp, e.x, blurred))
        return said and {"k": wire.numbers(asked), "probability": said}
