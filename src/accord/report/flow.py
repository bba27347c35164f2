"""Where the rows went: from what was read to what is learned from, as bars that grow narrower."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accord.report.svg_text import fitted, width

WIDTH, LINE, BAR, GAP = 460, 17, 15, 12
STEPS = (
    "read", "permit", "text", "protect", "anonymity",
    "leakage", "filter", "duplicates", "outliers", "impute", "resample", "augment", "encode",
)  # fmt: skip
"""In the order in which they are taken; others come last."""
NAMES = {"read": "bad rows", "encode": "encoding", "resample": "resampling"}
"""How a step is called here, where its name says too little."""
STREAMS = {"rows": 5, "train": 0, "validation": 3, "test": 2}
"""What flows, and its colour; `rows` before they are divided."""
REMOVED, ADDED = 1, 4
Counts = Mapping[str, int]
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Level:
    """One bar.

    Args:
        name: Of the step.
        told: What it did, for people.
        before: Rows of each stream that come to it.
        removed, added: By stream.
        count: What stands at the right.
    """

    name: str
    told: str
    before: Counts
    removed: Counts
    added: Counts
    count: str

    @property
    def after(self) -> dict[str, int]:
        """Rows of each stream that leave it."""
        return {
            stream: rows - self.removed.get(stream, 0) + self.added.get(stream, 0)
            for stream, rows in self.before.items()
        }


def levels(data: Mapping[str, Any]) -> list[Level]:
    """The bars of a run's `summary.data`; none for runs of older versions."""
    if not data.get("read") or not data.get("kept") or "added" not in data:
        return []
    now: dict[str, int] = {"rows": data["read"]}
    found = [Level("all rows", "as they were read", now, {}, {}, f"{data['read']:,}")]
    for early in (True, False):
        for name in _steps(data, early):
            level = _level(data, name, now, early)
            found.append(level)
            now = level.after
        if early:
            now = {split: rows for split, rows in data["rows"].items() if rows}
            told = ", ".join(f"{split} {rows:,}" for split, rows in now.items())
            found.append(Level("divided", told, now, {}, {}, f"{sum(now.values()):,}"))
    told = ", ".join(f"{split} {rows:,}" for split, rows in now.items())
    return [*found, Level("kept", told, now, {}, {}, f"{sum(now.values()):,}")]


def flow_plot(data: Mapping[str, Any]) -> str | None:
    """The bars as a figure; None where nothing is known of the rows."""
    found = levels(data)
    if not found:
        return None
    most = max(sum(level.before.values()) + sum(level.added.values()) for level in found)
    height = len(found) * (LINE + BAR + GAP)
    drawn = "".join(
        _drawn(level, found[i + 1 : i + 2], i * (LINE + BAR + GAP), WIDTH / most)
        for i, level in enumerate(found)
    )
    title, box = "Where the rows went", f'viewBox="0 0 {WIDTH} {height}" role="img"'
    return (
        f'<figure class="plot flow"><figcaption>{title}</figcaption>{_legend(found)}'
        f'<svg {box} aria-label="{title}">{drawn}</svg></figure>'
    )


def _steps(data: Mapping[str, Any], early: bool) -> list[str]:
    """Steps before rows are divided, or after."""
    names = {
        entry["step"]
        for kind in ("removed", "changed", "added")
        for entry in data[kind] or ()
        if (entry.get("split") is None) == early
    }
    return sorted(names, key=lambda n: (STEPS.index(n) if n in STEPS else len(STEPS), n))


def _level(data: Mapping[str, Any], name: str, now: Counts, early: bool) -> Level:
    mine: dict[str, list[Entry]] = {
        kind: [
            entry
            for entry in data[kind] or ()
            if entry["step"] == name and (entry.get("split") is None) == early
        ]
        for kind in ("removed", "changed", "added")
    }
    removed, added = (_by_stream(mine[kind]) for kind in ("removed", "added"))
    told = [f"{text} {rows:,}" for text, rows in _by_reason(mine["removed"])]
    told += [f"{text} +{rows:,}" for text, rows in _by_reason(mine["added"])]
    changed = ", ".join(f"{text} {rows:,}" for text, rows in _by_reason(mine["changed"]))
    told += [f"changed: {changed}"] if changed else []
    gone, more = sum(removed.values()), sum(added.values())
    other = _touched(data, name, early) or sum(entry["rows"] for entry in mine["changed"])
    counts = ((f"−{gone:,}", gone), (f"+{more:,}", more), (f"{other:,} changed", other))
    count = ", ".join(text for text, rows in counts if rows)
    return Level(NAMES.get(name, name), ", ".join(told), now, removed, added, count or "0")


