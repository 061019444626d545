"""What each method is measured against: the calls of the model that it cannot do without, and its peer."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

import xaikit as xk
from xaikit.core.regions import felzenszwalb

TARGET = 1


@dataclass(frozen=True)
class Contest:
    """A method with n points to differentiate, and the same work elsewhere.

    ours       x → explanation (all steps are kept)
    peer       the peer's call for a model, an example, and a number of points at a time; None: it has none
    calls      of the model that it cannot do without: the number for n points
    sequential each point needs the one before, so that the bare calls have batches of one
    floor      instead of calls of the model: the work that it cannot do without
    """

    ours: Callable[[Any, Tensor, int], object]
    peer: Callable[[Any, Tensor, int, int], object] | None
    calls: Callable[[int], int] = lambda n: n
    sequential: bool = False
    floor: Callable[[Tensor], object] | None = None


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


def one(n: int) -> int:
    """One gradient, whatever n is."""
    return 1


def judged(name: str) -> Contest:
    """A metric, against the sum over the map that it cannot do without; its explanation is there already."""

    def ours(model: Any, x: Tensor, n: int) -> object:
        return getattr(xk, name)(base_of(x), middle_of(x))

    return Contest(ours, None, floor=lambda x: base_of(x).sum(0)[middle_of(x)].sum())


def base_of(x: Tensor) -> Tensor:
    """Something in place of an attribution that somebody else computed, (C, H, W)."""
    return x.roll(7, -1) - x


def middle_of(x: Tensor) -> Tensor:
    """A mask (H, W): the middle quarter."""
    (height, width), mask = x.shape[1:], torch.zeros(x.shape[1:], dtype=torch.bool, device=x.device)
    mask[height // 4 : height * 3 // 4, width // 4 : width * 3 // 4] = True
    return mask


def captum_gradient_shap(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """captum's GradientShap without noise; it takes all draws in one batch, whatever `at_once` is."""
    from captum.attr import GradientShap

    options = {"n_samples": n, "stdevs": 0.0, "target": TARGET}
    return GradientShap(model).attribute(x[None], x.flip(-1)[None].expand(4, *x.shape), **options)


def in_saliency(model: Any) -> Callable[..., dict]:
    """The model as saliency asks it: rows (n, H, W, C) in numpy → the gradients there."""

    def gradients(rows: Any, call_model_args: Any = None, expected_keys: Any = None) -> dict:
        points = np.ascontiguousarray(np.moveaxis(rows, -1, 1))
        device = next(model.parameters()).device
        leaf = torch.from_numpy(points).to(device, torch.float32).requires_grad_()
        (gradient,) = torch.autograd.grad(model(leaf)[:, TARGET].sum(), leaf)
        return {"INPUT_OUTPUT_GRADIENTS": np.moveaxis(gradient.cpu().numpy(), 1, -1)}

    return gradients


def last(x: Tensor) -> np.ndarray:
    """(C, H, W) → (H, W, C), as saliency has its pictures."""
    return np.ascontiguousarray(np.moveaxis(x.cpu().numpy(), 0, -1))


