"""The labs of backward rules, relevance, class activation maps and segmentation, from Python."""

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.widgets import BackwardLab, CamLab, FlowLab, SegmentationLab, wire

from .. import networks


@pytest.fixture(scope="module")
def cat():
    return xk.zoo.load("photos"), xk.data.photo("cat", size=96)


@pytest.fixture(scope="module")
def slices():
    return xk.zoo.load("unet"), xk.data.slices(4, seed=0).images[3]


def floats(packed: dict) -> np.ndarray:
    return np.frombuffer(packed["view"], "<f4").reshape(packed["shape"])


def maps(packed: dict) -> np.ndarray:
    values = np.frombuffer(packed["view"], np.uint8).reshape(packed["shape"]).astype(float)
    scale, offset = (np.array(packed[end])[:, None, None] for end in ("scale", "offset"))
    return offset + scale * values


@pytest.mark.parametrize(
    ("name", "lab"),
    [
        ("cam", "CamLab"), ("grad_cam", "CamLab"), ("grad_cam_plus_plus", "CamLab"), ("hires_cam", "CamLab"),
        ("layer_cam", "CamLab"), ("contrastive_grad_cam", "CamLab"), ("score_cam", "Player"),
        ("eigen_cam", "Player"),
        ("guided_backprop", "BackwardLab"), ("deconvnet", "BackwardLab"), ("guided_grad_cam", "Player"),
        ("lrp", "FlowLab"), ("deep_taylor", "FlowLab"), ("deep_lift", "FlowLab"), ("deep_shap", "Player"),
    ],
)  # fmt: skip
def test_each_method_opens_its_lab_and_the_player_where_that_is_asked_for(name, lab, cat):
    e = xk.METHODS[name](*cat, target="cat")
    assert type(e.widget()).__name__ == lab
    assert type(xk.widgets.widget_for(e, lab=False)).__name__ == "Player"


@pytest.mark.parametrize("name", ["guided_backprop", "lrp", "deep_lift"])
def test_a_row_of_features_has_the_player(name):
    e = xk.METHODS[name](networks.m4(), networks.tensor(1.0, 2, 3), target=0)
    assert type(e.widget()).__name__ == "Player"


@pytest.mark.parametrize("name", ["grad_cam", "lrp", "deep_lift", "guided_backprop"])
def test_a_saved_explanation_has_a_widget_without_its_model(name, cat, tmp_path):
    e = xk.METHODS[name](*cat, target="cat")
    e.save(tmp_path / "e.safetensors")
    widget = xk.load(tmp_path / "e.safetensors").widget()
    assert not widget.live
    assert widget.state["title"] == e.title
    assert len(widget.state.get("runs", [1])) == 1


def test_what_the_channels_add_is_the_map(cat):
    e = xk.grad_cam(*cat, target="cat")
    state = CamLab(e).state
    run = state["runs"][0]
    np.testing.assert_allclose(floats(run["total"]), e["combination"].flatten().numpy(), rtol=1e-5)
    added = maps(run["summands"]).sum(0).ravel() + floats(run["rest"])
    np.testing.assert_allclose(added, floats(run["total"]), atol=0.01 * np.abs(floats(run["total"])).max())
    strength = np.abs(maps(run["summands"])).mean((1, 2))[floats(run["order"]).astype(int)]
    assert (np.diff(strength) <= 1e-6).all(), "the strongest channel comes first"
    assert [r["name"] for r in state["runs"]] == ["Grad-CAM", "Grad-CAM++", "HiResCAM", "Layer-CAM"]


def test_of_many_channels_the_strongest_travel_and_the_rest_is_one_map():
    net = networks.seeded(
        lambda: torch.nn.Sequential(
            torch.nn.Conv2d(3, 6, 3), torch.nn.ReLU(), torch.nn.Conv2d(6, 300, 3), torch.nn.ReLU(),
            torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(300, 4),
        )
    )  # fmt: skip
    e = xk.grad_cam(net, networks.random(3, 20, 20), target=1)
    state = CamLab(e, alternatives=False).state
    assert len(floats(state["channels"])) == 128
    assert state["of"] == 300
    total = maps(state["runs"][0]["summands"]).sum(0).ravel() + floats(state["runs"][0]["rest"])
    np.testing.assert_allclose(total, e["combination"].flatten().cpu().numpy(), atol=1e-4)


