"""The methods, imported in teaching order; each module is a family, and the order is that of METHODS."""

from .gradients import input_x_gradient, saliency, smoothgrad, smoothgrad_squared, vargrad
from .paths import (
    blur_integrated_gradients,
    gradient_shap,
    guided_integrated_gradients,
    integrated_gradients,
    xrai,
    xrai_fast,
)

__all__ = [
    "blur_integrated_gradients",
    "gradient_shap",
    "guided_integrated_gradients",
    "input_x_gradient",
    "integrated_gradients",
    "saliency",
    "smoothgrad",
    "smoothgrad_squared",
    "vargrad",
    "xrai",
    "xrai_fast",
]
