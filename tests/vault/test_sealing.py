"""`accord vault` on files and folders: what it binds, what it refuses, what it leaves on disk."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as modular
import pytest

from accord.errors import AccordError, AgreementError, IntegrityError, exit_status
from accord.vault.envelope import read_envelope
from accord.vaulting.keys import new_key, service_named
from accord.vaulting.opened import open_to, rotate, show, verify
from accord.vaulting.seal import Binding, Form, seal
from tests.cli.command import accord
from tests.data.sources import read

ROWS = [{"text": f"good soup {i}", "label": "yes" if i % 2 else "no"} for i in range(50)]


@pytest.fixture
def key(tmp_path: Path) -> str:
    new_key(tmp_path / "k1")
    return f"file:{tmp_path / 'k1'}"


def write(folder: Path, kind: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"rows.{kind}"
    table = pa.Table.from_pylist(ROWS)
    if kind == "csv":
        path.write_text("text,label\n" + "".join(f"{r['text']},{r['label']}\n" for r in ROWS))
    elif kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    elif kind == "csv.gz":
        import gzip

        text = "text,label\n" + "".join(f"{r['text']},{r['label']}\n" for r in ROWS)
        path.write_bytes(gzip.compress(text.encode()))
    elif kind == "parquet":
        pq.write_table(table, path, row_group_size=20)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=20)
    return path


def rows_of(path: Path, key: str, **data: Any) -> list[dict[str, Any]]:
    from accord.vault.ring import holding

    with holding(service_named(key)):
        rows, _, rejects = read(path.parent, path.name, **data)
    assert not rejects
    return rows


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "jsonl", "parquet", "arrow"])
@pytest.mark.parametrize("form", ["auto", "parquet", "file"])
def test_every_reader_reads_sealed_files(tmp_path: Path, key: str, kind: str, form: Form) -> None:
    plain = write(tmp_path / "data", kind)
    found = seal(plain, service_named(key), Binding("own"), form=form, remove=True)
    assert not plain.exists()
    assert b"good soup" not in Path(found.path).read_bytes()
    assert rows_of(Path(found.path), key) == ROWS
    assert verify(Path(found.path), service_named(key)) == 1
    if form == "file":
        again = tmp_path / f"again.{kind}"
        open_to(Path(found.path), service_named(key), "own", str(again))
        assert again.stat().st_mode & 0o777 == 0o600


def test_a_folder_is_one_data_set_under_one_envelope(tmp_path: Path, key: str) -> None:
    for kind in ("csv", "jsonl"):
        write(tmp_path / "data", kind)
    found = seal(tmp_path / "data", service_named(key), Binding("own", version="3"))
    names = sorted(p.name for p in Path(found.path).rglob("*") if p.is_file())
    assert names == ["rows.csv.sealed", "rows.jsonl.sealed", "vault.envelope", "vault.members"]
    shown = show(Path(found.path))
    assert (shown.form, shown.files, shown.about["version"]) == ("folder", 2, "3")
    assert "wrapped" not in shown.about
    open_to(Path(found.path), service_named(key), "own", str(tmp_path / "open"))
    for name in ("rows.csv", "rows.jsonl"):
        assert (tmp_path / "open" / name).read_bytes() == (tmp_path / "data" / name).read_bytes()


def flipped(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 4
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_changed_bytes_anywhere_end_with_5(tmp_path: Path, key: str, kind: str) -> None:
    found = Path(seal(write(tmp_path / "data", kind), service_named(key), Binding("own")).path)
    whole = found.read_bytes()
    # The first four bytes say what kind of file it is; what is not that kind is no sealed file.
    for at in range(4, len(whole), max(1, len(whole) // 150)):
        flipped(found, at)
        with pytest.raises(AccordError) as caught:
            rows_of(found, key)
        assert exit_status(caught.value) == 5, (at, caught.value)
        found.write_bytes(whole)
    for cut in range(8, len(whole), len(whole) // 20):
        found.write_bytes(whole[:cut])
        with pytest.raises(AccordError):
            rows_of(found, key)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_file_in_the_place_of_another_is_refused(tmp_path: Path, key: str, kind: str) -> None:
    one, two = write(tmp_path / "a", kind), write(tmp_path / "b", kind)
    two = two.rename(two.with_name(f"other.{kind}"))
    first = Path(seal(one, service_named(key), Binding("own")).path)
    second = Path(seal(two, service_named(key), Binding("own")).path)
    for moved in (second, Path(f"{second}.envelope")):
        shutil.copy(moved, first.with_name(moved.name.replace(second.name, first.name)))
    with pytest.raises(IntegrityError):
        rows_of(first, key)


def test_another_version_is_refused(tmp_path: Path, key: str) -> None:
    plain = write(tmp_path / "data", "csv")
    found = Path(seal(plain, service_named(key), Binding("own", version="2")).path)
    from accord.vault.ring import only_version

    with only_version("2"):
        assert rows_of(found, key) == ROWS
    with only_version("3"), pytest.raises(IntegrityError):
        rows_of(found, key)


def test_an_envelope_that_was_edited_is_refused(tmp_path: Path, key: str) -> None:
    found = Path(seal(write(tmp_path / "d", "csv"), service_named(key), Binding("clinic")).path)
    place = Path(f"{found}.envelope")
    place.write_text(place.read_text().replace("clinic", "own"))
    with pytest.raises(IntegrityError):
        rows_of(found, key)


def test_ctr_is_refused_though_it_decrypts(tmp_path: Path, key: str) -> None:
    from accord.vault import parquet
    from accord.vault.ring import holding, release_file, unlock

    found = Path(seal(write(tmp_path / "d", "parquet"), service_named(key), Binding("own")).path)
    with holding(service_named(key)):
        release_file(str(found), "own", None)
        own = unlock(str(found), None)
        table = pa.Table.from_pylist(ROWS)
        weak = modular.create_encryption_properties(
            parquet._key(own),
            aad_prefix=own.bound,
            store_aad_prefix=False,
            encryption_algorithm="AES_GCM_CTR_V1",
        )
        pq.write_table(table, found, encryption_properties=weak)
        assert pq.read_table(found, decryption_properties=parquet.decryption(own)) == table
    with pytest.raises(IntegrityError, match="sealed file"):
        rows_of(found, key)


AGREEMENT = """
id: clinic
contract: C-1
acts: [{acts}]
{more}
"""


def agreement(folder: Path, acts: str = "train, evaluate, use", more: str = "") -> Path:
    path = folder / "clinic.yaml"
    path.write_text(AGREEMENT.format(acts=acts, more=more))
    return path


def test_keys_are_released_to_a_live_permit_of_the_same_agreement_alone(
    tmp_path: Path, key: str
) -> None:
    plain = write(tmp_path / "data", "csv")
    terms = agreement(tmp_path / "data")
    found = Path(seal(plain, service_named(key), Binding("clinic")).path)
    assert rows_of(found, key, agreement="clinic.yaml") == ROWS
    with pytest.raises(AgreementError) as caught:
        rows_of(found, key)  # under `own`
    assert caught.value.code == "vault-agreement"
    agreement(tmp_path / "data", more=f"until: {date.today() - timedelta(days=1)}")
    with pytest.raises(AgreementError) as caught:
        rows_of(found, key, agreement="clinic.yaml")
    assert caught.value.code == "agreement-expired"
    with pytest.raises(AgreementError):
        open_to(found, service_named(key), str(terms), str(tmp_path / "open.csv"))
    assert not (tmp_path / "open.csv").exists()


@pytest.mark.parametrize(
    ("acts", "more", "code"),
    [
        ("train, evaluate", "", "agreement-forbids"),
        ("train, use", "encrypted: true", "vault-agreement"),
        ("train, use", "rules: [{require: encrypt, on: [train, use]}]", "vault-agreement"),
    ],
)
def test_plaintext_is_written_only_where_the_agreement_lets_it(
    tmp_path: Path, key: str, acts: str, more: str, code: str
) -> None:
    found = Path(seal(write(tmp_path / "d", "csv"), service_named(key), Binding("clinic")).path)
    terms = agreement(tmp_path / "d", acts, more)
    with pytest.raises(AgreementError) as caught:
        open_to(found, service_named(key), str(terms), str(tmp_path / "open.csv"))
    assert caught.value.code == code
    assert not (tmp_path / "open.csv").exists()


def test_an_agreement_can_demand_that_data_are_sealed(tmp_path: Path, key: str) -> None:
    plain = write(tmp_path / "data", "csv")
    agreement(tmp_path / "data", more="encrypted: true")
    with pytest.raises(AgreementError) as caught:
        rows_of(plain, key, agreement="clinic.yaml")
    assert caught.value.code == "vault-unsealed" and caught.value.path == "data.train"
    found = Path(seal(plain, service_named(key), Binding("clinic")).path)
    with pytest.raises(AgreementError) as caught:
        rows_of(found, key, agreement="clinic.yaml")
    assert caught.value.code == "vault-unsealed" and caught.value.path == "data.vault"
    assert rows_of(found, key, agreement="clinic.yaml", vault={"key": key}) == ROWS


def test_a_plain_file_in_a_sealed_folder_is_not_read(tmp_path: Path, key: str) -> None:
    write(tmp_path / "data", "csv")
    found = Path(seal(tmp_path / "data", service_named(key), Binding("own")).path)
    assert rows_of(found, key) == ROWS
    (found / "more.csv").write_text("text,label\nslipped in,yes\n")
    with pytest.raises(AgreementError) as caught:
        rows_of(found, key)
    assert caught.value.code == "vault-unsealed" and "more.csv" in str(caught.value)


def test_rotation_touches_the_envelope_alone(tmp_path: Path, key: str) -> None:
    found = Path(seal(write(tmp_path / "d", "csv"), service_named(key), Binding("own")).path)
    new_key(tmp_path / "k2")
    other, before = f"file:{tmp_path / 'k2'}", found.read_bytes()
    assert rotate([found], service_named(key), service_named(other)) == [Path(f"{found}.envelope")]
    assert rotate([tmp_path / "d"], service_named(key), service_named(other)) == []
    assert found.read_bytes() == before
    assert rows_of(found, other) == ROWS
    with pytest.raises(AccordError) as caught:
        rows_of(found, key)
    assert caught.value.code == "vault-key"


def rotate_for_ever(place: Path, first: str, second: str) -> None:
    one, two = service_named(first), service_named(second)
    while True:
        rotate([place], one, two)
        one, two = two, one


def test_rotation_that_is_killed_leaves_one_of_both_keys(tmp_path: Path, key: str) -> None:
    found = Path(seal(write(tmp_path / "d", "csv"), service_named(key), Binding("own")).path)
    new_key(tmp_path / "k2")
    keys = (key, f"file:{tmp_path / 'k2'}")
    place = Path(f"{found}.envelope")
    for number in range(12):
        opens = [k for k in keys if service_named(k).key_id == read_envelope(place).key_id]
        first, second = keys if opens == [keys[0]] else keys[::-1]
        child = os.fork()
        if child == 0:
            rotate_for_ever(found, first, second)
        time.sleep(0.02 + 0.013 * number)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        (left,) = [k for k in keys if service_named(k).key_id == read_envelope(place).key_id]
        assert rows_of(found, left) == ROWS


def test_a_seal_that_fails_leaves_nothing(tmp_path: Path, key: str) -> None:
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "rows.jsonl").write_text('{"a": 1}\nno json\n')
    with pytest.raises(AccordError):
        seal(folder / "rows.jsonl", service_named(key), Binding("own"), form="parquet")
    assert [p.name for p in folder.iterdir()] == ["rows.jsonl"]


@pytest.mark.slow
def test_the_command_line_shows_no_key(tmp_path: Path) -> None:
    secret = "b7e1" * 16
    os.environ["ACCORD_VAULT_KEY"] = secret
    try:
        write(tmp_path, "csv")
        ran = [
            accord("vault", "seal", "rows.csv", "-a", "own", "--json", folder=tmp_path),
            accord("vault", "open", "rows.csv.sealed", "-o", "-", "-a", "own", folder=tmp_path),
            accord("vault", "seal", "rows.csv", "-a", "own", "-k", secret, folder=tmp_path),
            accord("--debug", "vault", "verify", "rows.csv", folder=tmp_path),
        ]
    finally:
        del os.environ["ACCORD_VAULT_KEY"]
    assert [found.returncode for found in ran] == [0, 0, 2, 2], [r.stderr for r in ran]
    assert ran[1].stdout == (tmp_path / "rows.csv").read_text()
    assert "key-inline" in ran[2].stderr
    assert not any(secret in found.stdout + found.stderr for found in ran)
    written = [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()]
    assert not any(secret.encode() in c or bytes.fromhex(secret) in c for c in written)
