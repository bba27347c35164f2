"""Chinese verse of two forms, in simplified characters: Song lyrics (ci) and Yuan songs (qu).

From the npm package chinese-poetry 2.0.1, under the MIT licence; the poems themselves are some
seven hundred years old. Nothing of the package is run. Only poems of 16 characters and more are
kept, each once, and of those only the text.
"""

from __future__ import annotations

import csv
import json
import re
import tarfile
from pathlib import Path

from package import Package, fetch

POETRY = Package(
    "chinese-poetry@2.0.1",
    "chinese-poetry-2.0.1.tgz",
    "25b549e46919c3a0569db6b68ddc96956b04a484ea4518ad2bbd4f137e307e86",
    client="npm",
)
FORMS = {
    "ci": re.compile(r"package/dist/songci/ci\.song\.\d+\.json"),
    "qu": re.compile(r"package/dist/yuanqu/yuanqu\.json"),
}
SHORTEST = 16


def write(folder: Path, count: int | None) -> None:
    """Write `data/ci.csv` and `data/qu.csv`, one column `text`."""
    with tarfile.open(fetch(POETRY)) as archive:
        names = sorted(archive.getnames())
        for form, pattern in FORMS.items():
            texts: dict[str, None] = {}
            for name in filter(pattern.fullmatch, names):
                member = archive.extractfile(name)
                assert member is not None
                poems = ("".join(poem["paragraphs"]) for poem in json.load(member))
                texts |= dict.fromkeys(text for text in poems if len(text) >= SHORTEST)
            with (folder / "data" / f"{form}.csv").open("w", encoding="utf-8", newline="") as file:
                table = csv.writer(file, lineterminator="\n")
                table.writerow(["text"])
                table.writerows([text] for text in list(texts)[:count])
