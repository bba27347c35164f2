"""`clean.text:`, `clean.filter:` and `clean.duplicates:` texts that are tidied or left out."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from accord.recipe.section import Section

_CODES = (
    "ace af am an ar ary arz as az ba bcl be bg bn br bs ca crh cs cy da de dz el en eo es et "
    "eu ext fa fi fo fr fuv fy ga gcf gcr gd gl gom grc gu gug guw ha hbo he hi hr ht hu hy "
    "id ig is it ja jv ka kab kik kk km kn ko ku ky la lb lg lij ln lo lt ltg lv mg mk ml mn "
    "mr ms mt my ne nl nn no nso oc om or pa pcm pl ps pt qu ro ru rw sa sdh se si sk sl sn "
    "so sq sr st sv sw ta te tg th tk tl tr tt ug uk ur uz uzs vec vi vo wa wuu xh yo yue zh "
    "zu "
)
LANGUAGES = frozenset(_CODES.split())
"""What py3langid tells apart."""


class Tidy(Section):
    """What is done to texts, in every split, and to those that a trained model is asked about."""

    unicode: Literal["NFC", "NFKC"] | None = "NFC"
    """Unicode normal form; `NFKC` also makes full-width letters and figures ordinary ones."""
    invisible: bool = True
    """Take out control characters, zero-width spaces, soft hyphens, marks of direction."""
    blanks: bool = True
    """One blank for several, at most one empty line, none at the ends."""
    html: bool = False
    """Take out tags, comments and scripts, and resolve entities."""
    boilerplate: bool = False
    """Take out short lines that stand around texts of the web: notices of cookies and copyright,
    `read more`; English and Chinese."""


class Filter(Section):
    """Which training rows are left out by their text; validation and test keep theirs."""

    least: int | None = Field(default=None, ge=1)
    """Characters of a text, at least."""
    most: int | None = Field(default=None, ge=1)
    """Characters of a text, at most."""
    symbols: float | None = Field(default=None, gt=0, lt=1)
    """Share of characters that are neither letters, figures nor blanks, at most."""
    repeated: float | None = Field(default=None, gt=0, lt=1)
    """Share of three-word sequences that stand in the text more than once, at most."""
    languages: tuple[str, ...] = ()
    """Languages that are kept, as ISO 639-1 codes: `[en, zh]`."""

    @field_validator("languages")
    @classmethod
    def _known(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [code for code in languages if code not in LANGUAGES]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no language that is told apart; write `en`, `zh`")
        return languages


class Duplicates(Section):
    """Training rows that repeat an earlier one: the first is kept."""

    similarity: float | None = Field(default=0.8, gt=0, lt=1)
    """Of character 5-grams (Jaccard), which a text must truly reach with the first of those it
    repeats; null for equal ones only, as with tables and images."""
    conflicts: Literal["first", "majority", "drop"] = "first"
    """Where repeated rows have different labels: keep the first row, the first with the most
    frequent label (none where two are equally frequent), or none."""
