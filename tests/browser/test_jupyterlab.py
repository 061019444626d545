"""A real JupyterLab with a kernel: the slider is moved in the browser, and Python reads the state back."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest

TOKEN = "a-token-for-the-test"
WIDGET = """import xaikit as xk
model, x = xk.zoo.load("photos"), xk.data.photo("cat", size=96)
lab = xk.integrated_gradients(model, x).widget()
lab"""
SWITCH = """import xaikit as xk
model, x = xk.zoo.load("photos"), xk.data.photo("cat", size=96)
lab = xk.lime_image(model, x, segments="slic", n_samples=60).widget()
lab"""
READ = """print("alpha", lab.alpha, "frame", lab.frame)"""
RUNS = """run = lab.state["runs"][lab.run]
print("run", run["baseline"], run["rule"], run["n_steps"])"""


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(url: str, post: bool = False) -> dict:
    headers = {"Authorization": f"token {TOKEN}"}
    request = urllib.request.Request(url, headers=headers, data=b"" if post else None)
    with urllib.request.urlopen(request, timeout=5) as reply:
        return json.loads(reply.read() or b"{}")


@pytest.fixture(scope="module")
def lab_server(tmp_path_factory):
    home = tmp_path_factory.mktemp("lab")
    work = home / "work"
    work.mkdir()
    settings = home / "settings" / "@jupyterlab" / "notebook-extension"
    settings.mkdir(parents=True)
    (settings / "tracker.jupyterlab-settings").write_text('{"windowingMode": "none"}')
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    for name, source in (("lab", WIDGET), ("switch", SWITCH)):
        cells = [nbformat.v4.new_code_cell(source)]
        nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), work / f"{name}.ipynb")
    port = free_port()
    environment = {
        **os.environ,
        **{
            name: str(home / name)
            for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
        },
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "TQDM_DISABLE": "1",
    }
    options = [
        "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0", f"--IdentityProvider.token={TOKEN}",
        "--ServerApp.terminals_enabled=False", "--LabApp.expose_app_in_browser=True",
        "--LabApp.news_url=None", f"--ServerApp.root_dir={work}",
    ]  # fmt: skip
    log = (home / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options], env=environment, stdout=log, stderr=log
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            assert process.poll() is None, (home / "log").read_text()[-2000:]
            try:
                ask(f"{url}/api/status")
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.5)
        yield url
    finally:
        try:
            ask(f"{url}/api/shutdown", post=True)
            process.wait(20)
        except (urllib.error.URLError, OSError, subprocess.TimeoutExpired):
            process.kill()
            process.wait()
        log.close()


@pytest.fixture(scope="module")
def notebook(lab_server, browser):
    with running(lab_server, browser, "lab") as page:
        yield page


@contextmanager
def running(lab_server, browser, name: str):
    """A notebook whose cells have run."""
    context = browser.new_context(viewport={"width": 1400, "height": 1300})
    page = context.new_page()
    page.goto(f"{lab_server}/doc/tree/{name}.ipynb?token={TOKEN}")
    page.wait_for_function(
        "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
        timeout=90_000,
    )
    ran = page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells')")
    assert ran is not False
    page.wait_for_selector(".xk canvas", timeout=120_000)
    yield page
    context.close()


def python(page, source: str) -> str:
    """What the kernel prints for a piece of code, asked from the page."""
    return page.evaluate(
        """async (code) => {
          const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
          let printed = "";
          const future = kernel.requestExecute({ code });
          future.onIOPub = (m) => { if (m.header.msg_type === "stream") printed += m.content.text;
                                    if (m.header.msg_type === "error") printed += m.content.evalue; };
          await future.done;
          return printed.trim();
        }""",
        source,
    )


def test_alpha_moved_in_the_browser_is_read_back_in_python(notebook):
    slider = notebook.locator(".xk input[type=range]").first
    slider.focus()
    notebook.keyboard.press("Home")
    for _ in range(12):
        notebook.keyboard.press("ArrowRight")
    notebook.wait_for_timeout(800)
    assert python(notebook, READ) == "alpha 0.25 frame 12"


def test_d_pressed_twice_on_the_slider_does_not_delete_the_cell(notebook):
    notebook.locator(".xk input[type=range]").first.focus()
    notebook.keyboard.press("d")
    notebook.keyboard.press("d")
    notebook.wait_for_timeout(300)
    assert notebook.locator(".jp-CodeCell").count() == 1


def test_python_moves_the_slider(notebook):
    python(notebook, "lab.frame = 40")
    notebook.wait_for_function(
        "document.querySelector('.xk input[type=range]').value === '40'", timeout=10_000
    )


def test_a_combination_that_was_not_computed_is_asked_of_the_kernel(notebook):
    notebook.locator("[role=radiogroup][aria-label='Compared with'] button", has_text="white").click()
    notebook.locator("[role=radiogroup][aria-label='Rule'] button", has_text="trapezoid").click()
    lit = "document.querySelector(\"[aria-label='{}'] [aria-checked=true]\").textContent === '{}'"
    both = " && ".join([lit.format("Rule", "trapezoid"), lit.format("Compared with", "white")])
    notebook.wait_for_function(both, timeout=90_000)
    assert python(notebook, RUNS) == "run white trapezoid 50"
    assert notebook.locator(".xk-busy").is_hidden()


def test_what_goes_wrong_in_the_kernel_is_shown_in_the_widget(notebook):
    python(notebook, "lab.request = {'baseline': 'purple', 'rule': 'left', 'n_steps': 4}")
    notebook.wait_for_function(
        "document.querySelector('.xk [role=alert]').textContent.includes('purple')", timeout=20_000
    )


def test_the_widget_is_in_the_lab_as_beautiful_as_on_its_page(notebook, tmp_path):
    shot = Path(tmp_path / "lab.png")
    notebook.locator(".xk").screenshot(path=shot)
    assert shot.stat().st_size > 50_000


def test_a_set_of_superpixels_that_no_sample_had_is_asked_of_the_kernel(lab_server, browser):
    with running(lab_server, browser, "switch") as page:
        page.locator("button", has_text="Only the best three").click()
        said = "document.querySelector('.xk-big').textContent"
        page.wait_for_function(f"!['–', '…', '0.936'].includes({said})", timeout=30_000)
        shown = float(page.evaluate(said))
        key = "''.join('0' if k in lab.off else '1' for k in range(len(lab.state['names'])))"
        assert float(python(page, f"print(lab.answers[{key}])")) == pytest.approx(shown, rel=0.01, abs=1e-3)
        assert python(page, "print(len(lab.off) == len(lab.state['names']) - 3)") == "True"
