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
    block = dict.fromkeys(NONE) | dict(found or {}) | {"accesses": accesses}
    if found is not None:
        block["charged"] = _charged(charges or {})
    return block


def _charged(charges: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The data sets that private steps were charged to: the account before and after."""
    told: list[dict[str, Any]] = []
    for name in charges.get("private", ()):
        one = charges["budgets"][name]
        told.append(
            {
                "agreement": name,
                "unit": one["unit"],
                "cap": one["given"]["epsilon"],
                "delta": one["given"]["delta"],
                "before": one["before"]["epsilon"],
                "after": one.get("after", {}).get("epsilon"),
            }
        )
    return told
