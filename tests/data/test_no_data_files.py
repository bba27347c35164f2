"""What lies beside the data in a folder and is none."""

from __future__ import annotations

from pathlib import Path

import fsspec
import pytest

from accord.agreement.assets import locate, locate_model
from accord.errors import DataError
from tests.data.sources import read

NONE = (
    "README",
    "README.md",
    "readme.txt",
    "README.zh-CN.md",
    "LICENSE",
    "LICENSE.txt",
    "LICENSE-MIT",
    "LICENSE-CC-BY-4.0.txt",
    "Licence.md",
    "LICENSE-APACHE.txt",
    "NOTICE",
    "NOTICE.txt",
    "agreement.yaml",
    "agreement.yml",
    ".hidden.txt",
    ".git/notes.txt",
    "part/README.md",
    "part/.gitignore",
)
DATA = ("a.txt", "part/b.txt", "license_plates.txt", "notices.txt", "README.csv")


def _fill(folder: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{name}\n")


def test_a_folder_of_texts(tmp_path: Path) -> None:
    _fill(tmp_path / "texts", (*NONE, *DATA))
    rows, _, _ = read(tmp_path, "texts")
    assert {row["text"] for row in rows} == {name for name in DATA if name.endswith(".txt")}
    asset = locate("texts", tmp_path, "own/train", "train")
    assert {Path(f.path).name for f in asset.files} == {Path(name).name for name in DATA}


def test_a_folder_behind_a_url(tmp_path: Path) -> None:
    _fill(tmp_path, (*NONE, *DATA))
    files = fsspec.filesystem("memory")
    files.put(str(tmp_path), f"/{tmp_path.name}-texts", recursive=True)
    asset = locate(f"memory://{tmp_path.name}-texts", tmp_path, "own/train", "train")
    assert {f.path.rpartition("/")[2] for f in asset.files} == {Path(name).name for name in DATA}


def test_what_is_named_is_read(tmp_path: Path) -> None:
    """A file or a pattern says what is meant; only hidden files need their own name."""
    _fill(tmp_path, NONE)
    assert read(tmp_path, "README.md")[0] == [{"text": "README.md"}]
    assert read(tmp_path, ".hidden.txt")[0] == [{"text": ".hidden.txt"}]
    found = {row["text"] for row in read(tmp_path, "**/*.md")[0]}
    assert found == {"README.md", "README.zh-CN.md", "Licence.md", "part/README.md"}
    assert ".hidden.txt" not in {row["text"] for row in read(tmp_path, "*.txt")[0]}


def test_a_folder_of_none(tmp_path: Path) -> None:
    _fill(tmp_path / "texts", NONE)
    with pytest.raises(DataError) as caught:
        locate("texts", tmp_path, "own/train", "train")
    assert caught.value.code == "data-missing"


def test_models_keep_their_papers(tmp_path: Path) -> None:
    """What a base model is includes the licence beside its weights."""
    _fill(tmp_path / "base", ("config.json", "README.md", "LICENSE"))
    asset = locate_model("base", None, tmp_path, "base")
    assert [Path(f.path).name for f in asset.files] == ["LICENSE", "README.md", "config.json"]
