"""Texts in pieces that can be taken away: words with the punctuation and the spaces that are theirs.

The pieces of a text, put together again, are the text to the last character, whatever its script.
"""

import itertools
import re
import unicodedata
from dataclasses import dataclass

import torch
from torch import Tensor

from ..core.errors import InputError, one_of
from ..core.notes import notes

UNITS = ("word", "sentence", "line")
MOST_PIECES = 2000  # more than that no sample of a few thousand texts can tell apart
JOINERS = "\u200d\u200c'’׳״"  # inside a word or an emoji they hold together


@dataclass(frozen=True)
class Tokens:
    """A text and its pieces; `pieces` joined are the text."""

    text: str
    pieces: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.pieces)

    def without(self, kept: Tensor) -> str:
        """The text of the pieces that are kept, (n,) booleans."""
        return "".join(p for p, stays in zip(self.pieces, kept.tolist(), strict=True) if stays).strip()

    @property
    def names(self) -> list[str]:
        """The pieces without the spaces around them, for tables and bars."""
        return [piece.strip() for piece in self.pieces]


def tokens(text: str, unit: str = "word") -> Tokens:
    """A text in words, sentences or lines. Raises InputError where it has none, or too many to explain."""
    one_of("unit", unit, UNITS)
    spans = {"word": words, "sentence": sentences, "line": lines}[unit](text)
    if not spans:
        raise InputError(f"the text has no {unit}: there is nothing to take away. Try a sentence.")
    if len(spans) > MOST_PIECES:
        larger = "sentence" if unit == "word" else "line"
        raise InputError(
            f"the text has {len(spans):,} {unit}s, and {MOST_PIECES:,} are the most that can be told apart. "
            f"Try unit={larger!r}, or a part of the text."
        )
    starts = [0, *spans[1:], len(text)]
    found = Tokens(text, tuple(text[a:b] for a, b in itertools.pairwise(starts)))
    notes().names = list(found.pieces)
    return found


def words(text: str) -> list[int]:
    """Where each word begins, with the punctuation before it; an emoji or an ideograph is one alone."""
    starts: list[int] = []
    inside, touches, opened, previous = False, False, None, ""
    for k, c in enumerate(text):
        kind = kind_of(c, previous)
        if kind == "space":
            inside, touches, opened = False, False, None
        elif kind == "mark":  # what opens belongs to the word after it, all others to the one before
            opens = not touches or unicodedata.category(c) in ("Ps", "Pi")
            opened = k if opens and opened is None else opened
            inside = False
        elif kind == "alone" or (kind == "letter" and not inside):
            starts.append(k if opened is None else opened)
            inside, touches, opened = kind == "letter", True, None
        previous = "" if kind == "part" and is_flag(c) else c  # the third half begins a flag of its own
    return starts


def kind_of(c: str, previous: str) -> str:
    """What a character is: a letter, one that stands alone, a part of the one before, a mark or a space."""
    category = unicodedata.category(c)
    if c.isspace():
        return "space"
    if category[0] == "M" or category == "Sk" or c in JOINERS[:2] or 0xE0020 <= ord(c) <= 0xE007F:
        return "part"
    if previous == "\u200d" or (is_flag(c) and is_flag(previous)):
        return "part"
    if (c in JOINERS and previous.isalnum()) or (c in ".,:" and previous.isdigit()):
        return "part"
    if category in ("So", "Cs") or (category == "Lo" and is_ideograph(c)):
        return "alone"
    return "letter" if category[0] in "LN" or c == "_" else "mark"


def is_ideograph(c: str) -> bool:
    """Whether it is of a script without spaces between words; Korean is as wide, but has them."""
    return unicodedata.east_asian_width(c) == "W" and not unicodedata.name(c, "").startswith("HANGUL")


def is_flag(c: str) -> bool:
    """Whether it is half of a flag."""
    return len(c) == 1 and 0x1F1E6 <= ord(c) <= 0x1F1FF


def sentences(text: str) -> list[int]:
    """Where each sentence begins: after a full stop, an exclamation or question mark, and a space."""
    ends = [m.end() for m in re.finditer(r"[.!?…。！？؟]+[\"'”’»)]*\s+|\n\s*\n\s*", text)]
    return starts_of(text, ends)


def lines(text: str) -> list[int]:
    """Where each line begins that is not empty."""
    return starts_of(text, [m.end() for m in re.finditer(r"\n+", text)])


def starts_of(text: str, ends: list[int]) -> list[int]:
    """The beginnings of the parts that have something in them."""
    starts = [0, *ends]
    return [a for a, b in zip(starts, [*ends, len(text)], strict=True) if text[a:b].strip()]


def as_mask(rows: Tensor) -> Tensor:
    """Rows of 0 and 1 as booleans on the CPU."""
    return rows.detach().cpu().to(torch.bool)
