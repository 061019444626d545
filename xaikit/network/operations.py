"""The operations of a network by their plain names, whichever way they were written.

`F.relu(x)`, `x.relu()`, `torch.relu(x)` and `F.relu_(x)` are all "relu"; `a + b` and `a.add_(b)` are "add".
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

CONVOLUTIONS = {f"conv{n}d" for n in (1, 2, 3)}
DENSE = {"linear", "matmul", "addmm"}
TRANSPOSED = {f"conv_transpose{n}d" for n in (1, 2, 3)}
#: One number in, one number out, the same function for all.
ELEMENTWISE = {
    "relu", "relu6", "hardtanh", "clamp", "clamp_min", "clip", "threshold", "leaky_relu", "prelu", "rrelu",
    "elu", "selu", "celu", "gelu", "silu", "mish", "hardswish", "hardsigmoid", "sigmoid", "tanh", "softplus",
    "softsign", "logsigmoid", "tanhshrink", "hardshrink", "softshrink", "expit", "exp", "log", "log1p",
    "sqrt", "rsqrt", "square", "pow", "abs", "sin", "cos", "reciprocal",
}  # fmt: skip
#: Of those, the activation functions, through which relevance passes unchanged.
ACTIVATIONS = ELEMENTWISE - {
    "exp", "log", "log1p", "sqrt", "rsqrt", "square", "pow", "abs", "sin", "cos", "reciprocal",
}  # fmt: skip
#: With weights, and linear in the input.
WEIGHTED = CONVOLUTIONS | TRANSPOSED | DENSE
#: Sums with weights that are all positive and the same for every channel.
AVERAGES = {
    *(f"{kind}avg_pool{n}d" for kind in ("", "adaptive_") for n in (1, 2, 3)), "mean", "sum", "interpolate",
    "upsample", "upsample_nearest", "upsample_bilinear",
}  # fmt: skip
MAX_POOLS = {f"{kind}max_pool{n}d" for kind in ("", "adaptive_") for n in (1, 2, 3)}
SUMS = {"add", "sub", "rsub"}
SCALINGS = {"mul", "div", "neg", "rdiv"}
#: They move numbers, or copy them; each output is one input.
MOVES = {
    "reshape", "view", "view_as", "reshape_as", "flatten", "unflatten", "ravel", "permute", "transpose",
    "swapaxes", "swapdims", "movedim", "moveaxis", "squeeze", "unsqueeze", "getitem", "select", "narrow",
    "index_select", "gather", "take", "cat", "concat", "concatenate", "stack", "chunk", "split",
    "tensor_split", "unbind", "contiguous", "clone", "to", "type", "type_as", "float", "double", "half",
    "bfloat16", "cpu", "expand", "expand_as", "repeat", "tile", "broadcast_to", "roll", "flip", "rot90",
    "pad", "dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_dropout",
    "feature_alpha_dropout", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "identity", "get", "t",
    "numpy_T", "adjoint", "hstack", "vstack", "dstack", "positive", "alias", "iter",
}  # fmt: skip

_ALIASES = {
    "__radd__": "add", "__iadd__": "add", "__add__": "add", "__sub__": "sub", "__isub__": "sub",
    "subtract": "sub", "__rsub__": "rsub", "__mul__": "mul", "__rmul__": "mul", "__imul__": "mul",
    "multiply": "mul", "__truediv__": "div", "__itruediv__": "div", "__idiv__": "div", "__div__": "div",
    "true_divide": "div", "divide": "div", "__rtruediv__": "rdiv", "__rdiv__": "rdiv", "__neg__": "neg",
    "negative": "neg", "__pow__": "pow", "__ipow__": "pow", "__matmul__": "matmul", "mm": "matmul",
    "__getitem__": "getitem", "__get__": "get", "max_pool1d_with_indices": "max_pool1d",
    "max_pool2d_with_indices": "max_pool2d", "max_pool3d_with_indices": "max_pool3d", "__iter__": "iter",
}  # fmt: skip
_IN_PLACE = {"__iadd__", "__isub__", "__imul__", "__itruediv__", "__idiv__", "__ipow__"}


@dataclass
class Call:
    """One operation as it came by.

    name      its plain name
    function  computes it and writes over nothing
    written   the tensor that it was to write its result into, or None
    literal   does it as it was written, in place
    """

    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    written: Tensor | None = None
    literal: Callable[[], Any] | None = None

    def __call__(self) -> Any:
        """The result of the operation."""
        return self.function(*self.args, **self.kwargs)

    @property
    def x(self) -> Tensor:
        """Its first argument."""
        return self.args[0] if self.args else next(iter(self.kwargs.values()))

    def on(self, x: Tensor) -> Any:
        """The same operation on another first argument."""
        if self.args:
            return self.function(x, *self.args[1:], **self.kwargs)
        return self.function(**{**self.kwargs, next(iter(self.kwargs)): x})

    def bound(self, *names: str) -> list[Any]:
        """Its arguments by the names that they would have as keywords; None for what was not given."""
        given = dict(zip(names, self.args, strict=False)) | self.kwargs
        return [given.get(name) for name in names]


def call(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
    """What came by, with its plain name; what writes in place is replaced by what does not."""
    raw = getattr(function, "__name__", "")
    if raw in _IN_PLACE or (raw.endswith("_") and not raw.endswith("__")):
        name = _ALIASES.get(raw, raw.rstrip("_"))
        free = getattr(torch, name, None) or getattr(torch.nn.functional, name, None)
        literal = functools.partial(function, *args, **kwargs)
        return Call(name, free or function, args, kwargs, args[0] if free and args else None, literal)
    name, place = _ALIASES.get(raw, raw), _inplace_at(function)
    if place is None or not (kwargs.get("inplace") or (len(args) > place and args[place])):
        return Call(name, function, args, kwargs)
    apart = tuple(False if k == place else a for k, a in enumerate(args))
    free = kwargs if len(args) > place else {**kwargs, "inplace": False}
    return Call(name, function, apart, free, args[0], functools.partial(function, *args, **kwargs))


@functools.lru_cache(512)
def _inplace_at(function: Callable[..., Any]) -> int | None:
    """Where a function written in Python has its option `inplace`; None for one that has none."""
    try:
        return list(inspect.signature(function).parameters).index("inplace")
    except (TypeError, ValueError):
        return None


#: Questions about a tensor, which need no answer of ours.
QUESTIONS = {
    "__get__",
    "dim",
    "size",
    "numel",
    "stride",
    "is_contiguous",
    "is_floating_point",
    "__len__",
    "ndimension",
}


def is_rectifier(call: Call) -> bool:
    """Whether it is a ReLU: also ReLU6, which is one with a ceiling, and a clamp at zero."""
    if call.name in ("relu", "relu6"):
        return True
    if call.name == "hardtanh":
        return call.bound("input", "min_val", "max_val")[1] == 0
    if call.name in ("clamp", "clamp_min", "clip"):
        low, high = call.bound("input", "min", "max")[1:]
        return isinstance(low, (int, float)) and low == 0 and not isinstance(high, Tensor)
    return call.name == "threshold" and call.bound("input", "threshold", "value")[1:] == [0, 0]
