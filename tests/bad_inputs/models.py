"""Networks that can be explained, and networks that cannot."""

from .. import networks


def labelled(model):
    model.labels = ["circle", "square", "star"]
    return model


GOOD_MODELS = {
    "small": networks.small_cnn,
    "functional": networks.functional_relu_cnn,
    "in place": lambda: networks.small_cnn(inplace=True),
    "training": networks.training_net,
    "double": lambda: networks.small_cnn().double(),
    "labelled": lambda: labelled(networks.small_cnn()),
}
BAD_MODELS = {
    "tuple": networks.Tuple,
    "ignores": networks.ignores_input,
    "counts": networks.not_differentiable,
    "integers": networks.integers,
    "detaches": networks.detaches,
    "no derivative": networks.without_derivative,
    "nan": networks.not_a_number,
    "infinite slope": networks.infinite_slope,
    "no batch": networks.no_batch,
    "picture": networks.picture_out,
    "features": networks.m4,
    "fails": lambda: networks.Fails(1, ValueError),
    "complex": lambda: networks.Function(lambda x: x.flatten(1) * 1j),
    "bool": lambda: networks.Function(lambda x: x.flatten(1) > 0.5),
    "nothing": lambda: networks.Function(lambda x: None),
    "dict": lambda: networks.Function(lambda x: {"logits": x.flatten(1)}),
    "no classes": lambda: networks.Function(lambda x: x.flatten(1)[:, :0]),
    "string": lambda: "resnet18",
}
