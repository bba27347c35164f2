"""proof.html: what a remedy did, as one self-contained page, from proof.json alone."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jinja2

from accord.artifact import write_atomic

WIDTH, ROW, LEFT, RIGHT = 460, 25, 150, 64
HEADLINES = 10


def write_proof(folder: Path) -> Path:
    """Write `proof.html` beside `proof.json`.

    Args:
        folder: Holds `proof.json` (see `accord.proving.proof.Proof.to_json`).

    Returns:
        The page's path. It loads nothing from anywhere.
    """
    proof = json.loads((folder / "proof.json").read_text("utf-8"))
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("accord.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"number": _number, "signed": _signed}
    names = list(proof["effects"])
    page = environment.get_template("proof.html.jinja").render(
        proof=proof,
        headline=proof["effects"][proof["metric"]],
        names=names,
        forest=forest_plot([(name, proof["effects"][name]) for name in names[:HEADLINES]]),
        pairs=pairs_plot(proof["metric"], proof["effects"][proof["metric"]], proof["seeds"]),
    )
    path = folder / "proof.html"
    write_atomic(path, page)
    return path


def forest_plot(effects: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """Each figure's difference and interval, in units of its own spread between runs.

    Figures of different kinds stand on one scale, better to the right.
    """
    rows = [(name, effect, _standing(effect)) for name, effect in effects]
    reach = max((abs(v) for *_, s in rows if s for v in s), default=1.0) or 1.0
    middle = LEFT + (WIDTH - LEFT - RIGHT) / 2

    def x(value: float) -> float:
        return middle + value / reach * (WIDTH - LEFT - RIGHT) / 2 * 0.96

    parts: list[str] = []
    for i, (name, effect, standing) in enumerate(rows):
        y = 24 + i * ROW
        color = {"helps": 2, "harms": 1}.get(str(effect["verdict"]), 5)
        parts.append(
            f'<text class="tick" x="{LEFT - 10}" y="{y + 4}" text-anchor="end">'
            f"{html.escape(name)}</text>"
        )
        if standing:
            low, mid, high = (x(value) for value in standing)
            parts.append(
                f'<line class="curve c{color}" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}" />'
                f'<circle class="dot fill c{color}" cx="{mid:.1f}" cy="{y}" r="4" />'
            )
        parts.append(
            f'<text class="tick" x="{WIDTH - RIGHT + 10}" y="{y + 4}">'
            f"{_signed(effect['difference'])}</text>"
        )
    height = 24 + len(rows) * ROW + 22
    parts.insert(
        0, f'<line class="dashed c5" x1="{middle}" x2="{middle}" y1="8" y2="{height - 26}" />'
    )
    parts.append(
        f'<text class="axis" x="{LEFT}" y="{height - 6}">worse</text>'
        f'<text class="axis" x="{WIDTH - RIGHT}" y="{height - 6}" text-anchor="end">better</text>'
    )
    return (
        '<figure class="plot"><figcaption>Differences with their intervals, each in units of its '
        f'own spread between runs</figcaption><svg viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="Differences with their intervals">{"".join(parts)}</svg></figure>'
    )


def pairs_plot(name: str, effect: Mapping[str, Any], seeds: Sequence[int]) -> str:
    """The pairs of one figure: a line from without to with, for each seed."""
    values = [value for pair in effect["pairs"] for value in pair]
    low, high = min(values), max(values)
    room = (high - low) or abs(high) or 1.0

    def y(value: float) -> float:
        return 200 - (value - low) / room * 160

    parts = [
        '<text class="axis" x="110" y="236" text-anchor="middle">without</text>'
        '<text class="axis" x="290" y="236" text-anchor="middle">with</text>'
    ]
    for seed, (without, cured) in zip(seeds, effect["pairs"], strict=True):
        better = (cured < without) if effect["lower_is_better"] else (cured > without)
        color = 5 if cured == without else 2 if better else 1
        parts.append(
            f'<line class="curve c{color}" x1="110" x2="290" y1="{y(without):.1f}" '
            f'y2="{y(cured):.1f}"><title>seed {seed}: {without:.4f}, {cured:.4f}</title></line>'
            f'<circle class="dot fill c{color}" cx="110" cy="{y(without):.1f}" r="3.5" />'
            f'<circle class="dot fill c{color}" cx="290" cy="{y(cured):.1f}" r="3.5" />'
        )
    for value in dict.fromkeys((low, high)):
        parts.append(
            f'<text class="tick" x="96" y="{y(value) + 4:.1f}" text-anchor="end">'
            f"{_number(value)}</text>"
        )
    title = html.escape(f"{name}, each seed")
    return (
        f'<figure class="plot"><figcaption>{title}</figcaption><svg viewBox="0 0 400 250" '
        f'style="max-width:460px" role="img" aria-label="{title}">{"".join(parts)}</svg></figure>'
    )


def _standing(effect: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """Low, difference, high over the spread of all values; better is positive."""
    if effect["interval"] is None:
        return None
    values = [value for pair in effect["pairs"] for value in pair]
    mean = sum(values) / len(values)
    spread = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
    if not spread:
        return (0.0, 0.0, 0.0)
    sign = -1 if effect["lower_is_better"] else 1
    low, high = sorted(sign * bound / spread for bound in effect["interval"])
    return low, sign * effect["difference"] / spread, high


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 100 else f"{value:,.1f}"


def _signed(value: float) -> str:
    return f"{value:+.4f}" if abs(value) < 100 else f"{value:+,.1f}"
