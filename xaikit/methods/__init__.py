"""The methods, imported in teaching order; each module is a family, and the order is that of METHODS."""

from .gradients import input_x_gradient, saliency, smoothgrad, smoothgrad_squared, vargrad
from .paths import integrated_gradients

__all__ = [
    "input_x_gradient",
    "integrated_gradients",
    "saliency",
    "smoothgrad",
    "smoothgrad_squared",
    "vargrad",
]
