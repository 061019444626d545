"""The segmentation lab: pick a pixel, an object or a class, and the explanation follows."""

from typing import Any

import numpy as np
import torch
import traitlets
from torch import Tensor

from ..core.explanation import Explanation
from ..core.targets import label_of
from . import wire
from .base import STATIC, Lab

GRID = 8  # pixels a side for which an answer is computed beforehand
MOST_OBJECTS = 8


class SegmentationLab(Lab):
    """Seg-Grad-CAM for whatever is picked.

    run     which region is explained, an index into `state["runs"]`
    smooth  whether the map is enlarged by interpolation, or cell by cell
    """

    methods = ("seg_grad_cam",)
    _esm = STATIC / "segmentation.js"
    run = traitlets.Int(0).tag(sync=True)
    smooth = traitlets.Bool(True).tag(sync=True)
    shared = (*Lab.shared, "run", "smooth")

    def __init__(self, explanation: Explanation, *, alternatives: bool = True) -> None:
        self.explanation, self._classes = explanation, explanation["mask_prediction"].cpu()
        live = explanation.model is not None
        p = explanation.parameters
        region = p["region"] if isinstance(p["region"], str) else "your own"
        runs = [self._run(explanation, region, p["at"])]
        if live and alternatives:
            runs += [self._run(self._picked(*asked), asked[0], asked[2]) for asked in self._beforehand()]
        names = [
            label_of(c, explanation.model.labels if live else None)
            for c in range(int(self._classes.max()) + 1)
        ]
        state = {
            **wire.heading(explanation),
            "input": wire.pictures(explanation.x[None, :3], 600_000),
            "classes": wire.labels(self._classes[None]),
            "names": names,
            "runs": runs,
        }
        super().__init__(lab="segmentation", state=state, live=live)

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the steps that are shown were kept."""
        return {"mask_prediction", "region", "cam"} <= set(explanation.steps)

    def answer(self, request: dict[str, Any]) -> None:
        """Another pixel, object or class: compute, and show it."""
        at = (int(request["row"]), int(request["column"]))
        region = str(request["region"])
        run = self._run(self._picked(region, int(self._classes[at]), at), region, at)
        runs = [*self.state["runs"], run]
        self.run = 0
        self.state = {**self.state, "runs": runs}
        self.run = len(runs) - 1

    def _picked(self, region: str, target: int, at: tuple[int, int]) -> Explanation:
        return self.explain(region=region, target=target, at=at)

    def _beforehand(self) -> list[tuple[str, int, tuple[int, int]]]:
        """Each class, its larger objects, a grid of pixels: for these a page without a kernel can answer."""
        from scipy.ndimage import label  # scipy comes with scikit-image

        asked: list[tuple[str, int, tuple[int, int]]] = []
        for c in self._classes.unique().tolist():
            parts = label((self._classes == c).numpy(), np.ones((3, 3)))[0]
            sizes = np.bincount(parts.ravel())[1:]
            places = [first_place(parts == k + 1) for k in np.argsort(-sizes)[:MOST_OBJECTS]]
            asked.append(("class", c, places[0]))
            asked += [("object", c, place) for place in places]
        height, width = self._classes.shape
        for row in np.linspace(0, height, GRID, endpoint=False) + height / GRID / 2:
            for column in np.linspace(0, width, GRID, endpoint=False) + width / GRID / 2:
                at = int(row), int(column)
                asked.append(("pixel", int(self._classes[at]), at))
        return asked

    def _run(self, e: Explanation, region: str, at: Any) -> dict[str, Any]:
        """One region as the page needs it."""
        mask, L = e["region"][0].cpu(), e["cam"].cpu()
        place = at or first_place(mask.numpy())
        return {
            "region": region,
            "row": int(place[0]),
            "column": int(place[1]),
            "target": e.prediction.label if e.prediction else "",
            "score": e.prediction.score if e.prediction else 0.0,
            "mask": wire.labels(mask[None].long()) if region != "pixel" else None,
            "cam": wire.numbers(L),
            "shape": list(L.shape),
            "inside": share_inside(e.attribution.cpu(), mask),
        }


def first_place(mask: np.ndarray) -> tuple[int, int]:
    """The pixel of a mask that lies nearest to its middle."""
    rows, columns = np.nonzero(mask)
    nearest = int(np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2))
    return int(rows[nearest]), int(columns[nearest])


def share_inside(attribution: Tensor, mask: Tensor) -> float:
    """What share of the map lies in the region; 0 for an empty map."""
    kept = attribution.clamp(min=0)
    return float((kept * mask).sum() / kept.sum().clamp(min=1e-12)) if bool(torch.any(kept > 0)) else 0.0
