"""The labs of occlusion, coalitions, superpixels and texts, in a real browser."""

import numpy as np
import pytest

import xaikit as xk

from .conftest import RAIN, rain
from .test_backward_labs import place, slide
from .test_pages import drag, number, painted, pick, trait


def numbers(page, selector: str) -> list[float]:
    return [number(t) for t in page.locator(selector).all_inner_texts()]


# Occlusion -----------------------------------------------------------------------------------------------


def test_the_window_follows_the_pointer_and_the_score_answers(open_page, occlusion_page, cat):
    e = xk.occlusion(*cat, target="cat")
    drops = e["differences"].numpy()
    with open_page(occlusion_page) as page:
        before = painted(page, 0)
        box = page.locator("canvas").first.bounding_box()
        page.mouse.move(*place(box, 5, 5))
        page.wait_for_timeout(80)
        assert trait(page, "frame") == 0
        assert (painted(page, 0) != before).any()
        assert number(page.locator(".xk-big").inner_text()) == pytest.approx(drops[0], rel=0.01, abs=1e-3)
        seen = painted(page, 0)[:, :, :3].astype(int)
        picture = np.moveaxis(cat[1].numpy(), 0, -1) * 255
        assert (seen[:12, :12] == 0).all()
        np.testing.assert_allclose(seen[12:, 12:], picture[12:, 12:], atol=2)
        page.mouse.move(*place(box, 90, 90))
        page.wait_for_timeout(80)
        assert trait(page, "frame") == 224
        assert number(page.locator(".xk-big").inner_text()) == pytest.approx(drops[-1], rel=0.01, abs=1e-3)


def test_the_map_fills_in_window_by_window_and_ends_as_in_python(open_page, occlusion_page, cat):
    e = xk.occlusion(*cat, target="cat")
    with open_page(occlusion_page) as page:
        whole = painted(page, 1)
        pick(page, "Map", "up to this one")
        drag(page, 0.3)
        assert (painted(page, 1) != whole).any()
        slide(page, 0, 224)
        assert (painted(page, 1) == whole).all()
        box = page.locator("canvas").nth(1).bounding_box()
        for row, column in ((20, 30), (50, 48), (80, 10)):
            page.mouse.move(*place(box, row, column))
            page.wait_for_timeout(80)
            read = number(page.locator(".xk-value").nth(1).inner_text())
            assert read == pytest.approx(float(e.attribution[row, column]), rel=0.01, abs=1e-3)


def test_other_windows_are_there_without_a_kernel(open_page, occlusion_page, cat):
    with open_page(occlusion_page) as page:
        first = painted(page, 1)
        pick(page, "Window", "19 px")
        assert (painted(page, 1) != first).any()
        slide(page, 0, 0)
        stride = 9
        e = xk.occlusion(*cat, target="cat", window=19, stride=stride)
        expected = float(e["differences"][0])
        assert number(page.locator(".xk-big").inner_text()) == pytest.approx(expected, rel=0.01, abs=1e-3)


# Coalitions ----------------------------------------------------------------------------------------------


def test_features_come_and_go_and_the_set_has_its_value(open_page, coalitions_page):
    with open_page(coalitions_page) as page:
        assert number(page.locator(".xk-big").inner_text()) == 3
        switches = page.locator("[aria-label='who is in'] button")
        switches.nth(1).click()
        assert number(page.locator(".xk-big").inner_text()) == RAIN["c"]
        switches.nth(2).click()
        assert number(page.locator(".xk-big").inner_text()) == RAIN["ch"]
        assert "{clouds, humidity}" in page.locator(".xk-card").first.inner_text()
        switches.nth(1).click()
        assert number(page.locator(".xk-big").inner_text()) == RAIN["h"]
        assert page.locator(".xk-node").count() == 8
        page.locator(".xk-node").nth(7).click()
        assert trait(page, "coalition") == 7


def test_an_order_is_a_path_from_nobody_to_everybody(open_page, coalitions_page):
    with open_page(coalitions_page) as page:
        pick(page, "Order", "humidity → clouds → temperature")
        added = []
        for k in (1, 2, 3):
            slide(page, 0, k)
            added.append(number(page.locator(".xk-at").first.inner_text().split()[-1]))
            assert page.locator(".xk-walked").count() == k
        assert added == [2, 5, 5]  # 5 − 3, 10 − 5, 15 − 10
        assert numbers(page, ".xk-check .xk-num") == [12, 12]


def test_the_table_weighs_what_a_feature_adds_to_each_set(open_page, coalitions_page):
    e = xk.exact_shapley(rain, ["temperature", "clouds", "humidity"])
    with open_page(coalitions_page) as page:
        page.locator("[aria-label='who is in'] button").nth(1).click()
        rows = page.locator(".xk-scroll tr").all_inner_texts()
        shown = [[number(cell) for cell in row.split("\t")[1:]] for row in rows[1:-1]]
        expected = [[3, 4, 1, 0.33], [2, 6, 4, 0.17], [5, 10, 5, 0.17], [8, 15, 7, 0.33]]
        assert shown == expected
        assert number(rows[-1].split("\t")[1]) == pytest.approx(float(e.result[1]), rel=1e-3)


def test_the_mean_over_orders_comes_near_the_exact_value(open_page, coalitions_page):
    exact = {"temperature": 13 / 6, "clouds": 25 / 6, "humidity": 17 / 3}
    with open_page(coalitions_page) as page:
        page.evaluate("widgets[0].set('drawn', 1000)")
        page.wait_for_timeout(100)
        names = page.locator(".xk-bars text").all_text_contents()
        for name, value in zip(names[0::2], names[1::2], strict=True):
            assert number(value) == pytest.approx(exact[name], abs=0.15)
        drawn = page.locator(".xk-chart").screenshot()
        slide(page, 1, 10)
        assert trait(page, "drawn") < 10
        assert page.locator(".xk-chart").screenshot() != drawn


