"""The wire format, on fixtures that the TypeScript tests read too."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.widgets import wire

from .. import networks

FIXTURES = Path(__file__).resolve().parents[2] / "widgets_js" / "tests" / "fixtures" / "wire.json"


def cases() -> dict[str, torch.Tensor]:
    """Maps with known trouble: all zero, one sign only, one far pixel, frames of very different size."""
    ramp = torch.linspace(-1, 1, 12).reshape(1, 1, 3, 4)
    far = torch.zeros(1, 1, 2, 2)
    far[0, 0, 0, 1] = -1e4
    return {
        "ramp": ramp,
        "zero": torch.zeros(1, 1, 2, 3),
        "one sign": ramp.abs(),
        "one far pixel": far,
        "small and large frames": torch.cat([ramp * 1e-6, ramp * 1e6]),
        "three channels": torch.cat([ramp, ramp, -3 * ramp], 1),
    }


def as_fixture(packed: dict) -> dict:
    rest = {k: v for k, v in packed.items() if k != "view"}
    return {**rest, "base64": base64.b64encode(packed["view"]).decode()}


def described() -> dict:
    maps = []
    for name, value in cases().items():
        packed = wire.maps(value)
        sums = value.double().sum(1).flatten(1)
        maps.append(
            {
                "name": name,
                "wire": as_fixture(packed),
                "values": sums.tolist(),
                "tolerance": [0.501 * s for s in packed["scale"]],
            }
        )
    values = [0.0, 1.5, -2.25, 1e-12, 3.4e37]
    return {
        "maps": maps,
        "numbers": {"wire": as_fixture(wire.numbers(torch.tensor(values))), "values": values},
    }


def test_python_writes_what_the_fixtures_say():
    """Made by hand with `python -m tests.widgets.test_wire`; the TypeScript side decodes the same bytes."""
    assert json.loads(FIXTURES.read_text(encoding="utf-8")) == json.loads(json.dumps(described()))


def test_pictures_come_back_to_half_a_level():
    x = torch.rand(2, 3, 5, 4, generator=torch.Generator().manual_seed(0)) * 3 - 1
    packed = wire.pictures(x)
    back = packed["offset"] + packed["scale"] * np.frombuffer(packed["view"], np.uint8).reshape(
        packed["shape"]
    )
    np.testing.assert_allclose(np.moveaxis(back, -1, 1), x.numpy(), atol=packed["scale"] * 0.501)


def test_a_large_stack_is_made_small_by_averaging_whole_blocks():
    frames = wire.shrink(np.arange(4 * 64 * 64, dtype=np.float64).reshape(1, 4, 64, 64), 5000)
    assert frames.shape == (1, 4, 32, 32)
    assert frames[0, 0, 0, 0] == (0 + 1 + 64 + 65) / 4


def test_at_most_64_frames_travel_and_both_ends_are_among_them():
    frames, chosen = wire.frames_of(torch.arange(500.0))
    assert len(chosen) == 64
    assert (chosen[0], chosen[-1]) == (0, 499)
    assert frames.tolist() == [float(k) for k in chosen]


@pytest.mark.parametrize("name", list(xk.METHODS))
def test_the_state_of_every_widget_stays_under_its_limit(name):
    model, x, options = networks.subject(name, 224)
    e = xk.METHODS[name](model, x, **options)
    for widget in (xk.widgets.widget_for(e), xk.widgets.Player(e)):
        assert wire.size(widget.state) < wire.STATE_BYTES
        assert wire.size(widget.data()) == wire.size(widget.state)


if __name__ == "__main__":
    FIXTURES.write_text(json.dumps(described(), indent=1) + "\n", encoding="utf-8")
