"""Doors: a method takes what its paper takes, and a new role touches no file of the core."""

import pandas
import pytest
import torch
from torch import nn

import xaikit as xk
from xaikit.core.errors import InputError
from xaikit.core.roles import ROLES, Asked, role
from xaikit.core.score import score
from xaikit.core.types import Steps

from .. import networks


@pytest.fixture
def roles():
    """The roles, put back as they were afterwards."""
    before = dict(ROLES)
    yield ROLES
    ROLES.clear()
    ROLES.update(before)


# Roles that are there -------------------------------------------------------------------------------------


def similarity(registry):
    """Linear CKA of two matrices of activations: a method without a model."""

    @xk.method("Toy CKA", paper="shrikumar2016", takes={"first": "activations", "second": "activations"})
    def toy_cka(first: torch.Tensor, second: torch.Tensor) -> Steps[torch.Tensor]:
        r"""How similar are the two matrices?

        $$\mathrm{CKA}$$
        """
        X, Y = (m - m.mean(0) for m in (first, second))
        yield xk.Step("cross", X.T @ Y, r"X^T Y", "what goes together", kind="matrix")
        value = (X.T @ Y).norm() ** 2 / ((X.T @ X).norm() * (Y.T @ Y).norm())
        yield xk.Step("similarity", value, r"\mathrm{CKA}", "1: the same", kind="scalar")
        return value

    return toy_cka


def test_a_method_may_take_two_matrices_and_no_model(registry, tmp_path):
    toy_cka = similarity(registry)
    X = networks.random(6, 3)
    e = toy_cka(X, 2 * X + 1)
    assert float(e.result) == pytest.approx(1, abs=1e-5)
    assert e.model is None
    assert e.cost == {"forward": 0, "backward": 0}
    assert torch.equal(e.x, X)
    assert torch.equal(e.others["second"], 2 * X + 1)
    e.save(tmp_path / "cka.safetensors")
    read = xk.load(tmp_path / "cka.safetensors")
    assert torch.equal(read.others["second"], e.others["second"].cpu())
    assert "score" not in toy_cka.__signature__.parameters


@pytest.mark.parametrize(
    "value", [torch.ones(3), torch.ones(1, 3), [[1, 2]], "activations", torch.full((3, 2), float("nan"))]
)
def test_activations_that_are_none_are_answered_with_what_to_try(registry, value):
    with pytest.raises(InputError, match="Try"):
        similarity(registry)(torch.rand(4, 2), value)


def test_a_method_may_take_a_table_and_give_a_table(registry, tmp_path):
    @xk.method("Toy profile", paper="shrikumar2016", takes={"table": "table"})
    def toy_profile(table: pandas.DataFrame) -> Steps[pandas.DataFrame]:
        r"""What is in the table?

        $$\bar x$$
        """
        summary = table.describe().reset_index()
        yield xk.Step("summary", summary, r"\bar x", "column by column", kind="table")
        return summary

    e = toy_profile({"a": [1.0, 2.0], "b": [3.0, 5.0]})
    e.save(tmp_path / "profile.safetensors")
    assert xk.load(tmp_path / "profile.safetensors").x["b"].tolist() == [3, 5]
    assert list(e.result.columns) == ["index", "a", "b"]
    with pytest.raises(InputError, match="a table"):
        toy_profile(pandas.DataFrame())


def test_a_method_may_take_two_models_and_a_data_set(registry):
    @xk.method("Toy agreement", paper="shrikumar2016", takes={"other": "model", "examples": "examples"})
    def toy_agreement(model, other, examples) -> Steps[torch.Tensor]:
        r"""How often do two models agree?

        $$\frac{1}{n} \sum_k [\hat y_k = \hat z_k]$$
        """
        same = (model(examples).argmax(1) == other(examples).argmax(1)).float()
        yield xk.Step("agreement", same.mean(), r"\bar a", "a share of the examples", kind="scalar")
        return same.mean()

    one, examples = networks.small_cnn(), networks.random(5, 3, 8, 8)
    e = toy_agreement(one, networks.small_cnn(), examples)
    assert float(e.result) == 1
    assert e.cost["forward"] == 10, "both models are counted"
    assert torch.equal(e.x, examples)


def test_a_method_may_take_checkpoints(registry):
    @xk.method("Toy training", paper="shrikumar2016", takes={"checkpoints": "checkpoints", "x": "row"})
    def toy_training(checkpoints, x) -> Steps[torch.Tensor]:
        r"""How does the answer change over the training?

        $$F_t(x)$$
        """
        answers = torch.stack([model(x[None])[0, 0] for model in checkpoints]).detach()
        yield xk.Step("answers", answers, r"F_t(x)", "one for each checkpoint", kind="curve")
        return answers

    e = toy_training([networks.m4(), networks.m4()], networks.tensor(1, 2, 3))
    assert e["answers"].shape == (2,)
    assert e.cost["forward"] == 2
    with pytest.raises(InputError, match="a list of modules"):
        toy_training([], networks.tensor(1, 2, 3))


# New roles, each from outside the core ---------------------------------------------------------------------


