"""Class activation maps: a weighted sum of the feature maps of one layer, laid over the picture.

cam.py                   cam: the weights of the last layer
grad_cam.py              grad_cam: mean slopes as weights
grad_cam_plus_plus.py    grad_cam_plus_plus: slopes that count each place alike
hires_cam.py             hires_cam: cell by cell, nothing averaged
layer_cam.py             layer_cam: positive slopes as weights of cells
score_cam.py             score_cam: what each channel alone lets through, no gradient
eigen_cam.py             eigen_cam: the first principal direction, no class
contrastive_grad_cam.py  contrastive_grad_cam: why P rather than Q
seg_grad_cam.py          seg_grad_cam: the pixels of a segmentation
maps.py                  what they share: the layer's steps, and the map at the size of the picture
"""

# The imports stand in teaching order, which is the order of METHODS.
# isort: skip_file

from .cam import cam
from .grad_cam import grad_cam
from .grad_cam_plus_plus import grad_cam_plus_plus
from .hires_cam import hires_cam
from .layer_cam import layer_cam
from .score_cam import score_cam
from .eigen_cam import eigen_cam
from .contrastive_grad_cam import contrastive_grad_cam
from .seg_grad_cam import seg_grad_cam

__all__ = [
    "cam",
    "grad_cam",
    "grad_cam_plus_plus",
    "hires_cam",
    "layer_cam",
    "score_cam",
    "eigen_cam",
    "contrastive_grad_cam",
    "seg_grad_cam",
]
