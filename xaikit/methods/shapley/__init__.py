"""Shapley values: a prediction is a game, and what it pays is shared among the features that play.

exact.py       exact_shapley: all coalitions
sampling.py    shapley_sampling: random orders of the players
kernel.py      kernel_shap: a line through the values of the coalitions
game.py        v(S): what a coalition is worth
coalitions.py  all sets of n players, by number
axioms.py      the axioms, measured
tables.py      what a table says about coalitions
"""

# The imports stand in teaching order, which is the order of METHODS.
# isort: skip_file

from .exact import exact_shapley
from .sampling import shapley_sampling
from .kernel import kernel_shap

__all__ = [
    "exact_shapley",
    "shapley_sampling",
    "kernel_shap",
]
