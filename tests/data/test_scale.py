"""Numbers on another scale: learned from training rows, done alike to every row, then and later."""

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
from accord.errors import AccordError
from accord.model.scale.scaling import ENTRY, learned, scaled
from accord.part import find, parts
from accord.recipe.load import recipe_from
from tests.data.sources import prepared

KINDS = ("standard", "robust", "min-max", "quantile", "log", "yeo-johnson")
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False, width=32)


def through(kind: str, train: Any, rows: Any) -> np.ndarray:
    spec = find("scaler", kind).spec(kind=kind)
    facts = json.loads(json.dumps(learned(spec, np.array(train, dtype=float))))
    return scaled({ENTRY: facts}, np.array(rows, dtype=float))


def test_all_are_tried() -> None:
    assert set(parts("scaler")) == set(KINDS)


@settings(deadline=None, max_examples=15)
@given(st.lists(NUMBERS, min_size=1, max_size=30), st.lists(NUMBERS, min_size=1, max_size=30))
def test_laws(train: list[float], rows: list[float]) -> None:
    """Order is kept, gaps stay gaps, a row alone is scaled as among others, nothing overflows."""
    rows.sort()
    for kind in KINDS:
        found = through(kind, [*train, np.nan], [*rows, np.nan, 1e300])
        assert np.isnan(found[-2]) and np.isfinite(np.float32(found[-1]))
        assert np.isfinite(found[:-2]).all()
        assert (np.diff(found[:-2]) >= -1e-9).all()
        assert [through(kind, train, [row])[0] for row in rows[:2]] == found[
            : len(rows[:2])
        ].tolist()


def test_they_are_scikit_learn_s() -> None:
    from sklearn import preprocessing as sk

    chance = np.random.default_rng(0)
    train, rows = np.exp(chance.normal(size=(400, 1))) - 0.5, chance.normal(size=(50, 1))
    normal: Any = sk.QuantileTransformer(output_distribution="normal", n_quantiles=400)
    same = {
        "standard": sk.StandardScaler(),
        "robust": sk.RobustScaler(unit_variance=True),
        "min-max": sk.MinMaxScaler(),
        "quantile": normal,
        "yeo-johnson": sk.PowerTransformer(),
    }
    for kind, theirs in same.items():
        expected = theirs.fit(train).transform(rows)[:, 0]
        assert through(kind, train[:, 0], rows[:, 0]) == pytest.approx(expected, abs=1e-6), kind
    made = through("log", train[:, 0], train[:, 0])
    assert made == pytest.approx(
        sk.StandardScaler().fit_transform(np.sign(train) * np.log1p(np.abs(train)))[:, 0]
    )


def test_a_few_far_values_move_the_robust_scale_little() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    spoilt = np.where(np.arange(1000) < 20, 1e4, values)
    for kind, moved in (("robust", 0.1), ("standard", 0.9)):
        shift = np.abs(through(kind, spoilt, values) - through(kind, values, values)).mean()
        assert (shift < 0.1) if kind == "robust" else (shift > moved * 0.7)


def recipe(clean: dict[str, Any], **data: Any) -> Any:
    return recipe_from(
        {
            "task": "table-classification",
            "model": {"config": {"model_type": "accord-ft-transformer", "hidden_size": 8}},
            "data": {
                "agreement": "own", "train": "train.csv", "validation": "other.csv",
                "test": "other.csv", "numeric": ["x", "z"], "label": "y",
                "leakage": {"action": "off"}, **data,
            },
            "clean": clean,
            "train": {"steps": 3, "precision": "fp32"},
            "evaluate": {"resamples": 0, "baseline": False},
        }
    ).recipe  # fmt: skip


def write(folder: Path, far: float = 0.0) -> None:
    for name, shift in (("train", 0.0), ("other", far)):
        with (folder / f"{name}.csv").open("w", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["x", "z", "y"])
            for i in range(40):
                writer.writerow(["" if i % 4 == 2 else i * i + shift, (i * 7) % 11, "ab"[i % 2]])


def rows(dataset: Any, split: str) -> list[dict[str, Any]]:
    return pa.ipc.open_file(dataset.path / f"{split}.arrow").read_all().to_pylist()


def schema(dataset: Any) -> Any:
    return json.loads((dataset.path / "schema.json").read_text())


SCALE = {"by": "yeo-johnson", "columns": {"z": "quantile"}}
FILLED = {"impute": {"indicator": True}, "scale": SCALE}


def test_held_out_rows_teach_nothing_and_people_see_the_numbers_they_know(tmp_path: Path) -> None:
    found: list[Any] = []
    for far in (0.0, 1e6):
        folder = tmp_path / str(far)
        folder.mkdir()
        write(folder, far)
        dataset = prepared(folder, recipe(FILLED))
        found.append((schema(dataset)["numeric"], rows(dataset, "train")))
        assert rows(dataset, "test")[1]["display"] == f"x={1 + far:g}, z=7"
    assert found[0] == found[1]
    train = np.array([row["numeric"] for row in found[0][1]])
    assert np.abs(train[:, :2].mean(0)).max() < 0.3
    by_row = {row["row"]: row["numeric"][2] for row in found[0][1]}
    assert [by_row[i] for i in (1, 2, 6)] == [0.0, 1.0, 1.0]


def test_standard_is_what_the_model_does_anyway(tmp_path: Path, monkeypatch: Any) -> None:
    """The zero: nothing given, or what is done without it."""
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    scores: list[Any] = []
    for number, clean in enumerate(({}, {"scale": {"by": None}}, {"scale": {"by": "standard"}})):
        accord.train(recipe(clean), output=f"run{number}")
        scores.append([a["scores"]["a"] for a in accord.load(f"run{number}").predict(
            [{"x": x, "z": 1} for x in (0, 30, None, 900)])])  # fmt: skip
    assert scores[0] == scores[1]
    assert scores[0] == pytest.approx(scores[2], abs=1e-5)


def test_new_rows_are_scaled_and_told_of_gaps_alike(tmp_path: Path, monkeypatch: Any) -> None:
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    accord.train(recipe(FILLED), output="run")
    model = accord.load("run")
    judged = accord.evaluate("run", data="other.csv")
    found = [json.loads(path.read_text()) for path in Path("run").glob("**/metrics.json")]
    assert judged["metrics"] == found[0]["test"]["metrics"]
    with Path("other.csv").open(newline="") as stream:
        new = list(csv.DictReader(stream))
    dataset = next(Path("run").glob("**/test.arrow")).parent
    table = pa.ipc.open_file(dataset / "test.arrow").read_all().to_pylist()
    guarded = model._guard(new)  # type: ignore[misc]
    encoder = model._encoder
    told = [encoder.encode(row, 0)[0]["numeric"].tolist() for row in guarded]
    assert told == [row["numeric"] for row in table]
    with pytest.raises(AccordError) as caught:
        model.predict([{"z": 3}])
    assert "accord:missing" not in str(caught.value)


@pytest.mark.parametrize(
    ("clean", "data", "said"),
    [
        ({"scale": {"by": "qantile"}}, {}, "quantile"),
        ({"scale": {"columns": {"w": "log"}}}, {}, "data.numeric"),
        ({"impute": {"numeric": None, "indicator": True}}, {}, "indicator"),
    ],
)
def test_mistakes_are_told(clean: Any, data: Any, said: str, tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(AccordError, match=said):
        prepared(tmp_path, recipe(clean, **data))
