"""What every widget shares: a module of its own, state in traits, a page without a kernel, a stable repr."""

import base64
import html
import importlib.resources
import io
import os
import pathlib
from typing import Any

import anywidget
import traitlets
from torch import Tensor

from ..core.errors import FileError
from ..core.explanation import Explanation
from ..core.model import Model
from ..core.registry import METHODS
from ..core.score import Score
from ..show import page
from . import wire

#: The built front end: one module a lab, with all that it needs.
STATIC = pathlib.Path(str(importlib.resources.files("xaikit"))) / "widgets" / "static"


def module(lab: str) -> str:
    """The text of a lab's front end."""
    return (STATIC / f"{lab}.js").read_text(encoding="utf-8")


class Widget(anywidget.AnyWidget):
    """A widget on the steps of a walk. Its state lives in traits only: it is the same in every notebook."""

    _esm = STATIC / "player.js"
    lab = traitlets.Unicode("player").tag(sync=True)
    state = traitlets.Dict().tag(sync=True)  # what is shown; arrays in the wire format
    frame = traitlets.Int(0).tag(sync=True)  # where the slider stands
    pixel = traitlets.List(traitlets.Float()).tag(sync=True)  # (row, column) in [0, 1), or empty
    live = traitlets.Bool(False).tag(sync=True)  # whether a kernel answers requests
    request = traitlets.Dict().tag(sync=True)  # what the page asks of the kernel
    error = traitlets.Unicode("").tag(sync=True)  # what went wrong, shown in the widget

    explanation: Explanation  # what is shown

    #: the traits that a page without a kernel starts from
    shared = ("lab", "state", "frame", "pixel", "error")

    @traitlets.observe("request")
    def _asked(self, change: Any) -> None:
        if change["new"] and self.live:
            try:
                self.error = ""
                self.answer(dict(change["new"]))
            except Exception as error:  # whatever it is, the learner must read it in the widget
                self.error = str(error).splitlines()[0] if str(error) else type(error).__name__

    def answer(self, request: dict[str, Any]) -> None:
        """Compute what the page asked for; labs with a model override this."""

    def explain(self, **options: Any) -> Explanation:
        """The same explanation with other options."""
        e, method = self.explanation, METHODS[self.explanation.method]
        own = {name: e.parameters[name] for name in method.parameters if name in e.parameters}
        return method(e.model, e.x, **{**own, **options})

    def probabilities(self, inputs: Tensor) -> "dict[str, Any] | None":
        """What the model says about the explained class, batch by batch; None if it cannot."""
        e = self.explanation
        if e.model is None or e.prediction is None or e.prediction.probability is None:
            return None
        return wire.numbers(Score(Model(e.model.module, "probability"), e.x, e.prediction.index)(inputs))

    def data(self) -> dict[str, Any]:
        """What the page shows, from Python: the state with its arrays in the wire format."""
        return dict(self.state)

    def export_html(self, path: "str | os.PathLike[str]") -> None:
        """Write a page that shows this widget with no kernel and no network."""
        write(path, [self])

    def static_state(self) -> dict[str, Any]:
        """The traits as a page without a kernel needs them."""
        return {name: getattr(self, name) for name in self.shared} | {"live": False}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.state.get('title', 'nothing yet')}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The live widget, and a still picture of it for GitHub and nbviewer."""
        bundle = super()._repr_mimebundle_(**options)
        if not bundle:
            return bundle
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        data["text/plain"] = repr(self)
        if self.explanation.result is not None:  # a walk that has not begun has no picture yet
            still = io.BytesIO()
            self.explanation.plot().savefig(still, format="png", dpi=80)
            data["image/png"] = base64.b64encode(still.getvalue()).decode()
        return data, metadata


class Lab(Widget):
    """A widget for an idea that the player cannot carry: the `methods` it is for, and whether it `fits`.

    It is made of an explanation: `Lab(explanation)`.
    """

    methods: tuple[str, ...] = ()

    @staticmethod
    def fits(explanation: Explanation) -> bool:
        """Whether the explanation has what the lab shows."""
        raise TypeError(f"a lab says whether {explanation.method} fits it")


def show_static(widget: Widget) -> Any:
    """The page of a widget as a notebook output, for notebooks that are saved and published."""
    from IPython.display import HTML

    text = page.page(
        str(widget.state.get("title", "")), {widget.lab: module(widget.lab)}, [widget.static_state()]
    )
    style = "width:100%;height:900px;border:0"
    return HTML(f'<div><iframe srcdoc="{html.escape(text)}" style="{style}" title="widget"></iframe></div>')


def write(path: "str | os.PathLike[str]", widgets: list[Widget], title: str = "", lead: str = "") -> None:
    """Write several widgets to one page. Raises FileError where the file cannot be written."""
    title = title or str(widgets[0].state.get("title", "xaikit"))
    modules = {w.lab: module(w.lab) for w in widgets}
    text = page.page(title, modules, [w.static_state() for w in widgets], lead)
    try:
        pathlib.Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileError(
            f"{path} could not be written: {error.strerror or error}. Try another folder."
        ) from error
