"""captum and saliency, and quiet about what does not matter here."""

import warnings

import numpy as np
import pytest
import torch


@pytest.fixture
def peer():
    """captum.attr; it warns that it sets requires_grad on the input by itself."""
    captum = pytest.importorskip("captum.attr")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield captum


@pytest.fixture
def pair(monkeypatch):
    """saliency.core, Google's; its Guided IG calls np.quantile as numpy 1 had it."""
    core = pytest.importorskip("saliency.core")

    class Numpy1:
        def __getattr__(self, name):
            return getattr(np, name)

        def quantile(self, values, share, interpolation):
            return np.quantile(values, share, method=interpolation)

    monkeypatch.setattr(core.guided_ig, "np", Numpy1())
    return core


@pytest.fixture
def asked():
    """`asked(model, target)` is the model as saliency asks it: rows (n, H, W, C) → the gradients there."""

    def build(model, target=1):
        def gradients(rows, call_model_args=None, expected_keys=None):
            points = torch.from_numpy(np.moveaxis(rows, -1, 1).copy()).to(next(model.parameters()))
            leaf = points.clone(memory_format=torch.channels_last).requires_grad_()
            (gradient,) = torch.autograd.grad(model(leaf)[:, target].sum(), leaf)
            return {"INPUT_OUTPUT_GRADIENTS": np.moveaxis(gradient.cpu().numpy(), 1, -1)}

        return gradients

    return build
