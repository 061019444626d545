"""Values in one safetensors file: the arrays as they are, the rest as JSON beside them. No pickle.

Every value becomes a small dict that says what it is, such as {"tensor": its key} or {"list": its entries}.
"""

import json
import os
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from .errors import FileError

FORMAT = "xaikit 1"

Described = dict[str, Any]


def write(path: "str | os.PathLike[str]", described: Described, tensors: dict[str, Tensor]) -> None:
    """Write a description and its arrays. Raises FileError where the folder is missing or read-only."""
    try:
        save_file(tensors, str(path), metadata={"format": FORMAT, "explanation": json.dumps(described)})
    except (OSError, SafetensorError) as error:
        raise FileError(f"{path} could not be written: {error}. Try another folder.") from error


def read(path: "str | os.PathLike[str]") -> tuple[Described, dict[str, Tensor]]:
    """Read what `write` wrote; tensors come back on the CPU. Raises FileError for anything else."""
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
        return json.loads(metadata["explanation"]), tensors
    except (KeyError, ValueError) as error:
        raise damaged(path, error) from error


def damaged(path: "str | os.PathLike[str]", error: Exception) -> FileError:
    """What is said about a file whose description makes no sense."""
    return FileError(f"{path} is damaged: {type(error).__name__} {error}. Try saving it again.")


def put(key: str, value: Any, tensors: dict[str, Tensor]) -> Described:
    """A value as a description; its arrays go into `tensors` under keys that begin with `key`."""
    inside = lambda k, v: put(f"{key}/{k}", v, tensors)  # noqa: E731
    if isinstance(value, np.ndarray):
        value = torch.from_numpy(np.array(value))
    if isinstance(value, Tensor):
        tensors[key] = value.detach().cpu().contiguous().clone()
        return {"tensor": key}
    if hasattr(value, "described"):  # an explanation
        return {"explanation": value.described(f"{key}/", tensors)}
    if hasattr(value, "columns"):
        return {"table": [[name, inside(name, v)] for name, v in columns(value).items()]}
    if isinstance(value, (str, int, float, bool, type(None), np.generic)):
        return {"value": value.item() if isinstance(value, np.generic) else value}
    if isinstance(value, (tuple, list)):
        return {type(value).__name__: [inside(k, v) for k, v in enumerate(value)]}
    if isinstance(value, dict):
        return {"dict": [[k, inside(k, v)] for k, v in value.items()]}
    return {"value": getattr(value, "__name__", None) or type(value).__name__}


def columns(table: Any) -> dict[str, Any]:
    """The columns of a table by name: arrays of numbers, lists of anything else."""
    found = {str(name): table[name].to_numpy() for name in table.columns}
    return {name: values.tolist() if values.dtype == object else values for name, values in found.items()}


def get(entry: Described, tensors: dict[str, Tensor], explanation: Callable[[Described], Any]) -> Any:
    """The inverse of `put`; `explanation` makes one of its description."""
    inside = lambda e: get(e, tensors, explanation)  # noqa: E731
    if "tensor" in entry:
        return tensors[entry["tensor"]]
    if "explanation" in entry:
        return explanation(entry["explanation"])
    if "table" in entry:
        import pandas  # it takes a while to import

        found = {name: inside(column) for name, column in entry["table"]}
        return pandas.DataFrame({n: v.numpy() if isinstance(v, Tensor) else v for n, v in found.items()})
    if "tuple" in entry:
        return tuple(inside(v) for v in entry["tuple"])
    if "list" in entry:
        return [inside(v) for v in entry["list"]]
    if "dict" in entry:
        return {k: inside(v) for k, v in entry["dict"]}
    return entry["value"]
