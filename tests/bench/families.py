"""What each method is measured against: the calls of the model that it cannot do without, and its peer."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

import xaikit as xk

TARGET = 1


@dataclass(frozen=True)
class Contest:
    """A method with n points to differentiate, and the same work elsewhere.

    ours       x → explanation (all steps are kept)
    peer       captum's call for a model, an example, and a number of points at a time; None: it has none
    """

    ours: Callable[[Any, Tensor, int], object]
    peer: Callable[[Any, Tensor, int, int], object] | None
    one_point: bool = False


def bare(model: Any, points: Tensor, batch_size: int) -> None:
    """The gradient at every point, as everybody writes it: contiguous batches and autograd.grad."""
    for batch in points.split(batch_size):
        leaf = batch.detach().clone().requires_grad_()
        torch.autograd.grad(model(leaf)[:, TARGET].sum(), leaf)


def tunnel(kind: str) -> Callable[[Any, Tensor, int, int], object]:
    """captum's NoiseTunnel over its Saliency."""

    def run(model: Any, x: Tensor, n: int, at_once: int) -> object:
        from captum.attr import NoiseTunnel, Saliency

        options = {"nt_type": kind, "nt_samples": n, "nt_samples_batch_size": at_once, "stdevs": 0.15}
        return NoiseTunnel(Saliency(model)).attribute(x[None], **options, target=TARGET, abs=False)

    return run


def captum_ig(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """captum's IntegratedGradients with the midpoint rule."""
    from captum.attr import IntegratedGradients

    options = {"n_steps": n, "internal_batch_size": at_once, "method": "riemann_middle"}
    return IntegratedGradients(model).attribute(x[None], **options, target=TARGET)


def captum_once(name: str) -> Callable[[Any, Tensor, int, int], object]:
    """A method of captum's that asks for one gradient."""

    def run(model: Any, x: Tensor, n: int, at_once: int) -> object:
        import captum.attr

        return getattr(captum.attr, name)(model).attribute(x[None], target=TARGET)

    return run


def sampler(name: str) -> Callable[[Any, Tensor, int], object]:
    """One of our samplers."""
    return lambda model, x, n: getattr(xk, name)(model, x, target=TARGET, n_samples=n)


FAMILIES: dict[str, dict[str, Contest]] = {
    "gradients": {
        "saliency": Contest(lambda m, x, n: xk.saliency(m, x, target=TARGET), captum_once("Saliency"), True),
        "input_x_gradient": Contest(
            lambda m, x, n: xk.input_x_gradient(m, x, target=TARGET), captum_once("InputXGradient"), True
        ),
        "smoothgrad": Contest(sampler("smoothgrad"), tunnel("smoothgrad")),
        "smoothgrad_squared": Contest(sampler("smoothgrad_squared"), tunnel("smoothgrad_sq")),
        "vargrad": Contest(sampler("vargrad"), tunnel("vargrad")),
    },
    "paths": {
        "integrated_gradients": Contest(
            lambda m, x, n: xk.integrated_gradients(m, x, target=TARGET, n_steps=n), captum_ig
        ),
    },
}


def quietly(work: Callable[[], object]) -> object:
    """captum warns at every call that it sets requires_grad."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()
