"""Widgets from Python: what they send, what they answer, how they look without a kernel."""

import re

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.widgets import NoiseLab, PathLab, Player, RegionsLab, show_static, widget_for, wire


@pytest.fixture(scope="module")
def cat():
    return xk.zoo.load("photos"), xk.data.photo("cat", size=96)


@pytest.fixture(scope="module")
def lab(cat):
    return xk.integrated_gradients(*cat, n_steps=10).widget()


def floats(packed: dict) -> np.ndarray:
    return np.frombuffer(packed["view"], "<f4").reshape(packed["shape"])


def test_every_method_has_a_widget(explained):
    for method in xk.METHODS.values():
        widget = explained(method.name).widget()
        assert widget.state["title"] == method.title
        assert repr(widget) == f"<{type(widget).__name__} of {method.title}>"


def test_a_saved_explanation_has_the_same_widget(cat, tmp_path):
    e = xk.integrated_gradients(*cat, n_steps=6)
    e.save(tmp_path / "e.safetensors")
    live, loaded = PathLab(e, alternatives=False), xk.load(tmp_path / "e.safetensors").widget()
    assert floats(loaded.state["runs"][0]["sums"]).tolist() == floats(live.state["runs"][0]["sums"]).tolist()
    assert loaded.state["runs"][0]["added"] == live.state["runs"][0]["added"]
    assert not loaded.live


def test_the_last_sum_of_the_lab_is_the_sum_of_the_attribution(cat, lab):
    e = xk.integrated_gradients(*cat, n_steps=10)
    run = lab.state["runs"][0]
    assert floats(run["sums"])[-1] == pytest.approx(float(e.attribution.sum()), rel=1e-4)
    assert run["end_score"] - run["start_score"] == pytest.approx(e.checks[0].right, rel=1e-5)


def test_the_lab_brings_other_baselines_rules_and_steps(lab):
    runs = {(r["baseline"], r["rule"], r["n_steps"]) for r in lab.state["runs"]}
    assert {b for b, _, _ in runs} == {"black", "white", "noise", "blur"}
    assert {r for _, r, _ in runs} == {"left", "right", "midpoint", "trapezoid", "gauss_legendre"}
    assert {5, 10, 25} <= {n for _, _, n in runs}


def test_a_request_is_answered_with_one_more_run(lab):
    before = len(lab.state["runs"])
    lab.request = {"baseline": "white", "rule": "gauss_legendre", "n_steps": 7, "number": 1}
    assert len(lab.state["runs"]) == before + 1
    shown = lab.state["runs"][lab.run]
    assert (shown["baseline"], shown["rule"], shown["n_steps"]) == ("white", "gauss_legendre", 7)
    assert lab.error == ""


def test_a_request_that_cannot_be_answered_says_why_in_the_widget(lab):
    lab.request = {"baseline": "purple", "rule": "left", "n_steps": 4, "number": 2}
    assert "purple" in lab.error
    lab.request = {"baseline": "black", "rule": "left", "n_steps": 4, "number": 3}
    assert lab.error == ""


def test_the_state_stays_under_its_limit_whatever_is_asked(cat):
    lab = PathLab(xk.integrated_gradients(*cat, n_steps=4), alternatives=False)
    for n in range(60, 70):
        lab.request = {"baseline": "black", "rule": "left", "n_steps": n, "number": n}
        assert wire.size(lab.state) < wire.STATE_BYTES
    assert lab.state["runs"][0]["n_steps"] == 4  # the learner's own run always stays
    assert lab.state["runs"][lab.run]["n_steps"] == 69


def test_the_lab_explains_the_class_that_the_explanation_explained(cat):
    e = xk.integrated_gradients(*cat, target="coffee", n_steps=4)
    lab = e.widget()
    ends = {round(r["end_score"], 4) for r in lab.state["runs"]}
    assert ends == {round(e.prediction.score, 4)}


