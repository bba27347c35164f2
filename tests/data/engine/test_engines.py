"""Whatever engine prepares the data, the data set is the same to the last byte."""

from __future__ import annotations

import pickle
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from accord.artifact import Artifact
from accord.data import unit as unit_module
from accord.data.engine import guarded
from accord.data.engine.engine import Engine, engine_of
from accord.part import find
from accord.recipe.vault import Vault
from accord.testing import EngineContract
from accord.vault.files import open_to_read
from accord.vault.ring import holding
from accord.vaulting.keys import new_key, service_named
from accord.vaulting.seal import Binding, seal
from tests.data.engine.cases import CASES, recipe_of
from tests.data.sources import prepared

NEEDLES = {"text": (b"film", b"jo.3@", b"rows-1.csv.sealed"), "images": (b"PNG", b"IHDR")}


@pytest.fixture(autouse=True)
def many_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 16 rows, most of them read here: data of a few rows are many units."""
    monkeypatch.setattr(unit_module, "SMALL_BYTES", 1500)
    monkeypatch.setattr("accord.data.passes.BATCH_ROWS", 16)
    monkeypatch.setattr("accord.data.passes.IMAGE_ROWS", 16)


def content(folder: Path) -> dict[str, bytes]:
    """Every file of an artifact, opened, but the manifest, which says when it was made."""
    return {
        str(path.relative_to(folder)): open_to_read(path).read()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


@pytest.fixture(scope="module")
def ray_of_two(tmp_path_factory: pytest.TempPathFactory) -> Generator[Any]:
    """One Ray of this machine for all tests: it takes ten seconds to start."""
    pytest.importorskip("ray")
    hidden = tmp_path_factory.mktemp("hidden")
    # jsonschema, which Ray imports, imports this if it is there; it takes five seconds to.
    (hidden / "rfc3987_syntax.py").write_text("raise ImportError")
    spec = {"kind": "ray", "workers": 2}
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(hidden)
        patch.setenv("PYTHONPATH", str(hidden))
        part = find("engine", "ray")
        with part(part.spec.model_validate(spec)):
            yield spec


def same(folder: Path, name: str, engine: Any) -> None:
    here = prepared(folder, recipe_of(folder, name, None), "here")
    there = prepared(folder, recipe_of(folder, name, engine), "there")
    assert content(here.path) == content(there.path)
    assert here.manifest.digest == there.manifest.digest


class TestHere(EngineContract):
    part = find("engine", "here")


class TestProcesses(EngineContract):
    part = find("engine", "processes")
    options: ClassVar = {"workers": 2}


@pytest.mark.usefixtures("ray_of_two")
class TestRay(EngineContract):
    part = find("engine", "ray")
    options: ClassVar = {"workers": 2}


class Recording:
    """An engine that notes every byte which passes through it."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.noted = engine, bytearray()

    def __enter__(self) -> Engine:
        self.engine.__enter__()
        return self

    def __exit__(self, *told: Any) -> None:
        self.engine.__exit__(*told)

    def _note(self, content: Any) -> Any:
        self.noted += pickle.dumps(content)
        return content

    def map(self, work: Any, units: Any) -> Iterator[Any]:
        yield from map(self._note, self.engine.map(self._note(work), map(self._note, units)))


def carried(folder: Path, name: str, spec: Any, patch: pytest.MonkeyPatch) -> list[bytes]:
    """All that passes within this process, and through an engine, of sealed data."""
    (folder / "plain").mkdir()
    asked = recipe_of(folder / "plain", name, None)
    new_key(folder / "key")
    service = service_named(f"file:{folder / 'key'}")
    for path in sorted((folder / "plain").iterdir()):
        seal(path, service, Binding("own"), output=folder / f"{path.name}.sealed", remove=True)
    train = asked.data.train if isinstance(asked.data.train, tuple) else (asked.data.train,)
    vault = Vault.model_validate({"key": "file:key"})
    told = {"train": tuple(f"{one}.sealed" for one in train), "vault": vault}
    recordings = [Recording(engine_of(None)), Recording(engine_of(_spec(spec)))]
    patch.setattr(guarded, "engine_of", lambda spec: recordings[spec is not None])
    made: list[Artifact] = []
    with holding(service):
        for engine in (None, _spec(spec)):
            data = asked.data.model_copy(update=told | {"engine": engine})
            own = asked.model_copy(update={"data": data})
            made.append(prepared(folder, own, f"run-{len(made)}"))
        assert content(made[0].path) == content(made[1].path)
    return [bytes(one.noted) for one in recordings]


def _spec(value: Any) -> Any:
    return find("engine", value["kind"]).spec.model_validate(value)


@pytest.mark.parametrize("name", ["text", "images"])
def test_of_sealed_data_processes_are_given_ciphertext(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = carried(tmp_path, name, {"kind": "processes", "workers": 2}, monkeypatch)
    for piece in NEEDLES[name]:
        assert piece in here and piece not in there
    assert len(there) > len(here) / 2


def test_of_sealed_data_ray_is_given_ciphertext(
    tmp_path: Path, ray_of_two: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ray._private import worker

    here, there = carried(tmp_path, "text", ray_of_two, monkeypatch)
    for piece in NEEDLES["text"]:
        assert piece in here and piece not in there
    session = Path(worker.global_worker.node.get_session_dir_path())
    logs = [path for path in session.rglob("*") if path.is_file()]
    assert any(path.name.startswith("worker-") for path in logs)
    key = (tmp_path / "key").read_bytes().strip()
    assert not any(b in path.read_bytes() for path in logs for b in (*NEEDLES["text"], key))


@pytest.mark.parametrize("name", CASES)
def test_in_processes_the_data_set_is_the_same(tmp_path: Path, name: str) -> None:
    same(tmp_path, name, {"kind": "processes", "workers": 2})


@pytest.mark.parametrize("name", CASES)
def test_on_ray_the_data_set_is_the_same(tmp_path: Path, name: str, ray_of_two: Any) -> None:
    same(tmp_path, name, ray_of_two)
