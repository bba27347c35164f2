"""Values that are missing, and rows that cannot be used."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.diagnose.finding import (
    Figure,
    Finding,
    Graded,
    Plot,
    Remedy,
    Severity,
    fine,
    found_or_remedied,
)
from accord.diagnose.seen import Seen
from accord.part import part


class Missing(Graded):
    """Share of rows without a value, in the column with fewest."""

    title: ClassVar[str] = "Missing values"
    place: ClassVar[int] = 180
    kind: Literal["missing"] = "missing"
    low: float = Field(default=0.05, ge=0, le=1)
    medium: float = Field(default=0.2, ge=0, le=1)
    high: float = Field(default=0.5, ge=0, le=1)


@part("problem", Missing)
def missing(spec: Missing, seen: Seen) -> Finding:
    """Columns by the sample; bad rows, which end a run under `on_bad_row: fail`, by all rows."""
    data, table = seen.recipe.data, seen.training.table
    shares: dict[str, float] = {}
    for name in data.numeric if seen.task.modality == "table" else ():
        shares[name] = float(np.isnan(np.asarray(table[name].to_numpy(), np.float64)).mean())
    for name in data.categorical if seen.task.modality == "table" else ():
        shares[name] = table[name].null_count / max(1, table.num_rows)
    bad = sum(seen.data.rejected.values())
    total = bad + len(seen.data.splits)
    worst = max(shares.values(), default=0.0)
    listed = sorted(shares.items(), key=lambda item: -item[1])
    figures = [Figure("rows that cannot be used", bad, f"of {total:,} rows")]
    if shares:
        figures.insert(0, Figure("missing in the column with fewest values", worst, "share"))
    figures += [Figure(reason.replace("-", " "), n, "rows") for reason, n in
                sorted(seen.data.rejected.items(), key=lambda item: -item[1])[:5]]  # fmt: skip
    shown = [(name, share) for name, share in listed if share][:10]
    plots = (Plot("bars", "Missing values of each column", shown, y="share"),) if shown else ()
    grave: Severity | None = spec.grade(worst)
    stops = bad > 0 and data.on_bad_row == "fail"
    if stops:
        grave = "high"
    if grave is None and not bad:
        return fine("Hardly any value is missing.", *figures, plots=plots)
    finding = Finding(
        "found",
        _meaning(bad, total, worst, listed[0][0] if listed else "", spec.low),
        tuple(figures),
        grave or "low",
        _remedies(seen, shares, spec, stops=stops),
        plots=plots,
    )
    sound = spec.grade(worst) is None
    handled = f"`data.on_bad_row: {data.on_bad_row}`" if bad and not stops and sound else None
    return found_or_remedied(finding, handled)


def _meaning(bad: int, total: int, worst: float, column: str, least: float) -> str:
    told: list[str] = []
    if bad:
        told.append(
            f"{bad:,} of {total:,} rows cannot be used: text or label are missing or wrong."
        )
    if worst >= least:
        told.append(f"{column} has no value in {worst:.0%} of the rows.")
    return " ".join(told)


def _remedies(
    seen: Seen, shares: dict[str, float], spec: Missing, *, stops: bool
) -> tuple[Remedy, ...]:
    data = seen.recipe.data
    patch: dict[str, Any] = {"on_bad_row": "quarantine"} if stops else {}
    empty = {name for name, share in shares.items() if share >= spec.high}
    for field in ("numeric", "categorical"):
        names = getattr(data, field)
        if empty & set(names):
            patch[field] = [name for name in names if name not in empty]
    left = (set(data.numeric) | set(data.categorical)) - empty
    if patch and (left or not empty):
        parts = ["Put bad rows aside, with the reason of each."] if stops else []
        parts += [f"Do not learn from {', '.join(sorted(empty))}."] if empty else []
        return (Remedy(" ".join(parts), {"data": patch}),)
    say = "Find out why they are missing; the model takes the median, and is told that it was."
    return (Remedy(say),)
