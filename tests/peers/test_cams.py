"""Against pytorch-grad-cam: every map before its rescaling to [0, 1], and before its ReLU where it has one.

Its eigen map has no fixed sign, so that one is compared up to its sign. Its Score-CAM enlarges the feature
maps with aligned corners; here it is handed the interpolation of ours.
"""

import copy

import numpy as np
import pytest
import torch

import xaikit as xk

from .. import networks
from .agreement import close, doubled

CAMS = {
    "grad_cam": ("GradCAM", "combination"),
    "grad_cam_plus_plus": ("GradCAMPlusPlus", "cam"),
    "hires_cam": ("HiResCAM", "cam"),
    "layer_cam": ("LayerCAM", "cam"),
    "eigen_cam": ("EigenCAM", "cam"),
    "score_cam": ("ScoreCAM", "cam"),
}
LAYERS = {"shapes": (None, "model.features.9"), "photos": (None, "model.features.4")}


@pytest.fixture(scope="module")
def grad_cam():
    return pytest.importorskip("pytorch_grad_cam")


def raw_map(library, name, model, layer, x, target):
    """The map of the library at the size of the layer, as it is before anything is rescaled."""
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    found, copied = {}, copy.deepcopy(model)
    method = getattr(library, name)(copied, [copied.get_submodule(layer)])
    original = method.get_cam_image
    method.get_cam_image = lambda *a, **k: found.setdefault("map", original(*a, **k))
    method(input_tensor=x[None], targets=[ClassifierOutputTarget(target)])
    method.activations_and_grads.release()
    return torch.from_numpy(np.asarray(found["map"]))[0]


@pytest.mark.parametrize("name", CAMS)
@pytest.mark.parametrize("deep", [0, 1])
@pytest.mark.parametrize("network", ["shapes", "photos"])
def test_every_map_is_theirs(name, deep, network, zoo_model, grad_cam, monkeypatch):
    model, x = doubled(network, zoo_model)
    layer = LAYERS[network][deep] or model.feature_layer
    if name == "score_cam":

        class Unaligned(torch.nn.Upsample):
            def __init__(self, size):
                super().__init__(size=tuple(size), mode="bilinear", align_corners=False)

        monkeypatch.setattr(torch.nn, "UpsamplingBilinear2d", Unaligned)
    theirs_name, step = CAMS[name]
    theirs = raw_map(grad_cam, theirs_name, model, layer, x, 1)
    ours = getattr(xk, name)(model, x, target=1, layer=layer)[step].cpu()
    if name in ("layer_cam", "grad_cam_plus_plus", "score_cam"):
        theirs = theirs.clamp(min=0)
    if name == "eigen_cam":
        theirs = min((theirs.clamp(min=0), (-theirs).clamp(min=0)), key=lambda m: (m - ours).abs().max())
    close(ours, theirs)


def test_guided_backprop_elsewhere_does_not_leave_the_model_as_it_was(grad_cam):
    """Why ours attaches nothing: in-place flags lost, modules replaced, gradients filled."""
    from pytorch_grad_cam import GuidedBackpropReLUModel

    model, x = networks.small_cnn(inplace=True), networks.random(3, 8, 8)
    before = networks.state(model)
    GuidedBackpropReLUModel(model=model, device=str(networks.DEVICE))(x[None].clone().requires_grad_(), 1)
    assert not networks.same_state(before, networks.state(model))
    model = networks.small_cnn(inplace=True)
    before = networks.state(model)
    xk.guided_backprop(model, x, target=1)
    assert networks.same_state(before, networks.state(model))
