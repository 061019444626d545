"""The commands of daily work: `python -m tests` lists them, `python -m tests fast` runs one.

What follows the name is handed on: `python -m tests all -x`, `python -m tests lessons -k 02`.
"""

import subprocess
import sys
from pathlib import Path

from .tiers import folders

ROOT = Path(__file__).resolve().parents[1]
PYTHON = (sys.executable, "-m")
COMMANDS = {
    "fast": (
        (*PYTHON, "pytest", "-q", "-m", "fast", *folders(ROOT)),
        "after every change: methods by hand, some laws, pictures; under 90 seconds",
    ),
    "all": ((*PYTHON, "pytest"), "everything, on all cores, as CI runs it"),
    "lessons": (
        (*PYTHON, "pytest", "-q", "tests/lessons/"),
        "the lessons through nbval, and their exercises",
    ),
    "widgets": (
        (*PYTHON, "pytest", "-q", "tests/widgets/", "tests/browser/"),
        "the widgets, in Python and in Chromium",
    ),
    "bench": ((*PYTHON, "tests.bench"), "speed, as ratios in one process"),
    "readme": ((*PYTHON, "tests.readme", "--write"), "the page of all methods, .github/METHODS.md"),
    "execute": (
        (*PYTHON, "tests.lessons.execute"),
        "run lessons and write them back with outputs: execute 02",
    ),
}


def main(arguments: list[str]) -> int:
    """List the commands, or run one of them from the root."""
    if not arguments or arguments[0] not in COMMANDS:
        for name, (command, sentence) in COMMANDS.items():
            print(f"{name:9}{sentence}\n{'':9}$ python {' '.join(command[1:])}")
        return 2 if arguments else 0
    command, _ = COMMANDS[arguments[0]]
    return subprocess.run([*command, *arguments[1:]], cwd=ROOT).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
