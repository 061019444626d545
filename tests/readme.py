"""The method table of the README, from the registry: `python -m tests.readme --write`."""

import sys
from pathlib import Path

import xaikit as xk
from xaikit.core.papers import paper
from xaikit.exercises import course

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- methods: python -m tests.readme --write -->", "<!-- end of methods -->"


def table() -> str:
    return "\n\n".join(rows("method", xk.METHODS) + rows("metric", xk.METRICS))


def rows(heading: str, known: dict) -> list[str]:
    rows = [f"| {heading} | the question it answers | paper | lesson |", "|---|---|---|---|"]
    for method in known.values():
        p = paper(method.paper)
        first = p.authors.split(",")[0].split()[-1]
        taught = ", ".join(f"[{name[:2]}](lessons/{name}.ipynb)" for name in course.taught(method.name))
        rows.append(f"| `{method.name}` | {method.question} | [{first} {p.year}]({p.url}) | {taught} |")
    return ["\n".join(rows)]


def with_table(text: str) -> str:
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{table()}\n{END}{tail}"


if __name__ == "__main__":
    text = with_table(README.read_text(encoding="utf-8"))
    if "--write" in sys.argv:
        README.write_text(text, encoding="utf-8")
    else:
        print(table())