def test_a_target_function_goes_through_the_lab(cat):
    e = xk.integrated_gradients(*cat, target=lambda out: out[:, 2] - out[:, 4], n_steps=4)
    lab = e.widget()
    assert {round(r["end_score"], 4) for r in lab.state["runs"]} == {round(e.prediction.score, 4)}
    assert lab.state["runs"][0]["probabilities"] is None


def test_a_baseline_of_ones_own_stays_in_the_lab(cat):
    lab = xk.integrated_gradients(*cat, baseline=torch.full((3, 1, 1), 0.3), n_steps=4).widget()
    assert lab.state["controls"][0]["values"][0] == "your own"
    lab.request = {"baseline": "your own", "rule": "left", "n_steps": 3, "number": 1}
    assert lab.error == ""
    assert lab.state["runs"][lab.run]["baseline"] == "your own"


FAMILY = {
    "blur_integrated_gradients": {"n_steps": 30},
    "guided_integrated_gradients": {"n_steps": 30},
    "gradient_shap": {"n_samples": 12},
}


@pytest.mark.parametrize("name", FAMILY)
def test_what_the_path_lab_adds_up_is_the_attribution(name, cat):
    e = xk.METHODS[name](*cat, **FAMILY[name])
    lab = PathLab(e, alternatives=False)
    run, check = lab.state["runs"][0], e.checks[0]
    n = 12 if lab.state["mean"] else 1  # the page divides the sum of draws by their number
    assert floats(run["sums"])[-1] / n == pytest.approx(float(e.attribution.sum()), rel=1e-3, abs=1e-3)
    assert run["end_score"] - run["start_score"] == pytest.approx(check.right, rel=1e-4)
    scale, offset = np.array(run["added"]["scale"]), np.array(run["added"]["offset"])
    added = np.frombuffer(run["added"]["view"], np.uint8).reshape(run["added"]["shape"]).astype(float)
    total = (added * scale[:, None, None] + offset[:, None, None]).sum(0) / n
    truth = e.attribution.sum(0).numpy()
    assert np.abs(total - truth).max() < 0.05 * np.abs(truth).max()  # 8 bits a frame


@pytest.mark.parametrize("rule", ["left", "trapezoid"])
def test_the_guided_path_is_added_up_by_its_own_rule(rule, cat):
    e = xk.guided_integrated_gradients(*cat, n_steps=12, rule=rule)
    run = PathLab(e, alternatives=False).state["runs"][0]
    assert floats(run["sums"])[-1] == pytest.approx(float(e.attribution.sum()), rel=1e-3, abs=1e-3)


def test_each_lab_of_the_family_brings_something_to_switch_to(cat):
    switched = {"blur_integrated_gradients": "edges", "guided_integrated_gradients": "rule"}
    for name, option in {**switched, "gradient_shap": "background"}.items():
        lab = xk.METHODS[name](*cat, **FAMILY[name]).widget()
        assert isinstance(lab, PathLab)
        assert len({run[option] for run in lab.state["runs"]}) > 1
        assert wire.size(lab.state) < wire.STATE_BYTES


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("blur_integrated_gradients", {"edges": "mirrored", "n_steps": 7}),
        ("guided_integrated_gradients", {"rule": "trapezoid", "max_distance": 1.0, "n_steps": 5}),
        ("gradient_shap", {"background": "white"}),
        ("gradient_shap", {"background": "noise"}),
    ],
)
def test_the_labs_of_the_family_answer_a_request(name, request_, cat):
    lab = PathLab(xk.METHODS[name](*cat, **FAMILY[name]), alternatives=False)
    lab.request = {**request_, "number": 1}
    assert lab.error == ""
    shown = lab.state["runs"][lab.run]
    assert {key: shown[key] for key in request_} == request_


def test_expected_gradients_keep_a_background_of_ones_own_in_the_lab(cat):
    e = xk.gradient_shap(*cat, background=xk.data.photos(4).images, n_samples=6)
    lab = PathLab(e, alternatives=False)
    lab.request = {"background": "your own", "number": 1}
    assert lab.error == ""
    assert lab.state["runs"][1]["sums"] == lab.state["runs"][0]["sums"]


