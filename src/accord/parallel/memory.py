"""Out of memory: compute the same global batch in smaller pieces."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from accord.batch import Window
from accord.errors import ModelError
from accord.parallel.chance import random_tensors, restore_random

Divide = Callable[[Any, npt.NDArray[np.int64], int], Window]
SIGNS = ("not enough memory", "can't allocate memory", "out of memory")


def within_memory(
    window: Window, compute: Callable[[Window], float], divide: Divide | None
) -> tuple[float, Window]:
    """`compute(window)`; when memory runs out, the micro-batches are halved and all is computed
    again from the same random state, so that the global batch stays what it was.

    `compute` must leave no gradients behind when it fails half-way, or set them anew, and speak to
    no other process before its memory has sufficed. Where it must (`divide` is None), others wait
    for it in the middle of a layer, and nobody can begin again: the run ends.

    Returns:
        The result, and the window as it fitted.

    Raises:
        ModelError: A single row does not fit, or memory must have sufficed.
    """
    while True:
        state = random_tensors()
        try:
            return compute(window), window
        except RuntimeError as error:
            if not _out_of_memory(error):
                raise
            if divide is None:
                raise together_too_large() from error
            if all(batch["rows"].shape[0] == 1 for batch in window.batches):
                raise _one_row_too_large(int(window.lengths.max())) from error
        restore_random(state)
        smaller = divide(window.table, window.lengths, max(1, max(window.padded) // 2))
        window = replace(smaller, whole=window.whole)


def _out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or any(s in str(error) for s in SIGNS)


@contextmanager
def sufficing() -> Generator[None]:
    """Raises: ModelError: Memory ran out where processes go through a model together."""
    try:
        yield
    except RuntimeError as error:
        if not _out_of_memory(error):
            raise
        raise together_too_large() from error


def together_too_large() -> ModelError:
    """One of several processes cannot halve what it computes while others wait in a layer."""
    return ModelError(
        "memory ran out in one of the processes that share a model's weights",
        code="out-of-memory",
        path="machine.micro_batch_tokens",
        why="with `machine.shard` all go through every layer together, so that none can divide its "
        "part of the batch again by itself",
        fix="lower `machine.micro_batch_tokens` (by default 8192 on a CPU and 65536 on a GPU) and "
        "go on with --resume, or set `machine.gradient_checkpointing: true`",
    )


def _one_row_too_large(tokens: int) -> ModelError:
    return ModelError(
        "a single row does not fit into memory",
        code="out-of-memory",
        path="data.max_tokens",
        got=tokens,
        fix="lower `data.max_tokens`, set `machine.gradient_checkpointing: true`, train LoRA "
        "(`model.adapt: lora`), or use a smaller model",
    )
