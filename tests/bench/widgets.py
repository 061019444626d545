"""`python -m tests.bench.widgets`: how large the pages are, and how long the path lab takes to repaint."""

import os
import shutil
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import xaikit as xk
from xaikit.widgets import NoiseLab, PathLab, Player, RegionsLab, wire

from .networks import network

#: Moves the slider through every frame: milliseconds of script for each, and until it is on the screen.
MOVE = """async () => {
  const slider = document.querySelector("input[type=range]");
  const [script, shown] = [[], []];
  for (let k = 0; k <= Number(slider.max); k++) {
    const start = await new Promise(requestAnimationFrame);
    const before = performance.now();
    slider.value = k;
    slider.dispatchEvent(new Event("input"));
    script.push(performance.now() - before);
    await new Promise(requestAnimationFrame);
    shown.push(performance.now() - start);
  }
  return [script, shown];
}"""


def main() -> None:
    """Print sizes and times for a picture of 224×224 and 50 steps."""
    model, x = network("squeezenet1_0" if os.environ.get("XAIKIT_WEIGHTS") else "photos")
    e = xk.integrated_gradients(model, x)
    shown = {
        "path lab": PathLab(e),
        "path lab, blur": PathLab(xk.blur_integrated_gradients(model, x)),
        "path lab, guided": PathLab(xk.guided_integrated_gradients(model, x, n_steps=50)),
        "path lab, draws": PathLab(xk.gradient_shap(model, x)),
        "noise lab": NoiseLab(xk.smoothgrad(model, x)),
        "regions lab": RegionsLab(xk.xrai(model, x, n_steps=10)),
        "player": Player(e),
    }
    print(f"{tuple(x.shape)}, 50 steps")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, widget in shown.items():
            path = Path(folder) / "page.html"
            widget.export_html(path)
            sizes = f"state {wire.size(widget.state) / 1e6:.2f} MB, page {path.stat().st_size / 1e6:.2f} MB"
            page = browser.new_page()
            page.goto(path.as_uri())
            page.wait_for_selector("html[data-ready]")
            times = ""
            if name != "player":
                page.evaluate(MOVE)
                script, frames = page.evaluate(MOVE)
                times = (
                    f", repaint {statistics.median(script):.1f} ms of script (at most {max(script):.1f}), "
                    f"{statistics.median(frames):.1f} ms from frame to frame"
                )
            print(f"{name}: {sizes}{times}", flush=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
