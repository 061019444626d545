"""Where the lessons lie, which methods they teach, and copies of them for students, without the solutions."""

import json
import pathlib
import re
import shutil
import site
import sysconfig
from typing import Any

from ..core.errors import FileError, UnavailableError

SOLUTION = re.compile(r"^### BEGIN SOLUTION\n.*?^### END SOLUTION\n?", re.DOTALL | re.MULTILINE)
STUB = "# your code here\n"


def folder() -> pathlib.Path:
    """The lessons: beside the package in a checkout, otherwise where the wheel put them."""
    beside = pathlib.Path(__file__).resolve().parents[2] / "lessons"
    roots = [pathlib.Path(sysconfig.get_path("data")), pathlib.Path(site.getuserbase())]
    for place in (beside, *(root / "share" / "xaikit" / "lessons" for root in roots)):
        if any(place.glob("*.ipynb")):
            return place
    raise UnavailableError(
        "the lessons are not in this installation. Try pip install --force-reinstall xaikit."
    )


def lessons() -> list[pathlib.Path]:
    """Every lesson, in order."""
    return sorted(folder().glob("*.ipynb"))


def taught(method: str) -> list[str]:
    """The lessons in whose code a method is called, by file name without ending."""
    called = re.compile(rf"xk\.{method}\b")
    return [path.stem for path in lessons() if any(called.search(source) for source in code_of(path))]


def code_of(path: pathlib.Path) -> list[str]:
    """The sources of the code cells of a notebook."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def copy_to(target: pathlib.Path, student: bool = False) -> list[pathlib.Path]:
    """Copy the lessons into a folder; nothing that is there already is overwritten. Raises FileError then."""
    taken = [path.name for path in lessons() if (target / path.name).exists()]
    if taken:
        raise FileError(f"{target} already holds {taken[0]}. Try another folder: your work stays as it is.")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for path in lessons():
            if student:
                notebook = without_solutions(json.loads(path.read_text(encoding="utf-8")))
                text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
                (target / path.name).write_text(text, encoding="utf-8")
            else:
                shutil.copyfile(path, target / path.name)
    except OSError as error:
        raise FileError(f"{target} cannot be written to: {error.strerror}. Try another folder.") from error
    return [target / path.name for path in lessons()]


def without_solutions(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook with every solution replaced by a line to write on, and without any output."""
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            continue
        source = SOLUTION.sub(STUB, "".join(cell["source"]))
        cell |= {"source": source.splitlines(keepends=True), "outputs": [], "execution_count": None}
        if "nbgrader" in cell["metadata"]:
            cell["metadata"].pop("jupyter", None)  # nothing is left in it to hide
    return notebook
