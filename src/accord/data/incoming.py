"""New rows for a trained model, protected as the rows that it learned from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from accord.data.account import Account
from accord.data.premise import digest, recogniser_files
from accord.data.protect.texts import TEXTS
from accord.data.source import Block
from accord.data.step import WholeStep
from accord.data.text.tidy import tidied
from accord.errors import RecipeError
from accord.recipe.protect import Protect
from accord.recipe.text import Tidy
from accord.recipe.tree import Recipe

Row = Any
Guard = Callable[[Sequence[Row]], list[Row]]
"""Rows in, the same number of protected rows out."""


def protection_facts(recipe: Recipe, whole: WholeStep | None, base: Path) -> dict[str, Any]:
    """Entries `protect` and `tidy` of schema.json and accord.json: how rows were protected, without
    any key and without the lists, which may be confidential, and how texts were tidied."""
    tidy = recipe.clean.text
    tidying = {} if tidy is None else {"tidy": tidy.model_dump(mode="json")}
    if not recipe.protect.active:
        return tidying
    spec = recipe.protect.model_dump(mode="json", exclude_defaults=True, exclude={"anonymity"})
    if recipe.protect.recognisers:
        spec["recognisers"] = [part.model_dump(mode="json") for part in recipe.protect.recognisers]
    levels = {} if whole is None else whole.facts()
    rests = {field: digest(base / file, field) for field, file in recogniser_files(recipe.protect)}
    known = {"recognisers": rests} if rests else {}
    return tidying | {"protect": {"spec": spec, "anonymity": levels, **known}}


def generalised_like(facts: Mapping[str, Any], base: Path, block: Block) -> Block:
    """A block with its quasi-identifiers as coarse as those that a model was trained on.

    Args:
        facts: The model's `accord.json`.
        base: Folder that relative paths start from.
    """
    levels = facts.get("protect", {}).get("anonymity")
    if not levels:
        return block
    from accord.data.anonymity.step import through

    return through(levels, base, block)


def filled_like(facts: Mapping[str, Any], block: Block) -> Block:
    """A block with its gaps filled as those of the rows were that a model was trained on.

    Args:
        facts: The model's `accord.json`.
    """
    if "impute" not in facts:
        return block
    from accord.data.impute.step import Filler

    return Filler(facts["impute"])(block, Account())


def unlisted(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Kinds of identifier that were found by lists, which do not go with a model."""
    return tuple(facts.get("protect", {}).get("spec", {}).get("lists", ()))


def guard(facts: Mapping[str, Any], base: Path) -> Guard | None:
    """What protects rows, and fills their gaps, before a trained model sees them; None where
    neither was done in training.

    Rows may be texts, lists of words, or mappings from column names. One that would have been
    dropped in training is masked instead: a question is answered, or fails, but does not vanish.

    Args:
        facts: The model's `accord.json`.
        base: Folder that the path of a key starts from.

    Raises:
        RecipeError: The key of pseudonyms is not there, or a recogniser's model is not that which
            protected the rows that the model learned from.
    """
    guards = [*_protecting(facts, base), *_filling(facts)]
    if not guards:
        return None

    def all_in_turn(rows: Sequence[Row]) -> list[Row]:
        for each in guards:
            rows = each(rows)
        return list(rows)

    return all_in_turn


def _filling(facts: Mapping[str, Any]) -> Iterator[Guard]:
    if "impute" in facts:
        from accord.data.impute.incoming import RowFiller

        yield RowFiller(facts["impute"])


def _protecting(facts: Mapping[str, Any], base: Path) -> Iterator[Guard]:
    protect = facts.get("protect", {"spec": {}})
    if "protect" not in facts and "tidy" not in facts:
        return
    spec = _without_drop(Protect(**{k: v for k, v in protect["spec"].items() if k != "lists"}))
    _require_same(spec, protect.get("recognisers", {}), base)
    yield _Guard(spec, facts, base)


def _require_same(spec: Protect, known: Mapping[str, str], base: Path) -> None:
    for field, file in recogniser_files(spec):
        if digest(base / file, field) != known.get(field):
            raise RecipeError(
                "what finds identifiers is not what found them in training",
                code="recogniser-changed",
                path=field,
                got=str(base / file),
                expected=f"files with the digest {known.get(field, 'unknown')}",
                why="names that the model never saw would reach it",
                fix="put the recogniser's model or configuration of the training run there",
            )


class _Guard:
    def __init__(self, spec: Protect, facts: Mapping[str, Any], base: Path) -> None:
        self.spec, self.facts, self.base = spec, facts, base
        self.deidentify: Any = None
        self.tidy = Tidy(**facts["tidy"]) if "tidy" in facts else None
        if spec.searches:
            from accord.data.protect.deidentify import Deidentifier

            self.deidentify = Deidentifier(spec, base)

    def __call__(self, rows: Sequence[Row]) -> list[Row]:
        return [self._one(row) for row in rows]

    def _one(self, row: Row) -> Row:
        if self.facts["task"] == "token-classification" and isinstance(row, str):
            row = row.split()
        if not isinstance(row, Mapping):
            return self._searched(row)
        named: Mapping[str, Any] = row
        return self._generalised({name: self._cell(name, v) for name, v in named.items()})

    def _cell(self, name: str, value: Any) -> Any:
        kind = self.spec.values.get(name)
        if kind is not None and isinstance(value, str):
            return self.deidentify.whole(pa.array([value], pa.string()), kind)[0].as_py()
        return self._searched(value) if name in self._read() else value

    def _read(self) -> set[str]:
        columns = self.facts["columns"]
        return set(self.spec.columns) or {columns[field] for field in TEXTS if field in columns}

    def _searched(self, value: Any) -> Any:
        """Texts at whatever depth."""
        if isinstance(value, str) and self.tidy is not None:
            value = tidied(value, self.tidy)
        if self.deidentify is None:
            return value
        if isinstance(value, str):
            return self.deidentify(pa.array([value], pa.string())).texts[0].as_py()
        if isinstance(value, list) and self.facts["task"] == "token-classification":
            from accord.data.protect.step import words_protected

            column = pa.array([value], pa.list_(pa.string()))
            return words_protected(column, self.deidentify)[0][0].as_py()
        if isinstance(value, list | tuple):
            return [self._searched(part) for part in value]
        if isinstance(value, Mapping):
            inner: Mapping[str, Any] = value
            return {k: self._searched(v) for k, v in inner.items()}
        return value

    def _generalised(self, row: dict[str, Any]) -> dict[str, Any]:
        levels = self.facts.get("protect", {}).get("anonymity", {})
        numeric = {column["name"] for column in self.facts.get("numeric", ())}
        columns = {name: _typed(row[name], name in numeric) for name in levels if name in row}
        if not columns:
            return row
        batch = pa.RecordBatch.from_pydict(columns)
        block = generalised_like(self.facts, self.base, Block(batch, np.zeros(1, int), "", ""))
        return row | {name: block.batch[name][0].as_py() for name in columns}


def _typed(value: Any, number: bool) -> pa.Array:
    if not number:
        return pa.array([None if value is None else str(value)], pa.string())
    try:
        return pa.array([float(value)], pa.float64())
    except (TypeError, ValueError):
        return pa.array([float("nan")], pa.float64())


def _without_drop(spec: Protect) -> Protect:
    actions = {kind: "mask" if act == "drop" else act for kind, act in spec.actions.items()}
    action = "mask" if spec.action == "drop" else spec.action
    return spec.model_copy(update={"action": action, "actions": actions})
