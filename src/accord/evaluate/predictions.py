"""predictions.parquet: one row a judged row, with what explains itself and can be compared."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from accord.errors import DataError
from accord.metric.score import scorer_of
from accord.metric.scorer import Columns, Scorer
from accord.vault.files import open_to_read, writing

FACTS = b"accord"


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a run predicted on one split, in ascending order of row id.

    Args:
        problem: Kind of problem.
        labels: Names in id order.
        row: Source row ids, [rows].
        columns: What the scorer reads.
        truth: The true answers as written, [rows].
        display: The rows as people read them, [rows].
        cuts: Values of every slice column, each [rows].
    """

    problem: str
    labels: tuple[str, ...]
    row: npt.NDArray[np.int64]
    columns: Columns
    truth: list[Any]
    display: list[Any]
    cuts: Mapping[str, list[Any]]

    def scorer(self) -> Scorer:
        return scorer_of(self.problem, self.labels)


def predictions_of(split: str, scorer: Scorer, columns: Columns, table: pa.Table) -> pa.Table:
    """The predictions of one split.

    Args:
        split: Its name.
        scorer: Gives the columns of its problem.
        columns: What was collected, in the order of `table`.
        table: The prepared split; `display` and `slice:` columns are passed on.
    """
    found: dict[str, Any] = {"split": [split] * table.num_rows, "row": columns["row"]}
    found |= {name: pa.array(values) for name, values in scorer.rows(columns).items()}
    for name in table.column_names:
        if name == "display" or name.startswith("slice:"):
            found[name] = table[name]
    return pa.table(found)


def write_predictions(
    path: Path, tables: Sequence[pa.Table], problem: str, labels: Sequence[str]
) -> None:
    """Write the splits one after the other, with the facts needed to score them again."""
    whole = pa.concat_tables(tables, promote_options="permissive")
    facts = json.dumps({"problem": problem, "labels": list(labels)}, ensure_ascii=False)
    with writing(path) as sink:
        pq.write_table(whole.replace_schema_metadata({FACTS: facts.encode()}), sink)


def read_predictions(path: Path, split: str) -> Predictions:
    """What a run predicted on a split.

    Raises:
        DataError: The file is missing, not Accord's, or has no row of the split.
    """
    if not path.is_file():
        raise _unreadable(path, "there is no such file")
    with open_to_read(path) as stream:
        table = pq.read_table(stream)
    described = (table.schema.metadata or {}).get(FACTS)
    if described is None:
        raise _unreadable(path, "it does not say which problem it answers")
    facts: Mapping[str, Any] = json.loads(described)
    splits = np.asarray(table["split"].to_pylist())
    chosen = table.filter(pa.array(splits == split)).sort_by("row")
    if not chosen.num_rows:
        raise _unreadable(path, f"it has no row of the {split} split")
    rows = {name: chosen[name].to_pylist() for name in chosen.column_names}
    scorer = scorer_of(facts["problem"], facts["labels"])
    truth = rows.get("label") or rows.get("target") or rows["tokens"]
    return Predictions(
        facts["problem"],
        tuple(facts["labels"]),
        np.asarray(rows["row"], dtype=np.int64),
        scorer.restored(rows),
        truth,
        rows.get("display", [None] * chosen.num_rows),
        {n.removeprefix("slice:"): v for n, v in rows.items() if n.startswith("slice:")},
    )


def _unreadable(path: Path, reason: str) -> DataError:
    return DataError(
        f"these predictions cannot be compared: {reason}",
        code="predictions-unreadable",
        path=str(path),
        expected="predictions.parquet of a complete run",
        fix="finish the run with `accord train --resume`, or name another run directory",
    )
