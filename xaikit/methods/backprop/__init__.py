"""Backward rules: the score goes back through the network, and every operation says what it hands on.

relus.py            deconvnet, guided_backprop, guided_grad_cam: rules for ReLUs
lrp.py              lrp, deep_taylor: relevance is conserved from layer to layer
deeplift.py         deep_lift, deep_shap: differences from a reference
rectified.py        the rules for ReLUs, as one pass through a network
relevance.py        relevance as one pass through a network
relevance_rules.py  the rules of LRP, and which layer has which
contrast.py         DeepLIFT's rule "rescale": two passes, compared operation by operation
reveal_cancel.py    DeepLIFT's rule "reveal-cancel"
"""

# The imports stand in teaching order, which is the order of METHODS.
# isort: skip_file

from .relus import deconvnet, guided_backprop, guided_grad_cam
from .lrp import lrp, deep_taylor
from .deeplift import deep_lift, deep_shap

__all__ = [
    "deconvnet",
    "guided_backprop",
    "guided_grad_cam",
    "lrp",
    "deep_taylor",
    "deep_lift",
    "deep_shap",
]
