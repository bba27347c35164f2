"""No permit, no data: what was swapped, has ended or was given for less stops the run."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import accord
import accord.run
from accord.agreement import stage as agreements
from accord.agreement.ledger.ledger import Ledger
from accord.agreement.signing.key_file import public_path, write_key
from accord.agreement.signing.key_source import read_public
from accord.agreement.signing.keys import new_key
from accord.agreement.signing.signed_file import verify_file
from accord.artifact import open_artifact
from accord.data import opening
from accord.data import stage as preparing
from accord.errors import AgreementError, BudgetError, IntegrityError, RecipeError
from accord.train import lesson as training

ROWS = [{"x": float(i), "y": "yes" if i % 2 else "no"} for i in range(60)]


def _recipe(folder: Path, train: str, agreement: str = "own", **train_section: Any) -> Any:
    return {
        "task": "table-classification",
        "model": {"config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}},
        "data": {"agreement": agreement, "train": train, "numeric": ["x"], "label": "y"},
        "train": {"epochs": 3, "batch_size": 8, "precision": "fp32", **train_section},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }


def _write(path: Path) -> None:
    lines = "x,y\n" + "".join(f"{row['x']},{row['y']}\n" for row in ROWS)
    if path.name.endswith(".csv.gz"):
        path.write_bytes(gzip.compress(lines.encode()))
    elif path.suffix == ".csv":
        path.write_text(lines)
    elif path.suffix == ".jsonl":
        path.write_text("".join(f'{{"x": {r["x"]}, "y": "{r["y"]}"}}\n' for r in ROWS))
    else:
        pq.write_table(pa.Table.from_pylist(ROWS), path, compression="none")


def _swap(path: Path) -> None:
    """Change one byte and nothing else that a size or a parser would notice."""
    content = bytearray(path.read_bytes())
    place = content.rfind(b"no") if path.suffix != ".gz" else 5  # in gzip: its time of writing
    content[place] = content[place] ^ 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.parquet"])
def test_a_swapped_byte_stops_the_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    _write(path)
    # Between the granting of the permit and the first reading.
    monkeypatch.setattr(agreements, "charge", lambda *_, **__: _swap(path))
    with pytest.raises(IntegrityError) as caught:
        accord.train(_recipe(tmp_path, str(path)), output=tmp_path / "run")
    assert caught.value.code == "data-changed" and caught.value.exit_code == 5
    assert not list((tmp_path / "run" / "artifacts").glob("dataset-*"))


def test_a_file_is_compared_again_when_it_was_written_again(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    _write(path)
    from accord.agreement.assets import hashed

    file = hashed(path)
    with opening.open_random(file):
        pass
    _swap(path)
    with pytest.raises(IntegrityError), opening.open_random(file):
        pass


def test_an_agreement_that_ends_while_a_run_goes_on_stops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path / "a.csv")
    (tmp_path / "a.yaml").write_text("acts: [train, evaluate, use]\nuntil: 2999-01-01\n")
    asked = [0]

    class Calendar(date):
        @classmethod
        def today(cls) -> date:
            asked[0] += 1
            return date(2999, 1, 1 if asked[0] < 8 else 2)

    monkeypatch.setattr(training, "date", Calendar)
    recipe = _recipe(tmp_path, str(tmp_path / "a.csv"), str(tmp_path / "a.yaml"))
    with pytest.raises(AgreementError) as caught:
        accord.train(recipe, output=tmp_path / "run")
    assert caught.value.code == "agreement-expired" and caught.value.exit_code == 3
    assert asked[0] == 8, "asked at every step"
    assert not (tmp_path / "run" / "model").exists()


def test_data_for_evaluation_never_reaches_training(tmp_path: Path) -> None:
    _write(tmp_path / "a.csv")
    (tmp_path / "a.yaml").write_text("acts: [evaluate]\n")
    recipe = _recipe(tmp_path, str(tmp_path / "a.csv"), str(tmp_path / "a.yaml"))
    with pytest.raises(AgreementError) as caught:
        accord.train(recipe, output=tmp_path / "run")
    assert caught.value.exit_code == 3


def _used(ledger: Path) -> dict[str, int]:
    with Ledger.open(ledger, access="read") as opened:
        return {a.agreement: opened.balance(a).runs for a in opened.accounts()}


def test_uses_are_counted_before_and_never_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = tmp_path / "ledger.db"
    monkeypatch.setenv("ACCORD_LEDGER", str(ledger))
    _write(tmp_path / "a.csv")
    (tmp_path / "a.yaml").write_text("acts: [train, evaluate, use]\nbudget: {runs: 2}\n")
    recipe = _recipe(tmp_path, str(tmp_path / "a.csv"), str(tmp_path / "a.yaml"))
    seen: list[int] = []
    prepare = preparing.prepare

    def prepared(*args: Any) -> Any:
        seen.append(_used(ledger)["a"])
        return prepare(*args)

    monkeypatch.setattr(preparing, "prepare", prepared)
    accord.train(recipe, output=tmp_path / "one")
    assert seen == [1], "charged before the data were opened"
    accord.train(recipe, output=tmp_path / "one", resume=True)
    assert _used(ledger) == {"a": 1}, "a resumed run is the same run"
    accord.train(recipe, output=tmp_path / "two")
    with pytest.raises(BudgetError) as caught:
        accord.train(recipe, output=tmp_path / "three")
    assert caught.value.exit_code == 4 and _used(ledger) == {"a": 2}
    assert not list((tmp_path / "three" / "artifacts").glob("dataset-*"))


def test_a_capped_privacy_loss_refuses_training_without_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCORD_LEDGER", str(tmp_path / "ledger.db"))
    _write(tmp_path / "a.csv")
    text = "acts: [train, evaluate, use]\nbudget: {epsilon: 3, delta: 1e-5}\n"
    (tmp_path / "a.yaml").write_text(text)
    recipe = _recipe(tmp_path, str(tmp_path / "a.csv"), str(tmp_path / "a.yaml"))
    with pytest.raises(BudgetError) as caught:
        accord.train(recipe, output=tmp_path / "run")
    assert caught.value.code == "budget-unprotected"


def test_a_model_made_here_brings_its_terms_along(tmp_path: Path) -> None:
    """Obligations only accumulate: what binds the base binds what is made of it."""
    lines = "text,y\n" + "".join(f"row number {i},{'yes' if i % 2 else 'no'}\n" for i in range(40))
    (tmp_path / "a.csv").write_text(lines)
    (tmp_path / "nc.yaml").write_text("license: CC-BY-NC-4.0\ntitle: Held\n")
    first: dict[str, Any] = {
        "task": "text-classification",
        "model": {
            "config": {
                "model_type": "bert", "hidden_size": 16, "num_hidden_layers": 1,
                "num_attention_heads": 2, "intermediate_size": 16, "vocab_size": 60,
            }
        },
        "data": {
            "agreement": str(tmp_path / "nc.yaml"), "train": str(tmp_path / "a.csv"),
            "text": "text", "label": "y", "leakage": {"action": "off"},
        },
        "train": {"steps": 2, "batch_size": 8, "precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
        "use": {"commercial": False},
    }  # fmt: skip
    run = accord.train(first, output=tmp_path / "one")
    second = first | {"model": {"base": str(run.path / "model")}}
    second["data"] = first["data"] | {"agreement": "own"}
    grown = accord.train(second, output=tmp_path / "two")
    manifest = open_artifact(grown.path / "model").manifest
    assert [(b.work.id, b.passage) for b in manifest.terms.bonds] == [("nc", "trained")]
    assert [(a["id"], a["license"]) for a in grown.summary["agreements"]][-1] == (
        "nc",
        "CC-BY-NC-4.0",
    )
    with pytest.raises(AgreementError) as caught:
        accord.train(second | {"use": {"commercial": True}}, output=tmp_path / "three")
    assert "nc" in str(caught.value)


def test_withdrawn_records_are_left_out(tmp_path: Path) -> None:
    lines = "id,x,y\n" + "".join(f"r{i},{i},{'yes' if i % 2 else 'no'}\n" for i in range(60))
    (tmp_path / "a.csv").write_text(lines)
    (tmp_path / "gone.txt").write_text("r3\nr10\n\nr999\n")
    text = "acts: [train, evaluate, use]\nwithdrawn: {column: id, file: gone.txt}\n"
    (tmp_path / "a.yaml").write_text(text)
    recipe = _recipe(tmp_path, str(tmp_path / "a.csv"), str(tmp_path / "a.yaml"))
    run = accord.train(recipe, output=tmp_path / "run")
    (removed,) = run.summary["data"]["removed"]
    assert (removed["reason"], removed["rows"]) == ("withdrawn", 2)
    assert sum(run.summary["data"]["rows"].values()) == 58
    # One more is withdrawn: the same recipe makes other data and another model.
    (tmp_path / "gone.txt").write_text("r3\nr10\nr11\n")
    again = accord.train(recipe, output=tmp_path / "again")
    assert sum(again.summary["data"]["rows"].values()) == 57
    (tmp_path / "gone.txt").unlink()
    with pytest.raises(RecipeError):
        accord.train(recipe, output=tmp_path / "other")


@pytest.mark.parametrize("how", ["own", "file", "environment"])
def test_a_permit_is_signed(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    key, place = new_key(), tmp_path / "home" / "accord" / "key.pem"
    if how == "file":
        place = tmp_path / "key.pem"
        write_key(place, key, None)
        monkeypatch.setenv("ACCORD_KEY", str(place))
    elif how == "environment":
        monkeypatch.setenv("ACCORD_KEY", key.secret_pem(None).decode())
    _write(tmp_path / "a.csv")
    run = accord.train(_recipe(tmp_path, str(tmp_path / "a.csv")), output=tmp_path / "run")
    (permit,) = (run.path / "artifacts").glob("permit-*/permit.json")
    public = key.public if how == "environment" else read_public(public_path(place))
    assert verify_file(permit, [public]).signers == (public.id,)
    with pytest.raises(IntegrityError):
        verify_file(permit, [new_key().public])
    permit.write_text(permit.read_text().replace('"own"', '"owm"'))
    with pytest.raises(IntegrityError):
        verify_file(permit, [public])


def test_a_home_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("a file")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    _write(tmp_path / "a.csv")
    run = accord.train(_recipe(tmp_path, str(tmp_path / "a.csv")), output=tmp_path / "run")
    assert not list((run.path / "artifacts").glob("permit-*/permit.json.sig"))
