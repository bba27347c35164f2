"""The random generators of a process."""

from __future__ import annotations

from collections.abc import Mapping

import torch

from accord.parallel.checkpoint import Tensors


def random_tensors() -> Tensors:
    """States of the generators that dropout draws from."""
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def restore_random(states: Mapping[str, torch.Tensor]) -> None:
    """Undo what was drawn since `random_tensors`."""
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
