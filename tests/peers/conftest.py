"""captum, and quiet about what does not matter here."""

import warnings

import pytest


@pytest.fixture
def peer():
    """captum.attr; it warns that it sets requires_grad on the input by itself."""
    captum = pytest.importorskip("captum.attr")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield captum
