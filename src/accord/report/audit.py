"""What `accord audit` found, for the report: the verdict, a table of attacks, and two plots."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from accord.report.plots import Axes, Line, line_plot
from accord.report.summary import AUDIT

ATTACKS = {
    "loss": "low loss",
    "calibrated": "loss beside a reference",
    "relative": "likelihood ratio beside others (RMIA)",
    "canaries": "canaries",
}
BINS = 24
FLOOR = 1e-3
"""Rates below are drawn at the edge: nothing shows there with some thousand rows."""


def audit_section(run: Path) -> dict[str, Any] | None:
    """Plain values for the template; None where the run was not audited."""
    path = run / AUDIT
    if not path.is_file():
        return None
    found = json.loads(path.read_text("utf-8"))
    attacks = dict(found["membership"])
    if "canaries" in found:
        attacks["canaries"] = found["canaries"]
    return {
        "verdict": found["verdict"],
        "reference": found["reference"],
        "attacks": [_row(name, one) for name, one in attacks.items()],
        "exposure": found.get("exposure"),
        "extraction": found.get("extraction"),
        "engine": found.get("engine"),
        "plots": [
            _roc(attacks),
            *_canaries(found.get("canaries")),
            *_exposures(found.get("exposure")),
        ],
    }


def _row(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": ATTACKS[name],
        "auc": one["auc"],
        "interval": one["interval"],
        "caught": [one["true_positive_rate"][rate] for rate in ("0.01", "0.001")],
        "members": one["members"],
        "others": one["others"],
    }


def _roc(attacks: Mapping[str, Mapping[str, Any]]) -> str:
    """Both axes logarithmic: an attack that is sure of a few rows shows at the left."""
    edge = (math.log10(FLOOR), 0.0)
    lines = [
        Line(ATTACKS[name], _logs(one["curve"]["x"]), _logs(one["curve"]["y"]), i)
        for i, (name, one) in enumerate(attacks.items())
    ]
    lines.append(Line("guessing", edge, edge, 5, dashed=True, faint=True))
    axes = Axes("false positives, power of ten", "found, power of ten", edge, edge)
    return line_plot("Training rows told from others", lines, axes)


def _logs(rates: Sequence[float]) -> list[float]:
    return [math.log10(max(rate, FLOOR)) for rate in rates]


def _canaries(found: Mapping[str, Any] | None) -> list[str]:
    """How far the scores of canaries that were in lie from those that were not."""
    if not found:
        return []
    scores = found["scores"]
    both = sorted([*scores["in"], *scores["out"]])
    low, high = both[0], both[-1]
    width = (high - low) / BINS or 1.0
    middles = [low + (i + 0.5) * width for i in range(BINS)]
    lines = [
        Line(title, middles, _counts(scores[name], low, width), i)
        for i, (name, title) in enumerate((("in", "trained on"), ("out", "left out")))
    ]
    return [line_plot("Canaries", lines, Axes("score of the attack", "canaries"))]


def _exposures(found: Mapping[str, Any] | None) -> list[str]:
    """How much better canaries are known that stood there more often."""
    each = (found or {}).get("repeated")
    if not found or not each:
        return []
    places = [math.log10(one["times"]) for one in each]
    wide = (-0.1, places[-1] + 0.1)
    named = [(place, f"{one['times']:,}") for place, one in zip(places, each, strict=True)]

    def drawn(title: str, y: str, of: str, levels: Sequence[tuple[str, float, int]]) -> str:
        lines = [Line("in the middle", places, [one[of] for one in each], 0, dots=True)]
        lines += [Line(n, wide, (v, v), color, dashed=True) for n, v, color in levels]
        top = 1.08 * max(max(line.y) for line in lines)
        axes = Axes("times in the training rows", y, wide, (0.0, top), named)
        return line_plot(title, lines, axes)

    ends = (("the most that ranks show", found["ceiling"], 5), ("chance", found["chance"], 3))
    left_out = (("left out", found["loss_left_out"], 5),)
    return [
        drawn("Exposure of canaries", "exposure, bits", "median", ends),
        drawn("Loss of canaries", "loss", "loss", left_out),
    ]


def _counts(scores: Sequence[float], low: float, width: float) -> list[float]:
    counts = [0.0] * BINS
    for score in scores:
        counts[min(int((score - low) / width), BINS - 1)] += 1
    return counts
