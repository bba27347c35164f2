"""Words replaced by others that a language model would write in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field

from accord.data.augment.change import AugmenterSpec, Cell, Change, Modality, Need
from accord.data.augment.draws import drawn, places_of
from accord.data.augment.known import Known, Telling
from accord.data.augment.masked import MaskedModel, masked_model
from accord.data.augment.words import CJK, cased, parts_of, text_of, words_of
from accord.part import Reading, part


class Contextual(AugmenterSpec):
    """Some words, whole ones, are left out and drawn anew by a masked language model.

    Kobayashi, 2018, arXiv:1805.06201; Wu et al., 2019, arXiv:1812.06705."""

    modality: ClassVar[Modality] = "text"
    kind: Literal["contextual"] = "contextual"
    model: str
    """Directory or hub id of a Hugging Face masked language model."""
    agreement: str | None = None
    """Its agreement file, or `own`; by default as that of `model.base`."""
    revision: str | None = None
    """Commit, tag or branch of a hub id."""
    share: float = Field(default=0.15, gt=0, le=1)
    """Of the words that are drawn anew; one at least."""
    top: int = Field(default=10, ge=1)
    """Words that are drawn from: those the model finds likeliest."""
    temperature: float = Field(default=1.0, ge=0)
    """0 takes the likeliest of all; above 1 the unlikely ones come more often."""
    condition: bool = False
    """Shows the model the name of the row's class before the text, so that it may write to it."""
    holds: float | None = Field(default=1.0, ge=0)
    """The most that a replacement may take from what the words say for the row's class: the
    logarithm of odds among the training rows. Null does not ask."""

    @property
    def needs(self) -> frozenset[Need]:
        return frozenset() if self.holds is None else frozenset({"words"})

    @property
    def reads_models(self) -> tuple[Reading, ...]:
        return (Reading(self.model, self.agreement, self.revision),)


@part("augmenter", Contextual)
def contextual(spec: Contextual, known: Known) -> Change:
    """All texts at once: the first gap of each, then the second in sight of what was written."""
    model = masked_model(spec.model, known.base, spec.revision, known.device)

    def change(cells: Sequence[Cell]) -> list[str]:
        drafts = [_draft(cell, spec, model) for cell in cells]
        whole = {id(draft) for draft in drafts if not draft.gaps}
        while open_ones := [draft for draft in drafts if draft.gaps]:
            texts = [draft.text(model.mask) for draft in open_ones]
            for draft, logits in zip(open_ones, model.first_gaps(texts), strict=True):
                _fill(draft, logits, spec, model, known.telling)
        return [d.cell.value if id(d) in whole else text_of(d.words) for d in drafts]

    return change


@dataclass(slots=True)
class _Draft:
    """A text in the making.

    Args:
        words: As they stand; those in gaps are still the old ones.
        gaps: Places of words that are still to be drawn, in order.
        letters: Characters that a gap needs, where they are drawn one by one; else 1.
        prompt: What the model is shown before the text.
        written: Characters of the first gap so far.
    """

    words: list[str]
    cell: Cell
    gaps: list[int]
    letters: dict[int, int]
    prompt: str
    written: str = field(default="")

    def text(self, mask: str) -> str:
        """What the model reads."""
        shown = list(self.words)
        for at in self.gaps:
            before, _, behind = parts_of(self.words[at])
            written = self.written if at == self.gaps[0] else ""
            shown[at] = before + written + mask * (self.letters[at] - len(written)) + behind
        return self.prompt + text_of(shown)


def _draft(cell: Cell, spec: Contextual, model: MaskedModel) -> _Draft:
    words = words_of(cell.value)
    gaps = [] if model.mask in cell.value else places_of(words, spec.share, cell.chance)
    cores = {at: parts_of(words[at])[1] for at in gaps}
    letters = {
        at: len(core) if CJK.search(core) and model.letters(core) else 1
        for at, core in cores.items()
    }
    prompt = f"{cell.label}: " if spec.condition and cell.label is not None else ""
    return _Draft(words, cell, gaps, letters, prompt)


def _fill(
    draft: _Draft,
    logits: npt.NDArray[np.float32] | None,
    spec: Contextual,
    model: MaskedModel,
    telling: Telling,
) -> None:
    """The first gap, or the next character of it."""
    at = draft.gaps[0]
    before, old, behind = parts_of(draft.words[at])
    wanted = draft.letters[at]
    new = None if logits is None else _word(draft, old, logits, spec, model)
    if new is not None and wanted > 1:
        draft.written += new
        if len(draft.written) < wanted:
            return
        new = draft.written
    if new is not None and telling.holds(draft.cell.label, old, new, spec.holds):
        draft.words[at] = before + (new if CJK.search(old) else cased(old, new)) + behind
    draft.gaps.pop(0)
    draft.written = ""


def _word(
    draft: _Draft,
    old: str,
    logits: npt.NDArray[np.float32],
    spec: Contextual,
    model: MaskedModel,
) -> str | None:
    vocabulary = model.vocabulary
    fits = np.zeros(len(logits), dtype=bool)
    like = vocabulary.like(old)[: len(logits)]
    fits[: len(like)] = like
    count = min(int(fits.sum()), spec.top + 1)
    wanted = draft.letters[draft.gaps[0]]
    if wanted > 1:
        fits &= np.array([len(word) == 1 for word in vocabulary.words] + [False] * len(logits))[
            : len(logits)
        ]
    if not count or not fits.any():
        return None
    scores = np.where(fits, logits.astype(np.float64), -np.inf)
    # The old word itself is no new one.
    best = np.argsort(-scores, kind="stable")[:count]
    best = [i for i in best.tolist() if fits[i] and vocabulary.words[i].lower() != old.lower()]
    if not best:
        return None
    chosen = drawn(scores[best], spec.top, spec.temperature, draft.cell.chance)
    return vocabulary.words[best[chosen]]
