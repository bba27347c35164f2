"""Whatever engine prepares the data, the data set is the same to the last byte."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from accord.data import unit as unit_module
from accord.part import find
from accord.testing import EngineContract
from tests.data.engine.cases import CASES, recipe_of
from tests.data.sources import prepared


@pytest.fixture(autouse=True)
def many_units(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 16 rows, most of them read here: data of a few rows are many units."""
    monkeypatch.setattr(unit_module, "SMALL_BYTES", 1500)
    monkeypatch.setattr("accord.data.passes.BATCH_ROWS", 16)
    monkeypatch.setattr("accord.data.passes.IMAGE_ROWS", 16)


def content(folder: Path) -> dict[str, bytes]:
    """Every file of an artifact but the manifest, which says when it was made."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
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


@pytest.mark.parametrize("name", CASES)
def test_in_processes_the_data_set_is_the_same(tmp_path: Path, name: str) -> None:
    same(tmp_path, name, {"kind": "processes", "workers": 2})


@pytest.mark.parametrize("name", CASES)
def test_on_ray_the_data_set_is_the_same(tmp_path: Path, name: str, ray_of_two: Any) -> None:
    same(tmp_path, name, ray_of_two)
