"""diagnosis.html: what `accord diagnose` found, as one self-contained page, from its JSON alone."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from accord.artifact import write_atomic
from accord.report.plots import Axes, Line, column_plot, line_plot
from accord.report.svg_text import fitted

DIAGNOSIS = "diagnosis.json"
SEVERITIES = ("high", "medium", "low")
GROUPS = (*SEVERITIES, "remedied", "fine", "not looked at", "not applicable")
WIDTH, ROW, LEFT, RIGHT, SIZE = 460, 24, 150, 78, 11


def write_page(folder: Path) -> Path:
    """Write `diagnosis.html` beside `diagnosis.json`.

    Args:
        folder: Holds `diagnosis.json` (see `accord.diagnosing.Diagnosis.to_json`).

    Returns:
        The page's path. It loads nothing from anywhere.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("accord.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"figure": figure_text, "value": value_text, "beside": beside_text}
    page = environment.get_template("diagnosis.html.jinja").render(diagnosis_content(folder))
    path = folder / "diagnosis.html"
    write_atomic(path, page)
    return path


def diagnosis_content(folder: Path) -> dict[str, Any]:
    """What the page shows."""
    told = json.loads((folder / DIAGNOSIS).read_text("utf-8"))
    findings = [one | {"plots": [_plot(plot) for plot in one["plots"]]} for one in told["findings"]]
    groups = {group: [one for one in findings if group_of(one) == group] for group in GROUPS}
    total = len(findings) or 1
    return {
        "diagnosis": told,
        "found": [one for severity in SEVERITIES for one in groups[severity]],
        "groups": groups,
        "bar": [
            {"group": group, "count": len(ones), "share": 100 * len(ones) / total}
            for group, ones in groups.items()
            if ones
        ],
    }


def group_of(finding: Mapping[str, Any]) -> str:
    """Its severity where it is found, else its status."""
    return str(finding["severity"] if finding["status"] == "found" else finding["status"])


def figure_text(figure: Mapping[str, Any]) -> str:
    """The number of a figure with its unit, and what stands beside it."""
    return f"{value_text(figure)} {beside_text(figure)}".rstrip()


def value_text(figure: Mapping[str, Any]) -> str:
    """The number of a figure with its unit."""
    return _value(figure["value"], str(figure["unit"]))


def beside_text(figure: Mapping[str, Any]) -> str:
    """Interval and p-value of a figure, where it has them."""
    told: list[str] = []
    if figure["interval"]:
        low, high = (_value(value, str(figure["unit"])) for value in figure["interval"])
        told.append(f"{low} to {high}")
    if figure["p_value"] is not None:
        p = figure["p_value"]
        told.append("p < 0.001" if p < 0.001 else f"p = {p:.3f}")
    return f"({', '.join(told)})" if told else ""


def _value(value: float, unit: str) -> str:
    if unit == "share":
        digits = 0 if value in (0, 1) or value >= 0.1 else 1 if value >= 0.001 else 3
        return f"{100 * value:.{digits}f} %"
    if unit == "bytes":
        return f"{value / 2**30:.1f} GiB" if value >= 2**29 else f"{value / 2**20:.0f} MiB"
    if unit == "seconds":
        return _duration(value)
    whole = float(value).is_integer() or abs(value) >= 100
    number = f"{value:,.0f}" if whole else f"{value:.3g}"
    unit = unit.removesuffix("s") if value == 1 and unit in ("rows", "words", "tokens") else unit
    return f"{number} {unit}".rstrip()


def _duration(seconds: float) -> str:
    for size, name in ((86400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} s"


def _plot(plot: Mapping[str, Any]) -> str:
    items, axes = plot["items"], Axes(str(plot["x"]), str(plot["y"]))
    title = str(plot["title"])
    if not items:
        return ""
    if plot["kind"] == "columns":
        return column_plot(title, [(float(x), int(n)) for x, n in items], axes)
    if plot["kind"] == "curves":
        lines = [Line(str(name), x, y, i) for i, (name, x, y) in enumerate(items) if x]
        return line_plot(title, lines, axes) if lines else ""
    return bars(title, [(str(name), float(value)) for name, value in items], str(plot["y"]))


def bars(title: str, items: Sequence[tuple[str, float]], unit: str) -> str:
    """Horizontal bars with their values, in the order given."""
    most = max((value for _, value in items), default=1.0) or 1.0
    room = WIDTH - LEFT - RIGHT
    parts: list[str] = []
    for i, (name, value) in enumerate(items):
        y, width = 4 + i * ROW, max(1.0, room * value / most)
        told = html.escape(_value(value, "share" if unit == "share" else ""))
        full = html.escape(f"{name}: {_value(value, unit)}")
        parts.append(
            f'<g><title>{full}</title><text class="tick" x="{LEFT - 8}" y="{y + 13}" '
            f'text-anchor="end">{fitted(name, LEFT - 12, SIZE)}</text>'
            f'<rect class="fill c0" x="{LEFT}" y="{y}" width="{width:.1f}" height="16" rx="3" />'
            f'<text class="tick" x="{LEFT + width + 6:.1f}" y="{y + 13}">{told}</text></g>'
        )
    height = 8 + ROW * len(items)
    escaped = html.escape(title)
    return (
        f'<figure class="plot"><figcaption>{escaped}</figcaption><svg viewBox="0 0 {WIDTH} '
        f'{height}" role="img" aria-label="{escaped}">{"".join(parts)}</svg></figure>'
    )
