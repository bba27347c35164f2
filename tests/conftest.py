"""Every test runs offline, on one thread and in a home of its own."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Generator

import pytest

HOME = tempfile.mkdtemp(prefix="accord-tests-")
atexit.register(shutil.rmtree, HOME, ignore_errors=True)
os.environ |= {
    "XDG_DATA_HOME": HOME,  # the ledger and the key of whoever runs the tests stay untouched
    "HF_HUB_OFFLINE": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "OMP_NUM_THREADS": "1",
    "DO_NOT_TRACK": "1",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with long tests first: begun last, they would leave the other workers without work."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(autouse=True)
def one_thread() -> Generator[None]:
    """Where a test file has imported PyTorch, it computes on one thread."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)
    yield
