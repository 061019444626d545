"""The labs of occlusion, coalitions, superpixels, texts and columns, from Python."""

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.widgets import CoalitionsLab, OcclusionLab, SwitchLab, wire

from .. import networks


@pytest.fixture(scope="module")
def cat():
    return xk.zoo.load("photos"), xk.data.photo("cat", size=96)


@pytest.fixture(scope="module")
def sentence():
    return xk.zoo.subject(("text",))[:2]


@pytest.fixture(scope="module")
def flower():
    return xk.zoo.subject(("row",))


def floats(packed: dict) -> np.ndarray:
    return np.frombuffer(packed["view"], "<f4").reshape(packed["shape"])


def zeros_and_ones(packed: dict) -> np.ndarray:
    return np.frombuffer(packed["view"], "<u2").reshape(packed["shape"])[:, 0]


def game(members: frozenset[str]) -> float:
    """The product of the places of those who are in."""
    return float(np.prod([{"a": 2, "b": 3, "c": 5}[name] for name in members]))


# Which lab --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "lab"),
    [
        ("occlusion", "OcclusionLab"), ("feature_ablation", "Player"), ("lime_image", "SwitchLab"),
        ("kernel_shap", "SwitchLab"), ("shapley_sampling", "Player"), ("exact_shapley", "Player"),
    ],
)  # fmt: skip
def test_each_method_opens_its_lab_on_a_picture(name, lab, cat):
    quick = {"n_samples": 60} if "n_samples" in xk.METHODS[name].parameters else {}
    e = xk.METHODS[name](*cat, **quick)
    assert type(e.widget()).__name__ == lab
    assert type(xk.widgets.widget_for(e, lab=False)).__name__ == "Player"


def test_a_row_a_text_and_a_game_open_theirs(flower, sentence):
    model, x, needed = flower
    assert type(xk.exact_shapley(model, x, **needed).widget()).__name__ == "CoalitionsLab"
    assert type(xk.kernel_shap(model, x, **needed).widget()).__name__ == "SwitchLab"
    assert type(xk.lime_tabular(model, x, **needed).widget()).__name__ == "SwitchLab"
    assert type(xk.lime_text(*sentence).widget()).__name__ == "SwitchLab"
    assert type(xk.kernel_shap(*sentence).widget()).__name__ == "SwitchLab"
    assert type(xk.exact_shapley(game, ["a", "b", "c"]).widget()).__name__ == "CoalitionsLab"
    assert type(xk.kernel_shap(game, ["a", "b", "c"]).widget()).__name__ == "Player"
    assert type(xk.occlusion(networks.m4(), networks.tensor(1.0, 2, 3)).widget()).__name__ == "Player"


def test_without_its_steps_an_explanation_has_the_player(cat):
    e = xk.lime_image(*cat, n_samples=50, keep=lambda step: step.name == "segments")
    assert type(e.widget()).__name__ == "Player"


@pytest.mark.parametrize("name", ["occlusion", "lime_image", "lime_text", "lime_tabular", "exact_shapley"])
def test_a_saved_explanation_has_its_lab_without_the_model(name, cat, sentence, flower, tmp_path):
    takes = xk.METHODS[name].takes
    model, x, needed = flower if name in ("lime_tabular", "exact_shapley") else (*cat, {})
    model, x = sentence if takes == ("text",) else (model, x)
    quick = {"n_samples": 60} if "n_samples" in xk.METHODS[name].parameters else {}
    e = xk.METHODS[name](model, x, **needed, **quick)
    live = type(e.widget()).__name__
    e.save(tmp_path / "e.safetensors")
    widget = xk.load(tmp_path / "e.safetensors").widget()
    assert type(widget).__name__ == live
    assert not widget.live
    assert repr(widget) == repr(e.widget())


# What they hold ---------------------------------------------------------------------------------------------


def test_the_occlusion_lab_holds_three_sizes_of_window(cat):
    lab = OcclusionLab(xk.occlusion(*cat, target="cat"))
    sides = [run["side"] for run in lab.state["runs"]]
    assert sides == [8, 12, 19]
    assert lab.run == 1
    assert lab.state["full"] == pytest.approx(
        float(cat[0](cat[1][None]).detach()[0, cat[0].labels.index("cat")]), rel=1e-4
    )
    other = xk.occlusion(*cat, target="cat", window=19, stride=9)
    np.testing.assert_allclose(floats(lab.state["runs"][2]["scores"]), other["scores"].numpy(), rtol=1e-4)


