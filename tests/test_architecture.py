"""The shape of the code: who imports whom, how long things are, and what stands nowhere."""

import ast
import graphlib
import inspect
import pathlib
import re
import subprocess
import sys
import tomllib

import pytest

import xaikit as xk

PACKAGE = pathlib.Path(xk.__file__).parent
ROOT = PACKAGE.parent
MODULES = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.rglob("*.py"))}
SHELVES = (
    "cli",
    "widgets",
    "show",
    "metrics",
    "methods",
    "zoo",
    "data",
    "network",
    "inputs",
    "core",
)  # imports go to the right
PLOTTING = {"matplotlib", "anywidget", "ipywidgets", "traitlets"}
BOARDS = ("core", "inputs", "network", "methods")  # shelves whose folders open with a board
UPWARD = {("core/explanation.py", "show"), ("core/explanation.py", "widgets")}  # Explanation.plot and .widget

every_module = pytest.mark.parametrize("module", list(MODULES))
FAMILIES = [m for m in MODULES if m.split("/")[0] in ("methods", "metrics")]
families = pytest.mark.parametrize("module", FAMILIES)


def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imported(module: str, where: ast.AST | None = None) -> set[str]:
    """The full names of what a module imports, anywhere in it; relative imports written out."""
    here = ("xaikit", *pathlib.PurePath(module).parts[:-1])
    names = set()
    for node in ast.walk(where or tree(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(here[: len(here) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (base, node.module) if part)
            names |= {source} | {f"{source}.{alias.name}" for alias in node.names}
    return names


def needs(module: str, modules: dict[str, str]) -> set[str]:
    """The modules that must be there before this one: what its first lines import, not what functions do."""
    top = [node for node in tree(module).body if isinstance(node, (ast.Import, ast.ImportFrom))]
    found = set()
    for node in top:
        names = imported(module, ast.Module([node], [])) & modules.keys()
        inside = {name for name in names for other in names if name.startswith(f"{other}.")}
        found |= inside or names  # `from . import wire` needs wire, not the folder that is being imported
    return {modules[name] for name in found} - {module}


def length(function: ast.FunctionDef) -> int:
    """Lines of a body, without signature and docstring."""
    body = function.body
    if len(body) > 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1


def is_method(function: ast.FunctionDef) -> bool:
    """Whether a function is decorated with @method(…)."""
    return any(
        isinstance(d, ast.Call) and getattr(d.func, "id", "") == "method" for d in function.decorator_list
    )


def holds_methods(module: str) -> bool:
    """Whether a method or a metric is defined there, so that it is read with the paper in hand."""
    found = [n for n in ast.walk(tree(module)) if isinstance(n, ast.FunctionDef)]
    decorators = [getattr(d, "func", d) for n in found for d in n.decorator_list]
    return any(getattr(d, "id", "") in ("method", "metric") for d in decorators)


papers = pytest.mark.parametrize("module", [m for m in FAMILIES if holds_methods(m)])


# Who imports whom ----------------------------------------------------------------------------------------


def test_import_linter_finds_every_contract_kept():
    from importlinter.cli import lint_imports

    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert settings["importlinter"]["root_package"] == "xaikit"
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True) == 0


@every_module
def test_imports_go_one_way_along_the_shelves(module):
    shelf = module.split("/")[0].removesuffix(".py")
    if shelf not in SHELVES:  # the front door may import everything
        return
    for name in imported(module):
        other = name.split(".")[1] if name.startswith("xaikit.") else shelf
        if other in SHELVES and (module, other) not in UPWARD:
            assert SHELVES.index(other) >= SHELVES.index(shelf), f"{module} imports {name}"


@every_module
def test_computing_needs_no_drawing(module):
    if module.split("/")[0] in ("core", "inputs", "network", "methods", "metrics"):
        assert not {name.split(".")[0] for name in imported(module)} & PLOTTING


def test_no_modules_import_each_other():
    """Imports at the top of a module make no circle, over the whole library."""
    names = {
        m: "xaikit." + m.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for m in MODULES
    }
    modules = {name: m for m, name in names.items()}
    try:
        list(graphlib.TopologicalSorter({m: needs(m, modules) for m in MODULES}).static_order())
    except graphlib.CycleError as error:
        raise AssertionError(" imports ".join(reversed(error.args[1]))) from None


def test_the_core_knows_no_method():
    for module in MODULES:
        if module.startswith("core/"):
            source = ast.unparse(tree(module))
            for name in xk.METHODS:
                assert f"{name}(" not in source, f"{module} calls {name}"


def test_importing_the_library_loads_nothing_heavy():
    heavy = ("matplotlib", "anywidget", "ipywidgets", "torchvision", "skimage", "sklearn", "pandas", "scipy")
    code = f"import sys, xaikit; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert run.stdout.strip() == "[]"


def test_every_public_name_is_there():
    for name in xk.__all__:
        if name not in ("check", "widgets", "show"):  # these need extras
            assert getattr(xk, name) is not None


# What stands nowhere -------------------------------------------------------------------------------------


def test_nothing_names_an_accelerator():
    for module, path in MODULES.items():
        assert "cuda" not in path.read_text(encoding="utf-8").lower(), module


@families
def test_no_yield_stands_inside_a_with(module):
    """A suspended generator would leak the context to its caller."""
    for block in ast.walk(tree(module)):
        if isinstance(block, (ast.With, ast.AsyncWith)):
            for inner in ast.walk(block):
                assert not isinstance(inner, (ast.Yield, ast.YieldFrom)), f"{module}:{inner.lineno}"


@papers
def test_a_paper_holds_functions_and_plain_records(module):
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.ClassDef):
            bases = [ast.unparse(b) for b in node.bases]
            decorators = [ast.unparse(d) for d in node.decorator_list]
            record = bases == ["NamedTuple"] or (not bases and any("dataclass" in d for d in decorators))
            assert record, f"{module}: {node.name}"


@families
def test_no_method_passes_unnamed_options_through(module):
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef):
            assert node.args.kwarg is None, f"{module}: {node.name} takes **{node.args.kwarg.arg}"


