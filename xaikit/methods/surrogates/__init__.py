"""Surrogates: near one example, the model is replaced by a line that can be read.

lime_image.py    lime_image: superpixels
lime_tabular.py  lime_tabular: the values of a row
lime_text.py     lime_text: words
neighbours.py    the samples near an example, and how far they lie from it
line.py          the line through the samples, and how well it fits
"""

# The imports stand in teaching order, which is the order of METHODS.
# isort: skip_file

from .lime_image import lime_image
from .lime_tabular import lime_tabular
from .lime_text import lime_text

__all__ = [
    "lime_image",
    "lime_tabular",
    "lime_text",
]