@pytest.fixture(scope="module")
def regions():
    scene = xk.data.mosaics(1)[0]
    return xk.xrai(xk.zoo.load("photos"), scene.image, target=scene.label, n_steps=4)


def words(packed: dict) -> np.ndarray:
    return np.frombuffer(packed["view"], "<u2").reshape(packed["shape"])


def test_the_regions_lab_replays_the_order_and_the_gains(regions):
    lab = regions.widget()
    assert isinstance(lab, RegionsLab)
    run = lab.state["runs"][0]
    np.testing.assert_array_equal(words(run["order"])[0], regions["order"].numpy())
    np.testing.assert_allclose(floats(run["gains"]), regions["region_gains"].numpy(), rtol=1e-6)
    assert floats(run["areas"])[-1] == 1
    assert floats(run["sums"])[-1] == pytest.approx(lab.state["total"], rel=1e-5)
    assert floats(run["seen"]["probability"])[-1] == pytest.approx(regions.prediction.probability, rel=1e-4)


def test_the_regions_lab_can_merge_from_each_scale_alone(regions):
    lab = RegionsLab(regions)
    assert [run["name"] for run in lab.state["runs"]] == ["all", "50", "100", "150", "250", "500", "1200"]
    alone = xk.xrai(
        regions.model,
        regions.x,
        base_attribution=regions["base_attribution"],
        segments=regions["segmentations"][4],
    )
    np.testing.assert_array_equal(words(lab.state["runs"][5]["order"])[0], alone["order"].numpy())


def test_a_saved_explanation_by_regions_has_a_lab_without_what_needs_the_model(regions, tmp_path):
    regions.save(tmp_path / "e.safetensors")
    lab = xk.load(tmp_path / "e.safetensors").widget()
    assert isinstance(lab, RegionsLab)
    assert len(lab.state["runs"]) == 1
    assert lab.state["runs"][0]["seen"] is None


def test_segments_of_ones_own_are_layers_of_the_lab(cat):
    masks = torch.zeros(3, 96, 96, dtype=torch.bool)
    masks[0, :50], masks[1, 40:80], masks[2, :, 30:] = True, True, True
    e = xk.xrai(
        *cat, segments=masks, base_attribution=torch.rand(96, 96, generator=torch.Generator().manual_seed(0))
    )
    lab = e.widget()
    assert lab.state["names"] == ["1", "2", "3"]
    assert words(lab.state["pieces"])[0].min() == 0  # where a layer has no region


def test_a_large_picture_is_thinned_for_the_regions_lab():
    model = torch.nn.Sequential(torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(), torch.nn.Linear(12, 2))
    x = torch.rand(3, 600, 400, generator=torch.Generator().manual_seed(0))
    cut = (torch.arange(600)[:, None] // 50 * 8 + torch.arange(400) // 50).expand(600, 400)
    lab = xk.xrai(model, x, segments=cut, base_attribution=x).widget()
    assert lab.state["runs"][0]["order"]["shape"] == [1, 200, 134]
    assert wire.size(lab.state) < wire.STATE_BYTES


def test_the_noise_lab_follows_the_standard_error_that_the_method_reports(cat):
    e = xk.smoothgrad(*cat, n_samples=20)
    lab = NoiseLab(e, alternatives=False)
    assert floats(lab.state["runs"][0]["errors"])[-1] == pytest.approx(e.checks[0].left, rel=1e-3)


def test_the_noise_lab_computes_another_sigma_when_asked(cat):
    lab = NoiseLab(xk.smoothgrad(*cat, n_samples=8), alternatives=False)
    lab.request = {"noise_std": 0.4, "number": 1}
    assert [r["noise_std"] for r in lab.state["runs"]] == [0.15, 0.4]
    assert lab.run == 1


def test_the_player_plays_a_nested_walk_as_one_timeline(cat):
    from xaikit.core.explanation import Explanation
    from xaikit.core.steps import Step

    inner = xk.saliency(*cat)
    nested = Step("inner", inner, kind="explanation")
    outer = Explanation(
        "outer", inner.x, inner.result, {"inner": nested, "attribution": inner.steps["attribution"]}
    )
    names = [s["name"] for s in Player(outer).state["steps"]]
    assert names == ["inner.score", "inner.gradient", "inner.attribution", "inner", "attribution"]


def test_without_steps_the_player_says_what_to_do(cat):
    with pytest.raises(xk.errors.OptionError, match="keep='all'"):
        xk.saliency(*cat, keep="result").widget()


def test_a_row_and_a_grey_picture_and_four_channels_have_widgets():
    for shape in ((12,), (1, 9, 9), (4, 6, 6), (2, 5, 5)):
        model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(int(np.prod(shape)), 2))
        widget = widget_for(xk.integrated_gradients(model, torch.rand(shape), n_steps=4))
        assert widget.state["title"] == "Integrated Gradients"