def test_another_window_is_computed_when_the_page_asks(cat):
    lab = OcclusionLab(xk.occlusion(*cat, target="cat"), alternatives=False)
    lab.request = {"side": 30}
    assert lab.error == ""
    assert lab.state["runs"][lab.run]["side"] == 30
    lab.request = {"side": 500}
    assert "window is a whole number of pixels" in lab.error


def test_the_coalitions_lab_holds_every_value_by_its_number():
    lab = CoalitionsLab(xk.exact_shapley(game, ["a", "b", "c"]))
    assert floats(lab.state["values"]).tolist() == [1, 2, 3, 6, 5, 10, 15, 30]
    assert lab.order == [0, 1, 2]
    assert sum(floats(lab.state["exact"])) == pytest.approx(29)


def test_the_score_of_any_set_of_superpixels_comes_from_the_kernel(cat):
    e = xk.lime_image(*cat, target="cat", n_samples=60)
    lab = SwitchLab(e)
    n = e["samples"].shape[1]
    off = [1, 4]
    key = "".join("0" if k in off else "1" for k in range(n))
    lab.request = {"set": key}
    hidden = cat[1].clone()
    for k in off:
        inside = e["segments"] == k
        hidden[:, inside] = cat[1][:, inside].mean(1, keepdim=True)
    assert lab.answers[key] == pytest.approx(float(xk.probability(cat[0], hidden, "cat")), rel=1e-4)
    assert lab.answers["1" * n] == pytest.approx(e.prediction.score, rel=1e-4)


def test_the_score_of_any_set_of_words_comes_from_the_kernel(sentence):
    model, x = sentence
    for e in (
        xk.lime_text(model, x, n_samples=60),
        xk.kernel_shap(model, x, score="probability", n_samples=60),
    ):
        lab = SwitchLab(e)
        n = len(e.names)
        lab.request = {"set": "01" * (n // 2) + "0" * (n % 2)}
        left = "".join(t for k, t in enumerate(e.names) if k % 2 == 1).strip()
        expected = float(model([left]).detach().softmax(1)[0, e.prediction.index])
        assert lab.answers[lab.request["set"]] == pytest.approx(expected, rel=1e-4)


def test_a_column_that_is_off_shows_the_background(flower):
    model, x, needed = flower
    e = xk.kernel_shap(model, x, target=0, **needed)
    lab = SwitchLab(e)
    lab.request = {"set": "1000"}
    rows = needed["background"].clone()
    rows[:, 0] = x[0]
    assert lab.answers["1000"] == pytest.approx(float(model(rows).detach()[:, 0].mean()), rel=1e-4)


def test_the_samples_of_kernel_shap_travel_mixed_and_with_their_weights(flower):
    model, x, needed = flower
    e = xk.kernel_shap(model, x, target=0, **needed)
    state = SwitchLab(e).state
    z, y, w = zeros_and_ones(state["samples"]), floats(state["scores"]), floats(state["weights"])
    assert z.shape == (14, 4)
    v = dict(zip(e["coalitions"]["members"], e["coalitions"]["value"], strict=True))
    names = [name.strip() for name in e.names]
    for row, value, weight in zip(z, y, w, strict=True):
        members = "{" + ", ".join(name for name, on in zip(names, row, strict=True) if on) + "}"
        assert value == pytest.approx(v[members], rel=1e-5)
        s = row.sum()
        ways = {1: 4, 2: 6, 3: 4}[s]
        assert weight == pytest.approx(3 / (ways * s * (4 - s)), rel=1e-5)


def test_the_state_stays_small_with_many_samples_and_superpixels(cat):
    e = xk.lime_image(*cat, segments="slic", n_samples=3000)
    assert wire.size(SwitchLab(e).state) < 2_000_000


def test_too_many_pieces_have_the_player(sentence):
    model, _ = sentence
    long = " ".join(f"word{k}" for k in range(400))
    assert type(xk.lime_text(model, long, n_samples=20).widget()).__name__ == "Player"
    torch.manual_seed(0)
