"""Handling: training rows alone, each counted, exact where it can be."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import accord
from accord.data.outlier.repair import interpolated
from accord.errors import DataError, RecipeError
from accord.recipe.load import recipe_from
from tests.data.sources import accounting, prepared

WILD = (5, 17, 40)


def recipe(handling: Any, **more: Any) -> Any:
    return recipe_from(
        {
            "task": "table-regression",
            "model": {"config": {"model_type": "accord-ft-transformer", "hidden_size": 8}},
            "data": {
                "agreement": "own", "train": "train.csv", "validation": "test.csv",
                "test": "test.csv", "numeric": ["x", "z"], "label": "y",
                "leakage": {"action": "off"},
            },
            "clean": {"outliers": handling if isinstance(handling, list) else [handling]},
            "train": {"steps": 2, "precision": "fp32"},
            "evaluate": {"resamples": 0, "baseline": False},
            **more,
        }
    ).recipe  # fmt: skip


def write(folder: Path) -> None:
    chance = np.random.default_rng(0)
    for name in ("train", "test"):
        with (folder / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["day", "x", "z", "y"])
            for i in range(60):
                x = 2.0 * i + (1000 if i in WILD else 0)
                writer.writerow([f"2026-01-01T{i // 60:02}:{i % 60:02}", x, chance.random(), i])


def rows(dataset: Any, split: str) -> list[dict[str, Any]]:
    return pa.ipc.open_file(dataset.path / f"{split}.arrow").read_all().to_pylist()


@pytest.mark.parametrize(
    ("handling", "left", "at_wild"),
    [
        ({"by": "mad"}, 57, None),
        ({"by": "isolation-forest", "handle": "quarantine"}, 57, None),
        ({"by": "mad", "handle": "replace", "columns": ["x"]}, 60, 60.0),
        ({"by": "mad", "handle": "replace", "value": "missing", "columns": ["x"]}, 60, "nan"),
        ({"by": "mad", "handle": "replace", "value": 7, "columns": ["x"]}, 60, 7.0),
        (
            {"by": "hampel", "handle": "interpolate", "order_by": "day", "columns": ["x"]},
            60, "line",
        ),
        (
            {"by": "mad", "handle": "interpolate", "order_by": "day", "columns": ["x"],
             "method": "spline"},
            60, "line",
        ),
        ({"by": "mad", "handle": "weight", "weight": 0.25, "columns": ["x"]}, 60, "weight"),
    ],
)  # fmt: skip
def test_handling(handling: dict[str, Any], left: int, at_wild: Any, tmp_path: Path) -> None:
    write(tmp_path)
    dataset = prepared(tmp_path, recipe(handling))
    found = rows(dataset, "train")
    assert len(found) == left
    counts = accounting(dataset)
    kind = {"step": "outliers", "reason": handling["by"], "rows": 3, "split": "train"}
    changes = left == 60
    assert kind in counts["changed" if changes else "removed"]
    for row in found:
        x, due = row["numeric"][0], row["row"] in WILD
        if not due:
            assert x == 2.0 * row["row"]
            assert row.get("weight", 1.0) == 1.0
        elif at_wild == "weight":
            assert (x, row["weight"]) == (2.0 * row["row"] + 1000, 0.25)
        elif at_wild == "nan":
            assert np.isnan(x)
        elif at_wild == "line":
            assert x == pytest.approx(2.0 * row["row"])
        else:
            assert x == at_wild
    for split in ("validation", "test"):
        kept = rows(dataset, split)
        assert [row["numeric"][0] for row in kept][5] == 1010.0
        assert all("weight" not in row for row in kept)
    if handling.get("handle") == "quarantine":
        lines = (dataset.path / "quarantine.jsonl").read_text("utf-8").splitlines()
        assert sorted(json.loads(line)["row"] for line in lines) == list(WILD)


def test_clipped_values_are_ordinary(tmp_path: Path) -> None:
    write(tmp_path)
    dataset = prepared(tmp_path, recipe({"by": "iqr", "handle": "clip", "columns": ["x"]}))
    values = {row["row"]: row["numeric"][0] for row in rows(dataset, "train")}
    assert max(values.values()) < 300
    assert values[4] == 8.0


@pytest.mark.parametrize("weight", [0.0, 0.5])
def test_weights_reach_the_loss(weight: float, tmp_path: Path) -> None:
    """What a row of weight 0 is labelled with is nothing to the loss."""
    losses = []
    for other in ("low", "high"):
        with (tmp_path / f"{other}.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["x", "z", "y"])
            for i in range(60):
                writer.writerow([i, 99 if i in WILD else 0, other if i in WILD else "low"])
            writer.writerows([[i, 0, "high"] for i in range(20)])
        asked = recipe(
            {"by": "z-score", "columns": ["z"], "handle": "weight", "weight": weight},
            task="table-classification",
            train={"epochs": 1, "batch_size": 80, "precision": "fp32"},
        ).model_dump(mode="json", exclude_unset=True)
        path = str(tmp_path / f"{other}.csv")
        asked["data"] |= {"train": path, "validation": path, "test": path}
        run = accord.train(asked, output=tmp_path / f"run-{other}")
        events = (run.path / "events.jsonl").read_text("utf-8").splitlines()
        losses.append([e["loss"] for e in map(json.loads, events) if e["event"] == "step"])
    assert (losses[0] == pytest.approx(losses[1], rel=1e-5)) == (weight == 0)


def test_values_of_whole_rows_cannot_be_clipped(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(DataError) as found:
        prepared(tmp_path, recipe({"by": "lof", "handle": "clip"}))
    assert found.value.code == "outliers-rowwise"


def test_spikes_need_an_order() -> None:
    with pytest.raises(RecipeError, match="order_by"):
        recipe({"by": "hampel"})


@settings(max_examples=60, deadline=None)
@given(
    st.integers(4, 40),
    st.floats(-100, 100),
    st.floats(-10, 10),
    st.sets(st.integers(1, 38), max_size=20),
    st.randoms(use_true_random=False),
    st.sampled_from(["linear", "spline"]),
)
def test_interpolation_is_exact_on_lines(
    size: int, start: float, slope: float, wild: set[int], chance: Any, method: Any
) -> None:
    times = np.array(sorted(chance.sample(range(1000), size)), dtype=float)
    truth = (start + slope * times)[:, None]
    cells = np.zeros((size, 1), dtype=bool)
    cells[[i for i in wild if i < size - 1]] = True
    values = np.where(cells, 1e5, truth)
    found = interpolated(values, cells, times, method)
    assert found == pytest.approx(truth, abs=1e-4)


@pytest.mark.parametrize("method", ["linear", "spline"])
def test_splines_are_exact_on_cubics(method: str) -> None:
    """At uneven times, with a run of wrong values, missing ones, and none at the ends."""
    times = np.cumsum(np.random.default_rng(0).uniform(0.1, 3, size=40))
    power = 3 if method == "spline" else 1
    truth = np.stack([(times / 10) ** power - 2 * times, times * 0 + 5], axis=1)
    cells = np.zeros(truth.shape, dtype=bool)
    cells[[4, 17, 18, 19, 30], 0] = True
    values = np.where(cells, 900.0, truth)
    values[[9, 25], 0] = np.nan
    found = interpolated(values, cells, times, method)  # type: ignore[arg-type]
    assert found[cells] == pytest.approx(truth[cells])
    assert np.isnan(found[[9, 25], 0]).all()
    assert (found[:, 1] == truth[:, 1]).all()


def test_ends_are_repeated() -> None:
    values = np.array([[99.0], [1.0], [2.0], [99.0]])
    cells = values == 99
    found = interpolated(values, cells, np.arange(4.0), "linear")
    assert found[:, 0].tolist() == [1, 1, 2, 2]


def test_series_are_judged_one_by_one(tmp_path: Path) -> None:
    """Two sensors of different height, read in turn: each has one spike, of the other's height."""
    with (tmp_path / "train.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["sensor", "day", "x", "z", "y"])
        for i in range(40):
            for sensor, height in (("a", 0.0), ("b", 100.0)):
                spike = i == 20
                x = (100 - height if spike else height) + i / 10
                day = "" if i == 39 else i
                writer.writerow([sensor, day, x, 0, i])
    (tmp_path / "test.csv").write_text((tmp_path / "train.csv").read_text())
    spec = {
        "by": {"kind": "hampel", "window": 4}, "columns": ["x"], "handle": "interpolate",
        "order_by": "day", "group_by": "sensor",
    }  # fmt: skip
    dataset = prepared(tmp_path, recipe(spec))
    values = [row["numeric"][0] for row in rows(dataset, "train")]
    assert values[0::2] == pytest.approx([i / 10 for i in range(40)], abs=1e-5)
    assert values[1::2] == pytest.approx([100 + i / 10 for i in range(40)], abs=1e-5)
    assert accounting(dataset)["changed"] == [
        {"step": "outliers", "reason": "hampel", "rows": 2, "split": "train"}
    ]
