"""Fixtures that all shelves share, and the hooks that spread and mark tests (rules: `workers`, `tiers`)."""

import contextlib
import io
import os
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("TQDM_DISABLE", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run side by side, and so do the kernels of lessons

import pytest
import torch

import xaikit as xk
from xaikit.cli import main

from . import tiers, workers
from .networks import DEVICE
from .quick import FEWER


def pytest_xdist_auto_num_workers(config) -> int:
    """What `-n auto`, which stands in pyproject.toml, means; `-n 2` on the command line counts more."""
    return workers.workers(config.args)


def pytest_xdist_make_scheduler(config, log):
    """Pieces that share what is slow to make, instead of single tests."""
    return workers.Pieces(config, log) if config.getvalue("dist") == "loadscope" else None


def pytest_collection_modifyitems(items) -> None:
    """Long pieces first; the fast ones are marked."""
    items.sort(key=lambda item: workers.turn(item.nodeid))
    for item in items:
        if tiers.is_fast(item.nodeid):
            item.add_marker("fast")


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


class Tour(NamedTuple):
    """What `xaikit tour` did: its exit code, what it printed, the folder that it wrote its page into."""

    code: int
    printed: str
    folder: Path


@pytest.fixture(scope="session")
def tour(tmp_path_factory) -> Tour:
    """`xaikit tour`, run once a session in an empty folder: every method takes half a minute together."""
    folder, printed = tmp_path_factory.mktemp("tour"), io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        code = main(["tour"])
    return Tour(code, printed.getvalue(), folder)


@pytest.fixture(scope="session")
def explained():
    """`explained(name)` is what a method says of a trained model and an example that fit it; made once."""
    made = {}

    def of(name: str):
        if name not in made:
            method = xk.METHODS[name]
            model, x, options = xk.zoo.subject(method.takes, method.explains)
            x = x.to(DEVICE) if isinstance(x, torch.Tensor) else x
            made[name] = method(model, x, **options, **FEWER.get(name, {}))
        return made[name]

    return of


@pytest.fixture
def registry():
    """The registry of methods, put back as it was afterwards: toy methods may register themselves."""
    before = dict(xk.METHODS)
    yield xk.METHODS
    xk.METHODS.clear()
    xk.METHODS.update(before)
