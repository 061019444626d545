"""`load`: a trained model by its name, ours or torchvision's, ready to be explained."""

import os

import torch

from xaikit.core.errors import OptionError, nearest
from xaikit.core.preprocessed import Preprocessed
from xaikit.zoo.bundled import BUNDLED, MEAN, STD
from xaikit.zoo.files import load_parameters, read_parameters

DEVICE_VARIABLE = "XAIKIT_DEVICE"


def load(name: str, device: str | torch.device | None = None) -> Preprocessed:
    """A trained model for RGB pictures in [0, 1], in eval mode: (n, 3, H, W) → logits (n, classes).

    "unet" gives logits for every pixel instead, (n, classes, H, W).

    name    a bundled model, or any torchvision classifier: its weights are taken from
            `<name>.safetensors` in the folder that XAIKIT_WEIGHTS names, from torchvision's cache, or from
            the network, in this order
    device  where to put it; None: what the environment variable XAIKIT_DEVICE says, or else the CPU

    The model has `labels` (the names of the classes), `card` (what it was trained on and how good it is),
    `feature_layer` (dotted name of the layer that class activation maps look at: the last with height and
    width, in "unet" the deepest; or None) and `input_size`.

    Raises OptionError for an unknown name or device, UnavailableError where the weights are not here and
    the network cannot be reached, FileError where their file is broken.
    """
    device = _device(device)
    if name in BUNDLED:
        return _load_bundled(name).to(device)
    from xaikit.zoo import torchvision_models

    known = torchvision_models.known()
    if name not in known:
        hint = nearest(name, [*BUNDLED, *known])
        raise OptionError(f"The zoo has no model {name!r}. {hint} xaikit.zoo.names() lists what is at hand.")
    return torchvision_models.load_torchvision(name, offline=", ".join(BUNDLED)).to(device)


def names() -> list[str]:
    """The models that can be loaded right now without a network: the bundled ones, then torchvision's."""
    from xaikit.zoo.torchvision_models import at_hand

    return [*BUNDLED, *at_hand()]


def _load_bundled(name: str) -> Preprocessed:
    bundled = BUNDLED[name]
    with torch.random.fork_rng(devices=[]):
        network = bundled.build()
    load_parameters(network, read_parameters(bundled.weights), bundled.weights)
    return Preprocessed(
        network.eval(),
        MEAN,
        STD,
        labels=bundled.labels,
        card=bundled.card,
        feature_layer=f"model.{bundled.feature_layer}",
        input_size=(bundled.side, bundled.side),
    )


def _device(device: str | torch.device | None) -> torch.device:
    chosen = device if device is not None else os.environ.get(DEVICE_VARIABLE) or "cpu"
    try:
        place = torch.device(chosen)
        torch.empty(0, device=place)
    except (RuntimeError, AssertionError, TypeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise OptionError(
            f"device {str(chosen)!r} cannot be used here ({reason}). Try device='cpu'."
        ) from None
    return place
