"""Which pixels of a segmentation are explained: one, an object, or a whole class."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from ..core.errors import InputError, ModelError, OptionError, TargetError, shown
from ..core.model import Model
from ..core.targets import label_of, resolve_target
from ..core.types import Target

#: (row, column), or None for the usual place.
Place: TypeAlias = tuple[int, int] | None
#: "class", "object", "pixel", or a mask (H, W).
Region: TypeAlias = str | Tensor | np.ndarray


def explained_region(
    model: Model, x: Tensor, target: Target, region: Region, at: "tuple[int, int] | None"
) -> tuple[Tensor, int, Tensor]:
    """The mask M (H, W) of the pixels, the class, and the predicted class of every pixel (H, W).

    Raises ModelError for a model that gives no scores (n, classes, H, W), TargetError for a class of which it
    sees nothing, InputError for a mask or a place that does not fit, OptionError for an unknown region.
    """
    with torch.no_grad():
        scores = model(x[None])
    if not isinstance(scores, Tensor) or scores.dim() != 4 or scores.shape[1] == 0:
        given = tuple(scores.shape) if isinstance(scores, Tensor) else type(scores).__name__
        raise ModelError(
            f"a segmentation model answers with scores (n, classes, H, W); this one gave {given}. "
            "Try grad_cam for a classifier."
        )
    scores = scores[0]
    prediction = scores.argmax(0)
    index = class_of(prediction, scores, target, model.labels)
    if not isinstance(region, str):
        return given_mask(region, prediction), index, prediction
    if region not in ("class", "object", "pixel"):
        raise OptionError(
            f"region is one of class, object, pixel, or a mask; {shown(region)} was given. Try 'class'."
        )
    of_class = prediction == index
    place = place_of(at, prediction)
    if region == "pixel":
        if place is None:
            place = tuple(int(k) for k in np.unravel_index(int(scores[index].argmax()), prediction.shape))
        mask = torch.zeros_like(of_class)
        mask[place] = True
        return mask, index, prediction
    if not bool(of_class.any()):
        raise TargetError(
            f"the model sees no {label_of(index, model.labels)} here. "
            "Try another class, region='pixel', or a mask."
        )
    return (of_class if region == "class" else connected(of_class, place)), index, prediction


def class_of(prediction: Tensor, scores: Tensor, target: Target, labels: "list[str] | None") -> int:
    """The class that is meant; None is the one with most pixels besides the first, if there is another."""
    if callable(target):
        raise TargetError(
            "a segmentation is explained for a class. Try target=1, and region= for the pixels."
        )
    if target is not None:
        return resolve_target(target, scores.amax((1, 2))[None], labels)
    counts = prediction.flatten().bincount(minlength=len(scores))
    counts[0] = 0 if bool(counts[1:].any()) else counts[0]
    return int(counts.argmax())


def place_of(at: Any, prediction: Tensor) -> "tuple[int, int] | None":
    """(row, column) inside the picture, or None."""
    if at is None:
        return None
    height, width = prediction.shape
    try:
        row, column = (int(k) for k in at)
    except (TypeError, ValueError):
        row = column = -1
    if not (0 <= row < height and 0 <= column < width):
        raise InputError(
            f"at is (row, column), from (0, 0) to ({height - 1}, {width - 1}); {shown(at)} was given. "
            f"Try ({height // 2}, {width // 2})."
        )
    return row, column


def given_mask(region: Any, prediction: Tensor) -> Tensor:
    """A mask of the caller's, booleans (H, W)."""
    mask = torch.as_tensor(np.asarray(region.cpu() if isinstance(region, Tensor) else region))
    if mask.shape != prediction.shape or not bool(mask.any()):
        raise InputError(
            f"the region must be a mask of shape {tuple(prediction.shape)} with at least one pixel; "
            f"{tuple(mask.shape)} was given. Try region='class'."
        )
    return mask.bool().to(prediction.device)


def connected(mask: Tensor, place: "tuple[int, int] | None") -> Tensor:
    """The connected part of a mask at a place, or its largest one."""
    from scipy.ndimage import label  # scipy comes with scikit-image

    labelled: Any = label(mask.cpu().numpy(), np.ones((3, 3)))
    parts = torch.from_numpy(labelled[0]).to(mask.device)
    if place is None:
        return parts == int(parts.flatten().bincount()[1:].argmax()) + 1
    if not bool(mask[place]):
        raise InputError(f"no pixel of the class lies at {place}. Try at=None for the largest part of it.")
    return parts == parts[place]


def summed_over(M: Tensor, index: int, model: Model) -> Callable[[Tensor], Tensor]:
    """The target: the sum of the class's scores over the region, named as people would say it."""

    def target(output: Tensor) -> Tensor:
        return output[:, index][:, M].sum(1)

    pixels = int(M.sum())
    target.__name__ = f"{label_of(index, model.labels)}, {pixels} pixel{'s' if pixels > 1 else ''}"
    return target
