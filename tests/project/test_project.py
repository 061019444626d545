"""What stands around the package: README, wheel, workflows, Binder, CI."""

import contextlib
import io
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import xaikit as xk
from tests.quick import FEWER
from tests.readme import METHODS, README, page

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def command(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([*arguments], capture_output=True, text=True, timeout=600, **options)


# README ---------------------------------------------------------------------------------------------------


def test_the_page_of_methods_that_the_readme_links_is_that_of_the_registry():
    assert METHODS.read_text(encoding="utf-8") == page(), "run `python -m tests.readme --write`"
    assert f"]({METHODS.relative_to(ROOT).as_posix()})" in README.read_text(encoding="utf-8")


def test_the_code_in_the_readme_prints_what_the_readme_says():
    blocks = BLOCK.findall(README.read_text(encoding="utf-8"))
    place = next(k for k, (language, _) in enumerate(blocks) if language == "python")
    language, expected = blocks[place + 1]
    assert language == "text"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(blocks[place][1], "README.md", "exec"), {})
    assert printed.getvalue().strip() == expected.strip()


def test_all_code_in_the_readme_runs(registry):
    blocks = [
        text for language, text in BLOCK.findall(README.read_text(encoding="utf-8")) if language == "python"
    ]
    assert len(blocks) >= 3
    names: dict = {"__name__": "readme"}
    with contextlib.redirect_stdout(io.StringIO()):
        for block in blocks:
            exec(compile(block, "README.md", "exec"), names)


def test_ci_runs_the_test_command_of_the_readme():
    shell = [
        text.strip()
        for language, text in BLOCK.findall(README.read_text(encoding="utf-8"))
        if language == "sh"
    ]
    tests = next(text for text in shell if "pytest" in text)
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    normal = lambda text: re.sub(r"\s+-q\b", "", text)  # noqa: E731
    assert normal(tests) in normal(script)


def test_every_link_of_the_readme_to_a_file_leads_somewhere():
    for target in re.findall(
        r"\]\((?!https?:|#)([^)#]+)\)|src=\"(?!https?:)([^\"]+)\"", README.read_text(encoding="utf-8")
    ):
        path = target[0] or target[1]
        assert (ROOT / path).exists(), path


# The wheel ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    done = command(
        sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return next(out.glob("*.whl"))


def test_the_wheel_has_everything_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "widgets/static/player.js",
        "widgets/static/path.js",
        "show/tokens.json",
        "papers.toml",
        "zoo/weights/photos.safetensors",
    ):
        assert f"xaikit/{needed}" in names
    assert any(n.endswith("share/xaikit/lessons/02_integrated_gradients.ipynb") for n in names)
    assert not [
        n for n in names if "node_modules" in n or n.startswith("tests") or n.endswith((".pkl", ".pt"))
    ]
    lessons = sum(p.stat().st_size for p in (ROOT / "lessons").glob("*.ipynb"))
    assert wheel.stat().st_size < 4_000_000 + lessons  # their pictures hardly compress


def test_every_widget_works_from_the_installed_wheel_alone(wheel, tmp_path):
    """Into an empty folder that comes first on the path: the classic missing bundle fails here."""
    place = tmp_path / "site"
    done = command(
        sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(place), str(wheel)
    )
    assert done.returncode == 0, done.stderr[-2000:]
    script = f"""
import sys; sys.path.insert(0, {str(place)!r})
import xaikit as xk
assert xk.__file__.startswith({str(place)!r}), xk.__file__
from xaikit import widgets
for method in xk.METHODS.values():
    model, x, options = xk.zoo.subject(method.takes, method.explains)
    e = method(model, x, **options, **{FEWER!r}.get(method.name, {{}}))
    lab = e.widget()
    for w in (lab, widgets.Player(e)):
        assert len(w._esm if isinstance(w._esm, str) else str(w._esm)) > 10_000
    widgets.write_page("page.html", [lab])
print("all widgets")
"""
    done = command(sys.executable, "-I", "-W", "error", "-c", script, cwd=tmp_path)
    assert done.stdout.strip() == "all widgets", done.stderr[-3000:]


# Workflows, Binder, CI ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", WORKFLOWS, ids=[p.stem for p in WORKFLOWS])
def test_a_workflow_is_valid(path):
    done = command(
        sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=[p.stem for p in WORKFLOWS])
def test_a_workflow_asks_for_little_and_ends_in_time(path):
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            assert "run" in step or re.fullmatch(r"actions/[\w-]+@v\d+", step["uses"])
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


def test_the_gpu_workflow_runs_tests_and_lessons_on_the_accelerator():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "gpu.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["gpu"]
    assert job["env"]["XAIKIT_DEVICE"] == "cuda"
    runs = " ".join(step.get("run", "") for step in job["steps"])
    assert "pytest" in runs
    assert "--nbval" in runs


def test_binder_has_everything_the_package_needs():
    """Only the names differ: conda-forge calls torch pytorch-cpu and matplotlib matplotlib-base."""
    environment = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))
    there = {re.split(r"[><=]", d)[0] for d in environment["dependencies"]}
    other = {"torch": "pytorch-cpu", "matplotlib": "matplotlib-base"}
    needed = PROJECT["project"]["dependencies"] + PROJECT["project"]["optional-dependencies"]["lessons"]
    for requirement in needed:
        name = re.split(r"[><=]", requirement)[0]
        assert other.get(name, name) in there
    post_build = (ROOT / "binder" / "postBuild").read_text(encoding="utf-8")
    assert "set -e" in post_build


@pytest.mark.parametrize("script", [".ci/run", "binder/postBuild", "binder/start"])
def test_a_script_is_executable_and_parses(script):
    assert (ROOT / script).stat().st_mode & 0o111
    assert command("bash", "-n", str(ROOT / script)).returncode == 0


def test_dependencies_are_ranges_and_never_pins():
    for requirement in PROJECT["project"]["dependencies"]:
        assert ">=" in requirement
        assert "==" not in requirement


def test_no_file_names_a_package_registry():
    tracked = command("git", "-C", str(ROOT), "ls-files").stdout.splitlines()
    registries = ("pypi" + ".org", "registry.npmjs" + ".org", "files.python" + "hosted")
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".safetensors", ".png", ".ipynb"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not [r for r in registries if r in text], name


def test_ruff_finds_nothing():
    done = command(sys.executable, "-m", "ruff", "check", ".", cwd=ROOT)
    assert done.returncode == 0, done.stdout[-3000:]
    done = command(sys.executable, "-m", "ruff", "format", "--check", ".", cwd=ROOT)
    assert done.returncode == 0, done.stdout[-3000:]


def test_pyright_finds_nothing_where_things_are_computed():
    done = command(sys.executable, "-m", "pyright", "--pythonpath", sys.executable, cwd=ROOT)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_version_is_said_once():
    assert PROJECT["project"]["version"] == xk.__version__