class Neuron(nn.Module):
    """A network whose answer is one unit of a layer: with it every method explains a neuron."""

    def __init__(self, model: nn.Module, layer: str, unit: int) -> None:
        super().__init__()
        self.model, self.layer, self.unit = model, layer, unit

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, …) → (n, 1)."""
        with xk.probe(self.model, self.layer) as seen:
            self.model(x)
        return seen.one(self.layer).flatten(2).sum(2)[:, [self.unit]]


def test_a_neuron_is_explained_by_every_gradient_method():
    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    layer = next(name for name, m in model.named_modules() if isinstance(m, nn.Conv2d))
    neuron = Neuron(model, layer, 1)
    weight = model.get_submodule(layer).weight[1].sum()
    assert xk.input_x_gradient(neuron, x).attribution.shape == x.shape
    (check,) = xk.integrated_gradients(neuron, x).checks
    assert check.holds
    assert bool(torch.isfinite(weight))


def test_a_unit_of_a_layer_is_a_role_of_its_own(registry, roles):
    @role("unit")
    def unit(value, asked: Asked):
        if not isinstance(value, tuple) or len(value) != 2:
            raise InputError(f"{asked.who} expects (layer, unit) as {asked.parameter}. Try ('conv', 0).")
        return value

    @xk.method("Toy neuron", paper="shrikumar2016", takes={"x": "picture", "unit": "unit"})
    def toy_neuron(model, x, unit, *, target=None) -> Steps[torch.Tensor]:
        r"""How does the unit change with the picture?

        $$\nabla A_k$$
        """
        layer, k = unit
        F = score(type(model)(Neuron(model.module, layer, k)), x, 0)
        _, slope = F.gradient(x)
        yield xk.Step("attribution", slope, r"\nabla A_k", "up or down")
        return slope

    model, x = networks.small_cnn(), networks.random(3, 8, 8)
    layer = next(name for name, m in model.named_modules() if isinstance(m, nn.Conv2d))
    e = toy_neuron(model, x, (layer, 0))
    assert e.others == {"unit": (layer, 0)}
    with pytest.raises(InputError, match=r"Try \('conv', 0\)"):
        toy_neuron(model, x, 3)


def test_a_detection_is_a_role_of_its_own(registry, roles, tmp_path):
    @role("box")
    def box(value, asked: Asked):
        values = torch.as_tensor(value, dtype=torch.float32)
        if values.shape != (4,):
            raise InputError(f"{asked.who} expects a box (4,) as {asked.parameter}. Try (0, 0, 8, 8).")
        return asked.placed(values)

    @xk.method("Toy detection", paper="shrikumar2016", takes={"x": "picture", "box": "box"})
    def toy_detection(model, x, box) -> Steps[torch.Tensor]:
        r"""What in the picture makes the score inside the box?

        $$\nabla F$$
        """
        F = score(model, x, lambda out: out.sum(1))
        _, slope = F.gradient(x)
        top, left, bottom, right = (int(v) for v in box)
        mask = torch.zeros_like(x[:1])
        mask[:, top:bottom, left:right] = 1
        yield xk.Step("attribution", slope * mask, r"\nabla F", "inside the box")
        return slope * mask

    e = toy_detection(networks.small_cnn(), networks.random(3, 8, 8), (2, 2, 5, 6))
    assert not e.attribution[:, :2].any()
    e.save(tmp_path / "box.safetensors")
    assert xk.load(tmp_path / "box.safetensors").others["box"].tolist() == [2, 2, 5, 6]


class Recurrent(nn.Module):
    """A recurrent network on series (n, time, channels)."""

    def __init__(self) -> None:
        super().__init__()
        self.memory, self.out = nn.GRU(2, 5, batch_first=True), nn.Linear(5, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(n, time, channels) → (n, classes)."""
        return self.out(self.memory(x)[0][:, -1])


def test_a_series_is_a_role_of_its_own_and_a_recurrent_network_a_model(registry, roles):
    @role("series")
    def series(value, asked: Asked):
        if not isinstance(value, torch.Tensor) or value.dim() != 2:
            raise InputError(f"{asked.who} expects a series (time, channels) as {asked.parameter}. Try x[0].")
        return asked.placed(value)

    @xk.method("Toy memory", paper="shrikumar2016", takes="series")
    def toy_memory(model, x, *, target=None) -> Steps[torch.Tensor]:
        r"""How much does each moment still count at the end?

        $$\| \nabla_t F \|$$
        """
        F = score(model, x, target)
        _, slope = F.gradient(x)
        yield xk.Step("gradient", slope, r"\nabla F", "moment by moment")
        memory = slope.norm(dim=1)
        yield xk.Step("memory", memory, r"\| \nabla_t F \|", "early moments fade", kind="curve")
        return memory

    model = networks.seeded(Recurrent)
    e = toy_memory(model, networks.random(1, 2), target=1)
    assert e.attribution.shape == (1,), "a leading 1 is not taken off where the role does not say so"
    assert toy_memory(model, networks.random(7, 2)).attribution.shape == (7,)
    assert toy_memory.takes == ("series",)
