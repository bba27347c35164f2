"""Rows put aside, as lines of `quarantine.jsonl`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from accord.data.source import Block


def aside(block: Block, reason: str) -> Iterator[str]:
    """The rows of a block as JSON."""
    for row, content in zip(block.rows.tolist(), block.batch.to_pylist(), strict=True):
        told = {"row": row, "file": block.file, "reason": reason, "content": content}
        yield json.dumps(told, ensure_ascii=False, default=_unseen)


def _unseen(value: object) -> str:
    return f"{len(value)} bytes" if isinstance(value, bytes) else str(value)
