"""The list of the files of a sealed folder, by which one that is gone is noticed.

It lies beside them, `vault.members`; its digest stands in the envelope, whose wrapping
authenticates it. So rotation changes neither the list nor a file. Folders that were sealed before
there were such lists have none, and nothing is said of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from accord.vault import faults
from accord.vault.envelope import FOR_FOLDER, MEMBERS, Envelope, read_envelope

Fetch = Callable[[str], bytes | None]
WILD = "*?["


@dataclass(frozen=True, slots=True)
class Taken:
    """Files that are read together, and what of a folder they are meant to be.

    Args:
        root: File or folder that was named; of a pattern, the folder above its first wildcard.
        files: All that are there, as paths or URLs.
        pattern: The parts of a pattern from its first wildcard on.
    """

    root: str
    files: frozenset[str]
    pattern: tuple[str, ...] = ()

    def wants(self, path: str) -> bool:
        """Whether a file of this path would be among them, were it there."""
        inside = path.startswith(f"{self.root}/")
        if not self.pattern:
            return inside or path == self.root
        parts = PurePosixPath(path.removeprefix(f"{self.root}/")).parts
        return inside and _matches(parts, self.pattern)


def taken(location: str, root: str, files: Iterable[str]) -> Taken:
    """What a data source stands for.

    Args:
        location: As the recipe has it.
        root: Of its files.
        files: Paths or URLs of them.
    """
    found = frozenset(files)
    if "://" in root:
        root = location = _as_listed(location)
    else:
        root = str(Path(root).resolve())
    parts = location.rstrip("/").split("/")
    wild = next((i for i, part in enumerate(parts) if any(s in part for s in WILD)), None)
    if root in found or wild is None or (root != location and root.endswith(f"/{parts[-1]}")):
        return Taken(root.rstrip("/"), found)
    above = "/".join(parts[:wild]) if root == location else root
    return Taken(above, found, tuple(parts[wild:]))


def _as_listed(url: str) -> str:
    """A URL as its file system begins those of what is below it."""
    import fsspec

    system, path = fsspec.core.url_to_fs(url)
    return str(system.unstrip_protocol(path))


def list_members(folder: Path, names: Iterable[str]) -> str:
    """Write the list of a folder's files; its digest, for the envelope."""
    content = json.dumps({"files": sorted(names)}, ensure_ascii=False, indent=0) + "\n"
    (folder / MEMBERS).write_bytes(content.encode())
    return hashlib.sha256(content.encode()).hexdigest()


def missing(envelope: Envelope, folder: str, wanted: Taken, fetch: Fetch) -> tuple[str, ...]:
    """Files of a sealed folder that are not there, as far as they are wanted.

    Args:
        envelope: Of the folder.
        folder: Where it lies.
        wanted: What is read.
        fetch: Reads a small file or gives None.

    Raises:
        IntegrityError: The list is not the one that the envelope was made for.
    """
    if envelope.members is None:
        return ()
    place = f"{folder}/{MEMBERS}"
    content = fetch(place)
    if content is None:
        return (MEMBERS,)
    if hashlib.sha256(content).hexdigest() != envelope.members:
        raise faults.changed(place, "the list of the folder's files was changed")
    names: list[str] = json.loads(content)["files"]
    paths = ((name, f"{folder}/{name}") for name in names)
    return tuple(n for n, path in paths if path not in wanted.files and wanted.wants(path))


def require_whole(envelope: Envelope, folder: str, wanted: Taken, fetch: Fetch) -> None:
    """Refuse a sealed folder of which a file is gone that would be read.

    Raises:
        IntegrityError: Names it.
    """
    if gone := missing(envelope, folder, wanted, fetch):
        raise faults.incomplete(folder, gone)


def require_here(wanted: Taken) -> None:
    """The same for local files, of every sealed folder that they lie in, or that lies among them,
    before any key is asked for. That nobody edited the envelopes, their keys tell.

    Raises:
        IntegrityError: A file is gone, or an envelope is none.
    """
    for folder in sealed_folders(wanted):
        envelope = read_envelope(folder / FOR_FOLDER)
        require_whole(envelope, str(folder), wanted, read_here)


def sealed_folders(wanted: Taken) -> Sequence[Path]:
    """The folders of this machine that have an envelope, and may have some of these files. Of a
    pattern only the folders that it leads through are looked at, not all below its root."""
    root, pattern = Path(wanted.root), wanted.pattern or ("**", "*")
    above = [folder for folder in root.parents if (folder / FOR_FOLDER).is_file()]
    below = {
        place.parent
        for depth in range(len(pattern))
        for place in root.glob("/".join((*pattern[:depth], FOR_FOLDER)))
    }
    return (*above, *sorted(below))


def read_here(path: str) -> bytes | None:
    """A small file of this machine; None where there is none."""
    try:
        return Path(path).read_bytes()
    except OSError:
        return None


def _matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path is one that a pattern with `*`, `?`, `[...]` and `**` stands for."""
    from fnmatch import fnmatchcase

    if not pattern:
        return not parts
    head, *rest = pattern
    if head == "**":
        return any(_matches(parts[i:], rest) for i in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], head) and _matches(parts[1:], rest)
