"""What `xaikit doctor` looks at: versions, the usual faults of an installation, and what to do about each."""

import importlib
import importlib.metadata
import os
import pathlib
import re
import shutil
import sys
from dataclasses import dataclass

import torch

FOR_LESSONS = ("jupyterlab", "nbclient")


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: what was found, and what to do if it is a fault."""

    text: str
    advice: str = ""
    fault: bool = False

    @property
    def mark(self) -> str:
        """✗ for a fault, ✓ otherwise."""
        return "✗" if self.fault else "✓"


def examine() -> list[Finding]:
    """Everything the doctor finds, in order."""
    return [
        Finding(f"Python {sys.version.split()[0]}"),
        *(version(name) for name in needed()),
        *(
            version(name, "pip install 'xaikit[lessons]', to open the lessons", fault=False)
            for name in FOR_LESSONS
        ),
        vision(),
        device(),
        bundle(),
        jupyter_elsewhere(),
        weights_folder(),
    ]


def needed() -> list[str]:
    """What this package says it needs, without the extras."""
    required = importlib.metadata.requires("xaikit") or []
    return [re.split(r"[^\w.-]", line)[0] for line in required if "extra ==" not in line]


def version(name: str, advice: str = "", fault: bool = True) -> Finding:
    """The version of a package, or how to get it."""
    try:
        return Finding(f"{name} {importlib.metadata.version(name)}")
    except importlib.metadata.PackageNotFoundError:
        return Finding(f"{name} is not installed", advice or f"pip install {name}", fault)


def vision() -> Finding:
    """torch and torchvision come in pairs, and a wrong pair fails only when it is imported."""
    try:
        importlib.import_module("torchvision")
        return Finding("torchvision fits torch")
    except Exception as error:  # ImportError, RuntimeError and OSError were all seen
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        return Finding(
            f"torchvision does not fit torch: {first}", "pip install --upgrade torch torchvision", True
        )


def device() -> Finding:
    """The accelerator, if torch can really compute on it."""
    if not torch.accelerator.is_available():
        return Finding("no accelerator: everything runs on the CPU")
    name = torch.accelerator.current_accelerator()
    try:
        torch.ones(2, device=name).sum().item()
    except RuntimeError as error:
        return Finding(
            f"{name} is there but fails: {str(error).splitlines()[0]}",
            "update its driver, or use the CPU",
            True,
        )
    return Finding(f"accelerator: {name}")


def bundle() -> Finding:
    """The built front end, without which every widget stays empty."""
    folder = pathlib.Path(__file__).parent / "widgets" / "static"
    if any(path.stat().st_size > 1000 for path in folder.glob("player.js")):
        return Finding("the widgets' front end is there")
    return Finding("the widgets' front end is missing", "pip install --force-reinstall xaikit", True)


def jupyter_elsewhere() -> Finding:
    """A JupyterLab from another environment shows no widgets: the most usual fault of all."""
    here = shutil.which("jupyter", path=str(pathlib.Path(sys.executable).parent))
    first = shutil.which("jupyter")
    if here and first in (None, here):
        return Finding("jupyter is that of this environment")
    if here:
        return Finding("another jupyter comes first on the PATH", "start this one: python -m jupyterlab")
    if first:
        return Finding("jupyter belongs to another environment", "pip install 'xaikit[lessons]'", True)
    return Finding("no jupyter", "pip install 'xaikit[lessons]', to open the lessons")


def weights_folder() -> Finding:
    """XAIKIT_WEIGHTS, where classrooms without internet keep torchvision's weights."""
    folder = os.environ.get("XAIKIT_WEIGHTS")
    if not folder:
        return Finding("XAIKIT_WEIGHTS is not set: torchvision's models are downloaded when first used")
    found = sorted(p.stem for p in pathlib.Path(folder).glob("*.safetensors"))
    if not found:
        return Finding(
            "XAIKIT_WEIGHTS names a folder without weights", "put NAME.safetensors files there", True
        )
    return Finding(f"XAIKIT_WEIGHTS holds {', '.join(found)}")
