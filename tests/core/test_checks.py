"""Checks: two sides, and what is put off until somebody looks."""

import collections

import pytest
import torch

import xaikit as xk
from xaikit.core.stack import Lazy

from .. import networks


def counted(model):
    """The model, and how many samples it has seen."""
    seen = []
    model.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))
    return model, seen


def test_a_check_that_needs_the_model_waits_until_somebody_looks_if_only_the_result_is_kept():
    model, seen = counted(networks.small_cnn())
    lean = xk.saliency(model, networks.random(3, 8, 8), keep="result")
    assert sum(seen) == 1, "one pass for the gradient, and no more"
    (check,) = lean.checks
    assert sum(seen) == 1
    assert check.holds
    assert sum(seen) == 3
    assert check.left == pytest.approx(check.right, rel=0.05)
    assert sum(seen) == 3, "measured once"


def test_a_check_is_measured_at_once_if_the_steps_are_kept():
    model, seen = counted(networks.small_cnn())
    whole = xk.saliency(model, networks.random(3, 8, 8))
    before = sum(seen)
    assert whole.checks[0].holds
    assert sum(seen) == before


def test_a_walk_that_keeps_its_steps_has_settled_its_checks_when_the_model_changes():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    expected = xk.saliency(model, x).checks
    found = xk.saliency(model, x)
    with torch.no_grad():
        for p in model.parameters():
            p.zero_()
    assert found.checks == expected


def test_grad_cam_asks_the_network_once():
    """The score of an empty layer rides on the pass that gives the maps."""
    model, seen = counted(networks.small_cnn())
    e = xk.grad_cam(model, networks.random(3, 8, 8), layer=next(n for n, _ in model.named_children()))
    assert len(seen) == 1
    assert e.cost == {"forward": 2, "backward": 1}, "what follows the layer saw two rows"


class AroundTheLayer(torch.nn.Module):
    """A concatenation with what came around the layer takes no second row."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.layer = torch.nn.Conv2d(3, 4, 3, padding=1), torch.nn.Conv2d(4, 4, 3, padding=1)
        self.last = torch.nn.Linear(8, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, 3, H, W) → (n, 2)."""
        first = self.first(x).relu()
        return self.last(torch.cat([first, self.layer(first)], 1).mean((2, 3)))


def test_where_no_second_row_fits_the_check_of_grad_cam_is_the_same():
    model, x = networks.seeded(AroundTheLayer).double(), networks.random(3, 8, 8, dtype=torch.float64)
    check = xk.grad_cam(model, x, layer="layer", target=1).checks[0]
    with torch.no_grad():
        whole = model(x[None])[0, 1]
        handle = model.layer.register_forward_hook(lambda _m, _i, out: torch.zeros_like(out))
        empty = model(x[None])[0, 1]
        handle.remove()
    assert check.right == pytest.approx(float(whole - empty))
    assert check.left == pytest.approx(check.right), "the rest of this network is linear"


class Answers(torch.nn.Module):
    """A network that answers with more than a tensor of scores."""

    def __init__(self, pack) -> None:
        super().__init__()
        self.layer, self.pack = torch.nn.Conv2d(3, 4, 3, padding=1), pack

    def forward(self, x: torch.Tensor):
        """(n, 3, H, W) → the scores (n, 4), packed."""
        return self.pack(self.layer(x).relu().mean((2, 3)))


Pair = collections.namedtuple("Pair", "aux scores")
PACKED = {
    "a dict": (lambda scores: {"scores": scores, "epoch": 3}, lambda out: out["scores"][:, 1]),
    "a tuple": (lambda scores: (scores.sum(), scores), lambda out: out[1][:, 1]),
    "a named tuple": (lambda scores: Pair([scores], scores), lambda out: out.scores[:, 1]),
    "a list of lists": (lambda scores: [[scores]], lambda out: out[0][0][:, 1]),
    "an ordered dict": (lambda s: collections.OrderedDict(out=s), lambda out: out["out"][:, 1]),
}


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("method", [xk.grad_cam, xk.hires_cam])
def test_a_network_may_answer_with_anything_that_the_target_can_read(kind, method):
    pack, target = PACKED[kind]
    model, x = networks.seeded(lambda: Answers(pack)), networks.random(3, 8, 8)
    plain = networks.seeded(lambda: Answers(lambda scores: scores))
    found, expected = (
        method(model, x, layer="layer", target=target),
        method(plain, x, layer="layer", target=1),
    )
    assert torch.equal(found.attribution, expected.attribution)
    assert found.checks == expected.checks


def test_a_bound_is_a_check_of_something_small():
    check = xk.Check.bound("gap", 0.2, 0.5, r"g \leq 0.5")
    assert check.holds
    assert (check.other, check.sign) == (0.5, "≤")
    assert not xk.Check.bound("gap", 0.6, 0.5).holds
    assert check == xk.Check("gap", 0.2, 0.0, r"g \leq 0.5", abs_tol=0.5, bounded=True)


def test_a_side_that_is_put_off_is_looked_up_when_it_is_needed():
    asked = []
    check = xk.Check("sum", 1.0, Lazy(lambda: asked.append(1) or 1.0, once=True))
    assert not asked
    assert check.holds
    assert str(check) == "sum: 1 ≈ 1 (difference +0)"
    assert asked == [1]
