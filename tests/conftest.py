"""Every test runs offline and on one thread."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator

import pytest

os.environ |= {
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_NUM_THREADS": "1",
    "DO_NOT_TRACK": "1",
}


@pytest.fixture(autouse=True)
def one_thread() -> Generator[None]:
    """Where a test file has imported PyTorch, it computes on one thread."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
    yield
