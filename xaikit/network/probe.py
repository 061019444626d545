"""Reading the activations of a layer while the model runs, and leaving no trace."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from ..core.errors import LayerError, nearest


def find_layer(model: nn.Module, layer: "nn.Module | str") -> tuple[str, nn.Module]:
    """A layer by module or dotted name → (name, module). Raises LayerError if it is not in the model."""
    modules = dict(model.named_modules())
    if isinstance(layer, str):
        if layer not in modules:
            raise LayerError(f"the model has no layer {layer!r}. {nearest(layer, [m for m in modules if m])}")
        return layer, modules[layer]
    for name, module in modules.items():
        if module is layer:
            return name, module
    raise LayerError(
        f"{type(layer).__name__} is not a part of this {type(model).__name__}. "
        "Try its dotted name, one of dict(model.named_modules())."
    )


class Activations(dict[str, list[Any]]):
    """What each probed layer gave, by name: one entry for each time it ran."""

    def one(self, name: str) -> Tensor:
        """The single tensor that the layer gave. Raises LayerError if it ran not once, or gave no tensor."""
        outputs = self[name]
        if len(outputs) != 1:
            raise LayerError(
                f"layer {name!r} ran {len(outputs)} times in one pass; choose a layer that runs once."
            )
        if not isinstance(outputs[0], Tensor):
            raise LayerError(
                f"layer {name!r} gave a {type(outputs[0]).__name__}, not a tensor; try one inside it."
            )
        return outputs[0]


@contextmanager
def probe(model: nn.Module, *layers: "nn.Module | str", cut: bool = False) -> Iterator[Activations]:
    """Within the context, record what the layers give; the hooks are gone afterwards, whatever happens.

    with probe(model, "features.7") as activations:
        model(x[None])
    activations.one("features.7")  # (1, channels, height, width), part of the autograd graph

    The network goes on with a copy, since its next layer may write over what it is given. With `cut` the
    graph begins at the recorded tensors: what came before them needs no gradient.
    """
    found = [find_layer(model, layer) for layer in layers]
    record = Activations({name: [] for name, _ in found})
    handles = []

    def note(name: str, output: Any) -> Any:
        if not isinstance(output, Tensor):
            record[name].append(output)
            return output
        record[name].append(output.detach().requires_grad_() if cut else output)
        return record[name][-1].clone()

    try:
        for name, module in found:
            hook = lambda _module, _inputs, output, name=name: note(name, output)  # noqa: E731
            handles.append(module.register_forward_hook(hook))
        yield record
    finally:
        for handle in handles:
            handle.remove()
