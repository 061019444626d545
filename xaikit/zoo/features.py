"""Which layer of a network is the last that still has a picture's height and width?"""

import torch
from torch import Tensor, nn

# They only rescale or pass on what a layer before them found.
_PASSING = (nn.Dropout, nn.Identity, nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)


def find_feature_layer(model: nn.Module, size: tuple[int, int], n_classes: int) -> str | None:
    """The dotted name of the layer that Grad-CAM looks at by default, or None where there is none.

    One forward pass on a grey picture of `size` (height, width) pixels tells. The layer is the last to finish
    whose output is (1, channels, height > 1, width > 1), where
    - plain `nn.Sequential`s do not count, since their last member is as good and says more;
    - pooling, dropout and identity do not count, since they find nothing;
    - maps with a channel for each class do not count: they are scores already;
    - the very first layer does not count: in a vision transformer it alone has height and width.
    """
    finished: list[str] = []
    leaves: list[str] = []
    hooks = []
    for name, module in model.named_modules():
        hooks.append(module.register_forward_hook(_note(name, module, n_classes, finished, leaves)))
    device = next(model.parameters()).device
    try:
        with torch.inference_mode():
            model(torch.zeros(1, 3, *size, device=device))
    finally:
        for hook in hooks:
            hook.remove()
    return finished[-1] if finished and finished[-1] != leaves[0] else None


def _note(name: str, module: nn.Module, n_classes: int, finished: list[str], leaves: list[str]):
    """A hook that writes down the names of modules as they finish: of all leaves, and of all candidates."""
    leaf = not any(True for _ in module.children())
    counts = name and type(module) is not nn.Sequential and not isinstance(module, _PASSING)

    def hook(_module: nn.Module, _inputs: object, output: object) -> None:
        if leaf:
            leaves.append(name)
        if counts and isinstance(output, Tensor) and output.ndim == 4:
            _, channels, height, width = output.shape
            if min(height, width) > 1 and channels != n_classes:
                finished.append(name)

    return hook
