"""No core dump, and no look into this process, while plaintext is in its memory."""

from __future__ import annotations

import ctypes
import sys
from functools import cache

_PR_SET_DUMPABLE = 4


@cache
def forbid_dumps() -> None:
    """From now on the process leaves no core file and other processes of the user cannot attach.

    There is no way back: what was in memory once may be there still.
    """
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):  # not POSIX, or forbidden: nothing is written then
        pass
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
