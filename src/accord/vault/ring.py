"""The keys that are open in this process, and the data files a permit has released them for."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from accord.permit import Asset, Permit, Role
from accord.vault import faults
from accord.vault.envelope import (
    FOR_FILE,
    FOR_FOLDER,
    FOR_RUN,
    Envelope,
    envelope_from,
    name_in,
)
from accord.vault.key_service import KeyService
from accord.vault.members import Fetch, Taken, read_here, require_whole, taken

DEPTH = 24
"""Folders above a file that an envelope is looked for in."""


@dataclass(frozen=True, slots=True)
class Released:
    """What a permit says of a file: its agreement, and the last day of it."""

    agreement: str
    until: date | None


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What opens one sealed file.

    Args:
        key: Data key.
        bound: What the file must have been sealed as.
    """

    key: bytes = field(repr=False)
    bound: bytes


@dataclass(frozen=True, slots=True)
class Lent:
    """Data keys for a process that helps to read; of the key that wraps them it learns nothing.

    Args:
        keys: By envelope and wrapped key.
        versions: Of sealed data that are taken; none takes any.
    """

    keys: Mapping[tuple[str, bytes], bytes] = field(repr=False)
    versions: tuple[str, ...]


@dataclass(slots=True)
class _Ring:
    services: list[KeyService] = field(default_factory=list[KeyService])
    released: dict[str, Released] = field(default_factory=dict[str, Released])
    versions: list[str] = field(default_factory=list[str])
    keys: dict[tuple[str, bytes], bytes] = field(default_factory=dict[tuple[str, bytes], bytes])
    taken: dict[str, tuple[object, Taken]] = field(default_factory=dict[str, tuple[object, Taken]])
    """What is read together, by its location."""
    whole: set[tuple[str, str, bytes]] = field(default_factory=set[tuple[str, str, bytes]])
    """Locations, with each envelope of whose files none is missing there."""

    def forget(self) -> None:
        """Nothing is released any more."""
        for one in (self.released, self.taken, self.whole):
            one.clear()


_RING = _Ring()


@contextmanager
def holding(service: KeyService | None) -> Generator[None]:
    """Keys that this service unwraps can be had within the block, and are forgotten after it."""
    if service is None:
        yield
        return
    _RING.services.append(service)
    try:
        yield
    finally:
        _RING.services.remove(service)
        if not _RING.services:
            _RING.keys.clear()
            _RING.forget()


@contextmanager
def only_version(version: str | None) -> Generator[None]:
    """Within the block another version of sealed data is refused; None takes any."""
    wanted = [] if version is None else [version]
    _RING.versions.extend(wanted)
    try:
        yield
    finally:
        for one in wanted:
            _RING.versions.remove(one)


def held() -> KeyService | None:
    """The service that what is newly sealed is wrapped by."""
    return _RING.services[-1] if _RING.services else None


def release(permit: Permit, role: Role, on: date) -> None:
    """Let the files of a role, and those its rows may name, be opened as far as they are sealed.

    Raises:
        AgreementError: The permit has ended, or is not for this role.
    """
    permit.admit(role, on)
    until = {work.id: work.until for work in permit.works}
    for asset in (*permit.sources(role), *permit.sources("files")):
        found = Released(asset.work, until.get(asset.work))
        _RING.released.update((file.path, found) for file in asset.files)
        _take(asset)


def release_file(path: str, agreement: str, until: date | None) -> None:
    """Let one file be opened that an agreement was judged for."""
    _RING.released[path] = Released(agreement, until)


def take_together(root: str, files: Iterable[str]) -> Taken:
    """Files of a folder that are read together: where one is missing, none is opened."""
    _RING.taken[root] = (None, Taken(root, frozenset(files)))
    return _RING.taken[root][1]


def _take(asset: Asset) -> None:
    place = f"{asset.root} {asset.location}"
    if not (_RING.services or _RING.keys) or _RING.taken.get(place, (None,))[0] is asset:
        return
    paths = (file.path for file in asset.files)
    _RING.taken[place] = (asset, taken(asset.location, asset.root, paths))
    _RING.whole = {one for one in _RING.whole if one[0] != place}


