"""A remedy put to the proof on a real table: runs are shared, gone on with, and paired."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

from accord.errors import RecipeError
from accord.proving.prove import Ears, Plan, planned, prove

RECIPE = """
task: table-classification
model:
  config: {model_type: accord-ft-transformer, hidden_size: 16, num_hidden_layers: 1}
data:
  agreement: own
  train: rows.csv
  numeric: [a, b]
  label: kind
train: {epochs: 2, batch_size: 32, learning_rate: 3.0e-3, precision: fp32}
evaluate: {resamples: 0, baseline: false}
machine: {threads: 1, workers: 0}
"""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two measurements of cell nuclei; malignant ones made rare."""
    folder = tmp_path_factory.mktemp("rare")
    tumours = load_breast_cancer()
    rare = [i for i, kind in enumerate(tumours.target) if kind == 0][:40]
    common = [i for i, kind in enumerate(tumours.target) if kind == 1]
    lines = [
        f"{tumours.data[i, 0]},{tumours.data[i, 1]},{'benign' if tumours.target[i] else 'bad'}"
        for i in (*rare, *common)
    ]
    (folder / "rows.csv").write_text("a,b,kind\n" + "\n".join(lines) + "\n")
    path = folder / "recipe.yaml"
    path.write_text(RECIPE)
    return path


def test_weights_raise_the_recall_of_the_rare_class(recipe: Path, tmp_path: Path) -> None:
    told: list[str] = []
    plan = Plan(("balance.inverse",), seeds=3, metric="recall [class=bad]")
    proof = prove(recipe, plan, tmp_path, Ears(tell=told.append))
    assert len(told) == 6
    assert proof.rarest is not None
    assert proof.rarest[0] == "bad"
    assert proof.headline.difference > 0
    written = json.loads((tmp_path / "proof.json").read_text("utf-8"))
    assert written["verdict"] == proof.headline.verdict
    assert written["overlap"] == pytest.approx(proof.interval.overlap)
    assert 0.2 < proof.interval.overlap < 0.35  # 0.2 judged, 0.7 learned from
    page = (tmp_path / "proof.html").read_text("utf-8")
    assert "recall [class=bad]" in page
    assert "<script src" not in page


def test_another_remedy_shares_the_runs_without(recipe: Path, tmp_path: Path) -> None:
    first = prove(recipe, Plan(("balance.inverse",), seeds=2), tmp_path)
    weights = tmp_path / first.runs[0][0] / "model/model.safetensors"
    before = (weights.stat().st_mtime_ns, weights.read_bytes())
    second = prove(recipe, Plan(("balance.effective",), seeds=2), tmp_path)
    assert [pair[0] for pair in first.runs] == [pair[0] for pair in second.runs]
    assert before[1] == weights.read_bytes()
    stages = (tmp_path / first.runs[0][0] / "events.jsonl").read_text("utf-8").splitlines()
    states = [e["state"] for e in map(json.loads, stages) if e.get("stage") == "model"]
    assert states.count("run") == 1
    assert states.count("reuse") == 1


def test_pairs_differ_in_nothing_but_the_remedy(recipe: Path, tmp_path: Path) -> None:
    proof = prove(recipe, Plan(("balance.inverse",), seeds=2), tmp_path)
    rows = []
    for pair in proof.runs:
        made = [tmp_path / run / "predictions.parquet" for run in pair]
        import pyarrow.parquet as pq

        rows += [pq.read_table(path, columns=["row"])["row"].to_pylist() for path in made]
    assert rows[0] == rows[1]
    assert rows[2] == rows[3]
    assert rows[0] != rows[2]


def test_on_the_same_rows_seeds_alone_differ(recipe: Path, tmp_path: Path) -> None:
    plan = Plan(("balance.inverse",), seeds=2, same_rows=True)
    proof = prove(recipe, plan, tmp_path)
    assert proof.interval.overlap == 0
    assert "same rows" in json.loads((tmp_path / "proof.json").read_text("utf-8"))["method"]


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        (Plan(("train.seed=0",), seeds=1), "remedy-idle"),
        (Plan(("balance.inverse",), seeds=0), "arguments-missing"),
        (Plan(("balance.inverse",), jobs=0), "arguments-missing"),
        (Plan(("balance.inverse",), seeds=1, metric="recal"), "metric-unknown"),
    ],
)
def test_mistakes(recipe: Path, tmp_path: Path, plan: Plan, code: str) -> None:
    with pytest.raises(RecipeError) as caught:
        prove(recipe, plan, tmp_path)
    assert caught.value.code == code
    assert len(list((tmp_path / "runs").glob("*"))) <= 1  # of all runs, one at most was made for it


def test_runs_side_by_side_are_the_runs_one_after_the_other(recipe: Path, tmp_path: Path) -> None:
    plan = Plan(("balance.inverse",), seeds=1, jobs=2)
    told: list[str] = []
    proof = prove(recipe, plan, tmp_path / "both", Ears(tell=told.append))
    assert told[0] == "2 runs, 2 at a time"
    assert told[1:3] == ["run 1 of 2: made", "run 2 of 2: made"]
    (_, cured) = planned(recipe, plan, tmp_path / "one")[0]
    apart = tmp_path / "both" / proof.runs[0][1]
    assert cured.make().name == apart.name
    weights = [folder / "model/model.safetensors" for folder in (apart, cured.make())]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    events = [json.loads(line) for line in (apart / "events.jsonl").read_text("utf-8").splitlines()]
    states = [event["state"] for event in events if event.get("stage") == "model"]
    assert states == ["run", "done", "reuse"]  # made by a process, and only asked for here
