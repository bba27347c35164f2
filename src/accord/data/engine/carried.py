"""What an engine carries of sealed data. Rows, and what is made of them, are opened where they are
worked on; on the way, and wherever the engine keeps or spills them, they are ciphertext."""

from __future__ import annotations

import os
import pickle
import stat
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accord.data.engine.engine import Work
from accord.data.survey import ROLES
from accord.permit import Permit
from accord.vault.dumps import forbid_dumps
from accord.vault.message import Secret, public_key, secret_among
from accord.vault.ring import Lent, borrow

UNIT, MADE, WORK = "unit", "made", "work"


@dataclass(frozen=True, slots=True)
class Stranger:
    """The answer of a process that was not given the key yet.

    Args:
        public: What the key is to be encrypted to.
    """

    public: bytes


@dataclass(frozen=True, slots=True)
class Parcel:
    """A unit, or what was made of it, sealed.

    Args:
        number: Of the unit in its pass.
        content: The message.
        given: The key of the messages, for each process that asked for it.
    """

    number: int
    content: bytes
    given: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Failed:
    """What the work raised; it is told where the rows are at home."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Carried:
    """Work of a pass, sealed.

    Args:
        secret: Id of the key of the messages.
        number: Of the pass.
        content: The message: keys that are lent, the permit, the work.
    """

    secret: bytes
    number: int
    content: bytes

    def __call__(self, unit: Parcel) -> Parcel | Stranger:
        """A unit, worked on.

        Raises:
            IntegrityError: A message was changed or exchanged on its way.
        """
        secret = _secret(self.secret, unit.given)
        if secret is None:
            return Stranger(public_key())
        work = _opened(self, secret)
        item = pickle.loads(secret.open(unit.content, UNIT, self.number, unit.number))
        made: Any
        try:
            made = work(item)
        except Exception as error:  # noqa: BLE001 - what it says of rows must not be carried openly
            made = Failed(_portable(error))
        content = secret.seal(pickle.dumps(made, protocol=5), MADE, self.number, unit.number)
        return Parcel(unit.number, content, {})


_SECRETS: dict[bytes, Secret] = {}
_AT_HOME: set[bytes] = set()
_WORK: dict[tuple[bytes, int], Work] = {}


def at_home(secret: Secret) -> None:
    """This process made the key: what an engine does in it needs no introduction and no loan."""
    _SECRETS[secret.id] = secret
    _AT_HOME.add(secret.id)


def forget(secret: Secret) -> None:
    """Undo `at_home`."""
    _SECRETS.pop(secret.id, None)
    _AT_HOME.discard(secret.id)
    _WORK.clear()


def _secret(id: bytes, given: Mapping[bytes, bytes]) -> Secret | None:
    if id not in _SECRETS:
        found = secret_among(given, id)
        if found is None:
            return None
        forbid_dumps()
        _say_nothing()
        _SECRETS.clear()
        _SECRETS[id] = found
    return _SECRETS[id]


def _opened(carried: Carried, secret: Secret) -> Work:
    place = (carried.secret, carried.number)
    if place not in _WORK:
        content = secret.open(carried.content, WORK, carried.number)
        lent, permit, work = pickle.loads(content)
        if carried.secret not in _AT_HOME:
            _take(lent, permit)
        _WORK.clear()
        _WORK[place] = work
    return _WORK[place]


def _take(lent: Lent, permit: Permit) -> None:
    borrow(lent, permit, tuple(role for role in ROLES if permit.sources(role)))


def _say_nothing() -> None:
    """Output that goes to a file, as that of Ray's processes does, is dropped from now on: what
    libraries say may quote a row."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _portable(error: Exception) -> Exception:
    """An error that can be sent; where it happened is told with it."""
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever a foreign class does when it is pickled
        return RuntimeError("".join(traceback.format_exception(error)))
    return error
