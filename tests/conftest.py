"""Fixtures that all shelves share."""

import os

os.environ.setdefault("TQDM_DISABLE", "1")

import pytest
import torch

import xaikit as xk

from .networks import DEVICE


@pytest.fixture(scope="session")
def device() -> torch.device:
    """Where the models of the tests stand: the environment variable XAIKIT_DEVICE, or the CPU."""
    return DEVICE


@pytest.fixture
def one_thread():
    """One thread inside, so that sums are formed in one order and the last digit is the same everywhere."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def zoo_model():
    """`zoo_model(name)` gives a trained model of the zoo and a picture for it; loaded once a session.

    SqueezeNet needs a folder with its weights: without XAIKIT_WEIGHTS the test is skipped.
    """
    loaded = {}

    def load(name: str):
        if name == "squeezenet1_0" and not os.environ.get("XAIKIT_WEIGHTS"):
            pytest.skip("set XAIKIT_WEIGHTS to a folder with squeezenet1_0.safetensors to run this")
        if name not in loaded:
            model = xk.zoo.load(name)
            if name in ("shapes", "shapes_shortcut"):
                picture = xk.data.shapes(1, seed=0).images[0]
            else:
                picture = xk.data.photo("cat", model.input_size[0])
            loaded[name] = model, picture.to(DEVICE)
        return loaded[name]

    return load


@pytest.fixture(scope="session")
def explained():
    """`explained(name)` is what a method says of a trained model and an example that fit it; made once."""
    made = {}

    def of(name: str):
        if name not in made:
            method = xk.METHODS[name]
            model, x, options = xk.zoo.subject(method.takes, method.explains)
            quick = {"n_samples": 200} if name == "rise" else {}
            made[name] = method(model, x.to(DEVICE) if isinstance(x, torch.Tensor) else x, **options, **quick)
        return made[name]

    return of


@pytest.fixture
def registry():
    """The registry of methods, put back as it was afterwards: toy methods may register themselves."""
    before = dict(xk.METHODS)
    yield xk.METHODS
    xk.METHODS.clear()
    xk.METHODS.update(before)
