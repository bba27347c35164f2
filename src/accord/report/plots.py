"""Plots as hand-written SVG: small pure functions from numbers to markup.

Colours are CSS classes (`c0`, `c1`, ...), so that one file serves light, dark and print. Points
carry their values in `data-*` attributes; the page's script reads them to show on hover.
"""

from __future__ import annotations

import html
import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 460, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 12, 40
VALUES = 12


@dataclass(frozen=True, slots=True)
class Line:
    """One curve. `faint` draws it thin, `dots` marks its points, `dashed` is for references."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    color: int = 0
    faint: bool = False
    dots: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axes:
    """Ranges and titles of a plot; a range that is None is that of the data."""

    x_title: str
    y_title: str
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None
    x_ticks: Sequence[tuple[float, str]] = ()
    """Places and what is written there, where even steps of the scale would say little."""


def line_plot(title: str, lines: Sequence[Line], axes: Axes) -> str:
    """Curves in one frame, with a legend if there are several."""
    x_range = axes.x_range or _range([v for line in lines for v in line.x])
    y_range = axes.y_range or _range([v for line in lines for v in line.y])
    frame = _Frame(x_range, y_range)
    curves = "".join(_curve(line, frame) for line in lines)
    named = [line for line in lines if not line.faint]
    legend = _legend(named) if len(named) > 1 else ""
    data = json.dumps(
        [
            {"name": line.name, "x": list(line.x), "y": list(line.y), "color": line.color}
            for line in lines
            if not line.dashed
        ]
    )
    about = {"x": x_range, "y": y_range, "xt": axes.x_title, "yt": axes.y_title}
    about |= {"ticks": list(axes.x_ticks)} if axes.x_ticks else {}
    plot = html.escape(json.dumps(about), quote=True)
    return (
        f'<figure class="plot"><figcaption>{html.escape(title)}</figcaption>{legend}'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}" '
        f'tabindex="0" data-plot="{plot}" data-lines="{html.escape(data, quote=True)}">'
        f"{frame.grid(axes)}{curves}"
        f'<line class="cursor" y1="{TOP}" y2="{HEIGHT - BOTTOM}" /></svg>'
        f"{_values(lines, axes)}</figure>"
    )


def _values(lines: Sequence[Line], axes: Axes) -> str:
    """The curves as a table of at most `VALUES` points each, for those who cannot see them."""
    rows: list[str] = []
    named = dict(axes.x_ticks)
    for line in lines:
        if line.dashed or not line.x:
            continue
        last = len(line.x) - 1
        picked = sorted({round(i * last / (VALUES - 1)) for i in range(VALUES)})
        rows += [
            f"<tr><td>{html.escape(line.name)}</td>"
            f'<td class="n">{named.get(line.x[i]) or f"{line.x[i]:.6g}"}</td>'
            f'<td class="n">{line.y[i]:.4g}</td></tr>'
            for i in picked
        ]
    return (
        '<details class="values"><summary>As a table</summary><div class="scroll"><table><thead>'
        f'<tr><th>curve</th><th class="n">{html.escape(axes.x_title)}</th>'
        f'<th class="n">{html.escape(axes.y_title)}</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div></details>"
    )


def bar_plot(title: str, bars: Sequence[tuple[str, float]], unit: str) -> str:
    """Horizontal bars with their values, longest first."""
    ordered = sorted(bars, key=lambda bar: -bar[1])
    most = max((value for _, value in ordered), default=1.0) or 1.0
    total = sum(value for _, value in ordered) or 1.0
    rows: list[str] = []
    for i, (name, value) in enumerate(ordered):
        y, width = 6 + i * 26, 220 * value / most
        told = f"{value:.1f} {unit} ({value / total:.0%})"
        rows.append(
            f'<text class="tick" x="112" y="{y + 14}" text-anchor="end">{html.escape(name)}</text>'
            f'<rect class="fill c0" x="120" y="{y}" width="{max(width, 1):.1f}" height="18" rx="3">'
            f"<title>{html.escape(name)}: {told}</title></rect>"
            f'<text class="tick" x="{126 + width:.1f}" y="{y + 14}">{told}</text>'
        )
    height = 12 + 26 * len(ordered)
    return (
        f'<figure class="plot"><figcaption>{html.escape(title)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{html.escape(title)}">'
        f"{''.join(rows)}</svg></figure>"
    )


def column_plot(title: str, bins: Sequence[tuple[float, int]], axes: Axes) -> str:
    """Columns of counts: (place on x, count) of every bin. Evenly wide, never overlapping."""
    places = [x for x, _ in bins]
    frame = _Frame(
        axes.x_range or _range(places), (0.0, 1.06 * max((n for _, n in bins), default=1))
    )
    gaps = [frame.x(b) - frame.x(a) for a, b in itertools.pairwise(places)]
    width = max(2.0, min([24.0, *(0.9 * gap for gap in gaps)]))
    total = sum(n for _, n in bins) or 1
    columns = "".join(
        f'<rect class="fill c0" x="{frame.x(x) - width / 2:.1f}" y="{frame.y(n):.1f}" rx="2" '
        f'width="{width:.1f}" height="{frame.y(0) - frame.y(n):.1f}">'
        f"<title>{axes.x_title} {x:.3f}: {n:,} {axes.y_title} ({n / total:.1%})</title></rect>"
        for x, n in bins
    )
    return (
        f'<figure class="plot"><figcaption>{html.escape(title)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}">'
        f"{frame.grid(axes)}{columns}</svg></figure>"
    )


def confusion_plot(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """A heat map, coloured by the share of each true class."""
    size = len(labels)
    cell = min(64.0, 360 / size)
    left = 16 + 7 * min(18, max(len(label) for label in labels))
    width, height = left + cell * size + 12, 34 + cell * size + 12
    parts: list[str] = ['<text class="axis" x="4" y="14">true ↓ predicted →</text>']
    for i, label in enumerate(labels):
        shown = html.escape(label if len(label) <= 18 else label[:17] + "…")
        at = 34 + i * cell + cell / 2
        parts.append(
            f'<text class="tick" x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{shown}</text>'
        )
        x = left + i * cell + cell / 2
        short = html.escape(label[: max(2, int(cell // 7))])
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="28" text-anchor="middle">{short}'
            f"<title>{html.escape(label)}</title></text>"
        )
        total = sum(counts[i]) or 1
        for j, count in enumerate(counts[i]):
            share = count / total
            strong = " strong" if share > 0.5 else ""
            parts.append(
                f'<rect class="heat" style="--share:{share:.3f}" x="{left + j * cell:.1f}" '
                f'y="{34 + i * cell:.1f}" width="{cell - 2:.1f}" height="{cell - 2:.1f}" rx="3">'
                f"<title>true {html.escape(label)}, predicted {html.escape(labels[j])}: "
                f"{count:,} ({share:.1%})</title></rect>"
            )
            if cell >= 26:
                parts.append(
                    f'<text class="count{strong}" x="{left + j * cell + cell / 2 - 1:.1f}" '
                    f'y="{at + 4:.1f}" text-anchor="middle">{count:,}</text>'
                )
    return (
        '<figure class="plot"><figcaption>Confusion matrix</figcaption>'
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" style="max-width:{width:.0f}px" role="img" '
        f'aria-label="Confusion matrix">{"".join(parts)}</svg></figure>'
    )


def scatter_plot(title: str, x: Sequence[float], y: Sequence[float], axes: Axes) -> str:
    """Points, with the diagonal where both axes measure the same."""
    both = _range([*x, *y])
    frame = _Frame(axes.x_range or both, axes.y_range or both)
    dots = "".join(
        f'<circle class="dot c0" cx="{frame.x(a):.1f}" cy="{frame.y(b):.1f}" r="2.6">'
        f"<title>{a:.4g}, {b:.4g}</title></circle>"
        for a, b in zip(x, y, strict=True)
    )
    ends = (frame.x(both[0]), frame.y(both[0]), frame.x(both[1]), frame.y(both[1]))
    diagonal = "" if axes.y_range else _segment(*ends)
    return (
        f'<figure class="plot"><figcaption>{html.escape(title)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title)}">'
        f"{frame.grid(axes)}{diagonal}{dots}</svg></figure>"
    )


def smoothed(values: Sequence[float], weight: float = 0.9) -> list[float]:
    """Exponential moving average, corrected for its start."""
    found: list[float] = []
    average = 0.0
    for i, value in enumerate(values, 1):
        average = weight * average + (1 - weight) * value
        found.append(average / (1 - weight**i))
    return found


@dataclass(frozen=True, slots=True)
class _Frame:
    x_range: tuple[float, float]
    y_range: tuple[float, float]

    def x(self, value: float) -> float:
        low, high = self.x_range
        return LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        low, high = self.y_range
        return HEIGHT - BOTTOM - (value - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def grid(self, axes: Axes) -> str:
        parts: list[str] = []
        for value in _ticks(*self.y_range):
            y = self.y(value)
            parts.append(
                f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" />'
                f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
                f"{_tick(value)}</text>"
            )
        for value, said in axes.x_ticks or [(v, _tick(v)) for v in _ticks(*self.x_range)]:
            parts.append(
                f'<text class="tick" x="{self.x(value):.1f}" y="{HEIGHT - BOTTOM + 16}" '
                f'text-anchor="middle">{html.escape(said)}</text>'
            )
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(
            f'<text class="axis" x="{middle:.0f}" y="{HEIGHT - 6}" text-anchor="middle">'
            f"{html.escape(axes.x_title)}</text>"
            f'<text class="axis" transform="translate(12 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) '
            f'rotate(-90)" text-anchor="middle">{html.escape(axes.y_title)}</text>'
        )
        return "".join(parts)


def _curve(line: Line, frame: _Frame) -> str:
    points = [(frame.x(a), frame.y(b)) for a, b in zip(line.x, line.y, strict=True)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    kind = "faint" if line.faint else "dashed" if line.dashed else "curve"
    drawn = f'<polyline class="{kind} c{line.color}" points="{path}" />'
    if line.dots or len(points) == 1:
        drawn += "".join(
            f'<circle class="dot c{line.color}" cx="{x:.1f}" cy="{y:.1f}" r="3" />'
            for x, y in points
        )
    return drawn


def _segment(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="dashed c5" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" />'


def _legend(lines: Sequence[Line]) -> str:
    items = "".join(
        f'<span><i class="key c{line.color}"></i>{html.escape(line.name)}</span>' for line in lines
    )
    return f'<div class="legend">{items}</div>'


def _range(values: Sequence[float]) -> tuple[float, float]:
    finite = [value for value in values if math.isfinite(value)]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    margin = 0.04 * (high - low)
    return (0.0 if 0 <= low < margin * 4 else low - margin, high + margin)


def _ticks(low: float, high: float) -> list[float]:
    rough = (high - low) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def _tick(value: float) -> str:
    if value and (abs(value) < 1e-3 or abs(value) >= 1e6):
        mantissa, _, power = f"{value:.1e}".partition("e")
        return f"{mantissa.removesuffix('.0')}e{int(power)}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
