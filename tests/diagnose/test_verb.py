"""`accord diagnose` as a user meets it: found, written, remedied; refused; charged."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

import accord
from accord.agreement.ledger.ledger import Ledger
from accord.diagnosing import apply, diagnose_recipe
from accord.errors import RecipeError
from accord.events import Log
from accord.recipe.load import load_recipe
from accord.report.html import write_report
from tests.cli.command import accord as command
from tests.cli.command import python
from tests.diagnose.test_planted import NUMERIC, holes, imbalance, numbered, tumours
from tests.laws.private_runs import lay_out
from tests.laws.private_runs import recipe as private_recipe
from tests.report.made import make_run

RECIPE = f"""\
# Tumours, as measured
task: table-classification
model:
  config: {{model_type: accord-ft-transformer, hidden_size: 8, num_hidden_layers: 1}}
data:
  agreement: own
  train: rows.csv       # all of them
  numeric: [{", ".join(NUMERIC)}]
  label: label

train: {{epochs: 5, batch_size: 8}}   # quick
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    import csv

    rows = holes(numbered(imbalance(tumours())))
    rows += rows[:40]
    with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    path = tmp_path / "recipe.yaml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def test_found_written_and_remedied(recipe: Path) -> None:
    recipe.chmod(0o640)
    done = command("diagnose", recipe, "--apply", "--json", folder=recipe.parent)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    found = {one["problem"]: one for one in told["findings"] if one["status"] == "found"}
    assert {"imbalance", "columns", "missing", "duplicates"} <= set(found)
    assert set(told["applied"]["problems"]) <= set(found)
    text = recipe.read_text("utf-8")
    for comment in ("# Tumours, as measured", "# all of them", "# quick"):
        assert comment in text
    assert stat.S_IMODE(recipe.stat().st_mode) == 0o640
    written = load_recipe(recipe).recipe
    assert written.balance.weights is not None
    # What never changes, names rows and is missing: what two problems take out of one list.
    assert set(NUMERIC) - set(written.data.numeric) == {"x0", "x1", "x4"}
    again = command("diagnose", recipe, "--apply", "--json", folder=recipe.parent)
    after = json.loads(again.stdout.splitlines()[-1])
    now = {one["problem"]: one["status"] for one in after["findings"]}
    assert {now[name] for name in told["applied"]["problems"]} <= {"remedied", "fine"}
    assert after["applied"]["diff"] == ""
    assert recipe.read_text("utf-8") == text
    page = (recipe.parent / "diagnoses/recipe/diagnosis.html").read_text("utf-8")
    assert "Imbalance" in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_problems_by_name_alone(recipe: Path) -> None:
    found = accord.diagnose(recipe, ["imbalance", "missing"], apply=True)
    assert [one.problem for one in found.findings] == ["imbalance", "missing"]
    written = load_recipe(recipe).recipe
    assert written.balance.weights is not None
    assert written.clean.duplicates is None
    wrong = command("diagnose", recipe, "imbalanse", folder=recipe.parent)
    assert wrong.returncode == 2
    assert "did you mean 'imbalance'?" in wrong.stderr


def test_a_recipe_changed_meanwhile_stays(recipe: Path) -> None:
    loaded = load_recipe(recipe)
    found = diagnose_recipe(loaded, ("imbalance",))
    recipe.write_text("broken: [", encoding="utf-8")
    with pytest.raises(RecipeError):
        apply(found, loaded)
    assert recipe.read_text("utf-8") == "broken: ["
    assert [p.name for p in recipe.parent.glob(".*")] == []


