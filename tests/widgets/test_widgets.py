"""Widgets from Python: what they send, what they answer, how they look without a kernel."""

import re

import numpy as np
import pytest
import torch

import xaikit as xk
from xaikit.widgets import NoiseLab, PathLab, Player, show_static, widget_for, wire


@pytest.fixture(scope="module")
def cat():
    return xk.zoo.load("photos"), xk.data.photo("cat", size=96)


@pytest.fixture(scope="module")
def lab(cat):
    return xk.integrated_gradients(*cat, n_steps=10).widget()


def floats(packed: dict) -> np.ndarray:
    return np.frombuffer(packed["view"], "<f4").reshape(packed["shape"])


def test_every_method_has_a_widget(cat):
    for method in xk.METHODS.values():
        widget = method(*cat).widget()
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
    assert lab.state["baselines"][0] == "your own"
    lab.request = {"baseline": "your own", "rule": "left", "n_steps": 3, "number": 1}
    assert lab.error == ""
    assert lab.state["runs"][lab.run]["baseline"] == "your own"


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


def test_the_page_names_nothing_outside_itself(cat, tmp_path):
    for method in xk.METHODS.values():
        method(*cat).to_html(tmp_path / "page.html")
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
