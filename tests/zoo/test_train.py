"""The training script does what it says, shown on a short training of a tiny network."""

import pytest

from xaikit.data import shapes
from xaikit.zoo import train as module
from xaikit.zoo.bundled import Bundled


@pytest.fixture
def tiny(monkeypatch):
    recipe = module.Recipe(lambda i: shapes(96, seed=i, size=24), 2, 1e-2, {})
    monkeypatch.setitem(module.RECIPES, "shapes", recipe)
    monkeypatch.setitem(module.BUNDLED, "shapes", Bundled("shapes", ((6,), (8,)), ("a",) * 6, 24))


def test_training_twice_gives_the_same_parameters(tiny, capsys):
    a, b = (module.train("shapes").state_dict() for _ in range(2))
    assert all(a[key].equal(b[key]) for key in a)
    assert "epoch 2/2" in capsys.readouterr().out


def test_an_unknown_model_is_one_line_and_exit_code_2(capsys):
    assert module.main(["shape"]) == 2
    assert "Did you mean 'shapes'" in capsys.readouterr().err