def test_four_columns_have_a_lattice_and_another_order(open_page, four_page):
    with open_page(four_page) as page:
        assert page.locator(".xk-node").count() == 16
        before = trait(page, "order")
        page.locator("button", has_text="Another order").click()
        assert sorted(trait(page, "order")) == sorted(before)
        assert trait(page, "order") != before


# Superpixels and texts -----------------------------------------------------------------------------------


def middle_of(segments, k: int) -> tuple[int, int]:
    rows, columns = np.nonzero(segments == k)
    nearest = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
    return int(rows[nearest]), int(columns[nearest])


def test_a_click_switches_a_superpixel_and_the_score_answers(open_page, superpixels_page, cat):
    e = xk.lime_image(*cat, target="cat", n_samples=300)
    segments = e["segments"].numpy()
    with open_page(superpixels_page) as page:
        said = page.locator(".xk-big").first
        assert number(said.inner_text()) == pytest.approx(e.prediction.score, rel=0.01)
        before = painted(page, 0)
        box = page.locator("canvas").first.bounding_box()
        page.mouse.click(*place(box, *middle_of(segments, 5)))
        page.wait_for_timeout(100)
        assert trait(page, "off") == [5]
        changed = (painted(page, 0) != before).any(-1)
        assert changed[segments == 5].mean() > 0.9
        hidden = cat[1].clone()
        hidden[:, e["segments"] == 5] = cat[1][:, e["segments"] == 5].mean(1, keepdim=True)
        expected = float(xk.probability(cat[0], hidden, "cat"))
        assert number(said.inner_text()) == pytest.approx(expected, rel=0.01)
        terms = e["regression"].set_index("term")["value"]
        line = terms["intercept"] + sum(terms[f"segment {k}"] for k in range(segments.max() + 1) if k != 5)
        assert number(page.locator(".xk-big").nth(1).inner_text()) == pytest.approx(line, rel=0.01)


def test_the_line_on_the_page_is_the_line_in_python(open_page, superpixels_page, cat):
    e = xk.lime_image(*cat, target="cat", n_samples=300)
    terms = e["regression"].set_index("term")["value"]
    with open_page(superpixels_page) as page:
        texts = page.locator(".xk-bars text").all_text_contents()
        for name, value in zip(texts[0::2], texts[1::2], strict=True):
            assert number(value) == pytest.approx(terms[name], rel=0.01, abs=1e-4)
        assert number(page.locator(".xk-check .xk-num").first.inner_text()) == pytest.approx(
            terms["R²"], abs=2e-3
        )


def test_with_few_samples_the_explanation_wobbles(open_page, superpixels_page):
    with open_page(superpixels_page) as page:
        final = painted(page, 1)
        slide(page, 0, 40)
        forty = painted(page, 1)
        slide(page, 0, 41)
        assert (forty != final).any()
        assert (painted(page, 1) != forty).any()
        pick(page, "Samples by", "weight")
        assert "how much the sample counts" in page.locator(".xk-chart").text_content()


def test_without_a_kernel_a_set_that_nobody_asked_for_says_so(open_page, superpixels_page):
    with open_page(superpixels_page) as page:
        page.locator("button", has_text="Only the best three").click()
        page.wait_for_timeout(60)
        assert page.locator(".xk-big").first.inner_text() == "–"
        assert "running notebook" in page.locator(".xk-low").first.inner_text()
        page.locator("button", has_text="This sample").click()
        page.wait_for_timeout(60)
        assert page.locator(".xk-big").first.inner_text() != "–"  # the samples were asked for


def test_a_word_is_taken_out_and_the_score_answers(open_page, text_page):
    model, x, _ = xk.zoo.subject(("text",))
    e = xk.lime_text(model, x, n_samples=300)
    with open_page(text_page) as page:
        words = page.locator(".xk-token")
        assert words.all_inner_texts() == [t.strip() for t in e["tokens"]]
        words.nth(2).focus()
        page.keyboard.press("Enter")
        page.wait_for_timeout(80)
        assert trait(page, "off") == [2]
        assert words.nth(2).get_attribute("aria-pressed") == "false"
        left = "".join(t for k, t in enumerate(e["tokens"]) if k != 2)
        label = model.labels.index(e.prediction.label)
        expected = float(model([left]).detach().softmax(1)[0, label])
        assert number(page.locator(".xk-big").first.inner_text()) == pytest.approx(expected, rel=0.01)


def test_right_to_left_text_and_emoji_stand_as_they_were_written(open_page, tmp_path):
    texts = ["القطة نامت على الكرسي 🐈‍⬛، ثم «صحت».", "החתול ישן על הכיסא 👩🏽‍🚀!", "Nice 🇩🇪🇫🇷 game, 10:1!"]
    model = lambda rows: [[len(t) / 100, 1 - len(t) / 100] for t in rows]  # noqa: E731
    for k, text in enumerate(texts):
        e = xk.lime_text(model, text, n_samples=50)
        assert "".join(e["tokens"]) == text
        e.to_html(tmp_path / f"{k}.html")
        with open_page(tmp_path / f"{k}.html") as page:
            assert "".join(page.locator(".xk-token").all_inner_texts()) == text.replace(" ", "")
