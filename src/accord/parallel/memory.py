"""Out of memory: compute the same global batch in smaller pieces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from accord.batch import Window
from accord.errors import ModelError
from accord.parallel.learner import random_tensors, restore_random

Divide = Callable[[Any, npt.NDArray[np.int64], int], Window]
SIGNS = ("not enough memory", "can't allocate memory", "out of memory")


def within_memory(
    window: Window, compute: Callable[[Window], float], divide: Divide
) -> tuple[float, Window]:
    """`compute(window)`; when memory runs out, the micro-batches are halved and all is computed
    again from the same random state, so that the global batch stays what it was.

    `compute` must leave no gradients behind when it fails half-way, or set them anew, and speak to
    no other process before its memory has sufficed.

    Returns:
        The result, and the window as it fitted.

    Raises:
        ModelError: A single row does not fit.
    """
    while True:
        state = random_tensors()
        try:
            return compute(window), window
        except RuntimeError as error:
            if not _out_of_memory(error):
                raise
            if all(batch["rows"].shape[0] == 1 for batch in window.batches):
                raise _one_row_too_large(int(window.lengths.max())) from error
        restore_random(state)
        smaller = divide(window.table, window.lengths, max(1, max(window.padded) // 2))
        window = replace(smaller, whole=window.whole)


def _out_of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or any(s in str(error) for s in SIGNS)


def _one_row_too_large(tokens: int) -> ModelError:
    return ModelError(
        "a single row does not fit into memory",
        code="out-of-memory",
        path="data.max_tokens",
        got=tokens,
        fix="lower `data.max_tokens`, set `machine.gradient_checkpointing: true`, train LoRA "
        "(`model.adapt: lora`), or use a smaller model",
    )
