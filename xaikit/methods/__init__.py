"""The methods, imported in teaching order; each module is a family, and the order is that of METHODS."""

from .gradients import input_x_gradient, saliency, smoothgrad, smoothgrad_squared, vargrad  # isort: skip
from .paths import (  # isort: skip
    blur_integrated_gradients,
    gradient_shap,
    guided_integrated_gradients,
    integrated_gradients,
    xrai,
    xrai_fast,
)
from .cams import (  # isort: skip
    cam,
    contrastive_grad_cam,
    eigen_cam,
    grad_cam,
    grad_cam_plus_plus,
    hires_cam,
    layer_cam,
    score_cam,
    seg_grad_cam,
)
from .backprop import (  # isort: skip
    deconvnet,
    deep_lift,
    deep_shap,
    deep_taylor,
    guided_backprop,
    guided_grad_cam,
    lrp,
)

from .perturbation import feature_ablation, feature_permutation, occlusion, rise  # isort: skip
from .shapley import exact_shapley, kernel_shap, shapley_sampling  # isort: skip
from .surrogates import lime_image, lime_tabular, lime_text  # isort: skip

__all__ = [
    "blur_integrated_gradients",
    "cam",
    "contrastive_grad_cam",
    "deconvnet",
    "deep_lift",
    "deep_shap",
    "deep_taylor",
    "eigen_cam",
    "exact_shapley",
    "feature_ablation",
    "feature_permutation",
    "grad_cam",
    "grad_cam_plus_plus",
    "gradient_shap",
    "guided_backprop",
    "guided_grad_cam",
    "guided_integrated_gradients",
    "hires_cam",
    "input_x_gradient",
    "integrated_gradients",
    "kernel_shap",
    "layer_cam",
    "lime_image",
    "lime_tabular",
    "lime_text",
    "lrp",
    "occlusion",
    "rise",
    "saliency",
    "score_cam",
    "seg_grad_cam",
    "shapley_sampling",
    "smoothgrad",
    "smoothgrad_squared",
    "vargrad",
    "xrai",
    "xrai_fast",
]