@papers
def test_the_symbols_of_a_paper_open_its_module(module):
    docstring = inspect.cleandoc(ast.get_docstring(tree(module)) or "")
    symbol = "F" if module.startswith("methods") else "φ"  # the score, or the attribution that is judged
    assert re.search(rf"^{symbol}  ", docstring, re.MULTILINE), f"{module} does not say what {symbol} is"


def test_every_folder_opens_with_a_board_that_names_each_of_its_files():
    for module in MODULES:
        if module.endswith("/__init__.py") and module.split("/")[0] in BOARDS:
            folder = pathlib.PurePath(module).parent
            board = ast.get_docstring(tree(module)) or ""
            there = {
                p.stem
                for p in (PACKAGE / folder).iterdir()
                if p.suffix == ".py" or (p / "__init__.py").exists()
            }
            missing = [n for n in there - {"__init__"} if not re.search(rf"\b{n}\b", board)]
            assert not missing, f"{module} does not say what {missing} holds"


def test_methods_stand_in_teaching_order():
    """The registry, the families' lists and the board agree; a tool that sorts imports would break this."""
    from xaikit import methods

    assert list(xk.METHODS) == methods.__all__
    board = ast.get_docstring(tree("methods/__init__.py")).splitlines()
    families = [
        row.split()[0] for row in board if row and row.split()[0] in {m.family for m in xk.METHODS.values()}
    ]
    assert list(dict.fromkeys(m.family for m in xk.METHODS.values())) == families


def test_a_method_is_found_by_its_name():
    """The board of its family names it, beside the file in which it stands."""
    for name, method in xk.METHODS.items():
        *folder, file = method.function.__module__.removeprefix("xaikit.").split(".")
        board = ast.get_docstring(tree("/".join([*folder, "__init__.py"]))) or ""
        beside = [row for row in board.splitlines() if re.search(rf"\b{name}\b", row.partition(" ")[2])]
        assert any(f"{file}.py" in row for row in beside), f"where is {name} in {method.family}?"


# How long things are -------------------------------------------------------------------------------------


def lines(module: str) -> int:
    return len(MODULES[module].read_text(encoding="utf-8").splitlines())


@every_module
def test_a_module_has_at_most_300_lines(module):
    assert lines(module) <= 300


def test_the_core_stays_small():
    assert sum(lines(module) for module in MODULES if module.startswith("core/")) <= 2200


@every_module
def test_a_function_is_short_enough_to_be_read(module):
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef):
            limit = 45 if is_method(node) else 40
            assert length(node) <= limit, f"{module}: {node.name} has {length(node)} lines, at most {limit}"


@pytest.mark.parametrize("name", list(xk.METHODS))
def test_a_method_has_at_most_seven_options(name):
    parameters = list(xk.METHODS[name].parameters)
    assert parameters[:2] == ["model", "x"]
    assert len(parameters) <= 9


@pytest.mark.parametrize("name", list(xk.METHODS))
def test_an_option_is_explained_beside_its_default(name):
    """Those that mean the same everywhere (target, seed, …) are explained once, in the table of words."""
    source = inspect.getsource(xk.METHODS[name].function)
    signature = source[: source.index(") -> ")]
    for option in list(xk.METHODS[name].parameters)[2:]:
        if option not in ("target", "seed"):
            line = next(row for row in signature.splitlines() if row.strip().startswith(f"{option}:"))
            after = signature[signature.index(line) :].split("\n\n")[0]
            assert "#" in after.split(f"{option}:")[1], f"{name}: {option}"
