"""Where a member's training is kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from accord.events import Log


@dataclass(frozen=True, slots=True)
class Place:
    """A member's checkpoints, whose they are, and its log."""

    folder: Path
    identity: str
    log: Log
