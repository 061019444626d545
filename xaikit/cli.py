"""The command line: `xaikit tour | explain | list | show | cite | lessons | doctor`.

Bad input: one line on stderr, exit code 2, nothing written.
"""

import argparse
import ast
import html
import os
import pathlib
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from . import METHODS, METRICS, __version__
from .core.errors import FileError, OptionError, UnavailableError, XaikitError, nearest
from .core.explanation import Explanation
from .core.method import Method
from .core.papers import paper
from .core.steps import Step


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code."""
    options = parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except XaikitError as error:
        print(f"xaikit: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # `xaikit list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """What can be typed."""
    whole = argparse.ArgumentParser(prog="xaikit", description="Explainable AI, step by step.")
    whole.add_argument("--version", action="version", version=f"xaikit {__version__}")
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    for name, (run, arguments) in COMMANDS.items():
        about = (run.__doc__ or "").split("\n")[0]
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(run=run)
        for names, settings in arguments:
            command.add_argument(*names, **settings)
    return whole


# The commands ---------------------------------------------------------------------------------------------


#: What the tour shows a method that could take several things, and with how few samples.
ON_TOUR = {"exact_shapley": ("row",)}
QUICKER = {"rise": {"n_samples": 1000}}


def tour(options: argparse.Namespace) -> None:
    """Explain one bundled photograph (a sentence, a flower) by every method; write an interactive page."""
    from . import widgets, zoo

    started, out = time.perf_counter(), page_path(options.out)
    explanations = []
    for method in METHODS.values():
        model, x, needed = zoo.subject(ON_TOUR.get(method.name, method.takes), method.explains)
        explanations.append(method(model, x, **needed, **QUICKER.get(method.name, {})))
    p = explanations[0].prediction
    print(f"A photograph of a cat. The model says: {p.label}, probability {p.probability:.2f}.\n")
    print(table(["method", "sum of the map", "check", "cost in samples"], [row(e) for e in explanations]))
    lead = page_lead(
        "A tour of xaikit",
        f"The model says {p.label}, with probability {p.probability:.2f}. Why?",
        explanations,
    )
    labs: dict[Any, Explanation] = {}
    for e in explanations:  # each lab once, since a page has to stay small
        labs.setdefault(widgets.LABS.get(e.method, e.method), e)
    shown = [tour_widget(e, lab in widgets.LABS.values()) for lab, e in labs.items()]
    shown.sort(key=lambda w: w.lab == "player")
    widgets.write_page(out, shown, title="A tour of xaikit", lead=lead)
    print(f"\n{len(explanations)} methods in {time.perf_counter() - started:.0f} s. Open {out} in a browser.")


def page_path(given: str) -> pathlib.Path:
    """Where a page will be written. FileError, before anything is computed, if there is no folder."""
    out = pathlib.Path(given)
    if not out.parent.is_dir():
        raise FileError(f"there is no folder {out.parent} to write {out.name} into. Try another --out.")
    if out.is_dir():
        raise FileError(f"{out} is a folder. Try {out / 'page.html'}.")
    return out


def tour_widget(e: Explanation, has_lab: bool) -> Any:
    """The lab or the player, as small as a page with all of them needs it: noise does not compress."""
    from . import widgets

    if not has_lab:
        return widgets.Player(e, share=0.15)
    lab = widgets.LABS[e.method]
    return lab(e, alternatives=False) if lab is widgets.NoiseLab else lab(e)


def explain(options: argparse.Namespace) -> None:
    """Explain what a model sees in a picture, and write an interactive page."""
    from . import data, widgets, zoo

    method, settings = find(options.method, METHODS), dict(setting(text) for text in options.set)
    if not pathlib.Path(options.image).is_file():
        raise FileError(f"there is no file {options.image}. Try the path of a JPEG or PNG picture.")
    out = page_path(options.out or pathlib.Path(options.image).with_suffix(".html").name)
    model = zoo.load(options.model)
    x = data.read_image(options.image, size=model.input_size[0] if model.input_size else 224)
    is_index = options.target and re.fullmatch(r"-?[0-9]+", options.target)
    target = int(options.target) if is_index else options.target
    explanation = method(model, x, target=target, **settings)
    name = pathlib.Path(options.image).name
    lead = page_lead(f"{method.title} of {name}", method.question, [explanation])
    widgets.write_page(out, [widgets.widget_for(explanation)], title=f"{method.title} of {name}", lead=lead)
    print(f"{explanation}\n\nOpen {out} in a browser.")


def list_methods(options: argparse.Namespace) -> None:
    """List the methods, the metrics, and the question that each one answers."""
    for heading, known in (("method", METHODS), ("metric", METRICS)):
        print(table([heading, "the question it answers"], [[m.name, m.question] for m in known.values()]))
        print()


def show(options: argparse.Namespace) -> None:
    """Show a method or a metric: its formula, its steps, its paper and its lesson."""
    from .exercises import course

    method = find(options.method, {**METHODS, **METRICS})
    print(f"{method.title}\n{method.question}\n\n  {method.formula}\n")
    print(
        table(
            ["step", "formula", "what to look for"], [[s.name, s.formula, s.note] for s in steps_of(method)]
        )
    )
    print(f"\npaper   {paper(method.paper)}")
    try:
        print(f"lesson  {', '.join(course.taught(method.name)) or 'none yet'}")
    except UnavailableError as error:
        print(f"lesson  {error}")


def cite(options: argparse.Namespace) -> None:
    """Print the paper of a method as BibTeX."""
    print(paper(find(options.method, {**METHODS, **METRICS}).paper).bibtex())


def lessons(options: argparse.Namespace) -> int:
    """Copy the lessons into a folder and open them in JupyterLab."""
    from .exercises import course

    copied = course.copy_to(pathlib.Path(options.folder), options.student)
    print(f"{len(copied)} lessons in {options.folder}. Start with {copied[0].name}.")
    if options.no_open:
        return 0
    try:
        import jupyterlab  # noqa: F401 (only whether it is there)
    except ImportError:
        raise UnavailableError("JupyterLab is not installed. Try pip install 'xaikit[lessons]'.") from None
    return subprocess.call([sys.executable, "-m", "jupyterlab", str(options.folder)])


def doctor(options: argparse.Namespace) -> int:
    """Print versions, and find the usual faults of an installation (exit code 1 if there is one)."""
    from .doctor import examine

    found = examine()
    print(table(["", "found", "what to do"], [[f.mark, f.text, f.advice] for f in found]))
    return int(any(f.fault for f in found))


#: Each command, and what can be typed after it.
COMMANDS: dict[
    str, tuple[Callable[[argparse.Namespace], int | None], list[tuple[list[str], dict[str, Any]]]]
] = {
    "tour": (tour, [(["--out"], {"default": "xaikit-tour.html", "help": "the page (default: %(default)s)"})]),
    "explain": (
        explain,
        [
            (["image"], {"metavar": "IMAGE"}),
            (["--method"], {"default": "integrated_gradients", "help": "one of `xaikit list`"}),
            (["--model"], {"default": "photos", "help": "a bundled model or one of torchvision"}),
            (["--target"], {"help": "a class by name or index (default: the predicted one)"}),
            (["--set"], {"action": "append", "default": [], "metavar": "OPTION=VALUE"}),
            (["--out"], {"help": "the page (default: the picture's name with .html)"}),
        ],
    ),
    "list": (list_methods, []),
    "show": (show, [(["method"], {"metavar": "METHOD"})]),
    "cite": (cite, [(["method"], {"metavar": "METHOD"})]),
    "lessons": (
        lessons,
        [
            (["folder"], {"nargs": "?", "default": "xaikit-lessons", "metavar": "DIR"}),
            (["--student"], {"action": "store_true", "help": "without the solutions"}),
            (["--no-open"], {"action": "store_true", "help": "copy only"}),
        ],
    ),
    "doctor": (doctor, []),
}


# What they share ------------------------------------------------------------------------------------------


def find(name: str, known: Mapping[str, Method]) -> Method:
    """A method by name. Raises OptionError with the nearest one."""
    if name not in known:
        raise OptionError(f"no method is called {name!r}. {nearest(name, known)}")
    return known[name]


def setting(text: str) -> tuple[str, Any]:
    """`n_steps=20` → ("n_steps", 20); what is not a Python literal is a word."""
    name, equals, value = text.partition("=")
    if name in ("model", "x", "target"):
        raise OptionError(f"--set is for the options of a method; for {name} try --model, IMAGE or --target.")
    if not equals:
        raise OptionError(f"--set takes OPTION=VALUE; {text!r} was given. Try --set n_steps=20.")
    try:
        return name, ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return name, value


def steps_of(method: Method) -> list[Step]:
    """The steps of a walk over a tiny network; names and formulas are the same for every model."""
    from .zoo.networks import plain_cnn

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net, x = plain_cnn(((4, 4),), 2).eval(), torch.rand(3, 8, 8)
        of_pixels = torch.nn.Sequential(*net.features, torch.nn.Conv2d(4, 2, 1))
        subjects = {"pixels": (of_pixels, x), "picture": (net, x), "rows": (net, torch.rand(3, 3, 8, 8))}
    needed: dict[str, Any] = {}
    kind = method.explains if method.explains == "pixels" else method.takes[0]
    if method.name in METRICS:
        mask = [torch.eye(8)] if "mask" in method.parameters else []
        given = [METHODS["saliency"](net, x), *mask]
    elif kind in subjects:
        given = list(subjects[kind])
    else:
        from . import zoo

        *given, needed = zoo.subject(method.takes)
    return [item for item in method.walk(*given, **needed) if isinstance(item, Step)]


def row(e: Explanation) -> list[str]:
    """An explanation as a row of the tour's table."""
    checks = "; ".join(f"{c.name.replace('_', ' ')} {c.left:.3g} {c.sign} {c.other:.3g}" for c in e.checks)
    return [
        e.title,
        f"{float(e.result.sum()):.3g}",
        checks or "none",
        " + ".join(f"{n} {kind}" for kind, n in e.cost.items()),
    ]


def table(head: list[str], rows: list[list[str]]) -> str:
    """Columns as wide as their longest cell."""
    widths = [max(len(line[k]) for line in [head, *rows]) for k in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [head, *rows]
    ]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def page_lead(title: str, text: str, explanations: list[Explanation]) -> str:
    """What stands above the widgets of a page; all of it escaped."""
    cells = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row(e)) + "</tr>" for e in explanations
    )
    head = "".join(
        f"<th scope='col'>{name}</th>" for name in ("method", "sum of the map", "check", "cost in samples")
    )
    return (
        f"<header><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p>"
        "<div class='scroll' tabindex='0' role='region' aria-label='all methods'>"
        f"<table><thead><tr>{head}</tr></thead>"
        f"<tbody>{cells}</tbody></table></div></header>"
    )
