"""What is done to an example before a model sees it.

baselines   what "nothing there" looks like: black, white, noise, blur, a background
pictures    blur, lightness, maps at another size
regions     how a picture is cut into pieces
masks       what is hidden and what is shown: windows, soft random grids
players     who takes part: columns, superpixels, words, named players
text        a text in pieces that can be taken away
tables      data frames
datasets    whole data sets as what a method may be given: examples, activations, tables
"""

from . import datasets  # noqa: F401 (its roles are known from the start)
