"""From the locations a recipe names to the files they stand for, hashed where they are local."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import fsspec
from fsspec.utils import get_protocol

from accord.artifact import hash_file
from accord.errors import AccordError, DataError, MissingExtra
from accord.permit import Asset, AssetFile, Role
from accord.recipe.names import nearest
from accord.vault.envelope import is_beside

HUB = "hf://"
PAPERS = re.compile(
    r"(?i:readme|licen[cs]e|notice)([-_][A-Z0-9._-]+)?((\.[A-Za-z-]+)?\.(?i:txt|text|md|rst))?"
    r"|agreement\.ya?ml(\.sig)?"
    r"|.+\.envelope|vault\.members"
)
"""Names of files that speak of the data in their folder (README.md, LICENSE-MIT, NOTICE.txt), or
hold the wrapped keys and the list of sealed ones."""


def locate(location: str, base: Path, name: str, role: Role) -> Asset:
    """The files behind a data source.

    Args:
        location: File, folder, glob, URL or `hf://name`; local paths relative to `base`.
        base: The recipe's folder.
        name: Id of the asset.
        role: What the recipe uses it for.

    Raises:
        DataError: There is no file.
        MissingExtra: The URL scheme needs a package that is not installed.
    """
    if location.startswith(HUB):
        return Asset(name, role, location, location, (AssetFile(location, None, None),))
    if get_protocol(location) not in ("file", "local"):
        return Asset(name, role, location, location, _remote(location, role))
    path = _local_path(location, base)
    if any(sign in path.name or sign in str(path) for sign in "*?[") and not path.exists():
        files = _glob(path)
    elif path.is_dir():
        files = [file for file in files_below(path) if not PAPERS.fullmatch(file.name)]
    else:
        files = [path] if path.is_file() else []
    if not files:
        raise _nothing(location, path, role)
    root = path if path.exists() else _fixed_part(path)
    return Asset(name, role, location, str(root), tuple(hashed(file) for file in files))


def locate_model(
    location: str, revision: str | None, base: Path, name: str, role: Role = "base"
) -> Asset:
    """The files of a model: hashed if it is a local folder, else the hub's name for it."""
    path = base / Path(location).expanduser()
    if path.is_dir():
        files = tuple(hashed(file) for file in files_below(path.resolve()))
        return Asset(name, role, location, str(path.resolve()), files)
    url = f"{HUB}{location}" + (f"@{revision}" if revision else "")
    return Asset(name, role, location, url, (AssetFile(url, None, None),))


def _local_path(location: str, base: Path) -> Path:
    plain = location.removeprefix("file://").removeprefix("local://")
    path = Path(base / Path(plain).expanduser())
    stem, at, _ = path.name.rpartition("@")
    if at and not path.exists() and path.with_name(stem).is_dir():
        path = path.with_name(stem)  # `folder@split` of a saved data set
    return path.resolve() if path.exists() else path.absolute()


def _fixed_part(path: Path) -> Path:
    """The folder above the first wildcard of a glob."""
    fixed = path.parts
    wild = next(i for i, part in enumerate(fixed) if any(sign in part for sign in "*?["))
    return Path(*fixed[:wild])


def _glob(path: Path) -> list[Path]:
    root = _fixed_part(path)
    if not root.is_dir():
        return []
    pattern = path.relative_to(root).as_posix()
    hidden = any(part.startswith(".") for part in path.relative_to(root).parts)
    return sorted(
        found.resolve()
        for found in root.glob(pattern)
        if found.is_file()
        and (hidden or not _is_hidden(found.relative_to(root)))
        and not is_beside(found.name)
    )


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def files_below(folder: Path) -> list[Path]:
    """Files at any depth, by path; names that begin with `.` or `_` are no data."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(part[0] in "._" for part in path.relative_to(folder).parts)
    )


def hashed(path: Path) -> AssetFile:
    """A local file with its size and digest."""
    record = hash_file(path)
    return AssetFile(str(path), record.size, record.sha256)


def _remote(url: str, role: Role) -> tuple[AssetFile, ...]:
    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise MissingExtra(
            f"no installed package opens {get_protocol(url)}:// URLs",
            code="extra-missing",
            path=f"data.{role}",
            got=url,
            fix=str(error).strip() or "install the fsspec package for this kind of URL",
        ) from error
    except ValueError as error:
        raise _nothing(url, None, role) from error
    names: Sequence[str] = _remote_names(system, path)
    if not names:
        raise _nothing(url, None, role)
    return tuple(
        AssetFile(system.unstrip_protocol(name), system.info(name).get("size"), None)
        for name in names
    )


def _remote_names(system: fsspec.AbstractFileSystem, path: str) -> list[str]:
    if any(sign in path for sign in "*?["):
        found = (str(name) for name in system.glob(path) if system.isfile(name))
        return sorted(name for name in found if not is_beside(name))
    if system.isdir(path):
        below = {name: Path(name.removeprefix(path).strip("/")) for name in system.find(path)}
        return sorted(
            name
            for name, inner in below.items()
            if not any(part[0] in "._" for part in inner.parts) and not PAPERS.fullmatch(inner.name)
        )
    return [str(path)] if system.exists(path) else []


def _nothing(location: str, path: Path | None, role: Role) -> AccordError:
    near = None
    if path is not None and path.parent.is_dir():
        near = nearest(path.name, tuple(sorted(entry.name for entry in path.parent.iterdir())))
    return DataError(
        "there is no data file here",
        code="data-missing",
        path=f"data.{role}",
        got=location,
        expected="a file, a folder or glob with files, a URL, or hf://name",
        fix=f"did you mean `{near}`?"
        if near
        else "check the path; it is relative to the recipe's folder",
    )
