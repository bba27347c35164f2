"""Whoever can write where sealed data lie, but has no key: every exchange is told, and no byte of
plaintext or of anything else is written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from accord.errors import AccordError, DataError, IntegrityError, RecipeError, exit_status
from accord.vault.envelope import FOR_RUN
from accord.vault.files import seal_run, writing
from accord.vault.ring import holding
from accord.vault.stream import HEADER_BYTES, TAG_BYTES, Sealing
from accord.vaulting.keys import new_key, service_named
from accord.vaulting.opened import open_to, rotate, verify
from accord.vaulting.seal import Binding, seal

CHUNK = 64
LINES = "text,label\n" + "".join(f"good soup {i},{i % 2}\n" for i in range(40))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two keys; chunks are small, so that a file has several."""
    monkeypatch.setattr(Sealing.__init__, "__defaults__", (CHUNK,))
    for name in ("k1", "k2"):
        new_key(tmp_path / name)
    return tmp_path


def sealed(place: Path, name: str = "a", dataset: str | None = None) -> Path:
    """A file in a folder of its own."""
    (place / name).mkdir()
    plain = place / name / "rows.csv"
    plain.write_text(LINES)
    binding = Binding("own", dataset)
    found = seal(plain, service_named(f"file:{place / 'k1'}"), binding, remove=True)
    return Path(found.path)


def everything(folder: Path) -> dict[str, bytes | str]:
    """All that lies in a folder."""
    return {
        str(p.relative_to(folder)): str(p.readlink()) if p.is_symlink() else p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_symlink() or p.is_file()
    }


def refused(place: Path, file: Path, *more: Callable[[], object]) -> AccordError:
    """What is said by `verify` and `open`, and more; they write nothing."""
    before, service = everything(place), service_named(f"file:{place / 'k1'}")
    said: list[AccordError] = []
    for work in (
        lambda: verify(file, service),
        lambda: open_to(file, service, "own", str(place / "open.csv")),
        lambda: open_to(file.parent, service, "own", str(place / "open")),
        *more,
    ):
        with pytest.raises(AccordError) as caught:
            work()
        said.append(caught.value)
    assert everything(place) == before
    # Under another agreement no key is released, and the envelope is not even tried.
    assert {error.code for error in said} - {"vault-agreement"} == {"vault-changed"}
    assert exit_status(said[0]) == 5 and said[0].location is not None
    assert Path(said[0].location.file).parent == file.parent
    return said[0]


def chunks(content: bytes) -> list[bytes]:
    size = CHUNK + TAG_BYTES
    return [content[at : at + size] for at in range(HEADER_BYTES, len(content), size)]


def moved(content: bytes, order: Callable[[list[bytes]], list[bytes]]) -> bytes:
    return content[:HEADER_BYTES] + b"".join(order(chunks(content)))


