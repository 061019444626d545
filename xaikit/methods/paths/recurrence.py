"""Rows that come one after another, since each needs the one before."""

from collections.abc import Callable, Iterator

from torch import Tensor

from ...core.stack import Stack, progress


class Recurrence:
    """Rows that come one after another, since each needs the one before: x_0, x_1 = step(x_0), …

    `run` yields a tuple of tensors `length` times. The first `width` places of the tuple are stacks; one run
    fills all of them that are to be kept. `last` is the whole tuple that it ended with.
    """

    def __init__(
        self, length: int, width: int, run: Callable[[], Iterator[tuple[Tensor, ...]]], *, keep: bool
    ) -> None:
        self.length, self._run = length, run
        self.columns = [_Column(self, k, keep) for k in range(width)]
        self._last: tuple[Tensor, ...] | None = None

    def rows(self) -> Iterator[tuple[Tensor, ...]]:
        """The tuples from first to last."""
        wanted = [c for c in self.columns if c.keep and c.known is None]
        kept: dict[int, Tensor] = {}
        run, row = self._run(), None
        for k in progress(range(self.length)):
            row = next(run)
            for column in wanted:
                one = row[column.place]
                if column.place not in kept:
                    kept[column.place] = one.new_empty((self.length, *one.shape))
                kept[column.place][k] = one
            yield row
        for column in wanted:
            column._rows = kept[column.place]
        self._last = row

    @property
    def last(self) -> tuple[Tensor, ...]:
        """The last tuple."""
        if self._last is None:
            for _ in self.rows():
                pass
        assert self._last is not None
        return self._last


class _Column(Stack):
    """One place of the tuples of a recurrence, (length, …)."""

    def __init__(self, source: Recurrence, place: int, keep: bool) -> None:
        super().__init__(source.length, lambda where: self.value[where], batch_size=1, keep=keep)
        self._source, self.place = source, place

    def batches(self) -> Iterator[tuple[slice, Tensor]]:
        """(slice, rows), as the recurrence runs."""
        if self._rows is not None:
            yield from super().batches()
            return
        for k, row in enumerate(self._source.rows()):
            yield slice(k, k + 1), row[self.place][None]
