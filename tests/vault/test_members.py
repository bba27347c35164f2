"""A file that is gone from a sealed folder: told wherever the folder is read, by its name."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import fsspec
import pytest

from accord.errors import IntegrityError, exit_status
from accord.vault.envelope import read_envelope
from accord.vault.members import Taken, sealed_folders
from accord.vault.ring import holding
from accord.vaulting import seal as sealing
from accord.vaulting.keys import new_key, service_named
from accord.vaulting.opened import open_to, rotate, show, verify
from accord.vaulting.seal import Binding, seal
from tests.data.sources import read

GONE = "b/two.csv.sealed"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Three files in a sealed folder, which is all there."""
    new_key(tmp_path / "k1")
    for name in ("a/one.csv", "b/two.csv", "b/three.csv"):
        file = tmp_path / "data" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"text,label\n{name} soup,yes\n")
    seal(tmp_path / "data", service_named(f"file:{tmp_path / 'k1'}"), Binding("own"), remove=True)
    return tmp_path


def count(place: Path, name: str, key: str = "k1") -> int:
    with holding(service_named(f"file:{place / key}")):
        return len(read(place, name)[0])


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(IntegrityError) as caught:
        work()
    assert caught.value.code == "vault-incomplete" and exit_status(caught.value) == 5
    return str(caught.value.got)


def test_a_pattern_looks_into_no_folder_that_it_does_not_lead_through(place: Path) -> None:
    def seen(*pattern: str) -> list[str]:
        found = sealed_folders(Taken(str(place), frozenset(), pattern))
        return [folder.name for folder in found if place in folder.parents]

    assert seen("*.csv") == seen("other", "*") == []
    assert seen("*", "*.sealed") == seen("**", "t*") == seen("data.*", "b", "t*") == ["data.sealed"]


def test_a_missing_file_is_named_wherever_it_would_be_read(place: Path) -> None:
    key = service_named(f"file:{place / 'k1'}")
    assert count(place, "data.sealed") == 3
    (place / "data.sealed" / GONE).unlink()
    for source in ("data.sealed", "data.sealed/b", "data.sealed/*/*.sealed", "data.sealed/**/t*"):
        assert GONE in refused(lambda source=source: count(place, source))
    for source in ("data.sealed/a", "data.sealed/*/*e.csv.sealed", "data.sealed/a/one.csv.sealed"):
        assert count(place, source)
    assert GONE in refused(lambda: open_to(place / "data.sealed", key, "own", str(place / "open")))
    assert not (place / "open").exists()
    assert GONE in refused(lambda: verify(place / "data.sealed", key))
    assert show(place / "data.sealed").missing == (GONE,)
    new_key(place / "k2")
    rotate([place / "data.sealed"], key, service_named(f"file:{place / 'k2'}"))
    assert GONE in refused(lambda: count(place, "data.sealed", "k2"))
    for file in (place / "data.sealed").rglob("*.sealed"):
        file.unlink()
    assert "a/one.csv.sealed" in refused(lambda: verify(place / "data.sealed", key))


def test_the_list_is_bound_to_the_envelope(place: Path) -> None:
    folder, listed = place / "data.sealed", place / "data.sealed" / "vault.members"
    (folder / GONE).unlink()
    names = [name for name in json.loads(listed.read_text())["files"] if name != GONE]
    listed.write_text(json.dumps({"files": names}))
    with pytest.raises(IntegrityError, match="list of the folder's files was changed"):
        count(place, "data.sealed")
    edited = json.loads((folder / "vault.envelope").read_text())
    edited["members"] = hashlib.sha256(listed.read_bytes()).hexdigest()
    for changed in (edited, {k: v for k, v in edited.items() if k != "members"}):
        (folder / "vault.envelope").write_text(json.dumps(changed))
        with pytest.raises(IntegrityError, match="vault-changed"):
            count(place, "data.sealed")
    listed.unlink()
    (folder / "vault.envelope").write_text(json.dumps(edited))
    assert "vault.members" in refused(lambda: count(place, "data.sealed"))


def test_in_a_store_elsewhere_it_is_told_as_well(place: Path) -> None:
    """Nothing there is looked at before the key is asked for."""
    store = fsspec.filesystem("memory")
    for file in (place / "data.sealed").rglob("*"):
        if file.is_file() and file.name != "two.csv.sealed":
            store.pipe(f"/vault/{file.relative_to(place / 'data.sealed')}", file.read_bytes())
    for source in ("memory://vault", "memory://vault/", "memory://vault/*/*.sealed"):
        assert GONE in refused(lambda source=source: count(place, source))
    assert count(place, "memory://vault/a/*") == 1
    store.rm("/vault", recursive=True)


def test_folders_of_before_there_were_lists_are_read(place: Path) -> None:
    folder, key = place / "data.sealed", service_named(f"file:{place / 'k1'}")
    envelope = read_envelope(folder / "vault.envelope")
    data_key = envelope.open(key, "")
    replace(envelope, members=None).rewrapped(data_key, key).save(folder / "vault.envelope")
    (folder / "vault.members").unlink()
    assert "members" not in (folder / "vault.envelope").read_text()
    (folder / GONE).unlink()
    assert count(place, "data.sealed") == 2 and verify(folder, key) == 2


@pytest.mark.parametrize("name", ["again", "again/a/one.csv"])
def test_what_a_killed_seal_had_written_goes_with_the_next(
    place: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = service_named(f"file:{place / 'k1'}")
    open_to(place / "data.sealed", key, "own", str(place / "again"))
    plain = place / name
    before = set(place.rglob("*"))
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(
            sealing, "same_content", lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        )
        seal(plain, key, Binding("own"), remove=True)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    left = set(place.rglob("*")) - before
    assert any(path.name.startswith(".accord-vault-") for path in left)
    seal(plain, key, Binding("own"), remove=True)
    assert not list(place.rglob(".*"))
    shutil.rmtree(place)
