"""What a method yields: steps, the values on its way, and checks, what it measures about its own result."""

import math
from typing import Any

from .stack import Derived, Lazy, Stack, resolve

#: What a value is, never how it is drawn. What has no painter yet is named in words.
KINDS = (
    "scalar", "curve", "image", "images", "heatmap", "heatmaps", "masks", "segments", "table", "tokens",
    "matrix", "points", "graph", "layers", "text", "explanation",
)  # fmt: skip


class Step:
    """One intermediate result of a method.

    name     the variable's own name in the method
    value    a tensor, a table, … ; a Stack or a Lazy is computed when it is first looked at
    formula  LaTeX that both MathJax and matplotlib read, without the dollar signs
    note     what to look for, in at most 40 characters
    kind     what it is, one of KINDS
    """

    def __init__(
        self, name: str, value: Any, formula: str = "", note: str = "", kind: str = "heatmap"
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"a step's kind is one of {', '.join(KINDS)}; {name!r} has {kind!r}")
        if len(note) > 40:
            raise ValueError(f"a step's note has at most 40 characters; {name!r} has {len(note)}: {note!r}")
        self.name, self.formula, self.note, self.kind = name, formula, note, kind
        self._value = value

    @property
    def value(self) -> Any:
        """The value itself, computed now if it was put off."""
        return resolve(self._value)

    @property
    def rows(self) -> Any:
        """The value, or a stack that makes single rows when asked, where all of them would be too many."""
        return self._value if isinstance(self._value, Derived) else self.value

    def settle(self) -> None:
        """Do the work of this step now and keep what it gives (what is cheap to derive stays undone)."""
        if isinstance(self._value, (Stack, Lazy)):
            self._value.settle()

    def fix(self) -> None:
        """Replace what is put off by its value, so that the model is not asked later."""
        self._value = self.value

    def keep(self) -> None:
        """Ask that the rows of this step stay when the pass that computes them runs."""
        if isinstance(self._value, Stack):
            self._value.keep = True

    def renamed(self, name: str) -> "Step":
        """The same step under another name; its value is shared, not copied."""
        return Step(name, self._value, self.formula, self.note, self.kind)

    def __repr__(self) -> str:
        return f"Step({self.name!r}, {shape_of(self.value)}, kind={self.kind!r})"


class Check:
    """A property that the method measures about its own result: two numbers that should be equal.

    name, formula     what should be equal, in words and as LaTeX
    left, right       both sides: numbers, or a Lazy where the model must be asked once more
    rel_tol, abs_tol  it `holds` as `math.isclose` says: the difference is at most `rel_tol` times the larger
                      side, or `abs_tol`
    bounded           the left side should be small, at most `abs_tol`; see `Check.bound`
    """

    def __init__(
        self,
        name: str,
        left: Any,
        right: Any,
        formula: str = "",
        rel_tol: float = 0.05,
        abs_tol: float = 1e-6,
        bounded: bool = False,
    ) -> None:
        self.name, self.formula = name, formula
        self.rel_tol, self.abs_tol, self.bounded = float(rel_tol), float(abs_tol), bounded
        self._left, self._right = (v if isinstance(v, Lazy) else float(v) for v in (left, right))

    @classmethod
    def bound(cls, name: str, value: Any, at_most: Any, formula: str = "") -> "Check":
        """A value that should be small: at most `at_most`."""
        return cls(name, value, 0.0, formula, abs_tol=at_most, bounded=True)

    def settle(self) -> None:
        """Measure now what was put off; otherwise that happens when somebody looks."""
        self._left, self._right = self.left, self.right

    @property
    def left(self) -> float:
        """What was measured."""
        return float(resolve(self._left))

    @property
    def right(self) -> float:
        """What it should equal; 0 where it should be small."""
        return float(resolve(self._right))

    @property
    def difference(self) -> float:
        """Left minus right, in the units of both."""
        return self.left - self.right

    @property
    def holds(self) -> bool:
        """Whether the two sides agree within the tolerance."""
        return math.isclose(self.left, self.right, rel_tol=self.rel_tol, abs_tol=self.abs_tol)

    @property
    def other(self) -> float:
        """What the left side is compared with: the right side, or the bound."""
        return self.abs_tol if self.bounded else self.right

    @property
    def sign(self) -> str:
        """The sign between the two: ≈ or ≠, ≤ or >."""
        return ("≤" if self.holds else ">") if self.bounded else ("≈" if self.holds else "≠")

    def parts(self) -> tuple[str, float, float, str, float, float, bool]:
        """Everything that makes the check, in the order of its constructor."""
        sides = self.name, self.left, self.right
        return (*sides, self.formula, self.rel_tol, self.abs_tol, self.bounded)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Check) and self.parts() == other.parts()

    def __str__(self) -> str:
        apart = "" if self.bounded else f" (difference {self.difference:+.1g})"
        return f"{self.name}: {self.left:.3g} {self.sign} {self.other:.3g}{apart}"

    def __repr__(self) -> str:
        return f"<check {self}>"


def shape_of(value: Any) -> str:
    """The shape of a value in a few characters: `(50, 3, 224, 224)`, `2.31`, `12 rows`."""
    if hasattr(value, "columns"):
        return f"{len(value)} rows"
    if hasattr(value, "shape"):
        if len(value.shape) == 0:
            return f"{float(value):.4g}"
        return "(" + ", ".join(map(str, value.shape)) + ")"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return f"{len(value)} layers"
    return str(value)[:40] if isinstance(value, (int, str)) else type(value).__name__
