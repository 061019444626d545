"""What a layer gave for the example, and the slope of the score there; for a layer of any shape.

A  the activations of the layer, without the batch axis      G = ∂F/∂A  the slope of the score there
F(A = 0)  the score if the layer had given zeros: what the rest of the network says about no evidence
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from ..core.errors import LayerError, ModelError
from ..core.score import Score, slope
from ..core.stack import Lazy
from .probe import find_layer, probe


class Activations(NamedTuple):
    """A layer by its dotted name, what it gave (…), the slope of the score there, and F(A = 0)."""

    name: str
    A: Tensor
    G: Tensor
    empty_score: Lazy | Tensor


def activations(F: Score, layer: "nn.Module | str") -> tuple[str, Tensor]:
    """The name of a layer and A alone, where no gradient is needed."""
    module = network_of(F)
    name = find_layer(module, layer)[0]
    with torch.no_grad(), probe(module, name) as seen:
        F.ask(F.x[None])
    return name, seen.one(name).detach()[0]


def activations_and_slopes(F: Score, layer: "nn.Module | str", *, compare: bool = False) -> Activations:
    """A and G of a layer from one pass; with `compare` the same pass gives F(A = 0) where it can.

    Raises LayerError for a layer that is not there, ModelError if no gradient of the score reaches it.
    """
    module = network_of(F)
    name = find_layer(module, layer)[0]
    compared = with_an_empty_row(F, module, name) if compare else None
    if compared is not None:
        return compared
    with torch.enable_grad(), probe(module, name, cut=True) as seen:
        scores = F.ask(F.x[None])
    A = seen.one(name)
    G = slope_at(scores, A, name, F)
    return Activations(name, A.detach()[0], G[0], Lazy(lambda: score_of_nothing(F, name), once=True))


def with_an_empty_row(F: Score, module: nn.Module, name: str) -> Activations | None:
    """One pass in which the rest of the network sees A and, as a second row, zeros.

    None where the layer or the rest does not take a second row, such as a concatenation with what came
    around the layer.
    """
    given: list[Any] = []

    def add_a_row(output: Any) -> Any:
        given.append(output)
        if len(given) > 1 or not isinstance(output, Tensor) or len(output) != 1:
            return output
        given[0] = output.detach().requires_grad_()
        return torch.cat([given[0], torch.zeros_like(given[0])])

    before = F.model.forward_samples
    try:
        with torch.enable_grad(), replacing(module, name, add_a_row):
            scores = F.ask_rows(F.x[None], 2)
    except (ModelError, RuntimeError):
        if not given:  # it failed before the layer, for a reason of its own
            raise
        F.model.forward_samples = before
        return None
    if len(given) != 1:
        return None
    (A,) = given
    F.model.forward_samples += 1  # the rest of the network saw a second row
    G = slope_at(scores[:1], A, name, F)
    return Activations(name, A.detach()[0], G[0], scores[1].detach())


def slope_at(scores: Tensor, A: Tensor, name: str, F: Score) -> Tensor:
    """G of the one row, finite. Raises ModelError if no gradient of the score reaches the layer."""
    G = slope(scores, A) if scores.requires_grad else None
    if G is None:
        raise ModelError(
            f"no gradient of the score reaches layer {name!r}: the score does not depend on it, or not "
            "differentiably. Try another layer, or another target."
        )
    if not bool(torch.isfinite(G).all()):
        raise ModelError("the gradient at the layer has NaN or infinite values. Try model.double().")
    F.model.backward_samples += 1
    return G


def score_of_nothing(F: Score, name: str) -> Tensor:
    """F(A = 0), a number."""
    with torch.no_grad(), replacing(network_of(F), name, torch.zeros_like):
        return F.ask(F.x[None])[0]


@contextmanager
def replacing(module: nn.Module, name: str, change: Callable[[Any], Any]) -> Iterator[None]:
    """Within the context, the network goes on with `change(output)` instead of a layer's own output."""
    layer = module.get_submodule(name) if name else module
    handle = layer.register_forward_hook(lambda _module, _inputs, output: change(output))
    try:
        yield
    finally:
        handle.remove()


def network_of(F: Score) -> nn.Module:
    """The network itself. Raises LayerError for a function or an estimator, which has no layers."""
    module = F.model.module
    if not isinstance(module, nn.Module):
        raise LayerError(f"a {type(module).__name__} has no layers. Try an nn.Module.")
    return module
