"""Global batches in training order, prepared ahead by a thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.batch.beside import Rows
from accord.batch.collate import Batch, collate
from accord.batch.micro import Division, micro_batches
from accord.batch.order import Order, Shuffled
from accord.batch.pairing import Pairing, collate_pairs, partners
from accord.batch.prepared import weighed


@dataclass(frozen=True, slots=True)
class Window:
    """The rows of one optimizer step that a process computes, of which there may be none, and how.

    Args:
        table: The rows, in the order drawn.
        lengths: Tokens of each row, without padding. Shape [rows].
        batches: Micro-batches; together every row once.
        padded: Tokens computed in each micro-batch, with padding.
        sequences: Tokens of each sequence that attends to itself: documents where several are
            packed into a row, else the rows (the longer of two that are mixed). Shape [sequences].
        whole: Rows and tokens of the global batch, over all processes.
    """

    table: pa.Table
    lengths: npt.NDArray[np.int64]
    batches: tuple[Batch, ...]
    padded: tuple[int, ...]
    sequences: npt.NDArray[np.int64]
    whole: tuple[int, int]


class Feed:
    """Windows of a training split from any step on.

    Args:
        split: The prepared rows.
        batch_size: Rows of a global batch, as the order takes it.
        seed: Of the order.
        division: How a global batch is computed in parts (see `micro_batches`).
        workers: Windows prepared ahead; 0 prepares in the caller's thread.
        order: Which rows make each batch; by default each once an epoch.
        pairing: Which rows are mixed; by default none.
    """

    def __init__(
        self,
        split: Rows,
        batch_size: int,
        *,
        seed: int,
        division: Division,
        workers: int,
        order: Order | None = None,
        pairing: Pairing | None = None,
    ) -> None:
        self.order = order or Shuffled(split.rows)
        self.split, self.batch_size, self.seed = split, batch_size, seed
        self.division: Division = division
        self.workers, self.pairing = workers, pairing
        self.lengths = split.lengths
        self.steps_per_epoch = -(-self.order.rows // batch_size)

    def windows(self, start: int, stop: int, max_tokens: int) -> Iterator[Window]:
        """Windows of steps `start` to `stop` (exclusive), counted over all epochs."""
        if self.workers == 0:
            return self._windows(start, stop, max_tokens)
        return _ahead(self._windows(start, stop, max_tokens), self.workers + 1)

    def divide(self, table: pa.Table, lengths: npt.NDArray[np.int64], max_tokens: int) -> Window:
        """A window over rows already taken, divided to fit `max_tokens`."""
        others = partners(table)
        spans = lengths if others is None else np.maximum(lengths, lengths[others])
        groups = self._groups(spans, max_tokens)
        batches = tuple(self._batch(table, group, others) for group in groups)
        unpadded = self.division == "unpadded"
        computed = tuple(
            int(spans[g].sum() if unpadded else spans[g].max() * len(g)) for g in groups
        )
        packed = "lengths" in table.column_names
        sequences = table["lengths"].combine_chunks().flatten().to_numpy() if packed else spans
        whole = (len(lengths), int(lengths.sum()))
        return Window(table, lengths, batches, computed, sequences, whole)

    def _groups(self, spans: npt.NDArray[np.int64], max_tokens: int) -> list[npt.NDArray[np.int64]]:
        """Rows of each micro-batch; those that belong together stay so."""
        together = self.order.together
        if together == 1:
            return micro_batches(spans, max_tokens, division=self.division)
        widest = spans.reshape(-1, together).max(1, initial=0)
        units = micro_batches(widest, max(max_tokens // together, 1), division=self.division)
        inner = np.arange(together)
        return [(unit[:, None] * together + inner).reshape(-1) for unit in units]

    def _batch(
        self,
        table: pa.Table,
        group: npt.NDArray[np.int64],
        others: npt.NDArray[np.int64] | None,
    ) -> Batch:
        own = table.take(pa.array(group))
        if others is None:
            return collate(own, self.split.schema)
        return collate_pairs(own, table.take(pa.array(others[group])), self.split.schema)

    def _windows(self, start: int, stop: int, max_tokens: int) -> Iterator[Window]:
        batches = self.order.batches(self.seed, self.batch_size, start)
        for step, chosen in zip(range(start, stop), batches, strict=False):
            table = self.split.take(chosen.rows)
            if chosen.weight is not None:
                table = weighed(table, chosen.weight)
            if self.pairing is not None:
                table = self.pairing.drawn(table, step)
            window = self.divide(table, self.lengths[chosen.rows], max_tokens)
            yield replace(window, whole=chosen.whole or window.whole)


def _ahead(windows: Iterator[Window], depth: int) -> Iterator[Window]:
    """The same windows, computed by a thread that stays at most `depth` ahead."""
    ready: queue.Queue[Window | BaseException | None] = queue.Queue(maxsize=depth)
    stopped = threading.Event()

    def put(item: Window | BaseException | None) -> None:
        while not stopped.is_set():
            try:
                return ready.put(item, timeout=0.1)
            except queue.Full:
                continue
        return None

    def produce() -> None:
        try:
            for window in windows:
                put(window)
                if stopped.is_set():
                    return
            put(None)
        except BaseException as error:  # noqa: BLE001 - raised again in the caller's thread
            put(error)

    thread = threading.Thread(target=produce, name="accord-feed", daemon=True)
    thread.start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()
