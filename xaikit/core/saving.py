"""An explanation in one safetensors file: the arrays as they are, the rest as JSON beside them. No pickle."""

import json
import os
import pathlib
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .errors import FileError
from .explanation import Explanation
from .steps import Check, Step
from .targets import Prediction

FORMAT = "xaikit 1"


def save(explanation: Explanation, path: "str | os.PathLike[str]") -> None:
    """Write an explanation. Raises FileError where the folder is missing or not to be written to."""
    tensors: dict[str, Tensor] = {}
    described = describe(explanation, "", tensors)
    try:
        save_file(tensors, str(path), metadata={"format": FORMAT, "explanation": json.dumps(described)})
    except (OSError, SafetensorError) as error:
        raise FileError(f"{path} could not be written: {error}") from error


def load(path: "str | os.PathLike[str]") -> Explanation:
    """Read what `save` wrote; tensors come back on the CPU. Raises FileError for anything else."""
    if not pathlib.Path(path).is_file():
        raise FileError(f"there is no file {path}. Try the path that was given to explanation.save(…).")
    try:
        with safe_open(str(path), "pt") as file:
            metadata = file.metadata() or {}
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, OSError) as error:
        raise FileError(f"{path} is not a safetensors file: {error}") from error
    if metadata.get("format") != FORMAT:
        raise FileError(f"{path} holds no explanation of this library (format {metadata.get('format')!r}).")
    try:
        return restore(json.loads(metadata["explanation"]), tensors)
    except (KeyError, TypeError, ValueError) as error:
        raise FileError(f"{path} is damaged: {type(error).__name__} {error}. Try saving it again.") from error


def describe(e: Explanation, prefix: str, tensors: dict[str, Tensor]) -> dict[str, Any]:
    """Everything of an explanation that is not an array, as JSON; the arrays go into `tensors`."""

    def put(key: str, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            value = torch.from_numpy(np.array(value))
        if isinstance(value, Tensor):
            tensors[prefix + key] = value.detach().cpu().contiguous().clone()
            return {"tensor": prefix + key}
        if isinstance(value, Explanation):
            return {"explanation": describe(value, f"{prefix}{key}/", tensors)}
        if hasattr(value, "columns"):
            return {"table": [[name, put(f"{key}/{name}", v)] for name, v in columns(value).items()]}
        if isinstance(value, (str, int, float, bool, type(None), np.generic)):
            return {"value": value.item() if isinstance(value, np.generic) else value}
        if isinstance(value, tuple):
            return {"tuple": [put(f"{key}/{k}", v) for k, v in enumerate(value)]}
        if isinstance(value, list):
            return {"list": [put(f"{key}/{k}", v) for k, v in enumerate(value)]}
        if isinstance(value, dict):
            return {"dict": [[k, put(f"{key}/{k}", v)] for k, v in value.items()]}
        return {"value": getattr(value, "__name__", None) or type(value).__name__}

    return {
        "method": e.method,
        "x": put("x", e.x),
        "result": put("result", e.result),
        "steps": [
            {
                "name": s.name,
                "formula": s.formula,
                "note": s.note,
                "kind": s.kind,
                **put(f"steps/{s.name}", s.value),
            }
            for s in e.steps.values()
        ],
        "checks": [[c.name, c.left, c.right, c.formula, c.rel_tol, c.abs_tol, c.bounded] for c in e.checks],
        "parameters": put("parameters", e.parameters),
        "prediction": None if e.prediction is None else list(vars(e.prediction).values()),
        "cost": e.cost,
        "names": e.names,
    }


def columns(table: Any) -> dict[str, Any]:
    """The columns of a table by name: arrays of numbers, lists of anything else."""
    found = {str(name): table[name].to_numpy() for name in table.columns}
    return {name: values.tolist() if values.dtype == object else values for name, values in found.items()}


def restore(described: dict[str, Any], tensors: dict[str, Tensor]) -> Explanation:
    """The inverse of `describe`."""

    def get(entry: dict[str, Any]) -> Any:
        if "tensor" in entry:
            return tensors[entry["tensor"]]
        if "explanation" in entry:
            return restore(entry["explanation"], tensors)
        if "table" in entry:
            import pandas

            found = {name: get(column) for name, column in entry["table"]}
            plain = {name: v.numpy() if isinstance(v, Tensor) else v for name, v in found.items()}
            return pandas.DataFrame(plain)
        if "tuple" in entry:
            return tuple(get(v) for v in entry["tuple"])
        if "list" in entry:
            return [get(v) for v in entry["list"]]
        if "dict" in entry:
            return {k: get(v) for k, v in entry["dict"]}
        return entry["value"]

    steps = [Step(s["name"], get(s), s["formula"], s["note"], s["kind"]) for s in described["steps"]]
    return Explanation(
        method=described["method"],
        x=get(described["x"]),
        result=get(described["result"]),
        steps={s.name: s for s in steps},
        checks=tuple(Check(*c) for c in described["checks"]),
        parameters=get(described["parameters"]),
        prediction=None if described["prediction"] is None else Prediction(*described["prediction"]),
        cost=described["cost"],
        names=described.get("names"),
    )
