"""What a model is shown in the place of a mask: it learned from sentences, not from `[NAME]`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable

import numpy as np
import pyarrow as pa

from accord.data.protect.spans import Spans

_INVENTED = {
    b"NAME": ("Mary Jones", "王芳"),
    b"ADDRESS": ("12 Park Road, Leeds", "北京市朝阳区建国路8号"),
}
"""In English, and between Chinese characters. Any other mask is shown as it is."""
_HEADS = re.compile(rb"\[(NAME|ADDRESS)[\] ]")
_CHINESE = range(0xE4, 0xEA)
"""First bytes of Chinese characters, and of few others."""
Places = list[tuple[int, int, int]]
"""Of each mask that was replaced: start, end, and how many bytes longer its row is behind it."""


def with_stand_ins(
    part: Callable[[pa.StringArray], Spans], masked: re.Pattern[bytes]
) -> Callable[[pa.StringArray], Spans]:
    """A recogniser that sees an invented name where a name was masked, and an address for one.

    A tagger reads context: beside `[NAME]` it takes ordinary words for names that it passed over
    beside the name itself. Spans are of the texts as they are; those in a mask cover it.

    Args:
        masked: Matches masks.
    """

    def found(texts: pa.StringArray) -> Spans:
        moved: dict[int, Places] = {}
        rows: list[str | None] = texts.to_pylist()
        for row, text in enumerate(rows):
            if text and _HEADS.search(raw := text.encode()):
                shown, moved[row] = _shown(raw, masked)
                rows[row] = shown.decode()
        if not moved:
            return part(texts)
        spans = part(pa.array(rows, pa.string()))
        start, end = spans.start.copy(), spans.end.copy()
        for at in np.flatnonzero(np.isin(spans.row, list(moved))).tolist():
            places = moved[int(spans.row[at])]
            start[at] = _back(places, int(start[at]), first=True)
            end[at] = _back(places, int(end[at]), first=False)
        return Spans(spans.row, start, end, spans.entity, spans.names)

    return found


def _shown(raw: bytes, masked: re.Pattern[bytes]) -> tuple[bytes, Places]:
    """A text with its masks of names and addresses replaced."""
    pieces: list[bytes] = []
    places: Places = []
    last = longer = 0
    for match in masked.finditer(raw):
        head = _HEADS.match(match[0])
        if head is None:
            continue
        start, end = match.span()
        around = raw[max(0, start - 3) : start] + raw[end : end + 1]
        chinese = any(byte in _CHINESE for byte in around)
        value = _INVENTED[head[1]][chinese].encode()
        pieces += [raw[last:start], value]
        longer += len(value) - (end - start)
        places.append((start, end, longer))
        last = end
    return b"".join([*pieces, raw[last:]]), places


def _back(places: Places, at: int, *, first: bool) -> int:
    """A position in the text as it is; one inside a stand-in is the mask's start, or its end."""
    behind = bisect_right(places, at, key=lambda place: place[1] + place[2] + (not first))
    longer = places[behind - 1][2] if behind else 0
    if behind < len(places):
        start, end, _ = places[behind]
        if first and at - longer >= start:
            return start
        if not first and at - longer > start:
            return end
    return at - longer
