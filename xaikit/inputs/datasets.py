"""Roles of whole data sets: examples (n, …), activations (n, features), tables; and of checkpoints."""

from typing import Any

import torch
from torch import Tensor, nn

from ..core.admit import as_tensor
from ..core.errors import InputError
from ..core.model import Model
from ..core.roles import Asked, apart, expected, role


@role("examples")
def examples(value: Any, asked: Asked) -> Tensor:
    """A data set as a tensor (n, …) of finite numbers, one row at least."""
    given = as_tensor(value)
    if not isinstance(given, Tensor) or given.dim() < 2 or given.numel() == 0:
        raise InputError(f"{expected(asked, 'examples (n, …)', value)} Try torch.stack(examples).")
    return asked.placed(finite_values(given, asked))


@role("activations")
def activations(value: Any, asked: Asked) -> Tensor:
    """A matrix (n, features) of finite numbers, two rows at least."""
    given = as_tensor(value)
    if not isinstance(given, Tensor) or given.dim() != 2 or len(given) < 2 or given.numel() == 0:
        raise InputError(
            f"{expected(asked, 'activations (n, features), two rows or more', value)} "
            "Try activations.flatten(1)."
        )
    return apart(finite_values(given, asked))


@role("table")
def table(value: Any, asked: Asked) -> Any:
    """A data frame with a row and a column at least; a dict of columns becomes one."""
    import pandas  # it takes a while to import

    try:
        frame = pandas.DataFrame(value).copy()
    except (TypeError, ValueError):
        frame = pandas.DataFrame()
    if frame.empty:
        raise InputError(f"{expected(asked, 'a table', value)} Try a pandas.DataFrame, or columns by name.")
    return frame


@role("checkpoints")
def checkpoints(value: Any, asked: Asked) -> list[Model]:
    """Modules, the earliest first."""
    given = list(value) if isinstance(value, (list, tuple)) else []
    if not given or not all(isinstance(m, nn.Module) for m in given):
        raise InputError(
            f"{expected(asked, 'checkpoints, a list of modules', value)} Try [copy.deepcopy(model), …]."
        )
    return [Model(m, asked.score, asked.batch_size) for m in given]


def finite_values(values: Tensor, asked: Asked) -> Tensor:
    """The same numbers in floating point. Raises InputError if one is NaN or infinite."""
    values = values if values.is_floating_point() else values.float()
    if not bool(torch.isfinite(values).all()):
        name = asked.parameter
        raise InputError(f"{name} has NaN or infinite values. Try torch.nan_to_num({name}).")
    return values