def test_the_page_names_nothing_outside_itself(explained, tmp_path):
    for method in xk.METHODS.values():
        explained(method.name).to_html(tmp_path / "page.html")
        text = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert set(re.findall(r"https?://[\w./-]+", text)) <= {
            "http://www.w3.org/2000/svg",
            "http://www.w3.org/1998/Math/MathML",
        }
        assert not re.search(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?!data:)", text)


def test_a_page_that_cannot_be_written_is_a_clear_error(cat, tmp_path):
    with pytest.raises(xk.errors.FileError, match="Try another folder"):
        xk.saliency(*cat).to_html(tmp_path / "missing" / "page.html")


def test_the_notebook_output_has_a_still_picture_and_no_address(lab):
    data, _ = lab._repr_mimebundle_()
    assert data["text/plain"] == "<PathLab of Integrated Gradients>"
    assert data["image/png"].startswith("iVBOR")
    assert "application/vnd.jupyter.widget-view+json" in data


def test_a_widget_can_be_put_into_a_published_notebook(lab):
    frame = show_static(lab)._repr_html_()
    assert frame.startswith("<div><iframe srcdoc=")
    assert "<script" not in frame  # the whole page is escaped inside the attribute


def test_the_player_plays_a_walk_that_is_still_going_on_one_step_at_a_time(cat):
    walk = xk.integrated_gradients.walk(*cat, n_steps=4)
    player = Player(walk)
    assert player.state["steps"] == []
    for expected in ("alphas", "weights", "interpolated"):
        player.request = {"next": len(player.state["steps"])}
        assert player.state["steps"][-1]["name"] == expected
    assert walk.model.forward_samples == 0  # no step so far has needed the model
    for k in range(20):
        player.request = {"next": 100 + k}
    assert [s["name"] for s in player.state["steps"]][-1] == "attribution"
    assert player.state["checks"][0]["name"] == "completeness"
    assert not player.live
    assert player.error == ""


def test_a_walk_that_has_not_begun_is_shown_without_a_picture(cat):
    data, _ = Player(xk.saliency.walk(*cat))._repr_mimebundle_()
    assert "image/png" not in data


def test_a_formula_that_cannot_be_converted_is_left_out():
    assert wire.mathml(r"\begin{cases} x") == ""
    assert wire.mathml(r"x^2").startswith("<math")


def test_the_noise_lab_shows_the_newest_sigma_and_keeps_the_learners_own(cat):
    lab = NoiseLab(xk.smoothgrad(*cat, n_samples=3), alternatives=False)
    for k in range(12):
        lab.request = {"noise_std": 0.5 - 0.02 * k, "number": k}
        assert lab.error == ""
        assert lab.state["runs"][lab.run]["noise_std"] == 0.5 - 0.02 * k
    assert 0.15 in [r["noise_std"] for r in lab.state["runs"]]
