"""From a prepared split to batches of tensors: order, windows, collation, prefetch."""

from accord.batch.collate import Batch, collate
from accord.batch.feed import Feed, Window
from accord.batch.micro import Division, micro_batches
from accord.batch.order import epoch_order
from accord.batch.prepared import PreparedSplit

__all__ = [
    "Batch",
    "Division",
    "Feed",
    "PreparedSplit",
    "Window",
    "collate",
    "epoch_order",
    "micro_batches",
]
