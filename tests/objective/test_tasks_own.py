"""Side tasks with data of their own: order, weights, where every row went, mistakes."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import accord
from accord.batch import PreparedSplit, collate
from accord.batch.answered import Answered
from accord.batch.beside import Accompanied, Joined
from accord.batch.order import Shuffled
from accord.errors import AccordError
from accord.objective.gradient import accumulate
from accord.testing.tiny import tiny_model, tiny_rows, tiny_schema
from tests.objective.test_distill import WORDS, same
from tests.objective.test_tasks import TASKS, objective, recipe


@given(
    rows=st.integers(1, 30),
    batch=st.integers(1, 8),
    sides=st.lists(st.tuples(st.integers(1, 20), st.integers(1, 25)), min_size=1, max_size=3),
    start=st.integers(0, 12),
)
def test_batches_depend_on_their_step_and_take_every_row_in_turn(
    rows: int, batch: int, sides: list[tuple[int, int]], start: int
) -> None:
    starts = np.cumsum([rows, *(size for size, _ in sides)])[:-1].tolist()
    others = tuple((first, *side) for first, side in zip(starts, sides, strict=True))
    order = Accompanied(Shuffled(rows), others)
    whole = list(zip(range(start + 4), order.batches(7, batch, 0), strict=False))
    for (_, one), other in zip(whole[start:], order.batches(7, batch, start), strict=False):
        np.testing.assert_array_equal(one.rows, other.rows)
        np.testing.assert_array_equal(one.weight, other.weight)
        assert one.weight is not None
        own = one.rows < rows
        assert own[: own.sum()].all() and (one.weight[own] == 1).all()
        for first, size, draws in others:
            of_it = (one.rows >= first) & (one.rows < first + size)
            assert of_it.sum() == draws
            np.testing.assert_allclose(one.weight[of_it].sum(), own.sum(), rtol=1e-5)
    for first, size, _ in others:
        seen = Counter(
            r for _, chosen in whole for r in chosen.rows.tolist() if first <= r < first + size
        )
        counts = [seen[row] for row in range(first, first + size)]
        assert max(counts) - min(counts) <= 1


def _split(folder: Path, table: pa.Table, name: str) -> PreparedSplit:
    schema = tiny_schema("single-label") | {"tasks": TASKS}
    (folder / "schema.json").write_text(json.dumps(schema))
    with pa.ipc.new_file(folder / f"{name}.arrow", table.schema) as file:
        file.write_table(table)
    return PreparedSplit(folder, name)


def test_the_loss_is_the_mean_of_the_task_and_the_weighted_mean_of_the_other(
    tmp_path: Path,
) -> None:
    sizes = pa.array([None] * 12, pa.float64())
    own = tiny_rows("single-label", 12).append_column("task:size", sizes)
    shades = pa.array(["dark", "light"] * 10, pa.string())
    beside = tiny_rows("single-label", 20, seed=3).append_column("task:shade", shades)
    tokens = beside["input_ids"]
    answers = {"logits": np.arange(36, dtype=np.float32).reshape(12, 3)}
    joined = Joined(
        Answered(_split(tmp_path, own, "train"), answers),
        [_split(tmp_path, beside.append_column("teacher:input_ids", tokens), "task-0")],
    )
    taken = np.array([3, 12, 5, 20, 7, 31, 4, 14])
    weight = np.where(taken < 12, 1.0, 4 / 4).astype(np.float32)
    table = joined.take(taken).append_column("weight", pa.array(weight))
    np.testing.assert_array_equal(joined.lengths[taken], pc.list_value_length(table["input_ids"]))
    schema = joined.schema
    said = collate(table, schema)["answers:logits"]
    torch.testing.assert_close(said[[0, 2, 6]], torch.tensor(answers["logits"][[3, 5, 4]]))

    def run(groups: list[list[int]]) -> tuple[float, list[torch.Tensor]]:
        student = tiny_model()
        batches = [collate(table.take(group), schema) for group in groups]
        loss = accumulate(
            student, objective(student), batches, arithmetic=torch.enable_grad, scale=1.0
        )
        return loss, [p.grad for p in student.parameters() if p.grad is not None]

    loss, gradients = run([list(range(8))])
    parts, others = run([[0, 1, 2], [3], [4, 5, 6, 7]])
    torch.testing.assert_close(gradients, others, rtol=1e-4, atol=1e-5)
    student = tiny_model()
    whole = objective(student)
    plain, other = (
        collate(t.take(rows), schema) for t, rows in ((own, [3, 5, 7, 4]), (beside, [0, 8, 19, 2]))
    )
    shade = whole.sides[0]
    hidden = student.bert(**{n: other[n] for n in ("input_ids", "attention_mask")}).pooler_output
    expected = whole.objective.losses(student, plain).mean()
    expected = expected + 0.5 * shade.losses(hidden, other).mean()
    assert loss == pytest.approx(expected.item(), rel=1e-4) == parts


OWN = {"label": "label", "name": "shade"}


def with_shop(folder: Path, task: dict[str, Any], **data: Any) -> dict[str, Any]:
    """A recipe beside whose rows a shop's are learned from, one of them a row of its test."""
    made = recipe(folder, [], steps=6)
    with (folder / "shop.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("review", "label"))
        for i in range(80):
            words = WORDS[i % 3].split()
            answer = "" if i % 8 == 0 else ("dark", "light")[i % 3 == 1]
            writer.writerow((f"{words[i % 4]} {words[i // 20]} {i + 100} shop", answer))
        with (folder / "a.csv").open(newline="") as own:
            texts = [row["text"] for row in csv.DictReader(own)]
        writer.writerows((text, "dark") for text in texts)
    shop = {"train": str(folder / "shop.csv"), "agreement": "own", "columns": {"text": "review"}}
    made["train"]["tasks"] = [task | {"data": shop | data}]
    made["data"]["leakage"] = {"action": "drop", "similarity": 1.0}
    return made


def test_every_row_is_accounted_for_and_none_stands_in_the_test(tmp_path: Path) -> None:
    run = accord.train(with_shop(tmp_path, OWN, test=0.2), output=tmp_path / "run")
    told = run.summary["data"]["tasks"]["shade"]
    gone = {entry["reason"]: entry["rows"] for entry in told["removed"]}
    assert told["read"] == 140 and gone["no-answer"] == 10
    # Of the 60 texts of the task, validation and test hold 30; some of those are examined with.
    assert 15 <= gone["stands-in-two-splits"] <= 30
    assert sum(told["kept"].values()) + sum(gone.values()) == 140
    assert set(run.summary["tasks"]) == {"test"}
    assert run.summary["tasks"]["test"]["shade"]["accuracy"] is not None
    dataset = run.path / run.summary["artifacts"]["dataset"]["path"]
    whole = [PreparedSplit(dataset, name).whole() for name in ("task-0", "validation", "test")]
    texts = [{str(ids) for ids in table["input_ids"].to_pylist()} for table in whole]
    assert whole[0].num_rows == told["kept"]["train"]
    assert not texts[0] & (texts[1] | texts[2])
    again = accord.train(with_shop(tmp_path, OWN, test=0.2), output=tmp_path / "again")
    assert same(run, again)


@pytest.mark.parametrize(
    ("task", "data", "said"),
    [
        (OWN, {"columns": {}}, "columns: {text:"),
        (OWN | {"label": "lable"}, {}, "did you mean 'label'"),
        (OWN, {"columns": {"txt": "review"}}, "does not read"),
        (OWN, {"agreement": "none.yaml"}, "none.yaml"),
        (OWN, {"train": "nowhere.csv"}, "nowhere.csv"),
    ],
)
def test_mistakes_are_told(
    task: dict[str, Any], data: dict[str, Any], said: str, tmp_path: Path
) -> None:
    with pytest.raises(AccordError) as error:
        accord.check(with_shop(tmp_path, task, **data))
    assert said in str(error.value)


def test_an_agreement_that_forbids_training_forbids_the_task(tmp_path: Path) -> None:
    terms = "id: shop\nlicense: LicenseRef-shop\nacts: [evaluate]\npurpose: [research]\n"
    (tmp_path / "terms.yaml").write_text(terms)
    with pytest.raises(AccordError) as error:
        accord.check(with_shop(tmp_path, OWN, agreement=str(tmp_path / "terms.yaml")))
    assert error.value.code == "agreement-forbids"
