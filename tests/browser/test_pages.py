"""Every widget on its static page, in a real browser, with the network off."""

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe

import xaikit as xk
from xaikit.widgets import PathLab, Player, write_page
from xaikit.widgets.player import flat

SCHEMES = ("light", "dark")
PAGES = (
    "path_page", "noise_page", "blur_page", "guided_page", "expected_page", "regions_page", "cam_page",
    "flow_page", "lift_page", "backward_page", "segmentation_page", "occlusion_page", "coalitions_page",
    "four_page", "superpixels_page", "text_page",
)  # fmt: skip


def painted(page, nth: int) -> np.ndarray:
    """The pixels of the nth canvas, (height, width, 4)."""
    rows = (
        page.locator("canvas")
        .nth(nth)
        .evaluate(
            "c => [c.height, c.width, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
        )
    )
    return np.array(rows[2:], dtype=np.uint8).reshape(rows[0], rows[1], 4)


def trait(page, name: str):
    return page.evaluate(f"widgets[0].get('{name}')")


def drag(page, share: float) -> None:
    box = page.locator("input[type=range]").first.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2, steps=8)
    page.mouse.up()
    page.wait_for_timeout(60)


def violations(page) -> list[str]:
    """What axe finds wrong, and its rules that broke off: a rule that breaks off has judged nothing."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response
    broken = [f"{v['id']} broke off: {v['message']}" for v in found["incomplete"] if "error" in v]
    return broken + [f"{v['id']}: {n['html'][:120]}" for v in found["violations"] for n in v["nodes"]]


def test_dragging_alpha_moves_picture_slope_sum_and_numbers_together(open_page, path_page):
    with open_page(path_page) as page:
        before = [painted(page, k) for k in range(4)]
        numbers = page.locator(".xk-check .xk-num").all_inner_texts()
        drag(page, 0.3)
        after = [painted(page, k) for k in range(4)]
        assert all((a != b).any() for a, b in zip(before, after, strict=True))
        assert page.locator(".xk-check .xk-num").all_inner_texts()[0] != numbers[0]
        assert trait(page, "alpha") == pytest.approx(0.3, abs=0.06)
        assert (
            after[0][..., :3].mean() < 0.5 * before[0][..., :3].mean()
        )  # a third of the way from black is darker


def test_the_interpolated_picture_is_the_mixture_that_the_formula_says(open_page, path_page, cat):
    with open_page(path_page) as page:
        page.evaluate("widgets[0].set('frame', 24)")
        page.wait_for_timeout(80)
        mixed = 0.49 * cat[1].permute(1, 2, 0).numpy() * 255  # frame 24 of 50 midpoints stands at α = 0.49
        np.testing.assert_allclose(painted(page, 0)[..., :3], mixed, atol=2)


def test_the_sum_on_the_page_is_the_sum_in_python(open_page, path_page, cat):
    e = xk.integrated_gradients(*cat)
    with open_page(path_page) as page:
        shown = [float(t.replace("−", "-")) for t in page.locator(".xk-check .xk-num").all_inner_texts()]
        assert shown[0] == pytest.approx(float(e.attribution.sum()), abs=0.01)
        assert shown[1] == pytest.approx(e.checks[0].right, abs=0.01)


def test_pointing_at_a_pixel_reads_its_number_in_every_panel(open_page, path_page, cat):
    e = xk.integrated_gradients(*cat)
    with open_page(path_page) as page:
        box = page.locator("canvas").nth(2).bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.6)
        page.wait_for_timeout(80)
        row, column = (int(96 * t) for t in trait(page, "pixel"))
        values = page.locator(".xk-value").all_inner_texts()
        assert values[0] == f"row {row}, column {column}"
        truth = float(e.attribution.sum(0)[row, column])
        assert float(values[2].replace("−", "-")) == pytest.approx(
            truth, abs=0.02 * float(e.attribution.sum(0).abs().max())
        )
        assert page.locator(".xk-cursor").evaluate_all("all => all.every(c => !c.hidden)")


def test_everything_works_by_keyboard_and_no_key_leaves_the_widget(open_page, path_page):
    with open_page(path_page) as page:
        page.evaluate("window.leaked = 0; document.addEventListener('keydown', () => window.leaked++)")
        slider = page.locator("input[type=range]").first
        slider.focus()
        page.keyboard.press("Home")
        page.keyboard.press("ArrowRight")
        assert trait(page, "frame") == 1
        page.keyboard.press("d")
        page.keyboard.press("d")
        page.locator("canvas").nth(1).focus()
        page.keyboard.press("ArrowDown")
        assert len(trait(page, "pixel")) == 2
        page.locator("[role=radiogroup][aria-label='Compared with'] [aria-checked=true]").focus()
        page.keyboard.press("ArrowRight")
        assert trait(page, "run") != 0
        assert page.evaluate("window.leaked") == 0


def test_another_baseline_rule_and_number_of_steps_are_there_without_a_kernel(open_page, path_page):
    with open_page(path_page) as page:
        for label, value in (("Compared with", "white"), ("Rule", "left"), ("Steps", "5")):
            page.locator(f"[role=radiogroup][aria-label='{label}'] button", has_text=value).first.click()
            page.wait_for_timeout(60)
            lit = page.locator(f"[role=radiogroup][aria-label='{label}'] [aria-checked=true]").inner_text()
            assert lit == value
        assert page.locator(".xk-busy").is_hidden()


def test_play_walks_to_the_end_and_stops(open_page, path_page):
    with open_page(path_page) as page:
        page.evaluate("widgets[0].set('frame', 46)")
        page.locator("button", has_text="Play").click()
        page.wait_for_timeout(900)
        assert trait(page, "frame") == 49
        assert page.locator("button", has_text="Play").count() == 1


def test_the_lab_asks_for_a_guess_before_it_shows_anything(open_page, cat, tmp_path):
    PathLab(xk.integrated_gradients(*cat), alternatives=False, ask=True).export_html(tmp_path / "ask.html")
    with open_page(tmp_path / "ask.html") as page:
        assert page.locator(".xk-panels").is_hidden()
        page.get_by_label("your guess for α").fill("30")
        page.get_by_role("button", name="This is my guess").click()
        assert trait(page, "guess") == pytest.approx(0.3)
        assert page.locator(".xk-panels").is_visible()
        assert "your guess" in page.locator("svg").first.text_content()


def test_a_curved_path_is_shown_as_it_was_walked(open_page, cat, tmp_path):
    e = xk.path_integrated_gradients(*cat, path="blur", n_steps=12)
    e.to_html(tmp_path / "blur.html")
    with open_page(tmp_path / "blur.html") as page:
        drag(page, 0.0)
        first = e["interpolated"][0].permute(1, 2, 0).clamp(0, 1).numpy() * 255
        np.testing.assert_allclose(painted(page, 0)[..., :3], first, atol=3)


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def pick(page, label: str, word: str) -> None:
    page.locator(f"[role=radiogroup][aria-label='{label}']").get_by_text(word, exact=True).click()
    page.wait_for_timeout(80)


def test_blur_comes_into_focus_and_its_slider_reads_sigma(open_page, blur_page, cat):
    e = xk.blur_integrated_gradients(*cat)
    with open_page(blur_page) as page:
        page.evaluate("widgets[0].set('frame', 0)")
        page.wait_for_timeout(80)
        assert page.locator(".xk-at").inner_text() == f"σ = {float(e['sigmas'][0]):.1f} px"
        widest = e["blurred"][0].permute(1, 2, 0).clamp(0, 1).numpy() * 255
        np.testing.assert_allclose(painted(page, 0)[..., :3], widest, atol=3)
        pick(page, "First panel", "what is added")
        assert (painted(page, 0)[..., :3] != widest.round()).any()
        pick(page, "Beyond the edges", "mirrored")
        assert trait(page, "run") == 1


def test_the_guided_path_shows_who_is_ahead_and_where_the_sum_goes(open_page, guided_page, cat):
    e = xk.guided_integrated_gradients(*cat, n_steps=40)
    with open_page(guided_page) as page:
        shown = [number(t) for t in page.locator(".xk-check .xk-num").all_inner_texts()]
        assert shown == pytest.approx([float(e.attribution.sum()), e.checks[0].right], abs=0.01)
        before = painted(page, 0)
        pick(page, "First panel", "who is ahead")
        assert (painted(page, 0) != before).any()
        pick(page, "Slope of a step", "trapezoid")
        other = xk.guided_integrated_gradients(*cat, n_steps=40, rule="trapezoid")
        page.evaluate("widgets[0].set('frame', 39)")
        page.wait_for_timeout(80)
        mended = number(page.locator(".xk-check .xk-num").first.inner_text())
        assert mended == pytest.approx(float(other.attribution.sum()), abs=0.05)


def test_expected_gradients_average_draw_by_draw(open_page, expected_page, cat):
    e = xk.gradient_shap(*cat, background=xk.data.photos(6).images, n_samples=30)
    with open_page(expected_page) as page:
        page.evaluate("widgets[0].set('frame', 9)")
        page.wait_for_timeout(80)
        assert page.locator(".xk-at").inner_text() == "n = 10"
        mean = number(page.locator(".xk-check .xk-num").first.inner_text())
        assert mean == pytest.approx(float(e["samples"][:10].sum() / 10), abs=0.01)
        pick(page, "First panel", "its baseline")
        drawn = e["baselines"][9].permute(1, 2, 0).numpy() * 255
        np.testing.assert_allclose(painted(page, 0)[..., :3], drawn, atol=3)
        assert "standard error" in page.locator(".xk-key").inner_text()


def test_regions_enter_as_the_slider_is_dragged(open_page, regions_page, cat):
    e = xk.xrai(*cat, n_steps=8)
    with open_page(regions_page) as page:
        pick(page, "Show the top", "all")
        n = int(e["order"].max())
        assert trait(page, "frame") == n - 1
        everything = painted(page, 1)
        handed = [number(t) for t in page.locator(".xk-check .xk-num").all_inner_texts()]
        assert handed[0] == pytest.approx(handed[1], rel=1e-3)
        drag(page, 0.2)
        k = trait(page, "frame") + 1
        assert 0 < k < n
        assert trait(page, "area") == pytest.approx(float((e["order"] <= k).float().mean()), abs=1e-4)
        assert (painted(page, 1) != everything).any()
        box = page.locator("canvas").nth(1).bounding_box()
        page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
        page.wait_for_timeout(80)
        entered = int(e["order"][48, 48])
        assert f"entered as {entered}" in page.locator(".xk-value").first.inner_text()
        pick(page, "Merge from", "1200")
        assert trait(page, "run") == 6
        for mode in ("relevance covered", "what the model says", "gain"):
            pick(page, "Shown", mode)


def test_the_noise_lab_shows_the_mean_of_the_first_samples(open_page, noise_page):
    with open_page(noise_page) as page:
        before = painted(page, 2)
        drag(page, 0.1)
        assert trait(page, "frame") < 5
        assert (painted(page, 2) != before).any()
        page.locator("[role=radiogroup] button", has_text="0.3").first.click()
        page.wait_for_timeout(60)
        assert page.locator("[aria-checked=true]").inner_text() == "0.3"


@pytest.mark.parametrize("name", list(xk.METHODS))
def test_the_player_plays_every_step_of_every_method(name, open_page, explained, tmp_path):
    e = explained(name)
    write_page(tmp_path / "p.html", [Player(e)])
    with open_page(tmp_path / "p.html") as page:
        buttons = page.locator(".xk-steps button")
        steps = flat(e)
        assert buttons.count() == len(steps)
        seen = set()
        for k, step in enumerate(steps):
            buttons.nth(k).click()
            page.wait_for_timeout(30)
            assert step.name.replace("_", " ") in page.locator(".xk-head").inner_text()
            assert page.locator(".xk-head math").count() == 1
            seen.add(page.locator(".xk-card").first.screenshot())
        assert len(seen) == len(steps)  # no two steps look the same


def test_the_player_plays_the_walk_by_itself_and_can_be_stopped(open_page, cat, tmp_path):
    write_page(tmp_path / "p.html", [Player(xk.saliency(*cat))])
    with open_page(tmp_path / "p.html") as page:
        page.locator(".xk-steps button").first.click()
        play = page.locator("button", has_text="Play").last
        play.click()
        page.wait_for_function("widgets[0].get('step') === 1")
        page.locator("button", has_text="Pause").click()
        page.wait_for_timeout(1500)
        assert trait(page, "step") == 1


def test_a_row_of_features_is_played_too(open_page, tmp_path):
    model = torch.nn.Sequential(torch.nn.Linear(30, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
    e = xk.integrated_gradients(model, torch.linspace(0, 1, 30))
    e.to_html(tmp_path / "row.html")
    with open_page(tmp_path / "row.html") as page:
        assert (
            page.locator(".xk-bars").text_content().count("input") == 20
        )  # the largest ones, and a line for the rest
        assert "and 10 more" in page.locator(".xk-card").first.inner_text()
        for k in range(len(e.steps)):
            page.locator(".xk-steps button").nth(k).click()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("page_name", PAGES)
def test_axe_finds_nothing(page_name, scheme, open_page, request):
    with open_page(request.getfixturevalue(page_name), color_scheme=scheme) as page:
        assert violations(page) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_in_the_tour(scheme, open_page, tour):
    with open_page(tour.folder / "xaikit-tour.html", color_scheme=scheme) as page:
        assert violations(page) == []
        labs = {xk.widgets.LABS.get(name, name) for name in xk.METHODS}
        assert page.locator(".xk").count() == len(labs)  # every lab once, and what has none


FAULTS = {
    "color-contrast": "e => e.innerHTML = `<b style='color: #bbb; background: #ccc'>pale</b>`",
    "button-name": "e => e.innerHTML = '<button></button>'",
    "image-alt": "e => e.innerHTML = '<img src=data:,>'",
    "label": "e => e.innerHTML = '<input>'",
}


@pytest.mark.parametrize("rule", FAULTS)
def test_axe_finds_a_fault_that_is_planted_in_the_tour(rule, open_page, tour):
    with open_page(tour.folder / "xaikit-tour.html") as page:
        page.locator(".xk p:visible").last.evaluate(FAULTS[rule])
        assert {found.partition(":")[0] for found in violations(page)} == {rule}


@pytest.mark.parametrize("width", [380, 640, 1000])
@pytest.mark.parametrize("page_name", PAGES)
def test_nothing_is_wider_than_the_page(width, page_name, open_page, request):
    with open_page(request.getfixturevalue(page_name), viewport={"width": width, "height": 900}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        clipped = page.evaluate(
            "[...document.querySelectorAll('.xk button, .xk figcaption b, .xk h2, .xk text')]"
            ".filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0).map(e => e.textContent)"
        )
        assert clipped == []


def test_text_from_the_user_is_never_markup(open_page, tmp_path):
    evil = "<script>window.hit=1</script><img src=x onerror=window.hit=1>"
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 64, 2))
    model.labels = [evil, evil + "2"]
    e = xk.integrated_gradients(
        model, torch.rand(3, 8, 8, generator=torch.Generator().manual_seed(0)), n_steps=4
    )
    assert "<script>" not in e._repr_html_()
    assert "<img" not in e._repr_html_()
    write_page(tmp_path / "evil.html", [e, Player(e)], title=evil)
    text = (tmp_path / "evil.html").read_text(encoding="utf-8")
    assert evil not in text
    with open_page(tmp_path / "evil.html") as page:
        assert page.evaluate("window.hit") is None
        assert "<script>" in page.locator(".xk p").first.inner_text()  # it is shown, as text


def test_a_formula_from_a_file_cannot_bring_a_script(open_page, tmp_path, cat):
    lab = PathLab(xk.integrated_gradients(*cat, n_steps=4), alternatives=False)
    bad = "<math><mtext>a</mtext><script>window.hit=1</script><mi onclick='window.hit=1'>b</mi></math>"
    lab.state = {**lab.state, "terms": [{"id": "point", "formula": bad, "caption": "bad"}]}
    lab.export_html(tmp_path / "bad.html")
    with open_page(tmp_path / "bad.html") as page:
        assert page.evaluate("window.hit") is None
        assert page.locator(".xk math script").count() == 0
        assert page.locator(".xk math [onclick]").count() == 0


def test_an_error_is_shown_in_the_widget(open_page, path_page):
    with open_page(path_page) as page:
        page.evaluate("widgets[0].set('error', 'n_steps is a whole number from 1')")
        assert page.get_by_role("alert").inner_text() == "n_steps is a whole number from 1"


def test_light_and_dark_follow_the_notebook_theme(open_page, path_page):
    with open_page(path_page, color_scheme="light") as page:
        white = page.locator(".xk").evaluate("e => getComputedStyle(e).backgroundColor")
        canvas = painted(page, 2)
        page.evaluate("document.body.dataset.jpThemeLight = 'false'")
        page.wait_for_timeout(100)
        assert page.locator(".xk").evaluate("e => getComputedStyle(e).backgroundColor") != white
        assert (painted(page, 2) != canvas).any()
