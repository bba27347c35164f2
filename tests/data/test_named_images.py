"""Images that a table names are opened under the permit, as they were when it was granted."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from accord.agreement.stage import permit_for
from accord.data.reject import Rejects
from accord.data.rows import read_rows
from accord.errors import DataError, IntegrityError
from accord.permit import permit_from_json
from tests.data.sources import accounting, csv_text, prepared, recipe


def _png(value: int) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (6, 4), (value, 0, 0)).save(stream, format="PNG")
    return stream.getvalue()


def _project(folder: Path, more: tuple[str, ...] = (), table: str = "data/rows.csv") -> Any:
    """A recipe over 30 images that a table names, and `more` names."""
    images = folder / "data" / "images"
    images.mkdir(parents=True, exist_ok=True)
    for i in range(30):
        (images / f"{i}.png").write_bytes(_png(i))
    names = [*(f"images/{i}.png" for i in range(30)), *more]
    if table.endswith(".csv"):
        text = csv_text([("file", "label"), *((name, i % 2) for i, name in enumerate(names))])
        (folder / table).write_text(text)
    else:
        rows = [{"file": name, "label": i % 2} for i, name in enumerate(names)]
        pq.write_table(pa.Table.from_pylist(rows), folder / table)
    return _asked(table)


def _asked(train: str, **data: Any) -> Any:
    model = {"config": {"model_type": "vit", "image_size": 8}}
    fields = {"image": "file", "label": "label", "leakage": {"action": "off"}} | data
    return recipe("image-classification", model, train=train, **fields)


@pytest.mark.parametrize("table", ["data/rows.csv", "data/rows.parquet"])
def test_the_permit_names_the_images(tmp_path: Path, table: str) -> None:
    asked = _project(tmp_path, table=table)
    (tmp_path / "data" / "notes.md").write_text("no image")
    permit = permit_for(asked, tmp_path)
    named = permit.files("files")
    assert [Path(file.path).name for file in named] == sorted(f"{i}.png" for i in range(30))
    assert all(file.sha256 and file.size for file in named)
    assert permit_from_json(json.loads(json.dumps(permit.to_json()))) == permit
    before = permit.identity("recipe")
    (tmp_path / "data" / "notes.md").write_text("still none")
    assert permit_for(asked, tmp_path).identity("recipe") == before
    (tmp_path / "data" / "images" / "7.png").write_bytes(_png(200))
    assert permit_for(asked, tmp_path).identity("recipe") != before


def test_tables_of_other_tasks_name_none(tmp_path: Path) -> None:
    _project(tmp_path)
    asked = recipe(train="data/rows.csv", text="file")
    assert permit_for(asked, tmp_path).files("files") == []


def test_an_image_that_changed_is_refused(tmp_path: Path) -> None:
    asked = _project(tmp_path)
    permit = permit_for(asked, tmp_path)
    path = tmp_path / "data" / "images" / "3.png"
    content = bytearray(path.read_bytes())
    content[-5] ^= 1  # of the same size
    path.write_bytes(content)
    with pytest.raises(IntegrityError) as caught, Rejects("skip") as rejects:
        list(read_rows(permit, "train", asked, tmp_path, rejects=rejects))
    assert caught.value.code == "data-changed" and "3.png" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../outside.png", "image-outside"),
        ("images/../../outside.png", "image-outside"),
        ("{root}/outside.png", "image-outside"),
        ("link.png", "image-outside"),
        ("/etc/hostname", "image-outside"),
        ("secret.txt", "image-unpermitted"),
        ("images/.hidden.png", "image-unpermitted"),
        ("images/none.png", "broken-image"),
        ("images", "broken-image"),
        ("x" * 5000, "broken-image"),
        ("a\0b.png", "broken-image"),
    ],
)
def test_what_the_permit_does_not_cover_is_not_opened(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "outside.png").write_bytes(_png(1))
    name = name.format(root=tmp_path)
    asked = _project(tmp_path, (name,), "data/rows.parquet")
    (tmp_path / "data" / "link.png").symlink_to(tmp_path / "outside.png")
    (tmp_path / "data" / "secret.txt").write_bytes(_png(1))
    (tmp_path / "data" / "images" / ".hidden.png").write_bytes(_png(1))
    with pytest.raises(DataError) as caught:
        prepared(tmp_path, asked)
    assert caught.value.code == "bad-row" and "row 30, column 'file'" in str(caught.value)
    skipping = _asked("data/rows.parquet", on_bad_row="skip")
    found = accounting(prepared(tmp_path, skipping, "skipped"))
    assert {e["reason"]: e["rows"] for e in found["removed"]} == {reason: 1}


def test_absolute_paths_inside_are_read(tmp_path: Path) -> None:
    path = str(tmp_path / "data" / "images" / "0.png")
    dataset = prepared(tmp_path, _project(tmp_path, (path,)))
    assert accounting(dataset)["removed"] == []


def test_tables_below_each_other_share_their_images(tmp_path: Path) -> None:
    _project(tmp_path)
    text = csv_text([("file", "label"), *((f"{i}.png", i % 2) for i in range(30))])
    (tmp_path / "data" / "images" / "test.csv").write_text(text)
    asked = _asked("data/rows.csv", test="data/images/test.csv")
    named = permit_for(asked, tmp_path).files("files")
    assert len(named) == 30 == len({file.path for file in named})
    assert accounting(prepared(tmp_path, asked))["rows"]["test"] == 30