def test_a_rule_that_was_not_computed_beforehand_is_computed_when_it_is_asked_for(cat):
    lab = FlowLab(xk.lrp(*cat, target="cat"), alternatives=False)
    assert len(lab.state["runs"]) == 1
    lab.request = {"first": "flat", "convolution": "gamma", "dense": "zero", "number": 1}
    assert lab.error == ""
    run = lab.state["runs"][lab.run]
    rules = {"first": "flat", "convolution": "gamma", "dense": "zero"}
    assert {name: run[name] for name in rules} == rules
    by_hand = xk.lrp(
        *cat, target="cat", rules={"": "gamma", "model.features.0": "flat", "model.classifier": "zero"}
    )
    assert floats(run["sums"])[-1] == pytest.approx(float(by_hand.attribution.sum()), rel=1e-3)
    lab.request = {"first": "flat", "convolution": "purple", "dense": "zero", "number": 2}
    assert "purple" in lab.error


def test_the_layers_of_deep_lift_all_account_for_the_difference(cat):
    lab = FlowLab(xk.deep_lift(*cat, target="cat"), alternatives=False)
    sums = floats(lab.state["runs"][0]["sums"])
    np.testing.assert_allclose(sums, lab.state["runs"][0]["right"], rtol=1e-4)
    lab.request = {"baseline": "white", "rule": "reveal_cancel", "number": 1}
    assert lab.error == ""
    np.testing.assert_allclose(floats(lab.state["runs"][1]["sums"]), lab.state["runs"][1]["right"], rtol=1e-3)


def test_the_same_lab_twice_has_the_same_state(cat):
    one, other = (FlowLab(xk.deep_lift(*cat, target="cat")).state for _ in range(2))
    assert [r["baseline"] for r in one["runs"]] == [r["baseline"] for r in other["runs"]]
    assert len(one["runs"]) == 10


def test_the_backward_lab_leaves_the_model_alone_and_knows_which_map_is_deaf(cat):
    model, x = cat
    before = networks.state(model)
    state = BackwardLab(xk.guided_backprop(model, x, target="cat")).state
    assert networks.same_state(before, networks.state(model))
    similar = {run["rule"]: floats(run["similarity"]) for run in state["runs"]}
    assert all(s[0] == pytest.approx(1) for s in similar.values())
    judged = xk.parameter_randomization(xk.guided_backprop(model, x, target="cat"))
    np.testing.assert_allclose(similar["guided"][1:], judged["similarities"].numpy(), atol=1e-3)
    assert similar["guided"][1] > 0.9 > 0.6 > similar["gradient"][1]


def test_a_click_is_answered_with_its_own_pixel_and_region(slices):
    lab = SegmentationLab(xk.seg_grad_cam(*slices, target="lesion"), alternatives=False)
    lab.request = {"region": "pixel", "row": 50, "column": 33, "number": 1}
    assert lab.error == ""
    run = lab.state["runs"][lab.run]
    assert (run["region"], run["row"], run["column"]) == ("pixel", 50, 33)
    by_hand = xk.seg_grad_cam(*slices, target=run["target"].split(",")[0], region="pixel", at=(50, 33))
    np.testing.assert_allclose(floats(run["cam"]), by_hand["cam"].numpy(), rtol=1e-5, atol=1e-8)
    lab.request = {"region": "object", "row": 75, "column": 40, "number": 2}
    assert lab.state["runs"][lab.run]["target"].startswith("lesion")


def test_the_states_stay_under_their_limit_also_for_large_pictures():
    for name in ("grad_cam", "guided_backprop", "lrp", "deep_lift", "seg_grad_cam"):
        widget = xk.METHODS[name](*networks.subject(name, 224)[:2]).widget()
        assert type(widget).__name__ != "Player"
        assert wire.size(widget.state) < wire.STATE_BYTES, name
