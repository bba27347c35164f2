"""Everything that problems are looked for in; what several of them need is worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.data.lengths import token_lengths
from accord.data.look import Look, Sampled
from accord.data.survey import class_order
from accord.diagnose.alike import Signs, signs_of
from accord.diagnose.estimate import Estimate, estimate
from accord.diagnose.features import FOLDS, Values, features, out_of_fold, texts_of
from accord.diagnose.machine import MachineFacts
from accord.diagnose.shape import Shape, shape_of
from accord.diagnose.spelling import SLIP, unknown, variants
from accord.errors import AccordError
from accord.permit import Permit
from accord.recipe.load import Loaded
from accord.recipe.task import TASKS, Task
from accord.recipe.tree import Recipe

LEARNED = {"text": 8_000, "table": 5_000, "image": 2_000}
"""Rows a plain model learns from at most."""
COMPARED = 20_000
"""Texts that are compared with each other at most."""
MEASURED = 2_000
"""Texts that are counted in tokens."""


@dataclass(frozen=True)
class Guesses:
    """What plain models say of rows they did not learn from.

    Args:
        chances: Of each class. Shape [rows, classes].
        labels: As given, codes. Shape [rows].
        names: Of the classes.
        at: Positions in reading order. Shape [rows].
    """

    chances: Values
    labels: npt.NDArray[np.int64]
    names: tuple[str, ...]
    at: npt.NDArray[np.int64]


@dataclass(frozen=True)
class Seen:
    """What a problem is given.

    Args:
        loaded: The recipe.
        machine: This machine.
        flops: What its processor does in a second.
        permit: What opens the data; None where an agreement forbids it.
        budgets: What is left of each and what the run would take.
        refused: Why there is no permit, or no look.
        look: The data; None where they were not opened.
        run: A run directory, if there is one.
    """

    loaded: Loaded
    machine: MachineFacts
    flops: float
    permit: Permit | None = None
    budgets: tuple[Mapping[str, Any], ...] = ()
    refused: AccordError | None = None
    look: Look | None = None
    run: Path | None = None

    @property
    def recipe(self) -> Recipe:
        return self.loaded.recipe

    @property
    def task(self) -> Task:
        return TASKS[self.recipe.task]

    @property
    def data(self) -> Look:
        """The data. Only for problems that read them."""
        assert self.look is not None
        return self.look

    @property
    def training(self) -> Sampled:
        """The sample of training rows."""
        return self.data.sample["train"]

    @cached_property
    def classes(self) -> dict[str, int]:
        """Training rows of each class; of tags, rows that hold them. Misspelt ones are left
        out, and names that say that nothing is known."""
        counts = {name: n for name, n in self.data.labels.get("train", {}).items() if n}
        wrong = {**variants(counts, SLIP), **unknown(counts)}
        return {name: n for name, n in counts.items() if name not in wrong}

    @cached_property
    def weights(self) -> dict[str, int]:
        """What is learned of each class: training rows; of tags, words of the sample."""
        if self.data.problem != "token-label":
            return self.classes
        assert isinstance(self.recipe.data.label, str)
        column = self.training.table[self.recipe.data.label].combine_chunks().flatten()
        counts = {v["values"]: v["counts"] for v in column.value_counts().to_pylist()}
        counts.pop("O", None)
        return {str(name): int(n) for name, n in sorted(counts.items())}

    def names(
        self, positions: npt.NDArray[np.int64] | list[int], most: int = 10
    ) -> tuple[str, ...]:
        """Where rows stand."""
        return tuple(self.data.places.name(int(at)) for at in positions[:most])

    def of(self, sampled: Sampled, most: int | None = None) -> str:
        """What a figure was measured on; empty for all rows."""
        used = len(sampled.at) if most is None else min(most, len(sampled.at))
        total = self.data.rows["train"] if sampled is self.training else len(sampled.at)
        return "" if used == total else f"{used:,} of {total:,} rows"

    @cached_property
    def guesses(self) -> Guesses | None:
        """Out-of-fold guesses for rows with one class each; None where nothing can be learned."""
        label = self.recipe.data.label
        if self.data.problem != "single-label" or not isinstance(label, str):
            return None
        sampled = self.training.head(LEARNED[self.task.modality])
        given = np.array(sampled.table[label].to_pylist(), dtype=object)
        names, codes, counts = np.unique(given, return_inverse=True, return_counts=True)
        common = np.flatnonzero(counts >= FOLDS)
        kept = np.flatnonzero(np.isin(codes, common))
        if len(common) < 2:
            return None
        table = sampled.table.take(kept)
        labels = np.searchsorted(common, codes[kept]).astype(np.int64)
        (matrix,) = features([table], self.recipe.data, self.task.modality)
        chances = out_of_fold(matrix, labels, self.task.modality)
        return Guesses(chances, labels, tuple(map(str, names[common])), sampled.at[kept])

    @cached_property
    def signs(self) -> dict[str, tuple[Signs, npt.NDArray[np.int64]]]:
        """Signatures and positions of the texts of each split."""
        found: dict[str, tuple[Signs, npt.NDArray[np.int64]]] = {}
        for name, sampled in self.data.sample.items():
            few = sampled.head(COMPARED)
            found[name] = (signs_of(texts_of(few.table, self.recipe.data)), few.at)
        return found

    @cached_property
    def tokens(self) -> npt.NDArray[np.int64] | AccordError:
        """Tokens of a sample of training rows, uncut; or why they cannot be counted."""
        table = self.training.head(MEASURED).table
        named = self.recipe.data.label
        known = tuple(sorted(self.data.labels.get("train", {}), key=class_order))
        labels = named if isinstance(named, tuple) else known
        try:
            return token_lengths(self.recipe, self.loaded.base, table, labels)
        except AccordError as error:
            return error

    @cached_property
    def shape(self) -> Shape | None:
        """Sizes of the model."""
        return shape_of(self.recipe, self.loaded.base)

    def estimate(self, recipe: Recipe | None = None, *, processes: int = 1) -> Estimate | None:
        """Memory and time of a recipe on these rows; None where the model is not here."""
        wanted = recipe or self.recipe
        shape = self.shape
        if shape is None or self.look is None:
            return None
        rows, tokens = self.data.rows["train"], self.tokens
        most = wanted.data.max_tokens
        if isinstance(tokens, AccordError) or not len(tokens):
            columns = 1 + len(wanted.data.numeric) + len(wanted.data.categorical)
            lengths = [shape.row_tokens or columns]
        elif wanted.task == "causal-lm" and wanted.data.pack:
            rows = max(1, int(np.ceil(tokens.mean() * rows / most)))
            lengths = [most]
        else:
            lengths = np.minimum(tokens, most).tolist()
        machine = replace(self.machine, processes=processes)
        return estimate(wanted, shape, lengths, rows, machine=machine, flops=self.flops)
