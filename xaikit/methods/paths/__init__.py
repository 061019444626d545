"""Paths: the evidence is added up on the way from nothing to the picture.

integrated.py   integrated_gradients: the straight line from a baseline
curved.py       path_integrated_gradients: any other path
blur.py         blur_integrated_gradients: the picture comes into focus
guided.py       guided_integrated_gradients: a path around the steep places
expected.py     gradient_shap: many baselines, one point on the way from each
xrai.py         xrai, xrai_fast: regions instead of pixels
quadrature.py   how an integral becomes a sum
routes.py       curved paths, and how fast they move
recurrence.py   rows of which each needs the one before
ranking.py      regions in the order in which they enter
"""

# The imports stand in teaching order, which is the order of METHODS.
# isort: skip_file

from .integrated import integrated_gradients
from .curved import path_integrated_gradients
from .blur import blur_integrated_gradients
from .guided import guided_integrated_gradients
from .expected import gradient_shap
from .xrai import xrai, xrai_fast

__all__ = [
    "integrated_gradients",
    "path_integrated_gradients",
    "blur_integrated_gradients",
    "guided_integrated_gradients",
    "gradient_shap",
    "xrai",
    "xrai_fast",
]
