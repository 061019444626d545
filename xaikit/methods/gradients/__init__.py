"""Gradients: the slope of the score at the picture itself, and what is left of it under noise.

saliency.py          saliency: the magnitude of the gradient
input_x_gradient.py  input_x_gradient: the gradient times the input
smoothgrad.py        smoothgrad, smoothgrad_squared: gradients of noisy copies, averaged
vargrad.py           vargrad: how much those gradients vary
noise.py             the noisy copies, and how far an average may be off
"""

# The imports stand in teaching order, which is the order of METHODS.
# isort: skip_file

from .saliency import saliency
from .input_x_gradient import input_x_gradient
from .smoothgrad import smoothgrad, smoothgrad_squared
from .vargrad import vargrad

__all__ = [
    "saliency",
    "input_x_gradient",
    "smoothgrad",
    "smoothgrad_squared",
    "vargrad",
]
