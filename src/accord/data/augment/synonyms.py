"""Words replaced by synonyms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Cell, Change, Modality, Need
from accord.data.augment.draws import places_of
from accord.data.augment.known import Known
from accord.data.augment.lexicon import LexiconFields, lexicon_of
from accord.data.augment.words import CJK, cased, parts_of, text_of, words_of
from accord.part import Reading, part


class Synonyms(AugmenterSpec, LexiconFields):
    """Some words are replaced by synonyms out of a lexicon (Zhang et al., 2015).

    Chinese by word. arXiv:1509.01626."""

    modality: ClassVar[Modality] = "text"
    kind: Literal["synonyms"] = "synonyms"
    share: float = Field(default=0.15, gt=0, le=1)
    """Of the words that are replaced, among those that have a synonym; one at least."""
    holds: float | None = Field(default=1.0, ge=0)
    """The most that a replacement may take from what the words say for the row's class: the
    logarithm of odds among the training rows. Null does not ask."""

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset() if self.holds is None else frozenset({"words"})

    @property
    def reads_models(self) -> tuple[Reading, ...]:
        return self.read_model

    @property
    def reads_files(self) -> Mapping[str, str]:
        return self.read_file


@part("augmenter", Synonyms)
def synonyms(spec: Synonyms, known: Known) -> Change:
    """A text without a word that has a synonym stays as it is."""
    lexicon = lexicon_of(spec, known)

    def others(cell: Cell, word: str) -> list[str]:
        held = (cell.label, word)
        return [o for o in lexicon(word.lower()) if known.telling.holds(*held, o, spec.holds)]

    def one(cell: Cell) -> str:
        words = words_of(cell.value)
        cores = [parts_of(word)[1] for word in words]
        found = [others(cell, core) if core else [] for core in cores]
        places = places_of(words, spec.share, cell.chance, [bool(o) for o in found])
        for at in places:
            before, old, behind = parts_of(words[at])
            new = found[at][int(cell.chance.integers(len(found[at])))]
            words[at] = before + (new if CJK.search(old) else cased(old, new)) + behind
        return text_of(words) if places else cell.value

    return lambda cells: [one(cell) for cell in cells]
