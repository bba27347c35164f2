"""The verbs one after the other, as a user types them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from pyarrow import parquet

from accord import evaluate, load, train
from tests.cli.command import accord

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flow")
    accord("init", "text-classification", "p", folder=folder)
    for name, seed, epochs in (("a", "0", "8"), ("b", "1", "2")):
        found = accord(
            *("train", "p/recipe.yaml", "--output", name, "--json"),
            *("--set", f"train.epochs={epochs}", "--set", f"train.seed={seed}"),
            *("-s", "machine.threads=1"),
            folder=folder,
        )
        assert found.returncode == 0, found.stderr
        summary = json.loads(found.stdout.splitlines()[-1])
        assert summary["status"] == "complete"
    return folder


def test_the_run_directory_is_complete(project: Path) -> None:
    names = {path.name for path in (project / "a").iterdir()}
    assert names >= {"recipe.yaml", "events.jsonl", "model", "predictions.parquet", "summary.json"}
    assert names >= {"report.html", "manifest.json"}


def test_a_finished_run_is_not_overwritten_and_resumes_to_nothing(project: Path) -> None:
    again = ("train", "p/recipe.yaml", "--output", "a")
    changes = ("--set", "train.epochs=8", "--set", "train.seed=0")
    assert accord(*again, *changes, folder=project).returncode == 2
    planned = accord(*again, *changes, "--dry-run", folder=project)
    assert "model (done already)" in planned.stdout, planned.stderr
    before = (project / "a/model/model.safetensors").read_bytes()
    found = accord(*again, *changes, "--resume", folder=project)
    assert found.returncode == 0, found.stderr
    assert (project / "a/model/model.safetensors").read_bytes() == before


@pytest.mark.parametrize("way", ["arguments", "stdin", "csv", "jsonl"])
def test_predictions_are_json_lines_in_order(project: Path, way: str) -> None:
    texts = ["The soup was cold and careless.", "This lamp made me smile."]
    (project / "x.csv").write_text("text\n" + "\n".join(texts) + "\n")
    (project / "x.jsonl").write_text("".join(json.dumps({"text": t}) + "\n" for t in texts))
    given = {
        "arguments": (texts, None),
        "stdin": ([], "\n".join(texts)),
        "csv": (["--file", "x.csv"], None),
        "jsonl": (["--file", "x.jsonl"], None),
    }[way]
    found = accord("predict", "a", *given[0], folder=project, stdin=given[1])
    assert found.returncode == 0, found.stderr
    lines = [json.loads(line) for line in found.stdout.splitlines()]
    assert [set(line["scores"]) for line in lines] == [{"negative", "positive"}] * 2
    assert [line["label"] for line in lines] == ["negative", "positive"]


@pytest.mark.parametrize("form", ["file", "parquet"])
def test_rows_of_a_sealed_file_are_predicted_as_open_ones(
    project: Path, tmp_path: Path, form: str
) -> None:
    accord("vault", "key", "vault.key", folder=tmp_path)
    rows = tmp_path / "rows.csv"
    with rows.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["text"], ["a fine day"], ["a bad, bad day"]])
    key = ("--key", "file:vault.key")
    sealing = ("vault", "seal", "rows.csv", "-a", "own", *key, "--form", form)
    sealed = accord(*sealing, folder=tmp_path)
    assert sealed.returncode == 0, sealed.stderr
    made = next(line.split()[1] for line in sealed.stdout.splitlines() if line[:7] == "sealed ")
    model = str(project / "a")
    plain = accord("predict", model, "--file", "rows.csv", folder=tmp_path)
    found = accord("predict", model, "--file", made, "-a", "own", *key, folder=tmp_path)
    assert found.returncode == 0, found.stderr
    assert found.stdout == plain.stdout
    assert len(found.stdout.splitlines()) == 2
    (tmp_path / "kept.jsonl").write_text("earlier answers")
    into = ("--output", "kept.jsonl")
    unsaid = accord("predict", model, "--file", made, *key, *into, folder=tmp_path)
    assert unsaid.returncode == 2
    assert "--agreement" in unsaid.stderr
    closed = "id: a\nacts: [use]\nencrypted: true\n"
    (tmp_path / "closed.yaml").write_text(closed)
    refused = ("predict", model, "--file", made, "-a", "closed.yaml", *key, *into)
    assert "every copy encrypted" in accord(*refused, folder=tmp_path).stderr
    assert (tmp_path / "kept.jsonl").read_text() == "earlier answers"


def test_a_model_is_judged_on_other_data(project: Path) -> None:
    rows = "text,label\nThis lamp made me smile.,positive\nThe soup was hard to bear.,negative\n"
    (project / "other.csv").write_text(rows)
    arguments = ("evaluate", "a", "--data", "other.csv", "--output", "judged", "--json")
    found = accord(*arguments, folder=project)
    assert found.returncode == 0, found.stderr
    assert json.loads(found.stdout.splitlines()[-1])["rows"] == 2
    assert (project / "judged/metrics.json").is_file()


def test_evaluating_the_test_rows_again_gives_the_same_metrics(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judged rows, written out and read back through `evaluate`, score as in the run."""
    rows = parquet.read_table(project / "a/predictions.parquet").to_pylist()
    with (project / "t.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "label"])
        writer.writerows([r["display"], r["label"]] for r in rows if r["split"] == "test")
    monkeypatch.chdir(project)
    again = evaluate("a", data="t.csv")["metrics"]
    first = json.loads(Path("a/summary.json").read_text("utf-8"))["metrics"]["test"]
    assert abs(again["accuracy"] - first["accuracy"]) < 1e-9, (again, first)
    assert abs(again["log_loss"] - first["log_loss"]) < 1e-4, (again, first)


def test_classes_the_model_does_not_know_are_refused(project: Path) -> None:
    (project / "odd.csv").write_text("text,label\nGood.,positive\nHm.,neutral\n")
    found = accord("evaluate", "a", "--data", "odd.csv", folder=project)
    assert (found.returncode, "error[class-unseen]" in found.stderr) == (2, True), found.stderr


def test_runs_are_compared(project: Path) -> None:
    found = accord("compare", "a", "b", folder=project)
    assert found.returncode == 0, found.stderr
    assert "accuracy" in found.stdout
    assert "train_seconds" in found.stdout
    content = json.loads(accord("compare", "a", "b", "--json", folder=project).stdout)
    assert len(content["runs"]) == 2


def test_the_report_is_written_again(project: Path) -> None:
    (project / "b/report.html").unlink()
    assert accord("report", "b", folder=project).returncode == 0
    assert (project / "b/report.html").stat().st_size > 10_000


def test_from_python(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    changes = ["train.steps=3", "train.epochs=null"]
    run = train("p/recipe.yaml", output="c", set=changes)
    assert (run.summary["status"], run.path) == ("complete", Path("c"))
    assert load(run.path).predict(["fine"])[0]["label"] in ("positive", "negative")
