"""`clean.decontaminate:` training rows that hold text of what a model is examined with."""

from __future__ import annotations

from pydantic import Field

from accord.recipe.section import Section


class Decontaminate(Section):
    """Training rows are left out that share a run of words with a held-out row, or with a row of
    `data.benchmarks`."""

    columns: tuple[str, ...] = ()
    """Columns of `data.benchmarks` that are looked at; by default all columns of text."""
    held_out: bool = True
    """Compare with the recipe's own validation and test rows, too."""
    ngram: int = Field(default=13, ge=2, le=100)
    """Words of a run (Brown et al., 2020); of Chinese and Japanese, signs."""
    least: int = Field(default=8, ge=2)
    """A text of fewer words is not looked for; one of fewer than `ngram`, as a whole."""
    share: float = Field(default=0.0, ge=0, le=1)
    """Of the runs of a held-out text that a training row must hold: 0 for a single one, 0.7 as for
    PaLM (with `ngram: 8`)."""
