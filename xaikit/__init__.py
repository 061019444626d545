"""xaikit: every classic method of explainable AI, step by step.

import xaikit as xk
explanation = xk.integrated_gradients(model, x, target="Egyptian cat")
explanation.plot_steps()
"""

import importlib
from typing import Any

from .core import errors
from .core.explanation import Explanation, load
from .core.method import Method, Metric, method, metric
from .core.preprocessed import Preprocessed
from .core.registry import METHODS, METRICS
from .core.score import probability
from .core.steps import Check, Step
from .core.walk import Walk, nest
from .inputs import baselines
from .methods import *  # noqa: F403 (the methods are the public names)
from .methods import __all__ as _methods
from .metrics import *  # noqa: F403
from .metrics import __all__ as _metrics
from .network.probe import probe

__version__ = "0.1.0"

#: Shelves that cost time to import (torchvision, matplotlib, anywidget): they come when they are first named.
_SHELVES = ("data", "show", "widgets", "zoo")

__all__ = [
    "METHODS",
    "METRICS",
    "Check",
    "Explanation",
    "Method",
    "Metric",
    "Preprocessed",
    "Step",
    "Walk",
    "baselines",
    "check",  # noqa: F405 (it comes when it is first named)
    "errors",
    "load",
    "method",
    "metric",
    "nest",
    "probability",
    "probe",
    *_SHELVES,
    *_methods,
    *_metrics,
]


def __getattr__(name: str) -> Any:
    if name in _SHELVES:
        return importlib.import_module(f".{name}", __name__)
    if name == "check":
        return importlib.import_module(".exercises", __name__).check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
