"""The how-tos in `.github`: every path, name and command in them is there, and their code runs."""

import json
import pkgutil
import re
from collections import Counter
from pathlib import Path

import pytest

import xaikit as xk
from tests.__main__ import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / ".github"
HOW_TO = sorted((GITHUB / "how-to").glob("*.md"))
PAGES = [GITHUB / "CHANGELOG.md", GITHUB / "CONTRIBUTING.md", *HOW_TO]
SCRIPTS = json.loads((ROOT / "widgets_js" / "package.json").read_text(encoding="utf-8"))["scripts"]

FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
TICKED = re.compile(r"`([^`\n]+)`")
#: `tests/laws/<family>.py`, `pyproject.toml`: with a slash, or with the ending of a file.
PATH = re.compile(r"[\w.<>*-]*(?:/[\w.<>*-]*)+|[\w.<>*-]+\.(?:py|md|ts|toml|json|ipynb|yaml|yml)")

every_page = pytest.mark.parametrize("path", PAGES, ids=[p.stem for p in PAGES])


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def ticked(text: str) -> list[str]:
    """What stands between backticks in running text."""
    return TICKED.findall(FENCED.sub("", text))


def paths_in(text: str) -> list[str]:
    return [word for code in ticked(text) for word in code.split() if PATH.fullmatch(word)]


def missing(text: str) -> list[str]:
    """The paths that lead nowhere from the root; `<family>` stands for any name."""
    patterns = {path: re.sub(r"<\w+>", "*", path) for path in paths_in(text)}
    return [path for path, pattern in patterns.items() if not any(ROOT.glob(pattern.rstrip("/")))]


def test_all_how_tos_are_checked():
    assert len(HOW_TO) >= 7


def test_a_path_that_leads_nowhere_is_found():
    text = "`xaikit/core/steps.py`, `tests/laws/<family>.py`, `xaikit/no/such.py`, `such.md`, `npm run x`\n"
    assert missing(text) == ["xaikit/no/such.py", "such.md"]


@every_page
def test_every_path_that_is_named_exists(path):
    text = read(path)
    assert missing(text) == []
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (path.parent / target).exists(), target


@every_page
def test_every_name_of_the_kit_is_public(path):
    for dotted in re.findall(r"\bxk((?:\.\w+)+)", read(path)):
        first, *rest = dotted.strip(".").split(".")
        assert first in xk.__all__, dotted
        value = getattr(xk, first)
        for name in rest:
            value = getattr(value, name)


@every_page
def test_every_dotted_name_of_the_kit_or_the_tests_is_there(path):
    for dotted in re.findall(r"`((?:xaikit|tests)(?:\.\w+)+)`", read(path)):
        pkgutil.resolve_name(dotted)


@every_page
def test_every_command_that_is_named_is_there(path):
    text = read(path)
    assert set(re.findall(r"python -m tests (\w+)", text)) <= set(COMMANDS)
    assert set(re.findall(r"npm run (\w+)", text)) <= set(SCRIPTS)


@pytest.mark.parametrize("path", HOW_TO, ids=[p.stem for p in HOW_TO])
def test_the_code_of_a_how_to_runs(path, registry):
    names: dict = {"__name__": "how_to"}
    for language, block in FENCED.findall(read(path)):
        if language == "python":
            exec(compile(block, path.name, "exec"), names)


def test_the_door_leads_to_every_how_to():
    door = read(GITHUB / "CONTRIBUTING.md")
    assert [p.name for p in HOW_TO if f"](how-to/{p.name})" not in door] == []


def test_the_table_of_words_holds_the_parameters_that_several_methods_share():
    used = Counter(name for method in xk.METHODS.values() for name in method.__signature__.parameters)
    text = read(GITHUB / "how-to" / "words.md")
    _, _, table = text.partition("## Parameters")
    table, _, _ = table.partition("\n## ")
    words = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert words <= set(used), "no method takes these"
    assert {name for name, n in used.items() if n >= 5} <= words, "these belong into the table"