def unlock(path: str, envelope_id: bytes | None, fetch: Fetch | None = None) -> Unlocked:
    """What opens a sealed file.

    Args:
        path: Of the file, or its URL.
        envelope_id: That the file names; None where its format has no place for it.
        fetch: Reads a small file or gives None; by default from this machine.

    Raises:
        DataError: There is no envelope.
        RecipeError: Its key is not here.
        AgreementError: No live permit released it.
        IntegrityError: The envelope was changed.
    """
    fetch = fetch or read_here
    envelope, place = find_envelope(path, envelope_id, fetch)
    known = _known(path, envelope, place, fetch)
    folder = place.rpartition("/")[0]
    return Unlocked(_RING.keys[known], envelope.bound(name_in(envelope.scope, path, folder)))


def lend(files: Iterable[tuple[str, bytes | None]], fetch: Fetch | None = None) -> Lent:
    """The keys of sealed files.

    Args:
        files: Path and envelope of each, as of `unlock`, which raises the same.
    """
    lent: dict[tuple[str, bytes], bytes] = {}
    fetch = fetch or read_here
    for path, envelope_id in files:
        known = _known(path, *find_envelope(path, envelope_id, fetch), fetch)
        lent[known] = _RING.keys[known]
    return Lent(lent, tuple(_RING.versions))


def borrow(lent: Lent, permit: Permit, roles: Iterable[Role]) -> None:
    """Hold keys that another process lent, instead of any lent before, for files of a permit.

    Raises:
        AgreementError: The permit has ended, or is not for these roles.
    """
    _RING.keys, _RING.versions = dict(lent.keys), list(lent.versions)
    _RING.forget()
    for role in roles:
        release(permit, role, date.today())


def _known(path: str, envelope: Envelope, place: str, fetch: Fetch) -> tuple[str, bytes]:
    """Name of a data key that can be had, and of whose files none is missing."""
    _require_release(path, envelope)
    known = (envelope.id, envelope.wrapped)
    if known not in _RING.keys:
        service = next((s for s in _RING.services if s.key_id == envelope.key_id), None)
        if service is None:
            tried = tuple(s.key_id for s in _RING.services)
            raise faults.no_key(path, envelope.key_id, tried, "data.vault.key")
        _RING.keys[known] = envelope.open(service, place)
    if envelope.members is not None:
        folder = place.rpartition("/")[0]
        for name, (_, wanted) in _RING.taken.items():
            if (name, *known) not in _RING.whole and path in wanted.files:
                require_whole(envelope, folder, wanted, fetch)
                _RING.whole.add((name, *known))
    return known


def find_envelope(path: str, envelope_id: bytes | None, fetch: Fetch) -> tuple[Envelope, str]:
    """The envelope of a sealed file, and where it lies: beside it, or in a folder above.

    Raises:
        DataError: There is none.
        IntegrityError: There are envelopes, and none goes with the file.
    """
    places, folder = [f"{path}{FOR_FILE}"], path
    for _ in range(DEPTH):
        folder, found, _ = folder.rpartition("/")
        if not found or folder.endswith((":/", ":")):
            break
        places += [f"{folder}/{FOR_RUN}", f"{folder}/{FOR_FOLDER}"]
    others = 0
    for place in places:
        content = fetch(place)
        if content is not None:
            envelope = envelope_from(content, place)
            if envelope_id is None or bytes.fromhex(envelope.id) == envelope_id:
                return envelope, place
            others += 1
    if others:
        raise faults.changed(path, "the envelope that goes with it is another one")
    raise faults.no_envelope(path)


def _require_release(path: str, envelope: Envelope) -> None:
    today = date.today()
    if envelope.scope == "run":
        if envelope.until is not None and today > envelope.until:
            raise faults.ended(path, envelope.until, today)
        return
    if _RING.versions and envelope.version not in _RING.versions:
        raise faults.another_version(path, envelope.version, _RING.versions[-1])
    found = _RING.released.get(path)
    if found is None:
        fix = "open it through a recipe, whose permit names it, or with `accord vault open`"
        raise faults.not_released(path, "no permit", f"one of {envelope.agreement!r}", fix)
    if found.agreement != envelope.agreement:
        fix = "name the agreement that it was sealed under, or open it and seal it again"
        raise faults.not_released(path, found.agreement, envelope.agreement, fix)
    if found.until is not None and today > found.until:
        raise faults.ended(path, found.until, today)
