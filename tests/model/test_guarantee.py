"""A model is private by its own record alone, whole and unchanged."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from accord.artifact import MANIFEST, seal
from accord.model.guarantee import PRIVATE, trained_privately
from accord.terms import FREE


def _made(folder: Path, facts: object) -> Path:
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights")
    if facts is not None:
        (folder / PRIVATE).write_text(json.dumps(facts))
    seal(folder, "model", "0" * 64, (), FREE)
    return folder


def test_a_model_with_its_guarantee_is_private(tmp_path: Path) -> None:
    folder = _made(tmp_path / "m", {"epsilon": 8.0})
    assert trained_privately(folder)
    (folder / f"{MANIFEST}.sig").write_text("of a release")
    assert trained_privately(folder)


@pytest.mark.parametrize(
    "facts", [None, {}, [], {"epsilon": None}, {"epsilon": "8"}, {"epsilon": float("inf")}]
)
def test_without_a_finite_epsilon_it_is_not(facts: object, tmp_path: Path) -> None:
    assert not trained_privately(_made(tmp_path / "m", facts))


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / MANIFEST).unlink(),
        lambda folder: (folder / MANIFEST).write_text("{}"),
        lambda folder: (folder / PRIVATE).unlink(),
        lambda folder: (folder / PRIVATE).write_text('{"epsilon": 1.0}'),
        lambda folder: (folder / "model.safetensors").write_bytes(b"others"),
        lambda folder: (folder / "adapter_model.safetensors").write_bytes(b"more"),
    ],
)
def test_what_was_changed_is_not(change: Callable[[Path], object], tmp_path: Path) -> None:
    folder = _made(tmp_path / "m", {"epsilon": 8.0})
    change(folder)
    assert not trained_privately(folder)


def test_a_guarantee_put_beside_other_weights_is_none(tmp_path: Path) -> None:
    plain = _made(tmp_path / "plain", None)
    (plain / PRIVATE).write_text('{"epsilon": 1.0}')
    assert not trained_privately(plain)
    assert not trained_privately(tmp_path / "nothing")
