"""Perturbation: take something away, and see what the score says.

feature_ablation.py     feature_ablation: one feature or group at a time
occlusion.py            occlusion: a window slides over the picture
feature_permutation.py  feature_permutation: a row takes one feature from another row
rise.py                 rise: the picture in random pieces
"""

# isort: skip_file (the imports stand in teaching order, which is the order of METHODS)

from .feature_ablation import feature_ablation
from .feature_permutation import feature_permutation
from .occlusion import occlusion
from .rise import rise

__all__ = [
    "feature_ablation",
    "occlusion",
    "feature_permutation",
    "rise",
]