def _touched(data: Mapping[str, Any], name: str, early: bool) -> int:
    """Rows that a step changed, each once."""
    entries: Sequence[Entry] = data.get("touched") or ()
    return sum(
        entry["rows"]
        for entry in entries
        if entry["step"] == name and (entry.get("split") is None) == early
    )


def _by_stream(entries: Sequence[Entry]) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in entries:
        stream = entry.get("split") or "rows"
        found[stream] = found.get(stream, 0) + entry["rows"]
    return found


def _by_reason(entries: Sequence[Entry]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for entry in entries:
        reason = str(entry["reason"]).replace("-", " ")
        found[reason] = found.get(reason, 0) + entry["rows"]
    return sorted(found.items(), key=lambda item: -item[1])


def _drawn(level: Level, following: Sequence[Level], y: int, scale: float) -> str:
    """A line of text, the bar below it, and what flows to the next one."""
    name = level.name.capitalize()
    start = width(name, 12) * 1.12 + 8
    room = WIDTH - start - width(level.count, 11.5) - 8
    whole = html.escape(f"{level.name}: {level.told or level.count}")
    text = (
        f'<text class="name" x="0" y="{y + 12}">{html.escape(name)}</text>'
        f'<text class="tick" x="{start:.0f}" y="{y + 12}">{fitted(level.told, room, 11)}</text>'
        f'<text class="axis" x="{WIDTH}" y="{y + 12}" text-anchor="end">{level.count}</text>'
    )
    top = y + LINE
    bars, spans = "", dict[str, tuple[float, float]]()
    x = 0.0
    for stream, rows in level.before.items():
        left = x
        kept = rows - level.removed.get(stream, 0)
        for colour, part in (
            (STREAMS[stream], kept),
            (ADDED, level.added.get(stream, 0)),
            (REMOVED, level.removed.get(stream, 0)),
        ):
            if part:
                size = max(part * scale, 1.0 if colour == REMOVED else 0.0)
                bars += _bar(x, top, size, colour)
                x += part * scale
            if colour == ADDED:
                spans[stream] = (left, x)
    flows = "".join(_flows(spans, level, following, top + BAR, scale))
    return f"<g><title>{whole}</title>{text}{flows}{bars}</g>"


def _bar(x: float, y: float, size: float, colour: int) -> str:
    return f'<rect class="fill c{colour}" x="{x:.1f}" y="{y}" width="{size:.1f}" height="{BAR}" />'


def _flows(
    spans: Mapping[str, tuple[float, float]],
    level: Level,
    following: Sequence[Level],
    y: int,
    scale: float,
) -> Iterator[str]:
    """Shapes from the rows that stay to where they are in the next bar."""
    if not following:
        return
    x, low = 0.0, y + GAP + LINE
    if set(following[0].before) != set(level.before):  # from here on they are divided
        size = sum(following[0].before.values()) * scale
        yield f'<path class="stream fill c5" d="M0 {y}H{size:.1f}V{low}H0Z" />'
        return
    for stream, rows in following[0].before.items():
        left, right = spans[stream]
        end = x + rows * scale
        yield (
            f'<path class="stream fill c{STREAMS[stream]}" d="M{left:.1f} {y}L{right:.1f} {y}'
            f'L{end:.1f} {low}L{x:.1f} {low}Z" />'
        )
        x = end


def _legend(found: Sequence[Level]) -> str:
    names = [name for name in STREAMS if any(name in level.before for level in found[1:])]
    marks = [(name, STREAMS[name]) for name in names if name != "rows"]
    if any(level.removed for level in found):
        marks.append(("removed", REMOVED))
    if any(level.added for level in found):
        marks.append(("added", ADDED))
    items = "".join(f'<span><i class="key c{colour}"></i>{name}</span>' for name, colour in marks)
    return f'<div class="legend">{items}</div>'
