"""`machine:` where and how fast. Nothing here may change what is made; it is not hashed."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.section import Section


class Machine(Section):
    """Devices, memory, workers and paths."""

    device: str = "auto"
    """`auto`, `cpu`, `cuda`, `cuda:1`, `mps`."""
    threads: int | None = Field(default=None, ge=1)
    """CPU threads; by default all cores this process may use."""
    micro_batch_tokens: int | None = Field(default=None, ge=1)
    """Tokens (or rows, without tokens) computed at once; by default as memory allows."""
    gradient_checkpointing: bool = False
    """Keep only what goes into each layer, and compute the rest again in the backward pass: less
    memory, a third to a half more time, the same weights."""
    shard: bool = False
    """Divide weights, gradients and optimizer state over the processes that `torchrun` starts
    (FSDP2); a single one holds all of them."""
    bucket: bool = True
    """Spend no work on padding: encoders on a CPU compute none, others rows of like length."""
    workers: int = Field(default=1, ge=0)
    """Threads that prepare batches ahead."""
    checkpoint_every: float = Field(default=300.0, gt=0)
    """Seconds between checkpoints."""
    checkpoints: int = Field(default=2, ge=1)
    """How many recent checkpoints are kept, besides the best."""
    log_every: int = Field(default=10, ge=1)
    """Steps between log lines."""
    sinks: tuple[Annotated[Spec, SpecOf("sink")], ...] = ()
    """`[tensorboard]`, `[{kind: mlflow, uri: ...}]`."""
