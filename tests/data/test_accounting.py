"""Every row is accounted for, whatever a recipe asks for; rows held out are never changed by what
is done to the training rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.artifact import Artifact
from accord.data.account import Account
from accord.data.source import Block
from accord.data.split import NAMES
from accord.data.steps import taken
from accord.errors import DataError
from accord.recipe.load import recipe_from
from tests.data.sources import BERT, accounting, prepared

SHOWN = ["row", "asset", "label", "display"]
few = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
rows_of_text = st.lists(
    st.sampled_from(
        ["good film", "so bad", "call 415-555-0134 now", "me@example.org wrote", "x", ""]
    ),
    min_size=30,
    max_size=60,
)


def held(dataset: Artifact, split: str) -> list[dict[str, Any]]:
    with pa.memory_map(str(dataset.path / f"{split}.arrow")) as stream:
        table = pa.ipc.open_file(stream).read_all()
    return table.select([n for n in SHOWN if n in table.column_names]).to_pylist()


def check(dataset: Artifact, read: int, aside_by: tuple[str, ...]) -> None:
    """The figures add up, and are those of the files."""
    told = accounting(dataset)
    entries = [*told["removed"], *told["added"]]
    assert all(entry["rows"] > 0 for entry in entries)

    def rows(kind: str, split: str | None) -> int:
        return sum(entry["rows"] for entry in told[kind] if entry["split"] == split)

    assert told["read"] == read
    assert read - rows("removed", None) + rows("added", None) == sum(told["rows"].values())
    for split in NAMES:
        kept = told["rows"][split] - rows("removed", split) + rows("added", split)
        assert kept == told["kept"][split] == len(held(dataset, split))
    aside = dataset.path / "quarantine.jsonl"
    if aside.exists():
        lines = aside.read_text("utf-8").splitlines()
        put = [e for e in told["removed"] if e["step"] in aside_by]
        assert len(lines) == sum(entry["rows"] for entry in put)


def made(folder: Path, content: dict[str, Any], name: str) -> Artifact | None:
    """The data set, or None where the recipe cannot be done with these rows."""
    try:
        return prepared(folder, recipe_from(content | {"train": {"steps": 1}}).recipe, name)
    except DataError as error:
        assert error.code in ("split-empty", "one-class", "class-unseen", "resample-few"), error
        return None


def both(folder: Path, content: dict[str, Any], care: dict[str, Any], read: int) -> None:
    """With and without what is done to training rows alone."""
    put = any(o["handle"] == "quarantine" for o in care["clean"].get("outliers", ()))
    aside_by = ("read", "outliers") if put else ("read",)
    with_care = made(folder, content | care, "with")
    without = made(folder, {k: v for k, v in content.items() if k not in care}, "without")
    for dataset in (with_care, without):
        if dataset is not None:
            check(dataset, read, aside_by)
    if with_care is not None and without is not None:
        for split in ("validation", "test"):
            assert held(with_care, split) == held(without, split)


@few
@given(
    texts=rows_of_text,
    bad=st.sampled_from(["skip", "quarantine"]),
    leaks=st.sampled_from(["report", "drop", "off"]),
    action=st.sampled_from(["mask", "drop", "remove"]),
    least=st.sampled_from([1, 5]),
    conflicts=st.sampled_from(["first", "majority", "drop"]),
    rate=st.sampled_from([0.4, 2.0]),
)
def test_texts(
    texts: list[str],
    bad: str,
    leaks: str,
    action: str,
    least: int,
    conflicts: str,
    rate: float,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("texts")
    with (folder / "rows.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("text", "label"))
        labels = ("yes", "no", "yes", "no", "yes", "no", "")
        writer.writerows((f"{t} {i % 11}" if t else t, labels[i % 7]) for i, t in enumerate(texts))
        stream.write("ragged,row,here\n")
    content: dict[str, Any] = {
        "task": "text-classification",
        "model": {"config": BERT},
        "data": {
            "agreement": "own",
            "train": "rows.csv",
            "text": "text",
            "label": "label",
            "on_bad_row": bad,
            "leakage": {"action": leaks},
            "max_tokens": 4,
        },
        "protect": {"entities": ["email", "phone"], "action": action},
    }
    care = {
        "clean": {"filter": {"least": least}, "duplicates": {"conflicts": conflicts}},
        "augment": {"rows": [{"by": "typos", "rate": rate, "classes": ["no"]}]},
    }
    both(folder, content, care, len(texts) + 1)


@few
@given(
    wild=st.sets(st.integers(0, 119), max_size=8),
    handle=st.sampled_from(["remove", "quarantine", "weight", "clip"]),
    resample=st.sampled_from([None, "smote"]),
    rate=st.sampled_from([0.3, 1.0]),
    suppress=st.sampled_from([None, 0.3]),
)
def test_tables(
    wild: set[int],
    handle: str,
    resample: str | None,
    rate: float,
    suppress: float | None,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(("x", "y", "zip", "label"))
    for i in range(120):
        x = 500.0 if i in wild else (i * 37 % 101) / 10
        cell = "none at all" if i % 40 == 7 else f"{x}"
        writer.writerow((cell, i * 53 % 89, f"{100 + i % 9}", "yes" if i % 5 else "no"))
    (folder / "rows.csv").write_text(stream.getvalue())
    content: dict[str, Any] = {
        "task": "table-classification",
        "model": {"config": {"model_type": "mlp"}},
        "data": {
            "agreement": "own",
            "train": "rows.csv",
            "numeric": ["x", "y"],
            "categorical": ["zip"],
            "label": "label",
            "on_bad_row": "quarantine",
        },
    }
    if suppress is not None:
        anonymity = {"k": 4, "quasi": {"zip": "whole"}, "suppress": suppress}
        content["protect"] = {"anonymity": anonymity}
    care: dict[str, Any] = {
        "clean": {"outliers": [{"by": "mad", "columns": ["x"], "handle": handle}]},
        "balance": {"resample": resample} if resample else {},
        "augment": {"rows": [{"by": "noise", "rate": rate}]},
    }
    both(folder, content, care, 120)


def test_a_step_that_loses_a_row_is_found_out() -> None:
    batch = pa.record_batch({"x": [1, 2, 3]})
    block = Block(batch, pa.array([0, 1, 2]).to_numpy(), "rows.csv", "own/train")

    def losing(block: Block, account: Account) -> Block:
        account.removed["lose", "one"] += 1
        return block.keep(block.rows < 1)

    with pytest.raises(AssertionError, match="1 rows are left where 2 were counted"):
        taken(losing, block, Account())
