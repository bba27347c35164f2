"""The `privacy` block of summary.json: what a run promises, as its model artifact has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

NONE = ("epsilon", "delta", "accountant", "accesses")


def privacy_block(
    found: Mapping[str, Any] | None, charges: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What was promised; null where nothing is.

    Args:
        found: `privacy.json` of the model artifact, if it was trained privately.
        charges: `charges.json` of the run, if anything was charged.
    """
    accesses = len(charges["accounts"]) if charges else None
    return dict.fromkeys(NONE) | dict(found or {}) | {"accesses": accesses}
