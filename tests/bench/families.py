"""What each method is measured against: the calls of the model that it cannot do without, and its peer."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

import xaikit as xk
from xaikit.inputs.regions import felzenszwalb

from .networks import COLUMNS, PICTURES, TABLE, TEXTS, background

TARGET = 1


@dataclass(frozen=True)
class Contest:
    """A method with n points to differentiate or to ask about, and the same work elsewhere.

    ours       x → explanation (all steps are kept)
    peer       the peer's call for a model, an example, and a number of points at a time; None: it has none
    calls      of the model that it cannot do without: the number for n points
    sequential each point needs the one before, so that the bare calls have batches of one
    floor      instead of calls of the model: the work that it cannot do without
    forward    the calls are forward alone, without a gradient
    on         the networks that it is measured on
    batched    whether the peer lets one say how many points go at a time
    """

    ours: Callable[[Any, Tensor, int], object]
    peer: Callable[[Any, Tensor, int, int], object] | None
    calls: Callable[[int], int] = lambda n: n
    sequential: bool = False
    floor: Callable[[Tensor], object] | None = None
    forward: bool = False
    on: tuple[str, ...] = PICTURES
    batched: bool = True


def copies(x: Any, count: int) -> Any:
    """The same example so many times, as a batch or a list of texts."""
    return [x] * count if isinstance(x, str) else x.expand(count, *x.shape).contiguous()


def bare_forward(model: Any, points: Any, batch_size: int) -> None:
    """The scores of every point, as everybody writes it: contiguous batches and no_grad."""
    with torch.no_grad():
        for k in range(0, len(points), batch_size):
            model(points[k : k + batch_size])


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
    from xaikit.network.spatial import find_feature_layer

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


# Forward calls alone --------------------------------------------------------------------------------------

WINDOWS = 15**2  # an eighth of a side wide, half of that from one to the next, whatever the picture
PIECES = 7  # a side
MASKS = 4  # for each of the n points: pictures with superpixels or cells hidden
ORDERS = 200
BY_DEFAULT = 2048  # coalitions of Kernel SHAP, and two more for each column


def captum_occlusion(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """captum's Occlusion with windows as ours."""
    from captum.attr import Occlusion

    side = x.shape[-1] // 8
    options = {"strides": (3, side // 2, side // 2), "perturbations_per_eval": at_once, "target": TARGET}
    return Occlusion(model).attribute(x[None], (3, side, side), **options)


def captum_ablation(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """captum's FeatureAblation of the same pieces."""
    from captum.attr import FeatureAblation

    options = {"feature_mask": pieces_of(x)[None, None], "perturbations_per_eval": at_once, "target": TARGET}
    return FeatureAblation(model).attribute(x[None], **options)


def captum_sampling(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """captum's ShapleyValueSampling against one row, as many orders."""
    from captum.attr import ShapleyValueSampling

    options = {"n_samples": ORDERS, "perturbations_per_eval": min(at_once, len(x)), "target": TARGET}
    return ShapleyValueSampling(model).attribute(x[None], background(len(x))[:1], **options)


def pieces_of(x: Tensor) -> Tensor:
    """A picture in 7×7 pieces, (H, W)."""
    row, column = (torch.arange(side, device=x.device) * PIECES // side for side in x.shape[1:])
    return row[:, None] * PIECES + column


def of_arrays(model: Any, kind: Callable[[Tensor], Tensor] = lambda out: out) -> Callable[[Any], np.ndarray]:
    """The network as shap and lime ask it: arrays in, arrays out."""
    parameter = next(model.parameters())

    def answer(rows: Any) -> np.ndarray:
        with torch.no_grad():
            return kind(model(torch.from_numpy(np.asarray(rows)).to(parameter))).cpu().numpy()

    return answer


def probabilities(out: Tensor) -> Tensor:
    """Logits (n, classes) → probabilities."""
    return out.softmax(1)


def shap_exact(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """shap's Exact."""
    import shap

    rows = background(len(x)).cpu().numpy()
    explain = shap.explainers.Exact(
        of_arrays(model, lambda out: out[:, TARGET]), shap.maskers.Independent(rows, max_samples=len(rows))
    )
    return explain(x[None].cpu().numpy(), max_evals=2 ** len(x), silent=True)


def shap_kernel(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """shap's KernelExplainer with all features kept, as many coalitions."""
    import shap

    asked = of_arrays(model, lambda out: out[:, TARGET])
    explain = shap.KernelExplainer(asked, background(len(x)).cpu().numpy())
    options = {"nsamples": 2 * len(x) + BY_DEFAULT, "l1_reg": False, "silent": True}
    return explain.shap_values(x.cpu().numpy(), **options)


def lime_picture(given: bool) -> Callable[[Any, Tensor, int, int], object]:
    """lime's explainer of pictures with all superpixels kept: its own quickshift, or the pieces given."""

    def run(model: Any, x: Tensor, n: int, at_once: int) -> object:
        from lime.lime_image import LimeImageExplainer

        asked = of_arrays(model, probabilities)
        pieces = pieces_of(x).cpu().numpy()
        segmentation = {"segmentation_fn": lambda picture: pieces} if given else {}
        return LimeImageExplainer(feature_selection="none", random_state=0).explain_instance(
            last(x), lambda pictures: asked(np.moveaxis(pictures, -1, 1)), labels=(TARGET,), top_labels=None,
            num_samples=MASKS * n, batch_size=at_once, **segmentation,
        )  # fmt: skip

    return run


def lime_rows(model: Any, x: Tensor, n: int, at_once: int) -> object:
    """lime's explainer of rows with all columns kept."""
    from lime.lime_tabular import LimeTabularExplainer

    data, row = xk.data.table(TABLE).X.double().numpy(), x.cpu().double().numpy()
    explain = LimeTabularExplainer(data, feature_selection="none", random_state=0).explain_instance
    return explain(row, of_arrays(model, probabilities), labels=(TARGET,), num_samples=5000)


def lime_words(model: Any, x: str, n: int, at_once: int) -> object:
    """lime's explainer of texts with all words kept."""
    from lime.lime_text import LimeTextExplainer

    def asked(texts: list[str]) -> np.ndarray:
        with torch.no_grad():
            return probabilities(model(texts)).cpu().numpy()

    explain = LimeTextExplainer(feature_selection="none", random_state=0).explain_instance
    return explain(x, asked, labels=(TARGET,), num_samples=1000)


def asking(
    name: str, peer: Any, calls: Callable[[int], int], options: Callable[[Any, int], dict], **more: Any
) -> Contest:
    """A method that asks for scores alone: `options` are those of ours for an example and n."""
    ours = lambda model, x, n: xk.METHODS[name](model, x, target=TARGET, **options(x, n))  # noqa: E731
    return Contest(ours, peer, calls, forward=True, **more)


def on_columns(name: str, where: str, columns: int, coalitions: int) -> Contest:
    """Shapley values over twenty rows of background, against shap's."""
    peer = {"exact_shapley": shap_exact, "kernel_shap": shap_kernel}[name]
    given = lambda x, n: {"background": background(len(x))}  # noqa: E731
    rows = coalitions * len(background(columns))
    return asking(name, peer, lambda n: rows, given, on=(where,), batched=False)


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
        "path_integrated_gradients": Contest(
            lambda m, x, n: xk.path_integrated_gradients(m, x, target=TARGET, path="luminosity", n_steps=n),
            None,
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
    "perturbation": {
        "occlusion": asking("occlusion", captum_occlusion, lambda n: WINDOWS + 1, lambda x, n: {}),
        "feature_ablation": asking(
            "feature_ablation",
            captum_ablation,
            lambda n: PIECES**2 + 1,
            lambda x, n: {"groups": pieces_of(x)},
        ),
        "rise": asking("rise", None, lambda n: MASKS * n + 1, lambda x, n: {"n_samples": MASKS * n}),
    },
    "shapley": {
        "exact_shapley": on_columns("exact_shapley", COLUMNS, 12, 2**12),
        "kernel_shap": on_columns("kernel_shap", COLUMNS, 12, 2 * 12 + BY_DEFAULT),
        "kernel_shap, 30 columns": on_columns("kernel_shap", TABLE, 30, 2 * 30 + BY_DEFAULT),
        "shapley_sampling, one row": asking(
            "shapley_sampling",
            captum_sampling,
            lambda n: 29 * ORDERS + 2,
            lambda x, n: {"background": background(len(x))[0], "n_permutations": ORDERS},
            on=(TABLE,),
        ),
    },
    "surrogates": {
        "lime_image": asking(
            "lime_image", lime_picture(False), lambda n: MASKS * n, lambda x, n: {"n_samples": MASKS * n}
        ),
        "lime_image, segments given": asking(
            "lime_image",
            lime_picture(True),
            lambda n: MASKS * n,
            lambda x, n: {"n_samples": MASKS * n, "segments": pieces_of(x)},
        ),
        "lime_tabular": asking(
            "lime_tabular",
            lime_rows,
            lambda n: 5000,
            lambda x, n: {"background": xk.data.table(TABLE).X, "n_samples": 5000},
            on=(TABLE,),
            batched=False,
        ),
        "lime_text": asking(
            "lime_text", lime_words, lambda n: 1000, lambda x, n: {}, on=(TEXTS,), batched=False
        ),
    },
    "metrics": {name: judged(name) for name in ("relevance_mass", "relevance_rank", "pointing_game")},
}


def quietly(work: Callable[[], object]) -> object:
    """captum warns at every call that it sets requires_grad, shap when it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return work()
