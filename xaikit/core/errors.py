"""What can go wrong, as a tree; every message says what happened, what was given, and what to try.

XaikitError
├── InputError          the example, the baseline or the data: shape, type, NaN          (also a ValueError)
├── OptionError         an option with a value that means nothing: rule, n_steps, …      (also a ValueError)
├── TargetError         a class that the model does not have                             (also a ValueError)
├── ModelError          the model answered something that cannot be explained            (also a RuntimeError)
├── LayerError          a layer that is not there, or has no place in the picture        (also a ValueError)
├── UnavailableError    weights, data or a library that cannot be had here               (also a RuntimeError)
└── FileError           a file that is missing, broken, or of another kind               (also an OSError)
"""

import difflib
import numbers
import reprlib
from collections.abc import Iterable


class XaikitError(Exception):
    """The root: `except xk.errors.XaikitError` catches whatever this library says itself."""


class InputError(XaikitError, ValueError):
    """The example, the baseline or the data cannot be used: its shape, its type, or values such as NaN."""


class OptionError(XaikitError, ValueError):
    """An option has a value that means nothing here, such as an unknown rule or zero steps."""


class TargetError(XaikitError, ValueError):
    """The target names a class that the model does not have, or a function that gives no number a sample."""


class ModelError(XaikitError, RuntimeError):
    """The model's answer cannot be explained: a tuple, a NaN, an output without a gradient."""


class LayerError(XaikitError, ValueError):
    """The named layer does not exist, did not run, or has an output of the wrong shape."""


class UnavailableError(XaikitError, RuntimeError):
    """Weights, data or an optional library cannot be had on this machine."""


class FileError(XaikitError, OSError):
    """A file is missing, broken, or not of the kind that was expected."""


def nearest(name: object, known: Iterable[str]) -> str:
    """`"Did you mean 'gauss_legendre'?"` for a near miss, otherwise the list of what there is."""
    known = [str(k) for k in known]
    close = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    if close:
        return f"Did you mean {close[0]!r}?"
    shown = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return f"There is: {shown}." if known else "There is none."


def shown(value: object) -> str:
    """A value in a few words, however long it is."""
    try:
        words = reprlib.repr(value)
        return words if len(words) <= 100 else words[:99] + "…"
    except ValueError:  # a whole number with thousands of digits
        return "a huge number"


def first_line(error: BaseException) -> str:
    """What somebody else's error says, in one line of bearable length, without a full stop."""
    said = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(". ")
    return said if len(said) <= 160 else said[:159] + "…"


def whole_number(name: str, value: object, usual: int, least: int = 1) -> int:
    """The number; OptionError unless it is a whole one from `least` to a million (`usual` is suggested)."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not least <= int(value) <= 10**6:  # type: ignore[call-overload]
        raise OptionError(
            f"{name} is a whole number from {least} to 1,000,000; {shown(value)} was given. Try {usual}."
        )
    return int(value)  # type: ignore[call-overload]


def number(name: str, value: object, meaning: str, low: float, high: float, usual: float) -> float:
    """The number; OptionError unless it lies from `low` to `high`. `meaning` says what it is."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not real or not low <= value <= high:  # type: ignore[operator]
        raise OptionError(f"{name} is {meaning}; {shown(value)} was given. Try {usual:g}.")
    return float(value)  # type: ignore[arg-type]


def yes_or_no(name: str, value: object) -> bool:
    """The value; OptionError unless it is True or False."""
    if isinstance(value, bool) or type(value).__name__ in ("bool_", "bool"):
        return bool(value)
    raise OptionError(f"{name} is True or False; {shown(value)} was given. Try {name}=True.")


def one_of(name: str, value: object, known: Iterable[str]) -> None:
    """Raise OptionError unless the option `name` has one of the `known` values."""
    known = list(known)
    if not isinstance(value, str) or value not in known:
        raise OptionError(
            f"{name} is one of {', '.join(known)}; {shown(value)} was given. {nearest(shown(value), known)}"
        )