def test_what_the_environment_gave_is_not_written_down(
    recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROWS", "x0")
    recipe.write_text(RECIPE.replace("[x0,", '["${ROWS}",'), encoding="utf-8")
    loaded = load_recipe(recipe)
    with pytest.raises(RecipeError, match="environment"):
        apply(diagnose_recipe(loaded, ("columns",)), loaded)


def test_overrides_are_not_written(recipe: Path) -> None:
    done = command("diagnose", recipe, "--apply", "--set", "train.epochs=3", folder=recipe.parent)
    assert done.returncode == 2
    assert "exclude each other" in done.stderr


def test_an_access_is_charged(
    recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    terms = "acts: [train, evaluate, use]\nbudget: {accesses: 2}\n"
    (tmp_path / "terms.yaml").write_text(terms, encoding="utf-8")
    recipe.write_text(RECIPE.replace("own", "terms.yaml"), encoding="utf-8")
    found = accord.diagnose(recipe, "imbalance")
    assert found.rows["train"] > 0
    with Ledger.open(tmp_path / "ledger.db", access="read") as ledger:
        (account,) = ledger.accounts()
        assert (ledger.balance(account).accesses, ledger.balance(account).runs) == (1, 0)
    accord.diagnose(recipe, "licence")  # opens nothing
    left = accord.diagnose(recipe, "privacy-budget").findings[0]
    assert left.status == "found"
    assert left.figures[0].value == 1
    done = command("diagnose", recipe, "imbalance", folder=tmp_path)
    assert done.returncode == 4, "the last access is kept for the run"
    assert "not opened" in done.stdout
    assert "error[budget-accesses]" in done.stderr
    with Ledger.open(tmp_path / "ledger.db", access="read") as ledger:
        assert ledger.balance(account).accesses == 1


def test_a_look_at_a_private_run_is_an_access_and_no_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    place = lay_out(tmp_path)
    budget = "budget: {epsilon: 2, delta: 1.0e-4, accesses: 3, runs: 1}\n"
    (place / "a.yaml").write_text(f"acts: [train, evaluate, use]\n{budget}", encoding="utf-8")
    made = private_recipe(place, str(place / "a.yaml"), epsilon=1.0)
    assert accord.diagnose(made, "imbalance").rows["train"] == 160
    with Ledger.open(tmp_path / "ledger.db", access="read") as ledger:
        (account,) = ledger.accounts()
        balance = ledger.balance(account)
        assert (balance.accesses, balance.charged, balance.unprotected) == (1, (), 0)
        assert balance.runs == 0, "the one run is still to come"
    made.pop("privacy")
    assert "no privacy plan" in str(accord.diagnose(made, "imbalance").refused)


def test_without_a_permit_nothing_is_opened(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "terms.yaml").write_text("acts: [evaluate]\n", encoding="utf-8")
    recipe.write_text(RECIPE.replace("own", "terms.yaml"), encoding="utf-8")
    (tmp_path / "rows.csv").unlink()
    done = command("diagnose", recipe, "--json", folder=tmp_path)
    assert done.returncode == 3
    told = json.loads(done.stdout.splitlines()[-1])
    by_name = {one["problem"]: one for one in told["findings"]}
    assert by_name["licence"]["status"] == "found"
    assert by_name["imbalance"]["status"] == "not looked at"


def test_no_tensor_library_is_loaded(recipe: Path) -> None:
    code = (
        "import sys, accord\n"
        "accord.diagnose('recipe.yaml')\n"
        "print([n for n in ('torch', 'transformers') if n in sys.modules])"
    )
    assert python(code, recipe.parent).stdout.strip() == "[]"


def test_the_page_says_nothing_of_rows_and_escapes_names(tmp_path: Path) -> None:
    rows = ["text,label"]
    rows += [f"the secret tale number {i} of a film,{'<b>a</b>' if i % 9 else 'b'}"
             for i in range(200)]  # fmt: skip
    (tmp_path / "rows.csv").write_text("\n".join(rows), encoding="utf-8")
    data = {"agreement": "own", "train": str(tmp_path / "rows.csv"), "text": "text"}
    tree = {
        "task": "text-classification",
        "model": {"base": "m", "agreement": "own"},
        "data": data | {"label": "label"},
    }
    run = make_run(tmp_path / "run", "binary")
    found = accord.diagnose(tree, ["imbalance", "label-noise", "labels", "duplicates"], output=run)
    assert found.found
    page = (run / "diagnosis.html").read_text("utf-8")
    report = write_report(run).read_text("utf-8")
    assert 'href="diagnosis.html"' in report
    assert "secret tale" not in report
    assert "secret tale" not in page
    assert "<b>a</b>" not in page
    assert "&lt;b&gt;a" in page


def test_a_loss_that_has_risen_in_a_run_is_measured(recipe: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    log = Log(run / "events.jsonl")
    for step, loss in ((10, 0.9), (20, 0.5), (30, 0.7)):
        log.emit("evaluate", step=step, metrics={"loss": loss})
    log.close()
    found = accord.diagnose(recipe, "overfitting", output=run).findings[0]
    assert found.status == "found"
    assert found.figures[0].value == pytest.approx(0.4)
    assert found.remedy is not None
    assert found.remedy.patch == {"train": {"early_stopping": {"patience": 3}}}
