"""Perturbation: take something away, and see what the score says.

feature_ablation.py     feature_ablation: one feature or group at a time
occlusion.py            occlusion: a window slides over the picture
feature_permutation.py  feature_permutation: a row takes one feature from another row
rise.py                 rise: the picture in random pieces
"""

# The imports stand in teaching order, which is the order of METHODS.
# isort: skip_file

from .feature_ablation import feature_ablation
from .occlusion import occlusion
from .feature_permutation import feature_permutation
from .rise import rise

__all__ = [
    "feature_ablation",
    "occlusion",
    "feature_permutation",
    "rise",
]
