"""New classes and sources count more at first: found rightly, weighed by the formula, resumed."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import accord
from accord.batch import Feed, PreparedSplit
from accord.errors import AccordError, Interrupted
from accord.objective.cold_start import Warming
from accord.objective.gradient import accumulate
from accord.objective.reweighed import Reweighed
from accord.recipe.cold_start import ColdStart
from accord.train.cold_start import warming
from accord.train.gradient import training_rows
from tests.laws import models, prepared
from tests.laws.fitting import run_fit
from tests.laws.test_fit_laws import largest_difference
from tests.objective.test_robust import with_groups


def made(boost: float = 6.0, scale: float = 9.0) -> Warming:
    new = torch.tensor([False, True])
    return Warming("labels", new, boost, scale, torch.zeros(2, dtype=torch.int64))


def test_weights_are_those_of_the_formula_over_the_rows_in_order(tmp_path: Path) -> None:
    split = PreparedSplit(prepared.classification(tmp_path, 30), "train")
    found, seen = made(), 0
    for window in Feed(split, 8, seed=0, division="ordered", workers=0).windows(0, 8, 10**6):
        labels = window.batches[0]["labels"]
        columns = {"labels": labels}
        factors = found.weigh(torch.zeros(len(labels)), columns)
        expected = 1 + 5 * math.exp(-seen / 9)
        assert factors.tolist() == pytest.approx([expected if n else 1.0 for n in labels.tolist()])
        found.settle()
        seen += int(labels.sum())
    assert seen == int(found.seen[1])


@given(st.floats(1, 50), st.floats(0.5, 1e4), st.lists(st.integers(0, 1), min_size=1, max_size=20))
@settings(max_examples=50, deadline=None)
def test_a_boost_only_falls_and_never_below_one(
    boost: float, scale: float, kinds: list[int]
) -> None:
    found, last = made(boost, scale), boost + 1e-9
    for _ in range(5):
        factors = found.weigh(torch.zeros(len(kinds)), {"labels": torch.tensor(kinds)})
        own = factors[torch.tensor(kinds) == 1]
        assert bool(((own >= 1) & (own <= last)).all())
        last = float(own.max()) if len(own) else last
        found.settle()


def test_a_boost_of_one_changes_nothing_bit_for_bit_and_resuming_is_exact(tmp_path: Path) -> None:
    data, train = prepared.classification(tmp_path, 40), {"epochs": 3, "keep": "last"}

    def run(name: str, boost: float | None, **more: Any) -> torch.nn.Module:
        gradient = accumulate if boost is None else Reweighed(accumulate, (made(boost),))
        model = models.tiny_bert(dropout=0.1)
        return run_fit(model, data, tmp_path / name, train=train, gradient=gradient, **more)[
            0
        ].model

    plain, boosted = run("plain", None), run("boosted", 6.0)
    assert largest_difference(run("zero", 1.0), plain) == 0.0
    assert largest_difference(boosted, plain) > 1e-4
    count = itertools.count(1)
    with pytest.raises(Interrupted):
        run("again", 6.0, interrupted=lambda: next(count) >= 5)
    assert largest_difference(run("again", 6.0), boosted) == 0.0


def test_what_is_new_is_found_by_name_by_count_and_by_source(tmp_path: Path) -> None:
    split = PreparedSplit(with_groups(tmp_path), "train")
    rows = training_rows(split)
    fewer = min(rows.per_class.tolist())

    def new(**fields: Any) -> list[bool]:
        return warming(ColdStart(**fields), split, rows).new.tolist()

    assert new(new=("yes",)) == [False, True]
    assert new(rows=fewer) == [count <= fewer for count in rows.per_class.tolist()]
    assert new(rows=10, source="source") == [False, True]
    assert new(new=("b",), source="source") == [False, True]
    with pytest.raises(AccordError) as error:
        new(new=("yess",))
    assert error.value.code == "cold-start-unknown"


def recipe(folder: Path, dates: str = "2026-{:02}-01", **cold: Any) -> dict[str, Any]:
    """Class `late` has rows of July and later only."""
    lines = ["x,y,day\n"]
    for i in range(240):
        late = i % 12 >= 6 and i % 2 == 0
        lines.append(f"{i % 12},{'late' if late else 'early'},{dates.format(i % 12 + 1)}\n")
    (folder / "a.csv").write_text("".join(lines))
    return {
        "task": "table-classification",
        "model": {"config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}},
        "data": {
            "agreement": "own",
            "train": str(folder / "a.csv"),
            "numeric": ["x"],
            "label": "y",
        },
        "balance": {"cold_start": {"by": "day", **cold}},
        "train": {"epochs": 1, "precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }


def test_what_is_new_is_found_by_date(tmp_path: Path) -> None:
    run = accord.train(recipe(tmp_path, since="2026-06-15"), output=tmp_path / "run")
    dataset = next((run.path / "artifacts").glob("dataset-*"))
    split = PreparedSplit(dataset, "train")
    assert "carried" not in split.schema  # dates are read as they are
    rows = training_rows(split)
    for since, new in (("2026-06-15", [False, True]), ("2026-07-02", [False, False])):
        spec = ColdStart.model_validate({"by": "day", "since": since})
        assert warming(spec, split, rows).new.tolist() == new
    # What it is worth on what is new is told apart.
    judged = json.loads(next(run.path.glob("artifacts/evaluation-*/metrics.json")).read_text())
    tested = PreparedSplit(dataset, "test").table["label"].to_pylist()
    slices = judged["test"]["slices"]["@new"]
    assert {name: one["rows"] for name, one in slices.items()} == {
        "new": tested.count(1), "seen": tested.count(0)
    }  # fmt: skip
    (tmp_path / "later.csv").write_text("x,y,day\n" + "6,late,2027-01-01\n1,early,2027-01-01\n" * 5)
    later = accord.evaluate(run.path, data=str(tmp_path / "later.csv"))["slices"]["@new"]
    assert {name: one["rows"] for name, one in later.items()} == {"new": 5, "seen": 5}


def test_what_is_no_date_is_named(tmp_path: Path) -> None:
    with pytest.raises(AccordError) as error:
        accord.train(recipe(tmp_path, "{}/26", since="2026-06-15"), output=tmp_path / "run")
    assert error.value.code == "cold-start-date"


@pytest.mark.parametrize("cold", [{}, {"new": ["late"]}, {"since": "2026-06-15", "boost": 0.5}])
def test_what_has_no_meaning_is_refused(cold: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(AccordError) as error:
        accord.check(recipe(tmp_path, **cold))
    assert "balance.cold_start" in str(error.value)