def saliency_blur_ig(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """saliency's BlurIG, as wide as ours."""
    from saliency.core import BlurIG

    options = {"steps": n, "max_sigma": min(x.shape[1:]) / 4, "batch_size": at_once}
    return BlurIG().GetMask(last(x), in_saliency(model), **options)


def saliency_guided_ig(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """saliency's GuidedIG; it calls np.quantile as numpy 1 had it."""
    from saliency.core import guided_ig

    class Numpy1:
        def __getattr__(self, name: str) -> Any:
            return getattr(np, name)

        def quantile(self, values: Any, share: float, interpolation: str) -> Any:
            return np.quantile(values, share, method=interpolation)

    before, guided_ig.np = guided_ig.np, Numpy1()
    try:
        return guided_ig.GuidedIG().GetMask(last(x), in_saliency(model), x_steps=n)
    finally:
        guided_ig.np = before


def saliency_xrai(algorithm: str, given: bool) -> Callable[[Any, Tensor, int, int], object]:
    """saliency's XRAI: on its own segments and integrals, or given the base attribution and our pieces."""

    def run(model: Any, x: Tensor, n: int, at_once: int) -> object:
        from saliency.core import XRAI, XRAIParameters

        parameters = XRAIParameters(steps=n, algorithm=algorithm)
        parameters.experimental_params["min_pixel_diff"] = 20
        options: dict = {"extra_parameters": parameters, "batch_size": at_once}
        if given:
            layers = felzenszwalb(x).numpy()
            options["segments"] = [layer == name for layer in layers for name in np.unique(layer)]
            options["base_attribution"] = last(base_of(x))
        return XRAI().GetMask(last(x), in_saliency(model), **options)

    return run


def regional(name: str, given: bool) -> Contest:
    """XRAI, against two integrals; with its base attribution given, against six segmentations alone."""
    algorithm = "fast" if name.endswith("fast") else "full"
    peer = saliency_xrai(algorithm, given)

    def ours(model: Any, x: Tensor, n: int) -> object:
        base = {"base_attribution": base_of(x)} if given else {}
        return getattr(xk, name)(model, x, target=TARGET, n_steps=n, **base)

    return Contest(ours, peer, floor=felzenszwalb) if given else Contest(ours, peer, lambda n: 2 * n)


def lean(name: str, **options: Any) -> Callable[[Any, Tensor, int], object]:
    """One of our methods with the result alone: no step is kept."""

    def run(model: Any, x: Tensor, n: int) -> object:
        layer = {"layer": last_layer(model)} if "layer" in xk.METHODS[name].parameters else {}
        return xk.METHODS[name](model, x, target=TARGET, keep="result", **layer, **options)

    return run


def last_layer(model: Any) -> str:
    """The layer that a class activation map looks at."""
    from xaikit.core.features import find_feature_layer

    named = getattr(model, "feature_layer", None) or LAYERS.get(model)
    if named is None:
        parameter = next(model.parameters())
        named = find_feature_layer(model, torch.zeros(3, 64, 64).to(parameter))
        LAYERS[model] = named
    return named


LAYERS: dict[Any, Any] = {}


def zennit_epsilon_plus(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """zennit's EpsilonPlus, with its canonizer where there is one."""
    from zennit.attribution import Gradient
    from zennit.canonizers import SequentialMergeBatchNorm
    from zennit.composites import EpsilonPlus
    from zennit.torchvision import ResNetCanonizer

    kind = type(getattr(model, "model", model)).__name__
    canonizers = {"ResNet": [ResNetCanonizer()], "VGG": [SequentialMergeBatchNorm()]}.get(kind, [])
    with Gradient(model, EpsilonPlus(canonizers=canonizers)) as attributor:
        leaf = x[None].clone().requires_grad_()
        return attributor(leaf, lambda out: torch.eye(out.shape[1])[[TARGET]].to(out) * out)


def theirs_cam(name: str) -> Callable[[Any, Tensor, int, int], object]:
    """pytorch-grad-cam's, from the same layer."""

    def run(model: Any, x: Tensor, n: int, at_once: int) -> object:
        import pytorch_grad_cam
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

        with getattr(pytorch_grad_cam, name)(model, [model.get_submodule(last_layer(model))]) as cam:
            return cam(input_tensor=x[None], targets=[ClassifierOutputTarget(TARGET)])

    return run


def captum_deep_lift(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """captum's DeepLift against black; it refuses a module that is used twice, as ResNet's ReLUs are."""
    from captum.attr import DeepLift

    try:
        return DeepLift(model).attribute(x[None], torch.zeros_like(x)[None], target=TARGET)
    except (RuntimeError, AssertionError):
        return None


def pair(name: str, peer: str | None = None, **options: Any) -> Contest:
    """A method that needs one pass forward and one back."""
    return Contest(lean(name, **options), theirs_cam(peer) if peer else None, one)


FAMILIES: dict[str, dict[str, Contest]] = {
    "gradients": {
        "saliency": Contest(lambda m, x, n: xk.saliency(m, x, target=TARGET), captum_once("Saliency"), one),
        "input_x_gradient": Contest(
            lambda m, x, n: xk.input_x_gradient(m, x, target=TARGET), captum_once("InputXGradient"), one
        ),
        "smoothgrad": Contest(sampler("smoothgrad"), tunnel("smoothgrad")),
        "smoothgrad_squared": Contest(sampler("smoothgrad_squared"), tunnel("smoothgrad_sq")),
        "vargrad": Contest(sampler("vargrad"), tunnel("vargrad")),
    },
    "paths": {
        "integrated_gradients": Contest(
            lambda m, x, n: xk.integrated_gradients(m, x, target=TARGET, n_steps=n), captum_ig
        ),
        "blur_integrated_gradients": Contest(
            lambda m, x, n: xk.blur_integrated_gradients(m, x, target=TARGET, n_steps=n), saliency_blur_ig
        ),
        "guided_integrated_gradients": Contest(
            lambda m, x, n: xk.guided_integrated_gradients(m, x, target=TARGET, n_steps=n),
            saliency_guided_ig,
            sequential=True,
        ),
        "gradient_shap": Contest(
            lambda m, x, n: xk.gradient_shap(
                m, x, target=TARGET, background=x.flip(-1)[None].expand(4, *x.shape), n_samples=n
            ),
            captum_gradient_shap,
        ),
        "xrai": regional("xrai", False),
        "xrai_fast": regional("xrai_fast", False),
        "xrai, base given": regional("xrai", True),
        "xrai_fast, base given": regional("xrai_fast", True),
    },
    "cams": {
        "grad_cam": pair("grad_cam", "GradCAM"),
        "grad_cam_plus_plus": pair("grad_cam_plus_plus", "GradCAMPlusPlus"),
        "hires_cam": pair("hires_cam", "HiResCAM"),
        "layer_cam": pair("layer_cam", "LayerCAM"),
        "eigen_cam": pair("eigen_cam", "EigenCAM"),
        "contrastive_grad_cam": pair("contrastive_grad_cam"),
    },
    "backprop": {
        "guided_backprop": Contest(lean("guided_backprop"), captum_once("GuidedBackprop"), one),
        "deconvnet": Contest(lean("deconvnet"), captum_once("Deconvolution"), one),
        "guided_grad_cam": pair("guided_grad_cam"),
        "lrp, epsilon-plus": Contest(lean("lrp"), zennit_epsilon_plus, one),
        "deep_taylor": pair("deep_taylor"),
        "deep_lift": Contest(lean("deep_lift"), captum_deep_lift, one),
    },
    "metrics": {name: judged(name) for name in ("relevance_mass", "relevance_rank", "pointing_game")},
}


def quietly(work: Callable[[], object]) -> object:
    """captum warns at every call that it sets requires_grad."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()
