"""The methods, one folder a family; in it one file an idea.

gradients     the slope of the score at the picture itself
paths         evidence added up on the way from nothing to the picture
cams          weighted feature maps of one layer
backprop      rules for the way back through the network
perturbation  something is taken away
shapley       what the score pays is shared out
surrogates    a line in place of the model, near one example
"""

# The families stand in teaching order, which is the order of METHODS.
# isort: skip_file

from . import gradients, paths, cams, backprop, perturbation, shapley, surrogates
from .gradients import *  # noqa: F403 (each family says in __all__ which methods it has)
from .paths import *  # noqa: F403
from .cams import *  # noqa: F403
from .backprop import *  # noqa: F403
from .perturbation import *  # noqa: F403
from .shapley import *  # noqa: F403
from .surrogates import *  # noqa: F403

__all__: list[str] = []
__all__ += gradients.__all__
__all__ += paths.__all__
__all__ += cams.__all__
__all__ += backprop.__all__
__all__ += perturbation.__all__
__all__ += shapley.__all__
__all__ += surrogates.__all__
