"""Run lessons from a clean kernel and write them back with outputs: `python -m tests.lessons.execute`."""

import os
import pathlib
import sys

import nbformat
from nbclient import NotebookClient

LESSONS = pathlib.Path(__file__).resolve().parents[2] / "lessons"
KEPT_METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}


def execute(notebook: nbformat.NotebookNode, folder: pathlib.Path) -> nbformat.NotebookNode:
    """The notebook with fresh outputs; widget state is left out, it would be megabytes."""
    os.environ["TQDM_DISABLE"] = "1"
    client = NotebookClient(
        notebook, timeout=300, resources={"metadata": {"path": str(folder)}}, store_widget_state=False
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(KEPT_METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook


def lessons(*numbers: str) -> list[pathlib.Path]:
    """The lessons with these numbers, or all."""
    return [p for p in sorted(LESSONS.glob("*.ipynb")) if not numbers or p.name[:2] in numbers]


if __name__ == "__main__":
    for path in lessons(*sys.argv[1:]):
        nbformat.write(execute(nbformat.read(path, as_version=4), LESSONS), path)
        print(path.name)
