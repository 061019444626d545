"""What lies inside a network, seen and changed without a trace on the model.

probe        the activations of a layer while the model runs
activations  what a layer gave, and the slope of the score there
spatial      layers with height and width, and which of them is looked at by default
pixelwise    models that answer for every pixel: which pixels are explained
rules        one forward pass in which operations have backward steps of their own
operations   the operations of a network by their plain names
layers       convolutions and dense layers as linear maps, and how such a map is transposed
"""
