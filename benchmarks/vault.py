"""What encryption at rest costs beside others on the same work, and rotation of little and much.

    python benchmarks/vault.py [--megabytes 32] [--rotate 1024]

Peers: AES-256-GCM by `cryptography` in chunks and nothing else, `age` and `gpg` where they are
installed, pyarrow on plain Parquet and on Parquet that it encrypted itself. Runs alternate; figures
are medians of CPU time, that of child processes included, so that other work on the machine counts
little. Files are in the page cache: the cipher is measured and not the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as modular
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accord.agreement.assets import hashed
from accord.data.opening import open_bytes, open_random, parquet_keys
from accord.permit import AssetFile
from accord.vault.key_service import LocalKey
from accord.vault.ring import holding, release_file
from accord.vault.stream import CHUNK_BYTES
from accord.vaulting.opened import rotate, verify
from accord.vaulting.seal import Binding, seal

RESULT = Path(__file__).parent / "results" / "vault.json"
PIECE = 1 << 20
REPEATS = 5
KEY = bytes(range(32))
Work = Callable[[], Any]


def spent() -> float:
    """CPU seconds of this process and its children so far."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def alternating(works: Mapping[str, Work], megabytes: float) -> dict[str, Any]:
    """MB for each CPU second, and how many times as long as Accord each takes.

    Args:
        works: By name; the first is Accord's. Each leaves nothing behind.
        megabytes: Of plaintext that each works on.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(REPEATS + 1):
        for name, work in works.items():
            began = spent()
            work()
            times[name].append(spent() - began)
    first = next(iter(works))
    return {
        name: {
            "MB/s": round(megabytes / statistics.median(found[1:])),
            "time over accord": round(
                statistics.median(
                    one / ours for one, ours in zip(found[1:], times[first][1:], strict=True)
                ),
                2,
            ),
        }
        for name, found in times.items()
    }


def gcm_seal(plain: Path, target: Path) -> None:
    """AES-256-GCM alone, in chunks of the same size, onto the disk."""
    cipher, number = AESGCM(KEY), 0
    with plain.open("rb") as source, target.open("wb") as sink:
        while piece := source.read(CHUNK_BYTES):
            sink.write(cipher.encrypt(number.to_bytes(12, "big"), piece, None))
            number += 1
        sink.flush()
        os.fsync(sink.fileno())


def gcm_open(sealed: Path) -> None:
    cipher, number = AESGCM(KEY), 0
    with sealed.open("rb") as source:
        while piece := source.read(CHUNK_BYTES + 16):
            cipher.decrypt(number.to_bytes(12, "big"), piece, None)
            number += 1


def command(*arguments: Any, **options: Any) -> None:
    subprocess.run([str(a) for a in arguments], check=True, capture_output=True, **options)


def tools(folder: Path, plain: Path) -> dict[str, tuple[Work, Work]]:
    """Sealing and opening by programs that are installed; `folder` holds their keys."""
    found: dict[str, tuple[Work, Work]] = {}
    out = folder / "tool"
    if shutil.which("age"):
        command("age-keygen", "-o", folder / "age.key")
        public = (folder / "age.key").read_text().partition("public key: ")[2].split()[0]
        command("age", "-r", public, "-o", folder / "age", plain)
        found["age"] = (
            partial(command, "age", "-r", public, "-o", out, plain),
            partial(command, "age", "-d", "-i", folder / "age.key", "-o", "/dev/null",
                    folder / "age"),
        )  # fmt: skip
    if shutil.which("gpg"):
        home = folder / "gpg-home"
        home.mkdir(mode=0o700)
        (folder / "passphrase").write_text(KEY.hex())
        gpg = ["gpg", "--homedir", home, "--batch", "--yes", "--pinentry-mode", "loopback",
               "--passphrase-file", folder / "passphrase"]  # fmt: skip
        made = [*gpg, "--symmetric", "--cipher-algo", "AES256", "--compress-algo", "none"]
        command(*made, "-o", folder / "gpg", plain)
        found["gpg"] = (
            partial(command, *made, "-o", out, plain),
            partial(command, *gpg, "-o", "/dev/null", "--decrypt", folder / "gpg"),
        )
    return found


def of_files(folder: Path, service: LocalKey, megabytes: int) -> dict[str, Any]:
    """Any file: sealed, read back, and read as training reads it."""
    plain = folder / "rows.bin"
    filled(plain, megabytes)
    beside = tools(folder, plain)
    target, gcm = folder / "again.sealed", folder / "gcm"

    def ours() -> None:
        target.unlink(missing_ok=True)
        Path(f"{target}.envelope").unlink(missing_ok=True)
        seal(plain, service, Binding("own"), output=target)

    size = plain.stat().st_size / 1e6
    sealing = alternating(
        {
            "accord": ours,
            "cryptography": partial(gcm_seal, plain, gcm),
            **{name: works[0] for name, works in beside.items()},
        },
        size,
    )
    (folder / "tool").unlink(missing_ok=True)
    sealed = Path(seal(plain, service, Binding("own")).path)
    opening = alternating(
        {
            "accord": partial(verify, sealed, service),
            "cryptography": partial(gcm_open, gcm),
            **{name: works[1] for name, works in beside.items()},
        },
        size,
    )
    with holding(service):
        release_file(str(sealed), "own", None)
        places = {"accord, sealed": sealed, "accord, plain": plain}
        reading = {name: partial(stream, hashed(place)) for name, place in places.items()}
        trained = alternating(reading, size)
    larger = sealed.stat().st_size / plain.stat().st_size - 1
    return {"seal": sealing, "open": opening, "read in training": trained, "larger": larger}


def stream(file: AssetFile) -> None:
    with open_bytes(file) as source:
        while source.read(PIECE):
            pass


def of_parquet(folder: Path, service: LocalKey, megabytes: int) -> dict[str, Any]:
    """Parquet: row group by row group, one thread."""
    numbers, plain = np.random.default_rng(0), folder / "rows.parquet"
    table = pa.table({f"c{i}": numbers.random(megabytes << 14) for i in range(8)})
    pq.write_table(table, plain, row_group_size=1 << 17)
    own = {"encryption_algorithm": "AES_GCM_V1", "plaintext_footer": False}
    pq.write_table(
        table,
        folder / "theirs.parquet",
        row_group_size=1 << 17,
        encryption_properties=modular.create_encryption_properties(KEY, **own),
    )
    sealed = Path(seal(plain, service, Binding("own")).path)
    with holding(service):
        release_file(str(sealed), "own", None)
        return alternating(
            {
                "accord, sealed": partial(groups, hashed(sealed)),
                "accord, plain": partial(groups, hashed(plain)),
                "pyarrow, plain": partial(theirs, plain, False),
                "pyarrow, encrypted": partial(theirs, folder / "theirs.parquet", True),
            },
            table.nbytes / 1e6,
        )


def groups(file: AssetFile) -> None:
    with open_random(file) as source:
        _read(pq.ParquetFile(source, decryption_properties=parquet_keys(file, source)))


def theirs(file: Path, encrypted: bool) -> None:
    opened = modular.create_decryption_properties(KEY) if encrypted else None
    with pa.memory_map(str(file)) as source:
        _read(pq.ParquetFile(source, decryption_properties=opened))


def _read(content: pq.ParquetFile) -> None:
    for number in range(content.metadata.num_row_groups):
        content.read_row_group(number, use_threads=False)


def filled(path: Path, megabytes: int) -> None:
    numbers = np.random.default_rng(0)
    with path.open("wb") as sink:
        for _ in range(megabytes):
            sink.write(numbers.bytes(1 << 20))


def rotation(folder: Path, service: LocalKey, megabytes: int) -> dict[str, Any]:
    """Another key for a file; the sealed file itself must stay byte for byte."""
    other, found = LocalKey(os.urandom(32)), dict[str, Any]()
    for size in (1, megabytes):
        plain = folder / f"{size}.bin"
        filled(plain, size)
        began = spent()
        sealed = Path(seal(plain, service, Binding("own")).path)
        sealing = spent() - began
        plain.unlink()
        before, keys = hashed(sealed), [service, other]
        cpu, wall = list[float](), list[float]()
        for _ in range(4 * REPEATS):
            starts = spent(), time.perf_counter()
            rotate([sealed], *keys)
            cpu.append(spent() - starts[0])
            wall.append(time.perf_counter() - starts[1])
            keys.reverse()
        assert hashed(sealed) == before
        found[f"{size} MB"] = {
            "CPU ms": round(1e3 * statistics.median(cpu), 2),
            "ms": round(1e3 * statistics.median(wall), 2),
            "sealing it anew, CPU ms": round(1e3 * sealing),
        }
        sealed.unlink()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=32)
    parser.add_argument("--rotate", type=int, default=1024)
    asked = parser.parse_args()
    service = LocalKey(os.urandom(32))
    found: dict[str, Any] = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "megabytes": asked.megabytes,
        "repeats": REPEATS,
    }
    with tempfile.TemporaryDirectory() as name:
        for what, work, size in (
            ("file", of_files, asked.megabytes),
            ("parquet", of_parquet, asked.megabytes),
            ("rotation", rotation, asked.rotate),
        ):
            folder = Path(name) / what
            folder.mkdir()
            found[what] = work(folder, service, size)
            print(what, json.dumps(found[what], indent=1), flush=True)
            if (home := folder / "gpg-home").is_dir():
                subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)
            shutil.rmtree(folder)
    RESULT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
