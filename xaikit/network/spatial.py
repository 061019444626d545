"""Layers with height and width, and which of them is looked at by default: the last."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from ..core.errors import LayerError
from ..core.score import Score
from ..core.types import Layer
from .activations import network_of
from .probe import find_layer

# They only rescale or pass on what a layer before them found.
_PASSING = (nn.Dropout, nn.Identity, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)


def chosen_layer(F: Score, layer: Layer) -> str:
    """The dotted name of the layer that is meant; None: the last one with height and width."""
    module = network_of(F)
    if layer is None:
        layer = getattr(module, "feature_layer", None)
    if layer is None and F.x.dim() == 3:
        layer = last_spatial(F)
    if layer is None:
        raise LayerError(
            f"this {type(module).__name__} has no layer with a (channels, height, width) output besides its "
            "first. Try layer=, one of dict(model.named_modules())."
        )
    return find_layer(module, layer)[0]


def last_spatial(F: Score) -> str | None:
    """The name of the last layer with height and width, as the model answers x."""
    return find_feature_layer(network_of(F), F.x, F.model)


def spatial(A: Tensor, name: str, F: Score) -> Tensor:
    """The feature maps of a layer, (channels, height, width). Raises LayerError for another shape."""
    if A.dim() != 3 or A.numel() == 0:
        other = last_spatial(F) if F.x.dim() == 3 else None
        advice = f"Try layer={other!r}." if other else "Try a convolution."
        raise LayerError(
            f"a class activation map needs a layer with a (channels, height, width) output; {name!r} gave "
            f"{tuple(A.shape)}. {advice}"
        )
    return A


def find_feature_layer(model: nn.Module, x: Tensor, ask: Callable[[Tensor], Any] | None = None) -> str | None:
    """The dotted name of the layer that Grad-CAM looks at by default, or None where there is none.

    One forward pass on the picture x (C, H, W) tells (through `ask`, if it is given). The layer is the last
    to finish whose output is (1, channels, height > 1, width > 1), where
    - plain `nn.Sequential`s do not count, since their last member is as good and says more;
    - pooling, dropout and identity do not count, since they find nothing;
    - maps with a channel for each class do not count: they are scores already;
    - the very first layer does not count: in a vision transformer it alone has height and width.
    """
    finished: list[tuple[str, int]] = []
    leaves: list[str] = []
    hooks = [m.register_forward_hook(_note(name, m, finished, leaves)) for name, m in model.named_modules()]
    parameter = next(model.parameters(), x)
    try:
        with torch.no_grad():
            # A copy: the first layer may write into its input.
            output = (ask or model)(x[None].clone().to(parameter.device, parameter.dtype))
    finally:
        for hook in hooks:
            hook.remove()
    classes = output.shape[1] if isinstance(output, Tensor) and output.dim() > 1 else None
    names = [name for name, channels in finished if channels != classes]
    return names[-1] if names and names[-1] != leaves[0] else None


def _note(name: str, module: nn.Module, finished: list[tuple[str, int]], leaves: list[str]) -> Any:
    """A hook that writes down the names of modules as they finish: of all leaves, and of all candidates."""
    leaf = not any(True for _ in module.children())
    counts = name and type(module) is not nn.Sequential and not isinstance(module, _PASSING)

    def hook(_module: nn.Module, _inputs: Any, output: Any) -> None:
        if leaf:
            leaves.append(name)
        if counts and isinstance(output, Tensor) and output.ndim == 4:
            _, channels, height, width = output.shape
            if min(height, width) > 1:
                finished.append((name, channels))

    return hook
