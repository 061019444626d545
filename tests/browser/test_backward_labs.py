"""The labs of backward rules, relevance, class activation maps and segmentation, in a real browser."""

import numpy as np
import pytest
import torch

import xaikit as xk

from .test_pages import drag, number, painted, pick, trait


def sliders(page):
    return page.locator("input[type=range]")


def slide(page, nth: int, value: int) -> None:
    """Move the nth slider as its keys would."""
    sliders(page).nth(nth).evaluate("(s, v) => { s.value = v; s.dispatchEvent(new Event('input')) }", value)
    page.wait_for_timeout(60)


def point(page, box, row: int, column: int) -> None:
    """Hover over a pixel of a picture of 96 × 96."""
    page.mouse.move(*place(box, row, column))
    page.wait_for_timeout(80)


def place(box, row: float, column: float) -> tuple[float, float]:
    return box["x"] + box["width"] * (column + 0.5) / 96, box["y"] + box["height"] * (row + 0.5) / 96


def meter(page) -> list[float]:
    return [number(t) for t in page.locator(".xk-check .xk-num").all_inner_texts()]


# CAM -----------------------------------------------------------------------------------------------------


def test_channels_add_up_to_the_map_and_the_map_to_the_score(open_page, cam_page, cat):
    e = xk.grad_cam(*cat, target="cat")
    with open_page(cam_page) as page:
        slide(page, 0, 127)
        assert trait(page, "frame") == 127
        left, right = meter(page)
        assert left == pytest.approx(float(e["combination"].sum()), rel=1e-3)
        assert right == pytest.approx(e.checks[0].right, rel=1e-3)
        whole = painted(page, 2)
        drag(page, 0.1)
        assert trait(page, "frame") < 30
        assert (painted(page, 2) != whole).any()
        assert meter(page)[0] != left


def test_the_enlarged_map_is_the_one_in_python(open_page, cam_page, cat):
    e = xk.grad_cam(*cat, target="cat")
    with open_page(cam_page) as page:
        slide(page, 0, 127)
        box = page.locator("canvas").nth(3).bounding_box()
        for row, column in ((20, 30), (50, 48), (80, 10)):
            point(page, box, row, column)
            read = number(page.locator(".xk-value").nth(3).inner_text())
            assert read == pytest.approx(float(e.attribution[row, column]), rel=0.02, abs=1e-4)
        pick(page, "Enlarged", "cell by cell")
        nearest = xk.grad_cam(*cat, target="cat", upsample="nearest").attribution
        assert number(page.locator(".xk-value").nth(3).inner_text()) == pytest.approx(
            float(nearest[80, 10]), rel=0.02
        )


def test_other_maps_are_there_without_a_kernel_and_the_relu_can_be_taken_off(open_page, cam_page):
    with open_page(cam_page) as page:
        seen = set()
        slide(page, 0, 127)
        for name in ("Grad-CAM", "Grad-CAM++", "HiResCAM", "Layer-CAM"):
            pick(page, "Method", name)
            seen.add(painted(page, 2).tobytes())
            formula = page.locator(".xk-formula").inner_text()
            assert "ReLU" in formula
        assert len(seen) >= 3  # on this network HiResCAM and Grad-CAM are one
        assert "no unit" in page.locator(".xk-low").inner_text()
        pick(page, "ReLU", "off")
        assert trait(page, "relu") is False


# Relevance -----------------------------------------------------------------------------------------------


def test_rules_are_switched_layer_by_layer_and_the_sum_answers(open_page, flow_page, cat):
    with open_page(flow_page) as page:
        own = xk.lrp(*cat, target="cat")
        assert meter(page) == pytest.approx([float(own.attribution.sum()), own.prediction.score], rel=1e-2)
        lost = painted(page, 2)
        pick(page, "Convolutions", "epsilon")
        other = xk.lrp(*cat, target="cat", rules="epsilon")
        assert meter(page)[0] == pytest.approx(float(other.attribution.sum()), rel=1e-2)
        assert (painted(page, 2) != lost).any()
        pick(page, "First layer", "flat")
        assert page.locator("[aria-checked=true]").all_inner_texts() == ["flat", "epsilon", "epsilon"]
        third = page.locator("[role=radiogroup][aria-label='Dense layers'] button", has_text="gamma")
        assert third.get_attribute("aria-disabled") == "true"  # a third switch needs a kernel
        pick(page, "Convolutions", "z_plus")
        pick(page, "Dense layers", "gamma")
        rules = {"": "z_plus", "model.features.0": "flat", "model.classifier": "gamma"}
        both = xk.lrp(*cat, target="cat", rules=rules)
        assert meter(page)[0] == pytest.approx(float(both.attribution.sum()), rel=1e-2)


