"""The command line, as a person types it."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import xaikit as xk
from xaikit.cli import main


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def picture(mode: str = "RGB", size: tuple[int, int] = (160, 120)) -> Image.Image:
    return Image.fromarray(
        np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3), np.uint8)
    ).convert(mode)


def run(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(list(arguments))
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_the_tour_explains_by_every_method_and_writes_a_page(tour):
    assert tour.code == 0
    for method in xk.METHODS.values():
        assert method.title in tour.printed
    assert "completeness" in tour.printed
    assert 100_000 < (tour.folder / "xaikit-tour.html").stat().st_size < 6_000_000


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("a.jpg", lambda p: picture().save(p, quality=80)),
        ("alpha.png", lambda p: picture("RGBA").save(p)),
        ("grey.png", lambda p: picture("L").save(p)),
        ("huge.jpg", lambda p: picture(size=(6000, 4000)).save(p, quality=30)),
    ],
)
def test_a_picture_is_explained(name, save, folder, capsys):
    save(folder / name)
    code, out, _ = run(capsys, "explain", name, "--method", "saliency")
    assert code == 0
    assert "Saliency" in out
    assert (folder / name).with_suffix(".html").stat().st_size < 6_000_000


def test_options_of_the_method_are_set(folder, capsys):
    picture().save(folder / "a.png")
    arguments = [
        "--set",
        "n_steps=7",
        "--set",
        "rule=left",
        "--set",
        "score=probability",
        "--target",
        "cat",
        "--out",
        "b.html",
    ]
    code, out, _ = run(capsys, "explain", "a.png", *arguments)
    assert code == 0
    assert "alphas (7)" in out
    assert "cat (probability" in out
    assert (folder / "b.html").exists()


def test_a_file_name_is_escaped_in_the_page(folder, capsys):
    name = "<script>alert(1)<!--.png"
    picture().save(folder / name)
    assert run(capsys, "explain", name, "--method", "saliency", "--out", "a.html")[0] == 0
    assert "<script>alert" not in (folder / "a.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["explain", "missing.jpg"], "missing.jpg"),
        (["explain", "text.jpg"], "text.jpg"),
        (["explain", "empty.png"], "empty.png"),
        (["explain", "folder"], "folder"),
        (["explain", "a.png", "--method", "integrated_gradient"], "Did you mean 'integrated_gradients'?"),
        (["explain", "a.png", "--model", "photo"], "Did you mean 'photos'?"),
        (["explain", "a.png", "--target", "kat"], "Did you mean 'cat'?"),
        (["explain", "a.png", "--target", "99"], "99"),
        (["explain", "a.png", "--set", "n_steps=0"], "n_steps"),
        (["explain", "a.png", "--set", "steps=10"], "steps"),
        (["explain", "a.png", "--set", "n_steps"], "OPTION=VALUE"),
        (["explain", "a.png", "--out", "no/such/folder/a.html"], "no/such/folder"),
        (["show", "salency"], "Did you mean 'saliency'?"),
        (["cite", "lime"], "lime"),
        (["tour", "--out", "no/such/folder/a.html"], "no/such/folder"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2_and_writes_nothing(arguments, says, folder, capsys):
    picture().save(folder / "a.png")
    (folder / "text.jpg").write_text("this is no picture")
    (folder / "empty.png").write_bytes(b"")
    (folder / "folder").mkdir()
    before = sorted(folder.rglob("*"))
    code, _, err = run(capsys, *arguments)
    assert code == 2
    assert err.count("\n") == 1
    assert err.startswith("xaikit: ")
    assert says in err
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("arguments", [[], ["explain"], ["dance"], ["tour", "--colour"]])
def test_what_argparse_refuses_is_exit_code_2_too(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2


def test_list_names_every_method_and_its_question(capsys):
    _, out, _ = run(capsys, "list")
    for method in [*xk.METHODS.values(), *xk.METRICS.values()]:
        assert method.name in out
        assert method.question in out


@pytest.mark.parametrize("name", [*xk.METHODS, *xk.METRICS])
def test_show_gives_formula_steps_paper_and_lesson(name, capsys):
    code, out, _ = run(capsys, "show", name)
    assert code == 0
    assert {**xk.METHODS, **xk.METRICS}[name].formula in out
    last = "mean_similarity" if name == "parameter_randomization" else "relevance"
    assert ("attribution" if name in xk.METHODS else last) in out  # a step of each
    assert "https://" in out
    assert re.search(r"lesson  \d\d_", out)


@pytest.mark.parametrize("name", [*xk.METHODS, *xk.METRICS])
def test_cite_prints_bibtex(name, capsys):
    _, out, _ = run(capsys, "cite", name)
    assert out.startswith("@misc{")
    assert out.count("{") == out.count("}")


def test_the_lessons_are_copied_and_nothing_is_overwritten(folder, capsys):
    assert run(capsys, "lessons", "mine", "--no-open")[0] == 0
    copied = sorted((folder / "mine").glob("*.ipynb"))
    assert copied
    (folder / "mine" / copied[0].name).write_text("my work")
    code, _, err = run(capsys, "lessons", "mine", "--no-open")
    assert code == 2
    assert "your work stays" in err
    assert (folder / "mine" / copied[0].name).read_text() == "my work"


def test_a_students_copy_has_no_solution_and_no_output(folder, capsys):
    assert run(capsys, "lessons", "mine", "--student", "--no-open")[0] == 0
    for path in (folder / "mine").glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert "BEGIN SOLUTION" not in text
        assert "# your code here" in text
        cells = [c for c in json.loads(text)["cells"] if c["cell_type"] == "code"]
        assert all(c["outputs"] == [] for c in cells)


def test_the_doctor_finds_this_installation_well(capsys):
    code, out, _ = run(capsys, "doctor")
    assert code == 0
    assert "torchvision fits torch" in out
    assert "front end is there" in out


def test_the_doctor_finds_weights_that_are_not_there(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XAIKIT_WEIGHTS", str(tmp_path))
    code, out, _ = run(capsys, "doctor")
    assert code == 1
    assert "without weights" in out


def test_python_m_xaikit_is_the_same():
    done = subprocess.run(
        [sys.executable, "-m", "xaikit", "cite", "vargrad"], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0
    assert "adebayo2018vargrad" in done.stdout


@pytest.mark.parametrize("option", ["target=3", "x=3", "model=3"])
def test_set_is_for_the_options_of_the_method(option, folder, capsys):
    picture().save(folder / "a.png")
    code, _, err = run(capsys, "explain", "a.png", "--set", option)
    assert code == 2
    assert "--set is for the options" in err


@pytest.mark.parametrize("target", ["²", "--target=-3", "12x"])
def test_a_strange_target_is_one_line(target, folder, capsys):
    picture().save(folder / "a.png")
    argument = target if target.startswith("--") else f"--target={target}"
    assert run(capsys, "explain", "a.png", argument)[0] == 2


def test_the_folder_itself_is_no_picture(folder, capsys):
    code, _, err = run(capsys, "explain", ".")
    assert code == 2
    assert "no file" in err
