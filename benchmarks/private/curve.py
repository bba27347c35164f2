"""The curve of accuracy over epsilon as an SVG file that stands alone."""

from __future__ import annotations

import html
import math
import statistics
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 360, 64, 170, 24, 52
COLOURS = ("#2563eb", "#7c3aed", "#d97706", "#b91c1c")
Results = Mapping[str, Mapping[str, Sequence[float]]]
"""Accuracy of every seed, by system and epsilon."""


def curve(found: Results, plain: str) -> str:
    """Mean accuracy of each system over epsilon, on a logarithmic axis, with the range of its
    seeds; `plain` names the one without privacy, a dashed line."""
    reached = [value for runs in found.values() for ones in runs.values() for value in ones]
    low, high = math.floor(min(reached) * 50) / 50, math.ceil(max(reached) * 50) / 50
    epsilons = sorted({float(e) for name, runs in found.items() if name != plain for e in runs})
    first, last = math.log(epsilons[0]), math.log(epsilons[-1])

    def x(epsilon: float) -> float:
        share = (math.log(epsilon) - first) / ((last - first) or 1)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return TOP + (high - value) / (high - low) * (HEIGHT - TOP - BOTTOM)

    marks = [low + (high - low) * i / 4 for i in range(5)]
    grid = "".join(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(m):.1f}" y2="{y(m):.1f}" stroke="#e5e7eb"/>'
        f'<text x="{LEFT - 8}" y="{y(m) + 4:.1f}" text-anchor="end">{m:.3f}</text>'
        for m in marks
    ) + "".join(
        f'<text x="{x(e):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{e:g}</text>'
        for e in epsilons
    )
    private = {name: runs for name, runs in found.items() if name != plain}
    lines, ends = [], []
    for colour, (name, runs) in zip(COLOURS, private.items(), strict=False):
        points = [(x(float(e)), list(values)) for e, values in runs.items()]
        path = " ".join(f"{px:.1f},{y(statistics.mean(v)):.1f}" for px, v in points)
        bars = "".join(
            f'<line x1="{px:.1f}" x2="{px:.1f}" y1="{y(min(v)):.1f}" y2="{y(max(v)):.1f}"/>'
            f'<circle cx="{px:.1f}" cy="{y(statistics.mean(v)):.1f}" r="3" fill="{colour}"/>'
            for px, v in points
        )
        lines.append(
            f'<g stroke="{colour}" fill="none" stroke-width="1.5"><polyline points="{path}"/>'
            f"{bars}</g>"
        )
        ends.append((y(statistics.mean(points[-1][1])), name, colour))
    level = y(statistics.mean(next(iter(found[plain].values()))))
    lines.append(
        f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{level:.1f}" y2="{level:.1f}" '
        'stroke="#6b7280" stroke-dasharray="5 4"/>'
    )
    ends.append((level, plain, "#6b7280"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, sans-serif" font-size="12" fill="#374151">'
        "<title>Accuracy over epsilon</title>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>{grid}{"".join(lines)}'
        f"{_names(ends)}"
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">'
        "epsilon</text>"
        f'<text x="{LEFT}" y="{TOP - 8}" text-anchor="start">accuracy</text></svg>\n'
    )


def _names(ends: Sequence[tuple[float, str, str]]) -> str:
    """Names beside where the lines end, none on another."""
    told, last = "", -math.inf
    for place, name, colour in sorted(ends):
        last = max(place + 4, last + 15)
        told += f'<text x="{WIDTH - RIGHT + 10}" y="{last:.1f}" fill="{colour}">'
        told += f"{html.escape(name)}</text>"
    return told
