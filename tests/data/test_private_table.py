"""A private table is scaled by what its recipe declares, and by nothing that its rows say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from accord.data.encoder import Encoder, Setting, settled
from accord.data.source import Block
from accord.objective.regression import Regression
from accord.part import find
from accord.recipe.load import recipe_from

PRIVACY: dict[str, Any] = {
    "epsilon": 8,
    "ranges": {"age": [20, 80], "income": [1, 1e5], "price": [100, 300]},
    "categories": {"plan": ["pro", "basic"]},
}


def block(seed: int) -> Block:
    chance = np.random.default_rng(seed)
    columns = {
        "age": chance.normal(40, 9, 6),
        "income": chance.lognormal(9, 1 + seed, 6),
        "plan": pa.array(["basic", "pro", None, f"new{seed}", "pro", "basic"], pa.string()),
        "price": chance.normal(200 * (seed + 1), 20, 6),
    }
    return Block(pa.RecordBatch.from_pydict(columns), np.arange(6), "a", "a")


def encoder(rows: Block, privacy: dict[str, Any] | None) -> Encoder:
    recipe = recipe_from(
        {
            "task": "table-regression",
            "data": {
                **{"agreement": "own", "train": "x", "numeric": ["age", "income"]},
                **{"categorical": ["plan"], "label": "price"},
            },
            "clean": {"scale": {"by": None, "columns": {"income": "log"}}},
            **({} if privacy is None else {"privacy": privacy}),
        }
    ).recipe
    part = find("encoder", recipe.task)
    return settled(part(part.spec(kind=recipe.task), Setting(recipe, Path(), ())), [rows])


def test_no_row_teaches_the_scale_the_categories_or_the_target() -> None:
    facts = encoder(block(0), PRIVACY).facts()
    assert facts == encoder(block(1), PRIVACY).facts()
    assert encoder(block(0), None).facts() != encoder(block(1), None).facts()
    age, income = facts["numeric"]
    assert (age["mean"], age["median"]) == (pytest.approx(50), pytest.approx(50))
    assert age["std"] == pytest.approx(60 / 12**0.5, rel=2e-3)
    assert 0 < income["scale"]["learned"]["mean"] < np.log1p(1e5)
    assert facts["categorical"] == [{"name": "plan", "values": ["basic", "pro"]}]
    assert facts["target"]["mean"] == pytest.approx(200)
    part = find("objective", "regression")
    made = part(part.spec(kind="regression"), label_smoothing=0.0, schema=facts)
    assert isinstance(made, Regression) and made.std == pytest.approx(200 / 12**0.5, rel=2e-3)


def test_rows_are_read_as_they_are() -> None:
    rows = block(0)
    found = encoder(rows, PRIVACY).encode(rows, "train")
    assert found["categorical"].to_pylist() == [[1], [2], [0], [0], [2], [1]]
    assert np.array(found["numeric"].to_pylist())[:, 0] == pytest.approx(
        rows.batch["age"].to_numpy(), rel=1e-6
    )
    assert found["label"].to_pylist() == pytest.approx(rows.batch["price"].to_pylist(), rel=1e-6)
