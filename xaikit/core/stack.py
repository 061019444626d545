"""Values that are computed when somebody looks: once in bounded batches, or each time if that is cheap."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor


class Lazy:
    """A value that is computed when it is asked for: each time, or with `once` only the first time."""

    def __init__(self, compute: Callable[[], Any], *, once: bool = False) -> None:
        self._compute, self._once, self._value = compute, once, None

    @property
    def value(self) -> Any:
        """The value itself."""
        if not self._once:
            return self._compute()
        if self._value is None:
            self._value = self._compute()
        return self._value

    @property
    def known(self) -> Any:
        """The value if it is there already, otherwise None."""
        return self._value

    def settle(self) -> None:
        """Do the work now, if it is work that is done only once."""
        if self._once:
            _ = self.value


class Stack:
    """`length` arrays of one shape on top of each other, computed a batch at a time.

    `compute` takes a slice of the leading axis and gives the rows there. With `keep` the rows stay after the
    first pass (`.value` is then the whole tensor at once); without it every batch is dropped as soon as it
    was used, so a sum over a thousand gradients needs the memory of one batch.
    """

    def __init__(
        self, length: int, compute: Callable[[slice], Tensor], *, batch_size: int, keep: bool = True
    ) -> None:
        self.length, self.batch_size, self.keep = length, batch_size, keep
        self._compute = compute
        self._rows: Tensor | None = None

    @classmethod
    def of(cls, rows: "Tensor | Stack", batch_size: int) -> "Stack":
        """A stack over rows that are already there."""
        if isinstance(rows, Stack):
            return rows
        stack = cls(len(rows), rows.__getitem__, batch_size=batch_size)
        stack._rows = rows
        return stack

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, where: slice) -> Tensor:
        return self._rows[where] if self._rows is not None else self._compute(where)

    def batches(self) -> Iterator[tuple[slice, Tensor]]:
        """(slice, rows) from first to last; the rows are kept on the way if they are to be kept."""
        kept = None
        count = -(-self.length // self.batch_size)  # batches of one size, or nearly: a small last one is slow
        for k in progress(range(count), silent=self._rows is not None):
            where = slice(self.length * k // count, self.length * (k + 1) // count)
            rows = self[where]
            if self.keep and self._rows is None:
                if kept is None:
                    kept = rows.new_empty((self.length, *rows.shape[1:]))
                kept[where] = rows
                rows = kept[where]
            yield where, rows
        if kept is not None:
            self._rows = kept

    def map(self, function: Callable[[slice, Tensor], Tensor]) -> "Stack":
        """A stack of function(where, rows), which runs along with this one and is kept with it."""
        return _Mapped(self, function)

    @property
    def value(self) -> Tensor:
        """All rows as one tensor, (length, …)."""
        if self._rows is None:
            self.keep = True
            for _ in self.batches():
                pass
        assert self._rows is not None
        return self._rows

    @property
    def known(self) -> Tensor | None:
        """The rows if they are there already, otherwise None."""
        return self._rows

    def settle(self) -> None:
        """Do the work now."""
        _ = self.value


class _Mapped(Stack):
    """A stack made of another: one pass over it is one pass over its source, which may keep its rows then."""

    def __init__(self, source: Stack, function: Callable[[slice, Tensor], Tensor]) -> None:
        super().__init__(
            source.length,
            lambda where: function(where, source[where]),
            batch_size=source.batch_size,
            keep=False,
        )
        self._source, self._function = source, function

    def batches(self) -> Iterator[tuple[slice, Tensor]]:
        """(slice, rows), as the source goes by; kept only where they could not be had again from a source."""
        if self._rows is not None:
            yield from super().batches()
            return
        kept: list[Tensor] = []
        for where, source_rows in self._source.batches():
            rows = self._function(where, source_rows)
            if self.keep and not self._source.keep:
                kept.append(rows)
            yield where, rows
        if kept:
            self._rows = torch.cat(kept)

    @property
    def value(self) -> Tensor:
        """All rows as one tensor, computed anew from the source unless they were kept."""
        rows = [rows for _, rows in self.batches()]
        return torch.cat(rows) if self._rows is None else self._rows

    def settle(self) -> None:
        """Do the work now: that of the source, if it keeps what it gives."""
        if self._source.keep:
            self._source.settle()
        else:
            super().settle()


class Derived(Stack):
    """A stack whose rows cost next to nothing: made anew whenever somebody looks, and never kept.

    Four thousand masked pictures pass through it in the memory of one batch. Its rows may also be texts:
    `compute` then gives a list. `stack[[3, 5]]` makes these two rows and no others.
    """

    keep = property(lambda self: False, lambda self, keep: None)  # type: ignore[assignment]

    def __init__(self, length: int, compute: Callable[[slice], Any], *, batch_size: int) -> None:
        super().__init__(length, compute, batch_size=batch_size)

    def __getitem__(self, where: "slice | list[int]") -> Any:
        if isinstance(where, slice):
            return self._compute(slice(*where.indices(self.length)[:2]))
        rows = [self._compute(slice(k, k + 1)) for k in where]
        return joined(rows) if rows else self[:0]

    @property
    def value(self) -> Any:
        """All rows as one tensor, (length, …), or all texts in a list; made anew each time."""
        return joined([rows for _, rows in self.batches()]) if self.length else self[:0]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of `value`, known from its first row."""
        return (self.length, *getattr(self[:1], "shape", (1,))[1:])

    def settle(self) -> None:
        """Nothing: there is no work to be done once."""


def joined(parts: list[Any]) -> Any:
    """Batches one after another: tensors as one tensor, lists as one list."""
    return torch.cat(parts) if isinstance(parts[0], Tensor) else [row for part in parts for row in part]


def resolve(value: Any) -> Any:
    """What stands behind a Stack or a Lazy; anything else is itself."""
    return value.value if isinstance(value, (Stack, Lazy)) else value


def progress(items: range, silent: bool = False) -> Any:
    """The same items, with a progress bar if they take longer than two seconds (TQDM_DISABLE=1: never)."""
    unwanted = os.environ.get("TQDM_DISABLE", "0") not in ("", "0")  # tqdm itself ignores this in notebooks
    if silent or unwanted or len(items) < 3:
        return items
    from tqdm.auto import tqdm

    return tqdm(items, delay=2, leave=False, unit="batch")