def bit(content: bytes, at: int) -> bytes:
    return content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :]


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "the envelope's id in the header": lambda c: bit(c, 9),
    "the salt": lambda c: bit(c, 30),
    "the size of chunks": lambda c: bit(c, 59),
    "the commitment": lambda c: bit(c, HEADER_BYTES - 1),
    "a byte of the first chunk": lambda c: bit(c, HEADER_BYTES),
    "a tag": lambda c: bit(c, HEADER_BYTES + CHUNK + 3),
    "the last byte": lambda c: bit(c, len(c) - 1),
    "the last chunk cut": lambda c: moved(c, lambda found: found[:-1]),
    "a part of the last chunk cut": lambda c: c[:-3],
    "all chunks cut": lambda c: c[:HEADER_BYTES],
    "chunks exchanged": lambda c: moved(c, lambda f: [f[1], f[0], *f[2:]]),
    "a chunk twice": lambda c: moved(c, lambda f: [f[0], f[0], *f[2:]]),
    "a chunk more": lambda c: moved(c, lambda f: [f[0], *f]),
    "a chunk less": lambda c: moved(c, lambda f: [f[0], *f[2:]]),
    "the last chunk twice": lambda c: moved(c, lambda f: [*f, f[-1]]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_changed_files_are_told_and_nothing_is_written(place: Path, change: str) -> None:
    file = sealed(place)
    file.write_bytes(CHANGES[change](file.read_bytes()))
    assert isinstance(refused(place, file), IntegrityError)


def edited(envelope: Path, **change: object) -> None:
    envelope.write_text(json.dumps(json.loads(envelope.read_text()) | change))


def test_envelopes_and_keys_of_others_are_told_and_nothing_is_written(place: Path) -> None:
    file, other = sealed(place), sealed(place, "b", "another")
    mine, theirs = Path(f"{file}.envelope"), Path(f"{other}.envelope")
    whole, given = json.loads(mine.read_text()), json.loads(theirs.read_text())
    first, second = (service_named(f"file:{place / name}") for name in ("k1", "k2"))
    for change in (
        {"wrapped": given["wrapped"]},
        {"wrapped": given["wrapped"], "id": given["id"]},
        given,
        {"agreement": "clinic"},
        {"dataset": "another"},
        {"version": "2"},
        {"scope": "folder"},
        {"until": "2999-01-01"},
        {"wrapped": whole["wrapped"][:-8] + "AAAAAAA="},
        {"wrapped": ""},
    ):
        edited(mine, **(whole | change))
        # Another data set's envelope is whole in itself, and lies in the wrong place.
        rotating = () if change is given else (lambda: rotate([mine], first, second),)
        refused(place, file, *rotating, lambda: rotate([file], first, second))
    other = other.rename(other.with_name("other.csv.sealed"))
    theirs.rename(f"{other}.envelope")
    refused(place, other)


def test_an_envelope_of_before_a_rotation_wants_the_key_of_before(place: Path) -> None:
    file = sealed(place)
    envelope = Path(f"{file}.envelope")
    old = envelope.read_bytes()
    first, second = (service_named(f"file:{place / name}") for name in ("k1", "k2"))
    rotate([file], first, second)
    envelope.write_bytes(old)
    for work in (lambda: verify(file, second), lambda: rotate([file], second, second)):
        with pytest.raises(RecipeError) as caught:
            work()
        assert caught.value.code == "vault-key"
        assert first.key_id in str(caught.value) and second.key_id in str(caught.value)
    assert envelope.read_bytes() == old


def test_one_bad_envelope_among_many_and_none_is_rotated(place: Path) -> None:
    sealed(place)
    bad = Path(f"{sealed(place, 'b')}.envelope")
    edited(bad, dataset="another")
    before = everything(place)
    first, second = (service_named(f"file:{place / name}") for name in ("k1", "k2"))
    with pytest.raises(IntegrityError):
        rotate([place], first, second)
    assert everything(place) == before


def folder(place: Path) -> Path:
    made = place / "data"
    made.mkdir()
    (made / "rows.csv").write_text(LINES)
    (place / "elsewhere").mkdir()
    (place / "elsewhere" / "secret.csv").write_text(LINES)
    return made


@pytest.mark.parametrize("target", ["elsewhere/secret.csv", "elsewhere", "nowhere", "data/.hidden"])
def test_links_out_of_a_folder_are_not_sealed(place: Path, target: str) -> None:
    data = folder(place)
    (data / ".hidden").write_text(LINES)
    (data / "link.csv").symlink_to(place / target)
    before = everything(place)
    with pytest.raises(RecipeError) as caught:
        seal(data, service_named(f"file:{place / 'k1'}"), Binding("own"), remove=True)
    assert caught.value.code == "vault-link" and caught.value.path == str(data / "link.csv")
    assert everything(place) == before


def test_links_within_a_folder_are(place: Path) -> None:
    data = folder(place)
    (data / "inner").mkdir()
    (data / "inner" / "more.csv").write_text(LINES)
    (data / "again.csv").symlink_to("rows.csv")
    (data / "way").symlink_to("inner")
    key = service_named(f"file:{place / 'k1'}")
    found = Path(seal(data, key, Binding("own"), remove=True).path)
    assert sorted(everything(found)) == [
        "again.csv.sealed", "inner/more.csv.sealed", "rows.csv.sealed", "vault.envelope",
        "vault.members",
    ]  # fmt: skip
    open_to(found, key, "own", str(place / "open"))
    assert set(everything(place / "open").values()) == {LINES.encode()}


def test_a_link_is_not_removed_in_the_place_of_a_file(place: Path) -> None:
    data = folder(place)
    (data / "link.csv").symlink_to(data / "rows.csv")
    key, before = service_named(f"file:{place / 'k1'}"), everything(place)
    with pytest.raises(RecipeError) as caught:
        seal(data / "link.csv", key, Binding("own"), remove=True)
    assert caught.value.code == "vault-link" and everything(place) == before


def test_nothing_is_written_through_a_link(place: Path) -> None:
    file, key = sealed(place), service_named(f"file:{place / 'k1'}")
    (place / "out").symlink_to(place / "nowhere")
    (place / "plain.csv").write_text(LINES)
    Path(place / "plain.csv.sealed.envelope").symlink_to(place / "nowhere")
    before = everything(place)
    for work in (
        lambda: open_to(file, key, "own", str(place / "out")),
        lambda: open_to(file.parent, key, "own", str(place / "out")),
        lambda: seal(place / "plain.csv", key, Binding("own"), output=place / "out"),
        lambda: seal(place / "plain.csv", key, Binding("own")),
    ):
        with pytest.raises(RecipeError) as caught:
            work()
        assert caught.value.code == "output-exists"
        assert everything(place) == before


def test_an_envelope_behind_a_link_is_not_rotated(place: Path) -> None:
    file, other = sealed(place), sealed(place, "b")
    Path(f"{file}.envelope").rename(place / "mine")
    Path(f"{file}.envelope").symlink_to(place / "mine")
    first, second = (service_named(f"file:{place / name}") for name in ("k1", "k2"))
    before = everything(place)
    for paths in ([other, file], [place]):
        with pytest.raises(RecipeError) as caught:
            rotate(paths, first, second)
        assert caught.value.code == "vault-link" and str(place / "mine") in str(caught.value)
    assert everything(place) == before
    assert verify(file, first) == 1, "to read it a link does no harm"


def test_where_the_envelope_of_a_run_goes_nothing_is_written_in_the_open(place: Path) -> None:
    service, run = service_named(f"file:{place / 'k1'}"), place / "run"
    (run / "data").mkdir(parents=True)
    seal_run(run, "own", None, service)
    with holding(service):
        with writing(run / "data" / "rows") as stream:
            stream.write(b"good soup")
        assert b"soup" not in (run / "data" / "rows").read_bytes()
        (run / FOR_RUN).unlink()
        with pytest.raises(DataError, match="is gone"), writing(run / "data" / "more") as stream:
            stream.write(b"good soup")
    assert not (run / "data" / "more").exists()
