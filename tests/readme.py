"""The page of all methods, `.github/METHODS.md`, from the registry: `python -m tests.readme --write`."""

import sys
from pathlib import Path

import xaikit as xk
from xaikit import methods
from xaikit.core.papers import paper
from xaikit.exercises import course

ROOT = Path(__file__).resolve().parents[1]
README, METHODS = ROOT / "README.md", ROOT / ".github" / "METHODS.md"
HEAD = """# The methods

<!-- written by `python -m tests.readme --write`; do not edit -->

Each method is one function. `xaikit show NAME` prints its formula and steps, `xaikit cite NAME` its paper.
"""


def page() -> str:
    """The whole page: a table for each family, in teaching order, then the metrics."""
    families: dict[str, list] = {}
    for method in sorted(xk.METHODS.values(), key=lambda method: methods.__all__.index(method.name)):
        families.setdefault(method.family, []).append(method)
    parts = [HEAD, *(section(family, "method", known) for family, known in families.items())]
    return "\n".join([*parts, section("metrics", "metric", list(xk.METRICS.values()))])


def section(title: str, heading: str, known: list) -> str:
    """One table with its title."""
    rows = [f"| {heading} | the question it answers | paper | lesson |", "|---|---|---|---|"]
    for method in known:
        p = paper(method.paper)
        first = p.authors.split(",")[0].split()[-1]
        taught = ", ".join(f"[{name[:2]}](../lessons/{name}.ipynb)" for name in course.taught(method.name))
        rows.append(f"| `{method.name}` | {method.question} | [{first} {p.year}]({p.url}) | {taught} |")
    return "\n".join([f"## {title}", "", *rows, ""])


if __name__ == "__main__":
    if "--write" in sys.argv:
        METHODS.write_text(page(), encoding="utf-8")
    else:
        print(page())
