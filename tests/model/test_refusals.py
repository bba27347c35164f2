"""What is refused as a model: pickles, damaged files, code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch

from accord.errors import AccordError, IntegrityError, ModelError
from accord.model.load import load_model, load_trained
from accord.recipe.model import Model
from tests.model.schemas import new_model, saved, schema_for

TASK = "text-classification"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return saved(TASK, tmp_path / "m", new_model(TASK))


def _load(folder: Path) -> torch.nn.Module:
    spec = Model(base=str(folder))
    return load_model(spec, schema_for(TASK), task=TASK, seed=0, base=folder)


def _code(kind: type[AccordError], folder: Path) -> str:
    with pytest.raises(kind) as caught:
        _load(folder)
    return caught.value.code


def test_it_loads_as_it_is(folder: Path) -> None:
    assert isinstance(_load(folder), torch.nn.Module)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "weights.ckpt"])
def test_a_pickle_is_never_opened(folder: Path, name: str, tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (Path.touch, (tmp_path / "exploded",))  # type: ignore[return-value]

    torch.save(Bomb(), folder / name)
    (folder / "model.safetensors").unlink()
    assert _code(ModelError, folder) == "model-pickle"
    with pytest.raises(ModelError, match="pickle"):
        load_trained(folder)
    assert not (tmp_path / "exploded").exists()


@pytest.mark.parametrize("cut", [0, 4, 8, 100, -1, -1000])
def test_a_truncated_file_is_damaged(folder: Path, cut: int) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:cut])
    assert _code(IntegrityError, folder) == "model-damaged"
    with pytest.raises(IntegrityError):
        load_trained(folder)


def test_bytes_past_the_end_are_damage(folder: Path) -> None:
    with (folder / "model.safetensors").open("ab") as stream:
        stream.write(b"x")
    assert _code(IntegrityError, folder) == "model-damaged"


def _edit(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **values}), "utf-8")


def test_code_of_a_repository_is_refused(folder: Path) -> None:
    _edit(folder, model_type="my-own", auto_map={"AutoModel": "modeling.Mine"})
    (folder / "modeling.py").write_text("raise SystemExit('this ran')\n")
    assert _code(ModelError, folder) == "model-code"


def test_a_known_architecture_ignores_the_code_beside_it(folder: Path) -> None:
    auto = {"AutoModelForSequenceClassification": "modeling.Mine"}
    _edit(folder, auto_map=auto)
    (folder / "modeling.py").write_text("raise SystemExit('this ran')\n")
    model = _load(folder)
    assert "auto_map" not in model.config.to_dict()  # type: ignore[operator, union-attr]


def test_weights_of_another_model_are_refused(folder: Path) -> None:
    _edit(folder, hidden_size=64)
    assert _code(ModelError, folder) in ("model-weights", "model-build")


def test_an_empty_folder_is_no_model(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    assert _code(ModelError, folder) == "model-missing"
    shutil.rmtree(folder)
    assert _code(ModelError, folder) == "model-missing"
