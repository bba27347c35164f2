"""Folders that `save_to_disk` wrote and that were sealed are read as the plain ones."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from accord.errors import AccordError, DataError, IntegrityError
from accord.vault.ring import holding
from accord.vaulting.keys import new_key, service_named
from accord.vaulting.opened import open_to
from accord.vaulting.seal import Binding, seal
from tests.data.sources import read

datasets: Any = pytest.importorskip("datasets")
NAMES = ["rude", "kind"]


def _rows(name: str) -> Any:
    """Enough rows that shards, were they taken by name, would be in another order."""
    features = datasets.Features(
        text=datasets.Value("string"), label=datasets.ClassLabel(names=NAMES)
    )
    rows = {"text": [f"{name} soup {i}" for i in range(36)], "label": [i % 2 for i in range(36)]}
    return datasets.Dataset.from_dict(rows, features=features)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Plain and sealed: one set in shards, and one of two splits."""
    folder = tmp_path_factory.mktemp("saved")
    new_key(folder / "key")
    _rows("good").save_to_disk(str(folder / "one"), num_shards=3)
    both = {"train": _rows("good"), "held": _rows("dull")}
    datasets.DatasetDict(both).save_to_disk(str(folder / "two"))
    for name in ("one", "two"):
        seal(folder / name, service_named(f"file:{folder / 'key'}"), Binding("own"))
    return folder


def rows_of(place: Path, name: str, **data: Any) -> tuple[list[dict[str, Any]], list[int]]:
    with holding(service_named(f"file:{place / 'key'}")):
        rows, numbers, rejects = read(place, name, **data)
    assert not rejects
    return rows, numbers


@pytest.mark.parametrize(
    ("sealed", "plain"),
    [
        ("one.sealed", "one"),
        ("two.sealed", "two"),
        ("two.sealed@held", "two@held"),
        ("two.sealed/held", "two/held"),
    ],
)
def test_sealed_sets_read_as_plain_ones(place: Path, sealed: str, plain: str) -> None:
    found = rows_of(place, sealed)
    assert found == rows_of(place, plain)
    assert len(found[0]) == 36 and {row["label"] for row in found[0]} == set(NAMES)
    assert not any(b"soup" in p.read_bytes() for p in place.glob("*.sealed/**/*") if p.is_file())


def test_they_are_opened_as_they_were(place: Path, tmp_path: Path) -> None:
    key = service_named(f"file:{place / 'key'}")
    open_to(place / "two.sealed", key, "own", str(tmp_path / "again"))
    again = datasets.load_from_disk(str(tmp_path / "again"))
    assert again["held"][:] == _rows("dull")[:] and again["held"].features["label"].names == NAMES


@pytest.mark.parametrize("name", ["two@nowhere", "two.sealed@nowhere"])
def test_a_split_that_is_not_there_is_told(place: Path, name: str) -> None:
    with pytest.raises(DataError) as caught:
        rows_of(place, name)
    assert caught.value.code == "dataset-missing" and "train, held" in str(caught.value)


def _moved(folder: Path) -> None:
    first, last = (folder / f"data-0000{n}-of-00003.arrow.sealed" for n in (0, 2))
    first.rename(folder / "aside")
    last.rename(first)
    (folder / "aside").rename(last)


def _lost(folder: Path) -> None:
    (folder / "data-00001-of-00003.arrow.sealed").unlink()


def _unnamed(folder: Path) -> None:
    (folder / "dataset_info.json.sealed").unlink()


def _plain(folder: Path) -> None:
    (folder / "state.json.sealed").write_text('{"_data_files": []}')


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_moved, IntegrityError),
        (_lost, IntegrityError),
        (_unnamed, IntegrityError),
        (_plain, IntegrityError),
    ],
)
def test_what_is_missing_or_moved_is_told(
    place: Path, tmp_path: Path, change: Any, kind: type[AccordError]
) -> None:
    shutil.copytree(place / "one.sealed", tmp_path / "one.sealed")
    shutil.copy(place / "key", tmp_path / "key")
    change(tmp_path / "one.sealed")
    with pytest.raises(kind):
        rows_of(tmp_path, "one.sealed")


def test_the_form_of_parquet_is_refused(place: Path) -> None:
    key = service_named(f"file:{place / 'key'}")
    with pytest.raises(AccordError) as caught:
        seal(place / "two", key, Binding("own"), form="parquet", output=place / "parquet")
    assert caught.value.code == "arguments-conflict" and not (place / "parquet").exists()