def test_every_layer_is_shown_with_its_own_sum(open_page, flow_page, cat):
    own = xk.lrp(*cat, target="cat")
    with open_page(flow_page) as page:
        layers = page.evaluate("widgets[0].get('state').layers")
        for k in (0, len(layers) // 2, len(layers) - 1):
            slide(page, 0, k)
            assert layers[k].removeprefix("model.") in page.locator("figure").nth(1).inner_text()
            expected = float(own["layer_sums"][layers[k]])
            spoken = f"sum {expected:.3g}"
            page.wait_for_timeout(450)
            assert spoken[:6] in page.locator("[aria-live]").first.inner_text()


def test_deep_lift_compares_with_other_references(open_page, lift_page, cat):
    with open_page(lift_page) as page:
        for baseline in ("white", "blur"):
            pick(page, "Compared with", baseline)
            other = xk.deep_lift(*cat, target="cat", baseline=baseline)
            assert meter(page) == pytest.approx(
                [float(other.attribution.sum()), other.checks[0].right], rel=1e-2
            )
        pick(page, "Nonlinear", "reveal_cancel")
        assert "kept" in page.locator(".xk-verdict").inner_text()


# Backward ------------------------------------------------------------------------------------------------


def test_a_rule_says_what_a_relu_hands_on(open_page, backward_page, cat):
    with open_page(backward_page) as page:
        relus = page.evaluate("widgets[0].get('state').relus.map(r => [r.name, r.channel])")
        slide(page, 0, 2)
        name, channel = relus[2]
        seen = {}
        for rule in ("gradient", "deconvnet", "guided"):
            pick(page, "Rule", rule)
            seen[rule] = painted(page, 2)
        assert len({picture.tobytes() for picture in seen.values()}) == 3
        signals = xk.guided_backprop(*cat, target="cat")["relu_signals"][name][:, channel]
        arrived, handed = ((s != 0).sum().item() for s in signals)
        words = page.locator(".xk-card p").inner_text()
        assert f"arrives in {arrived} cells" in words
        assert f"{round(100 * handed / arrived)} %" in words


def test_random_layers_change_the_gradient_and_hardly_guided_backprop(open_page, backward_page):
    with open_page(backward_page) as page:
        runs = page.evaluate(
            "widgets[0].get('state').runs.map(r => r.similarity.view).map(v => Array.from(new Float32Array("
            "v.buffer.slice(v.byteOffset, v.byteOffset + v.byteLength))))"
        )
        gradient, _, guided = runs
        assert gradient[0] == guided[0] == pytest.approx(1)
        assert gradient[1] < 0.6 < 0.8 < guided[1]
        for rule, most in (("guided", 40), ("gradient", 255)):
            pick(page, "Rule", rule)
            slide(page, 1, 0)
            trained = painted(page, 3).astype(int)
            slide(page, 1, 1)
            changed = np.abs(painted(page, 3).astype(int) - trained)[..., :3].mean()
            assert changed > 0
            assert changed < most
        assert trait(page, "frame") == 1


# Segmentation --------------------------------------------------------------------------------------------


def click(page, row: float, column: float, canvas: int = 0) -> None:
    box = page.locator("canvas").nth(canvas).bounding_box()
    page.mouse.click(*place(box, row, column))
    page.wait_for_timeout(80)


def test_a_click_explains_another_object_pixel_or_class(open_page, segmentation_page, slices):
    model, x = slices
    lesions = xk.seg_grad_cam(model, x, target="lesion")
    largest = xk.seg_grad_cam(model, x, target="lesion", region="object")
    with open_page(segmentation_page) as page:
        words = page.locator(".xk-card p")
        assert f"lesion, {int(largest['region'].sum())} pixels" in words.inner_text()
        before = painted(page, 2)
        rest = lesions["region"][0] & ~largest["region"][0]
        row, column = rest.nonzero()[len(rest.nonzero()) // 2].tolist()
        click(page, row, column)
        assert f"lesion, {int(rest.sum())} pixels" in words.inner_text()
        assert (painted(page, 2) != before).any()
        pick(page, "A click picks", "class")
        assert f"lesion, {int(lesions['region'].sum())} pixels" in words.inner_text()
        pick(page, "A click picks", "pixel")
        click(page, 48, 30)
        assert "1 pixel" in words.inner_text()
        share = xk.seg_grad_cam(model, x, target="lesion").attribution
        assert torch.isfinite(share).all()


def test_a_place_is_picked_by_keyboard_too(open_page, segmentation_page):
    with open_page(segmentation_page) as page:
        pick(page, "A click picks", "pixel")
        before = trait(page, "run")
        page.locator("canvas").first.focus()
        for key in ("ArrowDown", "ArrowLeft") * 10:
            page.keyboard.press(key)
        page.keyboard.press("Enter")
        page.wait_for_timeout(80)
        assert trait(page, "run") != before


def test_the_map_on_the_page_is_the_one_in_python(open_page, segmentation_page, slices):
    e = xk.seg_grad_cam(*slices, target="lesion", region="object")
    with open_page(segmentation_page) as page:
        box = page.locator("canvas").nth(2).bounding_box()
        for row, column in ((75, 40), (70, 36), (27, 53)):
            point(page, box, row, column)
            read = number(page.locator(".xk-value").nth(2).inner_text())
            assert read == pytest.approx(float(e.attribution[row, column]), rel=0.02, abs=1e-3)
