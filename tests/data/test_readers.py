"""Every reader yields the rows that were written, numbered, and names the ones it cannot read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from accord.data import read_jsonl
from accord.data.read import open_source
from accord.errors import DataError, IntegrityError
from tests.data.sources import csv_text, permit_for, read, recipe

ROWS = [{"text": f'text {i}, "said"\nso', "label": str(i % 2)} for i in range(7)]
HEADER = ("text", "label")


def _table() -> pa.Table:
    return pa.Table.from_pylist(ROWS)


def _write(path: Path) -> None:
    name = path.name
    path.parent.mkdir(exist_ok=True)
    cells = csv_text([HEADER, *(row.values() for row in ROWS)])
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    if ".csv" in name:
        content = cells.encode()
    elif ".jsonl" in name:
        content = lines.encode()
    elif name.endswith(".json"):
        content = json.dumps(ROWS).encode()
    elif name.endswith(".parquet"):
        pq.write_table(_table(), path, row_group_size=3)
        return
    else:
        new = pa.ipc.new_stream if name.endswith(".ipc") else pa.ipc.new_file
        with pa.OSFile(str(path), "wb") as sink, new(sink, _table().schema) as writer:
            writer.write_table(_table(), 3)
        return
    pack = {".gz": gzip.compress, ".zst": pa.Codec("zstd").compress}.get(path.suffix, bytes)
    path.write_bytes(pack(content))


@pytest.mark.parametrize("batch_rows", [1, 3, 2048])
@pytest.mark.parametrize(
    "name",
    ["a.csv", "a.csv.gz", "a.jsonl", "a.jsonl.zst", "a.json", "a.parquet", "a.arrow", "a.ipc"],
)
def test_rows_come_back(tmp_path: Path, name: str, batch_rows: int) -> None:
    _write(tmp_path / name)
    rows, numbers, rejects = read(tmp_path, name, batch_rows)
    assert rows == ROWS
    assert numbers == list(range(7))
    assert rejects == []


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet", "a.arrow", "a.csv.gz"])
def test_rows_of_a_url(tmp_path: Path, name: str) -> None:
    _write(tmp_path / name)
    with fsspec.open(f"memory://{tmp_path.name}/{name}", "wb") as stream:
        stream.write((tmp_path / name).read_bytes())
    assert read(tmp_path, f"memory://{tmp_path.name}/{name}")[0] == ROWS


def test_rows_are_numbered_on_over_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,label\na,0\nragged\nb,1\n")
    (tmp_path / "b.csv").write_text("text,label\nc,0\n")
    rows, numbers, rejects = read(tmp_path, "*.csv")
    assert [row["text"] for row in rows] == ["a", "b", "c"]
    assert numbers == [0, 2, 3]
    assert [r.row for r in rejects] == [1]


cell = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=12)
tables = st.lists(st.tuples(cell, cell, st.integers(0, 4)), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None)
@given(table=tables, batch_rows=st.integers(1, 5))
def test_ragged_rows_are_named(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[tuple[str, str, int]],
    batch_rows: int,
) -> None:
    """A row with a cell too many is given to the sink under its own number; no other is lost."""
    folder = tmp_path_factory.mktemp("csv")
    lines = [(a, b, "more") if kind == 0 else (a, b) for a, b, kind in table]
    (folder / "a.csv").write_text(csv_text([HEADER, *lines]), "utf-8", newline="")
    rows, numbers, rejects = read(folder, "a.csv", batch_rows)
    good = [i for i, row in enumerate(lines) if len(row) == 2]
    assert numbers == good
    assert [(r["text"], r["label"]) for r in rows] == [lines[i] for i in good]
    assert sorted(r.row for r in rejects) == sorted({*range(len(lines))} - {*good})
    assert {r.reason for r in rejects} <= {"ragged-row"}


def test_ragged_rows_of_many_blocks(tmp_path: Path) -> None:
    lines = ["text,label"]
    lines += ["one cell" if i % 97 == 5 else f"text number {i},{i % 2}" for i in range(1000)]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    _, numbers, rejects = read(tmp_path, "a.csv", format={"kind": "csv", "block_bytes": 1024})
    assert [r.row for r in rejects] == list(range(5, 1000, 97))
    assert sorted([*numbers, *(r.row for r in rejects)]) == list(range(1000))


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.txt"])
def test_bytes_that_are_no_text(tmp_path: Path, name: str) -> None:
    content = {
        "a.csv": b"text,label\ngood,0\nb\xffd,1\ngood,0\n",
        "a.jsonl": b'{"text": "good"}\n{"text": "b\xffd"}\n{"text": "good"}\n',
        "a.txt": b"good\nb\xffd\ngood\n",
    }[name]
    (tmp_path / name).write_bytes(content)
    rows, numbers, rejects = read(tmp_path, name)
    assert [row["text"] for row in rows] == ["good", "good"]
    assert numbers == [0, 2]
    assert [(r.row, r.reason) for r in rejects] == [(1, "invalid-utf8")]
    assert "0xff" in rejects[0].detail


def test_tabs_without_a_header(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text('0\tsaid "so\n1\tplain\n')
    named = {"kind": "csv", "columns": ["label", "text"]}
    rows, _, _ = read(tmp_path, "a.tsv", format=named)
    assert rows == [{"label": "0", "text": 'said "so'}, {"label": "1", "text": "plain"}]
    with pytest.raises(DataError, match="2 columns") as caught:
        read(tmp_path, "a.tsv", format=named | {"columns": ["label"]})
    assert caught.value.code == "csv-columns"


@pytest.mark.parametrize("encoding", ["gbk", "utf-8-sig", "utf-16"])
def test_other_encodings(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.csv").write_text("text,label\n好,1\n坏,0\n", encoding)
    asked = "utf-8" if encoding == "utf-8-sig" else encoding
    rows, _, _ = read(tmp_path, "a.csv", format={"kind": "csv", "encoding": asked})
    assert rows == [{"text": "好", "label": "1"}, {"text": "坏", "label": "0"}]


def test_a_wrong_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text,label\n好,1\n".encode("utf-16"))
    with pytest.raises(DataError) as caught:
        read(tmp_path, "a.csv")
    assert caught.value.code == "encoding-wrong"


def test_byte_order_marks(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n', "utf-8-sig")
    (tmp_path / "a.json").write_text('[{"text": "a"}]', "utf-8-sig")
    (tmp_path / "a.txt").write_text("a\n", "utf-8-sig")
    for name in ("a.jsonl", "a.json", "a.txt"):
        assert read(tmp_path, name)[0] == [{"text": "a"}]


def test_broken_lines(tmp_path: Path) -> None:
    lines = ['{"text": "a"}', '{"text": ', "", "[1]", '{"text": "\\ud800"}', '{"text": "b"}']
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    rows, numbers, rejects = read(tmp_path, "a.jsonl")
    assert rows == [{"text": "a"}, {"text": "b"}]
    assert numbers == [0, 4]
    assert [(r.row, r.line) for r in rejects] == [(1, 2), (2, 4), (3, 5)]


def test_a_line_that_is_too_long(tmp_path: Path) -> None:
    """Passed over without being held; the same with blocks of fewer bytes than lines."""
    rows = [{"text": f"row {i} " + "x" * (5000 if i == 2 else 900 * (i == 5))} for i in range(9)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows).rstrip())
    found, numbers, rejects = read(
        tmp_path, "rows.jsonl", format={"kind": "jsonl", "row_bytes": 1024}
    )
    assert numbers == [0, 1, 3, 4, 5, 6, 7, 8] and found == [rows[i] for i in numbers]
    assert [(r.row, r.reason, r.line) for r in rejects] == [(2, "row-too-long", 3)]
    assert "5,018 bytes" in rejects[0].detail and "row_bytes: 5018" in rejects[0].detail
    assert read(tmp_path, "rows.jsonl", format={"kind": "jsonl", "row_bytes": 5018})[0] == rows


def test_blocks_of_lines_are_bounded_in_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_jsonl, "BLOCK_BYTES", 1000)
    rows = [{"text": f"row {i} " + "x" * 300} for i in range(9)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    asked = recipe(train="rows.jsonl")
    blocks = open_source(permit_for(asked, tmp_path), "train", None, sink=lambda _: None)
    assert [len(block.rows) for block in blocks] == [4, 4, 1]


def test_keys_that_some_rows_leave_out(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"text": "a", "label": 1}\n{"text": "b"}\n')
    for batch_rows in (1, 2):
        rows, _, _ = read(tmp_path, "a.jsonl", batch_rows)
        assert rows == [{"text": "a", "label": 1}, {"text": "b", "label": None}]


@pytest.mark.parametrize("values", [[1.0, "a"], [True, "a"], [2**70, 1], [{"a": 1}, "x"]])
def test_values_of_several_kinds(tmp_path: Path, values: list[Any]) -> None:
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"label": v}) + "\n" for v in values))
    rows, _, rejects = read(tmp_path, "a.jsonl")
    assert all(isinstance(row["label"], str) for row in rows)
    assert not rejects and len(rows) == len(values)
    assert rows[0]["label"] in ("1", "True", str(2**70), '{"a": 1}')


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("line", ["one", "two", "three"]),
        ("paragraph", ["one\ntwo", "three"]),
        ("document", ["one\ntwo\n\n\nthree"]),
    ],
)
def test_units_of_text(tmp_path: Path, unit: str, expected: list[str]) -> None:
    (tmp_path / "a.txt").write_text("one\ntwo\n\n\nthree\n")
    rows, numbers, _ = read(tmp_path, "a.txt", format={"kind": "text", "unit": unit})
    assert [row["text"] for row in rows] == expected
    assert numbers == list(range(len(expected)))


@pytest.mark.parametrize("encoding", ["utf-16", "no-such"])
def test_encodings_without_lines(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_text("one\n", "utf-16")
    with pytest.raises(DataError) as caught:
        read(tmp_path, "a.txt", format={"kind": "text", "encoding": encoding})
    assert caught.value.code == "encoding-wrong"


def test_images_in_folders(tmp_path: Path) -> None:
    for label, colour in (("cat", 10), ("dog", 200)):
        folder = tmp_path / "images" / label
        folder.mkdir(parents=True)
        for i in range(2):
            Image.new("L", (4, 4), colour + i).save(folder / f"{i}.png")
        (folder / "notes.txt").write_text("no image")
    rows, numbers, _ = read(tmp_path, "images")
    assert [(row["label"], row["file_name"]) for row in rows] == [
        ("cat", "0.png"),
        ("cat", "1.png"),
        ("dog", "0.png"),
        ("dog", "1.png"),
    ]
    assert rows[0]["image"] == (tmp_path / "images" / "cat" / "0.png").read_bytes()
    assert numbers == [0, 1, 2, 3]


def test_an_unknown_format(tmp_path: Path) -> None:
    (tmp_path / "rows.dat").write_text("text,label\na,0\n")
    with pytest.raises(DataError) as caught:
        read(tmp_path, "rows.dat")
    assert caught.value.code == "format-unknown"
    assert ".csv" in str(caught.value.expected)
    assert read(tmp_path, "rows.dat", format="csv")[0] == [{"text": "a", "label": "0"}]


def test_files_of_several_formats_are_not_lost(tmp_path: Path) -> None:
    for name in ("a.csv", "b.jsonl", "c.jsonl", "notes.txt"):
        _write(tmp_path / "rows" / name)
    with pytest.raises(DataError) as caught:
        read(tmp_path, "rows")
    assert caught.value.code == "format-mixed" and caught.value.got == "1 csv, 2 jsonl"
    assert len(read(tmp_path, "rows", format="csv")[0]) == len(ROWS)
    assert len(read(tmp_path, "rows/*.jsonl")[0]) == 2 * len(ROWS)


@pytest.mark.parametrize(
    "content", [gzip.compress(b"text", mtime=0), b"PK\x03\x04rest", b"PAR1rest"]
)
def test_packed_files_under_another_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.csv").write_bytes(content)
    with pytest.raises(DataError, match="not what its name says") as caught:
        read(tmp_path, "rows.csv")
    assert caught.value.code == "file-unreadable"


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.json", "a.csv.gz", "a.csv.zst"])
@pytest.mark.parametrize("damage", ["cut", "overwritten"])
def test_damaged_files(tmp_path: Path, name: str, damage: str) -> None:
    _write(tmp_path / name)
    content = bytearray((tmp_path / name).read_bytes())
    if damage == "overwritten":
        content[12:40] = b"\x00" * 28 if ".csv" in name else b"\xff" * 28
        content[-8:] = b"\xff" * 8
    (tmp_path / name).write_bytes(content if damage == "overwritten" else content[:-12])
    with pytest.raises(DataError) as caught:
        read(tmp_path, name)
    assert caught.value.code in ("file-unreadable", "encoding-wrong")


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow"])
@pytest.mark.parametrize("cut", [True, False])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, name: str, cut: bool) -> None:
    from accord.agreement.stage import permit_for
    from accord.data.read import open_source
    from tests.data.sources import recipe

    _write(tmp_path / name)
    asked = recipe(train=name)
    blocks = open_source(permit_for(asked, tmp_path), "train", sink=print, batch_rows=2)
    next(blocks)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[:40] if cut else content[:-9] + b"?" + content[-8:])
    with pytest.raises(IntegrityError) as caught:
        list(blocks)
    assert caught.value.code == "data-changed"


def test_a_file_that_changed(tmp_path: Path) -> None:
    from accord.agreement.stage import permit_for
    from accord.data.read import open_source
    from tests.data.sources import recipe

    (tmp_path / "rows.csv").write_text("text,label\na,0\n")
    permit = permit_for(recipe(), tmp_path)
    (tmp_path / "rows.csv").write_text("text,label\na,0\nb,1\n")
    with pytest.raises(IntegrityError) as caught:
        list(open_source(permit, "train", sink=lambda reject: None))
    assert caught.value.code == "data-changed"
