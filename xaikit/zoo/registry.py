"""`load`: a trained model by its name, ours or torchvision's, ready to be explained."""

import os
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import nn

from xaikit.core.errors import OptionError, nearest
from xaikit.data import TABLES
from xaikit.zoo.bundled import BUNDLED, load_bundled
from xaikit.zoo.tabular import fit_forest, fit_network
from xaikit.zoo.text import fit_news_tfidf, load_news

DEVICE_VARIABLE = "XAIKIT_DEVICE"

#: Our own models: the name, and what makes the model, on the CPU.
OWN: dict[str, Callable[[], Any]] = {
    **{name: partial(load_bundled, name) for name in BUNDLED},
    "news": load_news,
    "news_tfidf": fit_news_tfidf,
    **{name: partial(fit_network, name) for name in TABLES},
    **{f"{name}_forest": partial(fit_forest, name) for name in TABLES},
}


def load(name: str, device: str | torch.device | None = None) -> Any:
    """A trained model by its name, ready to be explained, in eval mode.

    name    one of ours (`names()` begins with them), or any torchvision classifier: its weights are taken
            from `<name>.safetensors` in the folder that XAIKIT_WEIGHTS names, from torchvision's cache, or
            from the network, in this order
    device  where to put it; None: what the environment variable XAIKIT_DEVICE says, or else the CPU; models
            of scikit-learn stay on the CPU

    A model for pictures takes RGB in [0, 1], (n, 3, H, W) → logits (n, classes); "unet" gives logits for
    every pixel, (n, classes, H, W). "news" takes a list of n texts → logits (n, topics). One for a table
    takes its rows as measured, (n, features) → logits (n, classes), or numbers (n, 1). "news_tfidf" and the
    forests are scikit-learn's and are asked by `predict` and, for classes, `predict_proba`. Models for
    tables, and "news_tfidf", are trained by this call, in less than a second.

    Each has `labels` (the names of the classes), `card` (what it was trained on and how good it is),
    `feature_layer` (dotted name of the layer that class activation maps look at: the last with height and
    width, in "unet" the deepest; or None) and `input_size` (of pictures; or None). One for a table has
    `features` too, the names of the columns. `unit`, where there is one, is what its raw output measures.

    Raises OptionError for an unknown name or device, UnavailableError where the weights are not here and
    the network cannot be reached, FileError where their file is broken.
    """
    device = _device(device)
    if isinstance(name, str) and name in OWN:
        model = OWN[name]()
        return model.to(device) if isinstance(model, nn.Module) else model
    from xaikit.zoo import torchvision_models

    known = torchvision_models.known()
    if name not in known:
        hint = nearest(name, [*OWN, *known])
        raise OptionError(f"The zoo has no model {name!r}. {hint} xaikit.zoo.names() lists what is at hand.")
    return torchvision_models.load_torchvision(name, offline=", ".join(OWN)).to(device)


def names() -> list[str]:
    """The models that can be loaded right now without a network: our own, then torchvision's."""
    from xaikit.zoo.torchvision_models import at_hand

    return [*OWN, *at_hand()]


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
