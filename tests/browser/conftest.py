"""A real Chromium: Debian's, driven by Playwright. XAIKIT_REQUIRE_BROWSER=1 makes a missing one a failure."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import xaikit as xk

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        if os.environ.get("XAIKIT_REQUIRE_BROWSER") == "1":
            pytest.fail("no chromium on the PATH, and XAIKIT_REQUIRE_BROWSER=1 asks for one")
        pytest.skip("no chromium on the PATH")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@contextmanager
def opened(browser: Browser, path: Path, **options) -> Iterator[Page]:
    """A page from file:// that must raise nothing, log no error, and ask for nothing outside itself."""
    page = browser.new_page(**{"viewport": {"width": 1000, "height": 900}, **options})
    page.wrong = []
    page.on("pageerror", lambda error: page.wrong.append(f"error: {error}"))
    page.on("console", lambda m: m.type in ("error", "warning") and page.wrong.append(f"console: {m.text}"))
    page.on(
        "request",
        lambda r: r.url.startswith(("file:", "blob:", "data:")) or page.wrong.append(f"request: {r.url}"),
    )
    page.route("http*://**", lambda route: route.abort())
    page.goto(path.as_uri())
    page.wait_for_selector("html[data-ready]", timeout=30_000)
    page.wait_for_timeout(100)
    try:
        yield page
        assert page.wrong == []
    finally:
        page.close()


@pytest.fixture(scope="session")
def open_page(browser: Browser) -> Callable:
    return lambda path, **options: opened(browser, path, **options)


@pytest.fixture(scope="session")
def cat():
    """The bundled network and the photograph that it is shown here."""
    return xk.zoo.load("photos"), xk.data.photo("cat", size=96)


@pytest.fixture(scope="session")
def path_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "path.html"
    xk.integrated_gradients(*cat).to_html(path)
    return path


@pytest.fixture(scope="session")
def blur_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "blur.html"
    xk.blur_integrated_gradients(*cat).to_html(path)
    return path


@pytest.fixture(scope="session")
def guided_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "guided.html"
    xk.guided_integrated_gradients(*cat, n_steps=40).to_html(path)
    return path


@pytest.fixture(scope="session")
def expected_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "expected.html"
    xk.gradient_shap(*cat, background=xk.data.photos(6).images, n_samples=30).to_html(path)
    return path


@pytest.fixture(scope="session")
def regions_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "regions.html"
    xk.xrai(*cat, n_steps=8).to_html(path)
    return path


@pytest.fixture(scope="session")
def noise_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "noise.html"
    xk.smoothgrad(*cat, n_samples=24).to_html(path)
    return path


@pytest.fixture(scope="session")
def cam_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "cam.html"
    xk.grad_cam(*cat, target="cat").to_html(path)
    return path


@pytest.fixture(scope="session")
def flow_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "flow.html"
    xk.lrp(*cat, target="cat").to_html(path)
    return path


@pytest.fixture(scope="session")
def lift_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "lift.html"
    xk.deep_lift(*cat, target="cat").to_html(path)
    return path


@pytest.fixture(scope="session")
def backward_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "backward.html"
    xk.guided_backprop(*cat, target="cat").to_html(path)
    return path


@pytest.fixture(scope="session")
def occlusion_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "occlusion.html"
    xk.occlusion(*cat, target="cat").to_html(path)
    return path


@pytest.fixture(scope="session")
def coalitions_page(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "coalitions.html"
    xk.exact_shapley(rain, ["temperature", "clouds", "humidity"]).to_html(path)
    return path


@pytest.fixture(scope="session")
def four_page(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "four.html"
    model, x, options = xk.zoo.subject(("row",))
    xk.exact_shapley(model, x, **options).to_html(path)
    return path


@pytest.fixture(scope="session")
def superpixels_page(cat, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "superpixels.html"
    xk.lime_image(*cat, target="cat", n_samples=300).to_html(path)
    return path


@pytest.fixture(scope="session")
def text_page(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "text.html"
    model, x, _ = xk.zoo.subject(("text",))
    xk.lime_text(model, x, n_samples=300).to_html(path)
    return path


RAIN = {"": 3, "t": 2, "c": 4, "h": 5, "ct": 6, "ht": 8, "ch": 10, "cht": 15}


def rain(members: frozenset[str]) -> float:
    """How many millimetres it rains, with only some of the instruments read."""
    return RAIN["".join(sorted(name[0] for name in members))]


@pytest.fixture(scope="session")
def slices():
    """The segmentation network and a slice with two lesions."""
    return xk.zoo.load("unet"), xk.data.slices(4, seed=0).images[3]


@pytest.fixture(scope="session")
def segmentation_page(slices, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("pages") / "segmentation.html"
    xk.seg_grad_cam(*slices, target="lesion", region="object").to_html(path)
    return path
