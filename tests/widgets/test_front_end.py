"""The front end's own checks: types, unit tests, and a bundle that is what its sources say."""

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "widgets_js"
STATIC = ROOT / "xaikit" / "widgets" / "static"
MODULES = sorted(STATIC.glob("*.js"))
every_module = pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)


def npm(*arguments: str) -> str:
    done = subprocess.run(["npm", *arguments], cwd=SOURCES, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def node_modules():
    """What package-lock.json names, installed; users need no Node, so without it these tests are skipped."""
    if shutil.which("npm") is None:
        pytest.skip("no Node here: the front end's sources cannot be checked")
    if not (SOURCES / "node_modules" / ".bin" / "vitest").exists():
        npm("ci", "--ignore-scripts", "--no-audit", "--no-fund")


@pytest.mark.usefixtures("node_modules")
class TestSources:
    def test_the_types_fit(self):
        npm("run", "check")

    def test_vitest_is_green(self):
        assert "passed" in npm("test")

    def test_the_modules_are_up_to_date(self, tmp_path):
        npm("run", "build", "--", f"--outdir={tmp_path}")
        built = {path.name: path.read_bytes() for path in tmp_path.glob("*.js")}
        assert built == {path.name: path.read_bytes() for path in MODULES}, (
            "run `npm run build` in widgets_js and commit the modules"
        )


def test_every_widget_has_a_module_of_its_own():
    from xaikit import widgets

    shown = {str(widget._esm) for widget in (widgets.Player, *widgets.LABS.values())}
    assert shown == {path.read_text(encoding="utf-8") for path in MODULES}


@every_module
def test_a_module_is_small_and_has_no_import_left(module):
    text = module.read_text(encoding="utf-8")
    assert len(text.encode()) < 60_000
    assert "import " not in text.replace("import(", "")
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace(
        "http://www.w3.org/1998/Math/MathML", ""
    )


@every_module
def test_a_module_uses_only_the_portable_part_of_the_widget_model(module):
    text = module.read_text(encoding="utf-8")
    for word in ("widget_manager", ".invoke(", "document.querySelector", ".host"):
        assert word not in text


def test_no_file_of_the_front_end_names_a_method():
    import xaikit as xk

    for path in (SOURCES / "src").rglob("*.ts"):
        text = path.read_text(encoding="utf-8")
        for name in xk.METHODS:
            assert f'"{name}"' not in text, path.name
