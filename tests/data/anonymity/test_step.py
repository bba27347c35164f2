"""Rows that were made anonymous are, whatever they were."""

from __future__ import annotations

from collections import Counter
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.data.account import Account
from accord.data.anonymity.step import Anonymisation, through
from accord.data.source import Block
from accord.errors import DataError, RecipeError
from accord.recipe.anonymity import Anonymity

PEOPLE = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 99).map(float)),
        st.one_of(st.none(), st.sampled_from(["10115", "10117", "20095", "2009"])),
        st.sampled_from(["flu", "cold", "none"]),
    ),
    min_size=1,
    max_size=60,
)
QUASI = {"age": {"kind": "interval"}, "postcode": {"kind": "prefix"}}


def block(rows: list[Any], start: int = 0) -> Block:
    age, postcode, illness = zip(*rows, strict=True)
    batch = pa.RecordBatch.from_pydict(
        {
            "age": pa.array([np.nan if a is None else a for a in age], pa.float64()),
            "postcode": pa.array(postcode, pa.string()),
            "illness": pa.array(illness, pa.string()),
        }
    )
    return Block(batch, np.arange(start, start + len(rows)), "people.csv", "people")


def anonymised(rows: list[Any], asked: Anonymity, cut: int) -> tuple[Anonymisation, list[Any]]:
    step = Anonymisation(asked, Path())
    pieces = [block(part) for part in (rows[:cut], rows[cut:]) if part]
    for piece in pieces:
        step.survey(piece)
    step.settle()
    account = Account()
    batches = [step.apply(piece, account).batch for piece in pieces]
    left = [tuple(row.values()) for batch in batches for row in batch.to_pylist()]
    assert sum(account.removed.values()) == len(rows) - len(left)
    return step, [(str(age), postcode, illness) for age, postcode, illness in left]


@settings(max_examples=60, deadline=None)
@given(PEOPLE, st.integers(2, 6), st.integers(0, 60))
def test_every_row_left_stands_with_others(rows: list[Any], k: int, cut: int) -> None:
    asked = Anonymity(quasi=QUASI, k=k, sensitive=("illness",), l=2, suppress=0.3, most_loss=1.0)  # type: ignore[arg-type]
    try:
        step, left = anonymised(rows, asked, cut)
    except DataError as error:
        # One class of all rows is always within reach, unless it fails itself.
        assert len(rows) < k or len({row[2] for row in rows}) < 2
        assert error.code == "anonymity-unreachable"
        return
    groups = Counter(row[:2] for row in left)
    assert min(groups.values()) >= k
    assert len(left) >= len(rows) * 0.7
    for group in groups:
        assert len({row[2] for row in left if row[:2] == group}) >= 2
    after = step.report()["after"]
    assert (after["rows"], after["k"]) == (len(left), min(groups.values()))


@settings(max_examples=30, deadline=None)
@given(PEOPLE, st.integers(2, 4))
def test_no_other_levels_lose_less(rows: list[Any], k: int) -> None:
    """Against every combination of levels, tried out one by one."""
    asked = Anonymity(quasi=QUASI, k=k, suppress=0.2, most_loss=1.0)  # type: ignore[arg-type]
    try:
        step, _ = anonymised(rows, asked, len(rows))
    except DataError:
        return
    ladders = {name: step._ladder(name) for name in step._quasi}
    columns = {name: seen.column(ladders[name]) for name, seen in step._quasi.items()}
    budget, losses = int(0.2 * len(rows) + 1e-9), []
    for node in product(*(range(len(c.levels)) for c in columns.values())):
        chosen = list(zip(columns.values(), node, strict=True))
        keys = list(zip(*(c.levels[n][c.codes].tolist() for c, n in chosen), strict=True))
        counts = Counter(keys)
        keep = np.array([counts[key] >= k for key in keys])
        if (~keep).sum() <= budget and keep.any():
            kept = sum(c.loss[n][c.codes[keep]].sum() for c, n in chosen)
            losses.append((kept / len(columns) + (~keep).sum()) / len(rows))
    assert step.report()["loss"] == pytest.approx(min(losses), abs=1e-5)


def test_new_rows_are_made_as_coarse() -> None:
    rows = [(float(20 + i % 40), ("10115", "10117")[i % 2], "flu") for i in range(80)]
    step, left = anonymised(rows, Anonymity(quasi=QUASI, k=8), 30)  # type: ignore[arg-type]
    new = through(step.facts(), Path(), block([(27.0, "10115", "flu")])).batch.to_pylist()[0]
    assert (str(new["age"]), new["postcode"]) in {row[:2] for row in left}


def test_a_hierarchy_must_hold_every_value(tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text("10115,Berlin\n10117,Berlin\n", "utf-8")
    quasi = {"postcode": {"kind": "hierarchy", "file": "places.csv"}}
    step = Anonymisation(Anonymity(quasi=quasi, k=2), tmp_path)  # type: ignore[arg-type]
    step.survey(block([(1.0, "10115", "flu"), (2.0, "20095", "flu")]))
    with pytest.raises(DataError, match="lacks values"):
        step.settle()


def test_a_hierarchy_is_a_tree(tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text("a,x,one\nb,x,two\n", "utf-8")
    quasi = {"postcode": {"kind": "hierarchy", "file": "places.csv"}}
    step = Anonymisation(Anonymity(quasi=quasi, k=2), tmp_path)  # type: ignore[arg-type]
    step.survey(block([(1.0, "a", "flu")]))
    with pytest.raises(RecipeError) as found:
        step.settle()
    assert found.value.code == "anonymity-hierarchy"
