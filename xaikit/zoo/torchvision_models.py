"""ImageNet classifiers of torchvision by name: from a folder, from torchvision's cache, or by download."""

import os
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from xaikit.core.errors import FileError, UnavailableError
from xaikit.core.preprocessed import Preprocessed
from xaikit.zoo.files import load_parameters, read_parameters

from ..network.spatial import find_feature_layer

VARIABLE = "XAIKIT_WEIGHTS"
TIMEOUT = 5.0  # seconds after which the server counts as out of reach
AUXILIARY = {"googlenet": "aux1.", "inception_v3": "AuxLogits."}


def known() -> list[str]:
    """The names of all torchvision classifiers."""
    import torchvision

    return torchvision.models.list_models(module=torchvision.models)


def at_hand() -> list[str]:
    """The names of those whose weights lie on this machine."""
    return [name for name in known() if _in_folder(name) or _cached(name)]


def load_torchvision(name: str, offline: str) -> Preprocessed:
    """Build the classifier `name` with its ImageNet weights, in eval mode, on the CPU.

    `offline` names the models that work without a network, for the message of UnavailableError. FileError:
    the weights are broken, or belong to another model.
    """
    if file := _in_folder(name):
        weights, parameters = _default(name), read_parameters(file)
    elif weights := _cached(name):
        file = _checkpoint(weights)
        parameters = _unpickled(weights, file)
    else:
        weights = _default(name)
        parameters = _download(name, weights, offline)
        file = _checkpoint(weights)
    model = _build(name, parameters)
    load_parameters(model, parameters, file)
    return _wrapped(name, _without_auxiliaries(model).eval(), weights, file)


def _wrapped(name: str, model: nn.Module, weights: Any, file: Path) -> Preprocessed:
    """Put mean, standard deviation, class names, card and feature layer around the network."""
    recipe = weights.transforms()
    size = (recipe.crop_size[0], recipe.crop_size[0])
    labels = weights.meta["categories"]
    card = (
        f"# {name}\n\ntorchvision's architecture `{name}` for {len(labels)} classes of ImageNet; "
        f"parameters from `{file.name}`.\nTheir training, accuracy and licence are described where they "
        f"were published; for torchvision's own: {weights.meta.get('recipe', weights.url)}\n"
    )
    layer = find_feature_layer(model, torch.zeros(3, *size))
    layer = layer and f"model.{layer}"
    return Preprocessed(
        model, recipe.mean, recipe.std, labels=labels, card=card, feature_layer=layer, input_size=size
    )


def _build(name: str, parameters: dict[str, Tensor]) -> nn.Module:
    """The network without its weights; torch's global generator is left as it was."""
    import torchvision

    options: dict[str, Any] = {}
    if name in AUXILIARY:
        # The published weights of these two expect their own normalisation behind ImageNet's.
        has_auxiliaries = any(key.startswith(AUXILIARY[name]) for key in parameters)
        options = {"transform_input": True, "init_weights": False, "aux_logits": has_auxiliaries}
    with torch.random.fork_rng(devices=[]):
        return torchvision.models.get_model(name, weights=None, **options)


def _without_auxiliaries(model: nn.Module) -> nn.Module:
    """Drop the extra classifiers that GoogLeNet and Inception need in training: one output is left."""
    if getattr(model, "aux_logits", False):
        model.aux_logits = False
        for extra in ("aux1", "aux2", "AuxLogits"):
            if hasattr(model, extra):
                setattr(model, extra, None)
    return model


def _default(name: str) -> Any:
    """The first published version where there is one, as most files hold it; otherwise the best."""
    import torchvision

    versions = torchvision.models.get_model_weights(name)
    return getattr(versions, "IMAGENET1K_V1", versions.DEFAULT)


def _in_folder(name: str) -> Path | None:
    folder = os.environ.get(VARIABLE)
    file = Path(folder).expanduser() / f"{name}.safetensors" if folder else None
    return file if file and file.is_file() else None


def _checkpoint(weights: Any) -> Path:
    return Path(torch.hub.get_dir()) / "checkpoints" / weights.url.rsplit("/", 1)[-1]


def _cached(name: str) -> Any | None:
    """The version of the weights that lies in torchvision's cache, if any; the one we would fetch first."""
    import torchvision

    versions = [_default(name), *torchvision.models.get_model_weights(name)]
    return next((version for version in versions if _checkpoint(version).is_file()), None)


def _unpickled(weights: Any, file: Path) -> dict[str, Tensor]:
    try:
        return weights.get_state_dict(progress=False, weights_only=True)
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FileError(f"{file} is broken ({reason}). Delete it, then load the model again.") from None


def _download(name: str, weights: Any, offline: str) -> dict[str, Tensor]:
    message = (
        f"The weights of {name!r} are not on this machine and cannot be downloaded; without a network there "
        f"are {offline}, and any torchvision classifier whose <name>.safetensors lies in the folder that the "
        f"environment variable {VARIABLE} names."
    )
    try:
        # torch.hub knows no time limit, so the server is asked for a sign of life first.
        head = urllib.request.Request(weights.url, method="HEAD")
        urllib.request.urlopen(head, timeout=TIMEOUT).close()
        return weights.get_state_dict(progress=True, check_hash=True, weights_only=True)
    except (OSError, RuntimeError, urllib.error.URLError):
        raise UnavailableError(message) from None
