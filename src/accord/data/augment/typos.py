"""Slips of the keyboard."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Change, Modality, each
from accord.data.augment.known import Known
from accord.data.augment.words import CJK
from accord.part import part

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
BESIDE = {
    key: row[max(i - 1, 0) : i] + row[i + 1 : i + 2]
    for row in ROWS
    for i, key in enumerate(row)
}  # fmt: skip
"""Keys to the left and right on a QWERTY keyboard."""


class Typos(AugmenterSpec):
    """Letters exchanged with the next, doubled, left out, or typed one key beside; Chinese
    characters are exchanged with the next only."""

    modality: ClassVar[Modality] = "text"
    kind: Literal["typos"] = "typos"
    share: float = Field(default=0.03, gt=0, lt=0.5)
    """Of the characters; one at least."""


@part("augmenter", Typos)
def typos(spec: Typos, known: Known) -> Change:
    """Blanks and figures stay."""

    def change(text: str, chance: np.random.Generator) -> str:
        letters = list(text)
        places = [i for i, c in enumerate(letters) if c.isalpha()]
        count = min(len(places), max(1, round(spec.share * len(places))))
        # From the end, so that the places before stay where they are.
        for at in sorted(chance.choice(len(places), count, replace=False).tolist(), reverse=True):
            _slip(letters, places[at], chance)
        return "".join(letters) if places else text

    return each(change)


def _slip(letters: list[str], at: int, chance: np.random.Generator) -> None:
    letter = letters[at]
    what = 0 if CJK.match(letter) else int(chance.integers(4))
    near = BESIDE.get(letter.lower(), "")
    if what == 0 and at + 1 < len(letters):
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    elif what == 1 and not CJK.match(letter):
        letters.insert(at, letter)
    elif what == 2 and len(letters) > 1:
        del letters[at]
    elif near:
        key = near[int(chance.integers(len(near)))]
        letters[at] = key.upper() if letter.isupper() else key
