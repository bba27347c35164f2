"""Lexicons of synonyms: WordNet 3.0 for English, groups of Chinese words.

WordNet is in the Debian package wordnet-base, under Princeton's licence, which grants every use.
The Chinese groups are in the package cnsyn, under Apache-2.0; its author drew them from Wikipedia
(CC BY-SA) and a dictionary of synonyms. Nothing of the package is run. Only words in Chinese
characters are kept; a group is what stands on a line.
"""

from __future__ import annotations

import re
from pathlib import Path

from package import Package, deb_member, fetch, unzip_member

WORDNET = Package(
    "wordnet-base=1:3.0-37",
    "wordnet-base_1%3a3.0-37_all.deb",
    "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752",
    client="apt",
)
CNSYN = Package(
    "cnsyn==1.2.0",
    "cnsyn-1.2.0-py3-none-any.whl",
    "bb07b530cd96e6f2e62a27c104cf5ae5802da3365eda3ba495e197d578acc3b5",
)
KINDS = ("noun", "verb", "adj", "adv")
CHINESE = re.compile(r"[㐀-䶿一-鿿]+")


def write(folder: Path, count: int | None) -> None:
    """Write `data/wordnet/` and `data/chinese.txt`."""
    place = folder / "data" / "wordnet"
    place.mkdir(parents=True, exist_ok=True)
    archive = fetch(WORDNET)
    for name in (f"{part}.{kind}" for part in ("index", "data") for kind in KINDS):
        (place / name).write_bytes(deb_member(archive, f"./usr/share/wordnet/{name}"))
    text = unzip_member(fetch(CNSYN), "cnsyn/chinese_dictionary/sim_words.txt").decode("utf-8")
    groups = ([w for w in line.split() if CHINESE.fullmatch(w)] for line in text.splitlines())
    lines = [" ".join(dict.fromkeys(group)) for group in groups if len(set(group)) > 1]
    (folder / "data" / "chinese.txt").write_text("\n".join(lines[:count]) + "\n", "utf-8")
