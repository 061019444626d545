"""The Rosetta stone: what every attribution says about F(x) = w · x + b, worked out by hand."""

import torch

from .. import networks
from ..networks import example, tensor
from . import record_of
from .cases import every_method
from .linear import halves, several


@every_method
def test_on_a_linear_model_the_attribution_is_its_entry_on_the_rosetta_stone(name):
    record = record_of(name)
    w, x, x0 = tensor(1, -2, 3, 0, 0.5), tensor(0.2, 1, 0.4, 0.7, 0), tensor(0.5, 0, 0.1, 1, 0.3)
    if record.pictures_only:
        w = networks.random(3, 6, 8, seed=4) - 0.5
        x, x0 = example(name)[:, :6], networks.random(3, 6, 8, seed=5)
    given = {"baseline": x0, "hidden": x0, "background": x0[None], "groups": None, "penalty": 0}
    given |= {"segments": halves(x)} if x.dim() == 3 else {}
    options = {option: value for option, value in given.items() if option in record.method.parameters}
    shown = {"rows": several(x), "text": "a b c d e"}.get(networks.kind_of(name), x)
    options = {**record.quick, **options, **record.told(x, x0), "score": "logit"}
    explanation = record.method(record.linear(w), shown, **options)
    expected = record.rosetta(w, x, x0)
    torch.testing.assert_close(explanation.attribution, expected, atol=1e-5, rtol=1e-5)
    assert [c for c in explanation.checks if not c.holds and c.name not in record.open_checks] == []
