"""Images before and after augmentation, side by side in one picture."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.data.augmented import Shown
from accord.part import require

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE, GAP, LINE, MARGIN = 128, 8, 22, 16
"""Of a picture, between two, of a line of text, around all; pixels."""
INK, QUIET, PAPER = "#1a1a1a", "#666666", "#ffffff"


def write_sheet(entries: Sequence[Shown], path: Path) -> Path:
    """A PNG with a block for each entry and a line for each row: the row, then its copies."""
    require("PIL", "image", "a contact sheet")
    from PIL import Image, ImageDraw, ImageFont

    shown = [entry for entry in entries if entry.copies and entry.modality == "image"]
    widest = max(len(copies.new) for entry in shown for copies in entry.copies)
    lines = sum(len(entry.copies) for entry in shown)
    width = 2 * MARGIN + (widest + 1) * (SIDE + GAP) + GAP
    height = 2 * MARGIN + len(shown) * (2 * LINE) + lines * (SIDE + LINE + GAP)
    sheet = Image.new("RGB", (width, height), PAPER)
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    y = MARGIN
    for entry in shown:
        title = f"{entry.number + 1}. {entry.kind}"
        draw.text((MARGIN, y), title, fill=INK, font=ImageFont.load_default(16))
        y += LINE + 4
        for copies in entry.copies:
            label = "" if copies.label is None else f": {copies.label}"
            draw.text((MARGIN, y), f"row {copies.row}{label}", fill=QUIET, font=font)
            y += LINE
            for place, picture in enumerate(_pictures(copies.old, copies.new)):
                x = MARGIN + place * (SIDE + GAP) + (GAP if place else 0)
                sheet.paste(picture, (x, y))
            y += SIDE + GAP
        y += LINE - 4
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, format="PNG")
    return path


def _pictures(old: dict[str, Any], new: Sequence[dict[str, Any]]) -> Iterator[Image]:
    """The first image column of a row and its copies, in frames of one size."""
    from PIL import Image, ImageOps

    for cells in (old, *new):
        content = next(value for value in cells.values() if isinstance(value, bytes))
        with Image.open(io.BytesIO(content)) as opened:
            picture = ImageOps.exif_transpose(opened).convert("RGB")
        small = max(picture.size) < SIDE
        how = Image.Resampling.NEAREST if small else Image.Resampling.LANCZOS
        yield ImageOps.pad(picture, (SIDE, SIDE), method=how, color="#eeeeee")
