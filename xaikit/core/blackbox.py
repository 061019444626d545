"""What can be asked without being looked into: a function on arrays or tensors, or an estimator."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from .errors import ModelError


def as_function(model: Any) -> Callable[[Any], Any]:
    """How to ask a model for a batch: a module as it is, an estimator by its probabilities or predictions.

    A function is given tensors, or arrays if it cannot take tensors; arrays that come back become tensors.
    Raises ModelError for what can be asked in neither way.
    """
    if isinstance(model, nn.Module):
        return model
    ask = getattr(model, "predict_proba", None) or getattr(model, "predict", None)
    if ask is not None:
        return lambda batch: as_tensor(ask(as_table(batch, model)))
    owner = getattr(model, "__self__", None)  # somebody handed over forest.predict_proba
    if hasattr(owner, "predict"):
        return lambda batch: as_tensor(model(as_table(batch, owner)))
    if not callable(model):
        raise ModelError(
            f"the model is a {type(model).__name__}, which cannot be called. Try an nn.Module, a function "
            "or a scikit-learn estimator."
        )
    return lambda batch: as_tensor(either(model, batch))


def either(function: Callable[[Any], Any], batch: Any) -> Any:
    """The function's answer to tensors, or to arrays where it cannot take tensors."""
    if not isinstance(batch, Tensor):
        return function(batch)
    try:
        return function(batch)
    except (TypeError, AttributeError):  # it speaks numpy
        return function(batch.detach().cpu().numpy())


def as_table(batch: Any, estimator: Any) -> Any:
    """The batch as the estimator was fitted: an array, or a data frame if its columns have names."""
    if not isinstance(batch, Tensor):
        return batch
    array = batch.detach().cpu().numpy()
    columns = getattr(estimator, "feature_names_in_", None)
    if columns is None or array.ndim != 2 or len(columns) != array.shape[1]:
        return array
    import pandas  # it takes a while to import

    return pandas.DataFrame(array, columns=columns)


def as_tensor(answer: Any) -> Any:
    """Arrays and numbers as tensors, single precision at least; everything else as it is."""
    if isinstance(answer, (np.ndarray, np.generic, list)) and np.asarray(answer).dtype.kind in "fiub":
        found = torch.from_numpy(np.array(answer))
        return found if found.is_floating_point() else found.float()
    return answer


def sums_to_one(scores: Tensor) -> bool:
    """Whether a row of answers (n, classes) is one of probabilities: none negative, and they sum to 1."""
    if scores.shape[1] < 2:
        return False
    return bool((scores >= 0).all() and ((scores.sum(1) - 1).abs() < 1e-4).all())


def own_unit(model: Any) -> str | None:
    """What the raw answer of a regression measures: its attribute `unit`, or "prediction"."""
    unit = getattr(model, "unit", None)
    if isinstance(unit, str):
        return unit
    estimator = hasattr(model, "predict") and not isinstance(model, nn.Module)
    return "prediction" if estimator and not hasattr(model, "predict_proba") else None


def labels_of(model: Any) -> list[str] | None:
    """The names of the classes: the attribute `labels`, or those that an estimator was fitted with."""
    labels = getattr(model, "labels", None)
    if labels is None and getattr(getattr(model, "classes_", None), "dtype", np.dtype(int)).kind in "OU":
        labels = model.classes_
    return [str(k) for k in labels] if isinstance(labels, (list, tuple, np.ndarray)) else None


def columns_of(model: Any) -> list[str] | None:
    """The names of the inputs: the attribute `features`, or the columns that an estimator was fitted with."""
    features = getattr(model, "features", None)
    names = getattr(model, "feature_names_in_", None) if not isinstance(features, (list, tuple)) else features
    return [str(k) for k in names] if isinstance(names, (list, tuple, np.ndarray)) else None
