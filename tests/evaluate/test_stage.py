"""The stage end to end: a small table model on a small prepared data set."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from accord.artifact import Store
from accord.batch import PreparedSplit
from accord.errors import Interrupted, ModelError
from accord.evaluate.predictions import read_predictions
from accord.evaluate.stage import evaluate
from accord.events import Log
from accord.metric.score import score
from accord.model.load import load_model
from accord.model.save import save_model
from accord.objective.collect import collect_scores
from accord.recipe.context import Context
from accord.recipe.data import Data
from accord.recipe.evaluate import Evaluate
from accord.recipe.machine import Machine
from accord.recipe.model import Model
from accord.recipe.train import Train
from accord.recipe.tree import Recipe

ROWS = {"train": 60, "validation": 30, "test": 50}
SCHEMA = {
    "task": "table-classification",
    "problem": "single-label",
    "modality": "table",
    "labels": ["no", "yes"],
    "max_tokens": 8,
    "pad_id": None,
    "numeric": [{"name": n, "mean": 0.0, "std": 1.0, "median": 0.0} for n in ("a", "b")],
    "categorical": [{"name": "c", "values": ["x", "y"]}],
    "target": None,
    "image": None,
    "slices": ["source"],
    "columns": {},
    "rows": ROWS,
}


def split_table(rows, seed):
    rng = np.random.default_rng(seed)
    numeric = rng.normal(size=(rows, 2)).astype("f4")
    return pa.table(
        {
            "row": rng.permutation(rows),
            "numeric": pa.array(numeric.tolist(), pa.list_(pa.float32())),
            "categorical": pa.array(rng.integers(0, 3, (rows, 1)).tolist(), pa.list_(pa.int32())),
            "label": pa.array((numeric[:, 0] > 0).astype(int), pa.int32()),
            "display": [f"row {i}" for i in range(rows)],
            "slice:source": ["web" if i % 3 else "mail" for i in range(rows)],
        }
    )


@pytest.fixture
def flow(tmp_path):
    """Recipe, inputs and context of the stage, with an untrained model."""
    store = Store(tmp_path / "artifacts")
    with store.create("dataset", "d" * 64) as folder:
        (folder / "schema.json").write_text(json.dumps(SCHEMA))
        for seed, (name, rows) in enumerate(ROWS.items()):
            table = split_table(rows, seed)
            with pa.ipc.new_file(folder / f"{name}.arrow", table.schema) as sink:
                sink.write_table(table)
    recipe = Recipe(
        task="table-classification",
        model=Model(),
        data=Data(agreement="own", train="t.csv", numeric=("a", "b"), label="y"),
        train=Train(precision="fp32"),
        evaluate=Evaluate(slices=("source",), resamples=50),
        machine=Machine(device="cpu", threads=1),
    )
    model = load_model(recipe.model, SCHEMA, task=recipe.task, seed=0, base=tmp_path)
    with store.create("model", "m" * 64) as folder:
        facts = {"task": recipe.task, "adapter": {"kind": "full"}}
        save_model(model, folder, schema=SCHEMA, tokenizer_folder=tmp_path / "none", facts=facts)
    inputs = {kind: store.find(kind, kind[0] * 64) for kind in ("dataset", "model")}
    context = Context(tmp_path, tmp_path, store, "e" * 64, Log(), lambda: False)
    return recipe, inputs, context


def test_writes_everything_and_agrees_with_itself(flow):
    recipe, inputs, context = flow
    made = evaluate(recipe, inputs, context)
    metrics, curves = made.read_json("metrics.json"), made.read_json("curves.json")
    assert set(metrics) == set(curves) == {"validation", "test"}
    test = metrics["test"]
    assert set(test["intervals"]["accuracy"]) and test["rows"] == 50
    assert sum(s["rows"] for s in test["slices"]["source"].values()) == 50
    assert curves["test"]["roc"]["yes"]["area"] == pytest.approx(test["metrics"]["roc_auc"])
    table = pq.read_table(made.file("predictions.parquet"))
    assert table.num_rows == 80
    assert {"split", "row", "label", "prediction", "score_no", "score_yes", "loss", "display",
            "slice:source"} <= set(table.column_names)  # fmt: skip
    read = read_predictions(made.file("predictions.parquet"), "test")
    again = score(read.problem, read.labels, read.columns)
    for name, value in test["metrics"].items():
        assert again[name] == pytest.approx(value), name
    assert made.read_json("baseline.json")["metrics"]["accuracy"] > 0.8
    assert set(made.manifest.parents) == {i.manifest.digest for i in inputs.values()}


def test_rows_keep_their_order_and_batches_change_nothing(flow):
    _, inputs, _ = flow
    from accord.model.load import load_trained
    from accord.part import find

    part = find("objective", "single-label")
    objective = part(part.spec(), label_smoothing=0.0, schema=SCHEMA)
    split = PreparedSplit(inputs["dataset"].path, "test")
    model = load_trained(inputs["model"].path).train()

    def collected(tokens, **options):
        return collect_scores(
            model,
            objective,
            split,
            SCHEMA,
            device=torch.device("cpu"),
            autocast=lambda: torch.autocast("cpu", enabled=False),
            batch_tokens=tokens,
            interrupted=options.get("interrupted", lambda: False),
        )

    one, many = collected(10**6), collected(9)
    assert (one["row"] == split.table["row"].to_numpy()).all()
    assert (many["row"] == one["row"]).all()
    assert np.allclose(one["scores"], many["scores"], atol=1e-6)
    assert model.training, "the mode is put back"
    with pytest.raises(Interrupted):
        collected(9, interrupted=lambda: True)


def test_two_runs_of_the_stage_give_the_same_bytes(flow):
    recipe, inputs, context = flow
    first = evaluate(recipe, inputs, context).manifest.digest
    assert evaluate(recipe, inputs, context).manifest.digest == first


def test_a_diverged_model_is_named(flow, monkeypatch):
    recipe, inputs, context = flow
    from accord.evaluate import stage

    loaded = stage.load_trained

    def broken(folder):
        model = loaded(folder)
        for weight in model.parameters():
            weight.data.fill_(float("nan"))
        return model

    monkeypatch.setattr(stage, "load_trained", broken)
    with pytest.raises(ModelError) as error:
        evaluate(recipe, inputs, context)
    assert error.value.code == "scores-not-finite"


def test_without_baseline_no_baseline(flow):
    recipe, inputs, context = flow
    spec = recipe.evaluate.model_copy(update={"baseline": False, "resamples": 0})
    made = evaluate(recipe.model_copy(update={"evaluate": spec}), inputs, context)
    assert "baseline.json" not in made.manifest.files
    assert made.read_json("metrics.json")["test"]["intervals"] == {}
