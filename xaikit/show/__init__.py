"""Looking at explanations: one painter for each kind of value, the storyboard, figures to compare.

show.plot(explanation)                the result: input, attribution, and one over the other
show.plot(explanation, "gradients")   one step alone
show.plot_steps(explanation)          every step with its formula, picture and numbers
show.compare([a, b, c])               several explanations of one picture side by side
show.palette                          the colours, shared with the widgets and the pages
"""

from . import palette
from .figure import plot
from .painters import PAINTERS
from .side_by_side import compare
from .storyboard import plot_steps

__all__ = ["PAINTERS", "compare", "palette", "plot", "plot_steps"]
