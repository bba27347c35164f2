"""From an exception to one block on stderr and an exit code."""

from __future__ import annotations

import signal
import sys
import threading
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from accord.errors import AccordError, exit_status

INTERRUPTED = 130
OUR_FAULT = 1


@contextmanager
def failing(*, debug: bool) -> Generator[None]:
    """Run the block; end the process with its error, without a traceback unless `debug`."""
    try:
        yield
    except AccordError as error:
        if debug:
            traceback.print_exc()
        _leave(str(error), exit_status(error))
    except KeyboardInterrupt:
        _leave("interrupted", INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the boundary: what is left is a fault of ours
        if debug:
            traceback.print_exc()
        _leave(our_fault(error), OUR_FAULT)


@contextmanager
def ending_in_order() -> Generator[None]:
    """Within the block SIGTERM is an interruption like Ctrl-C: temporary files go with it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def our_fault(error: Exception) -> str:
    """The block for an exception nobody foresaw. Its text may hold data, so it is left out,
    except for errors of the operating system and of imports."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    where = f"{Path(last.filename).name}:{last.lineno} in {last.name}" if last else "unknown"
    told = f": {error}" if isinstance(error, OSError | ImportError) else ""
    return (
        f"error[internal]: a fault of ours: {type(error).__name__}{told}\n"
        f"  where     {where}\n"
        "  fix       run the same command with --debug, and report what it prints together with\n"
        "            the output of `accord doctor`: see docs/errors/internal.md"
    )


def _leave(block: str, status: int) -> None:
    sys.stdout.flush()
    print(block, file=sys.stderr)
    raise SystemExit(status)
