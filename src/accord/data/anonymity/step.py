"""The step of `protect.anonymity:`: all rows are surveyed, levels chosen, values made coarser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.anonymity.column import Seen
from accord.data.anonymity.generalise import Generalised, generalised
from accord.data.anonymity.ladder import Ladder
from accord.data.anonymity.lattice import MOST_NODES, Choice, Column, best, nodes
from accord.data.anonymity.measure import Codes, Sensitive, measured
from accord.data.source import Block
from accord.errors import DataError, RecipeError
from accord.part import find
from accord.recipe.anonymity import Anonymity

STEP = "anonymity"
FIELD = "protect.anonymity"


class Anonymisation:
    """Makes the rows of all splits together anonymous.

    Args:
        spec: The section `protect.anonymity`.
        base: Folder that relative paths start from.
    """

    def __init__(self, spec: Anonymity, base: Path) -> None:
        self.spec, self.base = spec, base
        self._quasi = {name: Seen(name) for name in spec.quasi}
        self._sensitive = {name: Seen(name) for name in spec.sensitive}
        self._chosen: dict[str, Generalised] = {}
        self._kept = frozenset[tuple[int, ...]]()
        self._report: dict[str, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        """For another process, once levels are chosen: they, and not what they were chosen from."""
        chosen = {name: (c.facts(), c.known) for name, c in self._chosen.items()}
        gone = {"_quasi": {}, "_sensitive": {}, "_report": {}}
        return {**self.__dict__, **gone, "_chosen": chosen}

    def __setstate__(self, state: dict[str, Any]) -> None:
        chosen = {
            name: generalised(facts, state["base"], name, known)
            for name, (facts, known) in state["_chosen"].items()
        }
        self.__dict__.update(state, _chosen=chosen)

    def survey(self, block: Block) -> None:
        """Take in the rows of a block, in reading order."""
        for seen in (*self._quasi.values(), *self._sensitive.values()):
            seen.add(block.batch[seen.name])

    def settle(self) -> None:
        """Choose the levels.

        Raises:
            DataError: No levels meet what is asked within the rows and the loss that are allowed.
            RecipeError: A hierarchy cannot be used, or there are too many combinations.
        """
        if not next(iter(self._quasi.values())).index:
            return
        ladders = {name: self._ladder(name) for name in self._quasi}
        columns = [self._quasi[name].column(ladder) for name, ladder in ladders.items()]
        if nodes(columns) > MOST_NODES:
            raise _too_many(nodes(columns))
        sensitive = [seen.sensitive() for seen in self._sensitive.values()]
        choice = best(columns, sensitive, self.spec)
        if choice is None or choice.loss > self.spec.most_loss:
            raise _unreachable(self.spec, choice, columns, sensitive)
        levels = dict(zip(ladders, choice.node, strict=True))
        self._chosen = {name: Generalised(ladders[name], level) for name, level in levels.items()}
        self._remember(columns, choice)
        self._report = _report(ladders, levels, columns, sensitive, choice)

    def apply(self, block: Block, account: Account) -> Block:
        """The block with coarser values, without the rows that are left out."""
        batch, codes = block.batch, list[Any]()
        coarser: dict[str, Any] = {}
        for name, chosen in self._chosen.items():
            column, numbers, coarser[name] = chosen(batch[name], name)
            batch = batch.set_column(batch.schema.get_field_index(name), name, column)
            codes.append(numbers)
        keys = zip(*(numbers.tolist() for numbers in codes), strict=True)
        keep = np.array([key in self._kept for key in keys], dtype=bool)
        account.change(STEP, {name: changed & keep for name, changed in coarser.items()})
        account.removed[STEP, "suppressed"] += int((~keep).sum())
        return replace(block, batch=batch).keep(keep)

    def facts(self) -> dict[str, Any]:
        """The chosen level of each column, from which a new row can be treated alike."""
        return {name: chosen.facts() for name, chosen in self._chosen.items()}

    def report(self) -> dict[str, Any]:
        """What was reached and what it cost, for `accounting.json`."""
        return self._report

    def _ladder(self, name: str) -> Ladder:
        spec, seen = self.spec.quasi[name], self._quasi[name]
        field = f"{FIELD}.quasi.{name}"
        return find("generalisation", spec.kind)(spec, self.base, seen.values(), field)

    def _remember(self, columns: list[Column], choice: Choice) -> None:
        """The classes that stay, by the numbers of their values as `Generalised` gives them."""
        tables: list[Codes] = []
        for (name, chosen), column in zip(self._chosen.items(), columns, strict=True):
            numbers = chosen.number(self._quasi[name].values())
            tables.append(numbers[column.codes][choice.keep])
        self._kept = frozenset(zip(*(table.tolist() for table in tables), strict=True))


def through(facts: Mapping[str, Any], base: Path, block: Block) -> Block:
    """A block generalised as the rows were that a model was trained on; no row is left out.

    Args:
        facts: As `Anonymisation.facts` gave them.
        base: Folder that relative paths start from.
    """
    batch: pa.RecordBatch = block.batch
    for name, fact in facts.items():
        if name in batch.schema.names:
            column, _, _ = generalised(fact, base, name)(batch[name], name)
            batch = batch.set_column(batch.schema.get_field_index(name), name, column)
    return replace(block, batch=batch)


def _report(
    ladders: Mapping[str, Ladder],
    levels: Mapping[str, int],
    columns: list[Column],
    sensitive: list[Sensitive],
    choice: Choice,
) -> dict[str, Any]:
    kept = [
        c.levels[level][c.codes[choice.keep]]
        for c, level in zip(columns, levels.values(), strict=True)
    ]
    left = [replace(s, codes=s.codes[choice.keep]) for s in sensitive]
    return {
        "before": measured([c.codes for c in columns], sensitive),
        "after": measured(kept, left),
        "levels": {name: {"level": n, "of": ladders[name].levels} for name, n in levels.items()},
        "suppressed": int((~choice.keep).sum()),
        "loss": round(choice.loss, 6),
    }


def _too_many(count: int) -> RecipeError:
    return RecipeError(
        "the quasi-identifiers have too many combinations of levels",
        code="anonymity-unreachable",
        path=f"{FIELD}.quasi",
        got=f"{count:,}",
        expected=f"at most {MOST_NODES:,}",
        fix="give fewer levels: `widths: [10, 20]`, a hierarchy in place of `prefix`, or `whole`",
    )


def _unreachable(
    spec: Anonymity, choice: Choice | None, columns: list[Column], sensitive: list[Sensitive]
) -> DataError:
    asked = {"k": spec.k, "l": spec.l, "entropy_l": spec.entropy_l, "t": spec.t}
    wanted = ", ".join(f"{name} = {value}" for name, value in asked.items() if value is not None)
    if choice is None:
        most = {s.name: len(np.unique(s.codes)) for s in sensitive}
        held = "".join(f", {count} values of {name}" for name, count in most.items())
        got = f"no levels reach it: {len(columns[0].codes):,} rows{held}"
    else:
        got = f"only with {choice.loss:.0%} of what the columns say lost"
    return DataError(
        "the rows cannot be made as anonymous as asked",
        code="anonymity-unreachable",
        path=FIELD,
        got=got,
        expected=f"{wanted}, {spec.suppress:.0%} of the rows left out, {spec.most_loss:.0%} lost",
        fix="ask for less, allow more rows to be left out (`suppress`), name fewer "
        "quasi-identifiers, or gather more rows",
    )
