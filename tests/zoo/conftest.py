"""The zoo's own tests compare with pictures on the CPU, whatever device the others run on."""

import pytest


@pytest.fixture(autouse=True)
def on_the_cpu(monkeypatch):
    monkeypatch.delenv("XAIKIT_DEVICE", raising=False)
