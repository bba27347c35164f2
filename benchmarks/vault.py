"""What encryption at rest costs: reading sealed data over plain, and rotation of little and much.

    python benchmarks/vault.py [--megabytes 256]

Files are in the page cache, so that the cipher is measured and not the disk.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accord.agreement.assets import hashed
from accord.data.opening import open_bytes, open_random, parquet_keys
from accord.permit import AssetFile
from accord.vault.key_service import LocalKey
from accord.vault.ring import holding, release_file
from accord.vaulting.opened import rotate
from accord.vaulting.seal import Binding, seal

PIECE = 1 << 20
REPEATS = 5


def best(work: Callable[[], Any]) -> float:
    """Seconds of the median of some repeats, the first of which warms up."""
    found: list[float] = []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return statistics.median(found[1:])


def stream(file: AssetFile) -> None:
    with open_bytes(file) as source:
        while source.read(PIECE):
            pass


def table(file: AssetFile) -> None:
    with open_random(file) as source:
        content = pq.ParquetFile(source, decryption_properties=parquet_keys(file, source))
        for number in range(content.metadata.num_row_groups):
            content.read_row_group(number, use_threads=False)


def cipher() -> float:
    """MB/s of AES-256-GCM alone, in chunks of 256 KiB."""
    chunk, key = os.urandom(1 << 18), AESGCM(bytes(32))
    sealed = key.encrypt(bytes(12), chunk, None)

    def work() -> None:
        for _ in range(400):
            key.decrypt(bytes(12), sealed, None)

    return 400 * len(chunk) / 1e6 / best(work)


def measure(folder: Path, megabytes: int) -> dict[str, Any]:
    service, other = LocalKey(os.urandom(32)), LocalKey(os.urandom(32))
    found: dict[str, Any] = {"cipher_mb_per_second": cipher()}
    numbers = np.random.default_rng(0)
    small, large = folder / "small.bin", folder / "large.bin"
    small.write_bytes(os.urandom(1 << 20))
    with large.open("wb") as sink:
        for _ in range(megabytes):
            sink.write(numbers.bytes(1 << 20))
    columns = {f"c{i}": numbers.random(megabytes << 14) for i in range(8)}
    pq.write_table(pa.table(columns), folder / "t.parquet", row_group_size=1 << 17)
    places = {"stream": (large, stream), "parquet": (folder / "t.parquet", table)}
    with holding(service):
        for name, (plain, read) in places.items():
            began = time.perf_counter()
            sealed = Path(seal(plain, service, Binding("own")).path)
            sealing = time.perf_counter() - began
            release_file(str(sealed), "own", None)
            files = [hashed(plain), hashed(sealed)]
            size = plain.stat().st_size / 1e6
            rates = [size / best(partial(read, file)) for file in files]
            found[name] = {
                "plain_mb_per_second": rates[0],
                "sealed_mb_per_second": rates[1],
                "ratio": rates[1] / rates[0],
                "seal_mb_per_second": size / sealing,
                "larger": sealed.stat().st_size / plain.stat().st_size - 1,
            }
        seal(small, service, Binding("own"))
    for name in ("small", "large"):
        place, keys = folder / f"{name}.bin.sealed", [service, other]

        def turn(place: Path = place, keys: list[LocalKey] = keys) -> None:
            rotate([place], *keys)
            keys.reverse()

        found[f"rotate_{name}_seconds"] = best(turn)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=256)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = {"megabytes": asked.megabytes, **measure(Path(folder), asked.megabytes)}
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
