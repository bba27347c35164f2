"""What a token classifier says of tokens, read as spans: parts of one identifier are one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import regex

from accord.errors import RecipeError

if TYPE_CHECKING:
    from accord.data.protect.tagger import Transformers

Chances = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
_PREFIX = re.compile(r"^([BIESLUM])[-_](.+)$")
_BEGINS = frozenset("BSU")
"""Prefixes of a first word: of BIO, BIOES and BILOU."""
_HYPHENS = frozenset("-\u2010\u2011'\u2019")
"""Signs that stand inside a word; hyphen and apostrophe in both their forms."""
_ASIDE = " \t\r\n,;:-\u2010\u2011'\u2019"
"""Signs that no identifier begins or ends with."""
_INITIALS = regex.compile(r"(?<![\w.])(?:\p{Lu}\.[ -]?)+\Z")
_MOST_INITIALS = 12
"""Characters before a name in which its initials are looked for."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What the labels of a model mean in a recipe.

    Args:
        kinds: Kinds of identifier.
        of: The kind of each label that the recipe names, a *part*: a given name and a surname are
            both of one name. Shape [parts].
        member: Which labels of the model are of each part: `B-` and `I-`. Shape [labels, parts].
        begins: Labels that begin one. Shape [labels].
    """

    kinds: tuple[str, ...]
    of: Codes
    member: Chances
    begins: Chances

    @property
    def width(self) -> int:
        """Columns of what is known of a token: each part, and that it begins one."""
        return len(self.of) + 1

    def read(
        self, chances: Chances
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Chances]:
        """The likeliest kind of each token, its likeliest part of that kind, and the kind's chance:
        a model in doubt between the parts of a kind is sure of the kind.

        Args:
            chances: Shape [tokens, parts + 1].
        """
        parts = chances[:, :-1]
        kinds = parts @ (self.of[:, None] == np.arange(len(self.kinds)))
        best = kinds.argmax(1)
        part = np.where(self.of == best[:, None], parts, -1.0).argmax(1)
        return best, part, kinds[np.arange(len(best)), best]


def labels_of(known: Mapping[int, str], spec: Transformers, field: str) -> Labels:
    """The labels that a recipe names, in those of a model.

    Args:
        known: The model's labels by their number.
        field: Recipe field, for messages.

    Raises:
        RecipeError: The model does not know one.
    """
    kinds, parts = spec.kinds, list(spec.entities)
    member, begins = np.zeros((len(known), len(parts))), np.zeros(len(known))
    seen: set[str] = set()
    for place in range(len(known)):
        match = _PREFIX.match(known[place])
        bare = match.group(2) if match else known[place]
        seen.add(bare)
        if bare in spec.entities:
            member[place, parts.index(bare)] = 1
            begins[place] = match is not None and match.group(1) in _BEGINS
    unknown = sorted(set(parts) - seen)
    if unknown:
        raise RecipeError(
            "the model does not know this label",
            code="recogniser-label",
            path=f"{field}.entities",
            got=", ".join(unknown),
            expected=", ".join(sorted(seen - {"O"})),
            why="nothing would be found of what you want protected",
            fix="write the label as the model's config.json has it, without `B-` and `I-`",
        )
    of = np.array([kinds.index(kind) for kind in spec.entities.values()], dtype=np.int64)
    return Labels(kinds, of, member, begins)


@dataclass(slots=True)
class _Open:
    """The identifier that the next word may go on with.

    Args:
        start, end: Characters.
        kind: Index into the kinds.
        parts: Those it has.
    """

    start: int
    end: int
    kind: int
    parts: set[int]

    def goes_on(self, text: str, low: int, part: int, fresh: bool) -> bool:
        """Whether a word of the same kind at `low` is of it."""
        gap = text[self.end : low]
        if gap in _HYPHENS:
            return True
        if gap.strip() == "." and (self._ends_in_initial(text) or text[low].isdigit()):
            return True
        other = part not in self.parts
        if not gap.strip():
            return other or not fresh
        return other and gap.strip() == ","

    def _ends_in_initial(self, text: str) -> bool:
        last = text[self.end - 1]
        return last.isalpha() and (self.end - 1 == self.start or not text[self.end - 2].isalnum())


def tagged(
    text: str, offsets: Sequence[tuple[int, int]], chances: Chances, labels: Labels, score: float
) -> list[tuple[int, int, str]]:
    """Spans in characters.

    A piece inside a word is what the word's first piece is. Words are of one identifier if the
    model says so (`B-` before `I-`), or if each brings a part that the others have not: a surname
    after a given name, a town after a street, a comma between them or none.

    Args:
        offsets: Characters of each token.
        chances: Shape [tokens, parts + 1]; changed where a token is but a sign before a word.
        score: The chance from which on a word counts.
    """
    if not len(offsets):
        return []
    signs = _signs(text, offsets, chances)
    best, part, chance = labels.read(chances)
    counts = chance >= score
    found: list[_Open] = []
    ongoing = False
    for place, (low, high) in enumerate(offsets):
        low, high = _trimmed(text, low, high)
        if low == high or place in signs:
            continue
        last = found[-1] if found else None
        if low > 0 and _one_word(text[low - 1], text[low]):
            if ongoing and last and last.end in (low, high):
                last.end = high
            continue
        ongoing = bool(counts[place])
        if not ongoing:
            continue
        kind, mine = int(best[place]), int(part[place])
        fresh = 2 * chances[place, -1] > chance[place]
        if last and last.kind == kind and last.goes_on(text, low, mine, bool(fresh)):
            last.end = high
            last.parts.add(mine)
        elif last is None or low >= last.end:
            found.append(_Open(low, high, kind, {mine}))
    spans = [(*_bare(text, span.start, span.end), labels.kinds[span.kind]) for span in found]
    return _with_initials(text, [span for span in spans if span[0] < span[1]])


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """A span without the signs that a model took in at its ends; a full stop may close it."""
    while start < end and text[start] in _ASIDE + ".":
        start += 1
    while start < end and text[end - 1] in _ASIDE:
        end -= 1
    return start, end


def _with_initials(text: str, spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Names with the initials before them, which a model that sees no capitals passes over."""
    found: list[tuple[int, int, str]] = []
    for start, end, kind in spans:
        low = max(found[-1][1] if found else 0, start - _MOST_INITIALS)
        match = _INITIALS.search(text, low, start) if kind == "name" else None
        found.append((match.start() if match else start, end, kind))
    return found


def _signs(
    text: str, offsets: Sequence[tuple[int, int]], chances: npt.NDArray[np.float64]
) -> set[int]:
    """Which tokens are but SentencePiece's sign before a word, as it stands before Chinese.

    It has the place of the space before the word, or at the beginning of a text of the first
    character. A model may have been taught the word's label there or on the piece behind it: that
    piece is given (in place) the greater chance of both.
    """
    found = set[int]()
    for place, ((low, high), (after, end)) in enumerate(pairwise(offsets)):
        spaced = after == high and text[low:high].isspace()
        if spaced or (after == low and end > high):
            found.add(place)
            chances[place + 1] = np.maximum(chances[place], chances[place + 1])
    return found


def _one_word(before: str, after: str) -> bool:
    """Whether two characters side by side are of one word."""
    return before.isalnum() and after.isalnum() and not (alone(before) or alone(after))


def alone(character: str) -> bool:
    """Characters of scripts that put no spaces between words."""
    return character >= "\u2e80" and not "\uac00" <= character <= "\ud7a3"


def _trimmed(text: str, low: int, high: int) -> tuple[int, int]:
    while low < high and text[low].isspace():
        low += 1
    while low < high and text[high - 1].isspace():
        high -= 1
    return low, high
