"""A disk that is full, told as such whatever library met it."""

from __future__ import annotations

import errno
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from accord.errors import AccordError, RecipeError

FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
RUST = re.compile(r"\(os error (\d+)\)")
"""How libraries in Rust (safetensors, tokenizers) tell an error number."""


def is_full(error: BaseException) -> bool:
    """Whether an error says that the disk, a quota or a limit on sizes is reached."""
    if isinstance(error, AccordError):
        return False
    if isinstance(error, OSError):
        return error.errno in FULL
    found = RUST.search(str(error))
    return found is not None and int(found[1]) in FULL


@dataclass(frozen=True, slots=True)
class Told:
    """How an error of a full disk is told.

    Args:
        doing: What there was no room for.
        why: What of it is left.
        again: How it is done again.
    """

    doing: str
    why: str
    again: str = "run the same command again"


RUN = Told(
    "write the run",
    "what was saved before is whole; nothing of it was overwritten",
    "run the same command with --resume",
)


@contextmanager
def told_when_full(folder: Path, told: Told = RUN) -> Generator[None]:
    """Errors of a full disk leave the block as one that says what to do.

    Args:
        folder: What was being written.
        told: How it is told.

    Raises:
        RecipeError: The disk is full.
    """
    try:
        yield
    except Exception as error:
        if not is_full(error):
            raise
        raise RecipeError(
            f"there is no room left to {told.doing}",
            code="disk-full",
            path=str(folder),
            got=str(error)[:200],
            why=told.why,
            fix=f"make room (or raise the quota), then {told.again}",
        ) from error
