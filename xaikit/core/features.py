"""The feature maps of a layer, and which layer is looked at by default: the last with height and width.

A  the feature maps, (channels, height, width)      G = ∂F/∂A  the slope of the score there
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from .errors import LayerError, ModelError, OptionError
from .model import Score, slope
from .probe import find_layer, probe
from .targets import classes_of, resolve_target
from .types import Target

# They only rescale or pass on what a layer before them found.
_PASSING = (nn.Dropout, nn.Identity, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)


class FeatureMaps(NamedTuple):
    """What a layer gave for x, and the slope of the score there, both (channels, height, width)."""

    name: str
    A: Tensor
    G: Tensor


def feature_maps(F: Score, layer: "nn.Module | str | None" = None) -> FeatureMaps:
    """A and G of a layer by module or dotted name, from one pass; None: the last one with a spatial output.

    Raises LayerError for a layer that is not there or has no height and width, ModelError if no gradient of
    the score reaches it.
    """
    name, module = chosen_layer(F, layer)
    with torch.enable_grad(), probe(module, name, cut=True) as seen:
        scores = F.ask(F.x[None])
    A = spatial(seen.one(name), name, F)
    G = slope(scores, A) if scores.requires_grad else None
    if G is None:
        raise ModelError(
            f"no gradient of the score reaches layer {name!r}: the score does not depend on it, or not "
            "differentiably. Try another layer, or another target."
        )
    F.model.backward_samples += 1
    return FeatureMaps(name, A.detach()[0], finite_maps(G)[0])


def activation_maps(F: Score, layer: "nn.Module | str | None" = None) -> Tensor:
    """A alone, where no gradient is needed."""
    name, module = chosen_layer(F, layer)
    with torch.no_grad(), probe(module, name) as seen:
        F.ask(F.x[None])
    return spatial(seen.one(name), name, F).detach()[0]


def score_of_nothing(F: Score, name: str) -> Tensor:
    """The score if the layer had given zeros for x: what the rest of the network says of no evidence."""
    module: Any = F.model.module
    _, module = find_layer(module, name)
    handle = module.register_forward_hook(lambda _module, _inputs, output: torch.zeros_like(output))
    try:
        with torch.no_grad():
            return F.ask(F.x[None])[0]
    finally:
        handle.remove()


def chosen_layer(F: Score, layer: "nn.Module | str | None") -> tuple[str, nn.Module]:
    """The dotted name of the layer that is meant, and the whole model."""
    module = F.model.module
    if not isinstance(module, nn.Module):
        raise LayerError(f"a {type(module).__name__} has no layers. Try an nn.Module.")
    if layer is None:
        layer = getattr(module, "feature_layer", None)
    if layer is None and F.x.dim() == 3:
        layer = last_spatial(F)
    if layer is None:
        raise LayerError(
            f"this {type(module).__name__} has no layer with a (channels, height, width) output besides its "
            "first. Try layer=, one of dict(model.named_modules())."
        )
    return find_layer(module, layer)[0], module


def last_spatial(F: Score) -> str | None:
    """The name of the last layer with height and width, as the model answers x."""
    module: Any = F.model.module
    return find_feature_layer(module, F.x, F.model)


def spatial(output: Tensor, name: str, F: Score) -> Tensor:
    """The output of a layer, (1, channels, height, width). Raises LayerError for another shape."""
    if output.dim() != 4 or output.numel() == 0:
        other = last_spatial(F) if F.x.dim() == 3 else None
        advice = f"Try layer={other!r}." if other else "Try a convolution."
        raise LayerError(
            f"a class activation map needs a layer with a (channels, height, width) output; {name!r} gave "
            f"{tuple(output.shape[1:])}. {advice}"
        )
    return output


def finite_maps(G: Tensor) -> Tensor:
    """The same gradient. Raises ModelError if it has NaN or infinite values."""
    if not bool(torch.isfinite(G).all()):
        raise ModelError("the gradient at the layer has NaN or infinite values. Try model.double().")
    return G


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


def class_weights(F: Score, A: Tensor) -> tuple[Tensor, Tensor]:
    """w (channels,) and b of the class in the layer behind the average. Raises LayerError without one."""
    index = F.prediction.index
    if index is None or F.model.score_kind != "logit":
        raise OptionError("cam explains the logit of a class. Try target=3 and score='logit', or grad_cam.")
    for module in reversed(list(F.model.module.modules())):
        if isinstance(module, nn.Linear) and module.in_features == len(A):
            w, b = module.weight.detach()[index], module.bias
            b = torch.zeros_like(w[0]) if b is None else b.detach()[index]
            if torch.isclose(w @ A.mean((1, 2)) + b, F(F.x), rtol=1e-3, atol=1e-4):
                return w, b
    raise LayerError(
        "cam needs a network that ends in a global average of this layer and one linear layer; this one does "
        "not. Try grad_cam, which needs neither."
    )


def rival(F: Score, contrast: Target) -> Tensor:
    """The class Q as a tensor (1,): the one that is given, or the runner-up."""
    with torch.no_grad():
        logits = classes_of(F.model(F.x[None]), rows=1)
    if contrast is None:
        if logits.shape[1] < 2:
            raise ModelError("a contrast needs two classes at least. Try grad_cam.")
        order = logits[0].argsort(descending=True).tolist()
        index = next(c for c in order if c != F.prediction.index)
    elif callable(contrast):
        raise OptionError("contrast is a class index or a class name. Try contrast=3.")
    else:
        index = resolve_target(contrast, logits, F.model.labels)
    return torch.tensor([index], device=logits.device)
