"""Any engine on sealed data: what it is given, keeps and gives back is ciphertext."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from types import TracebackType
from typing import Any

from accord.data.engine.carried import (
    MADE,
    UNIT,
    WORK,
    Carried,
    Failed,
    Parcel,
    Stranger,
    at_home,
    forget,
)
from accord.data.engine.engine import Engine, Work, engine_of
from accord.data.opening import lent_keys
from accord.data.survey import ROLES
from accord.errors import DataError
from accord.permit import Permit
from accord.recipe.tree import Recipe
from accord.vault.message import new_secret

ROUNDS = 20
"""How often processes that are new, each time other ones, are given the key for the same units."""


class Guarded:
    """Seals units and work on the way to an engine, and opens what comes back.

    The key of the messages is made here and lives in memory. A process of the engine that has not
    got it answers with a public key of its own, and is given it (`accord.vault.message`).

    Args:
        engine: Does the work.
        permit: Names the files; keys of those that are sealed are lent to the processes.
    """

    def __init__(self, engine: Engine, permit: Permit) -> None:
        self._engine, self._permit = engine, permit
        self._secret, self._given = new_secret(), dict[bytes, bytes]()
        self._passes = 0

    def __enter__(self) -> Guarded:
        at_home(self._secret)
        self._engine.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        forget(self._secret)
        self._engine.__exit__(kind, error, trace)

    def map(self, work: Work, units: Iterable[Any]) -> Iterator[Any]:
        """What the work makes of each unit; see `Engine`."""
        self._passes += 1
        number = self._passes
        content = pickle.dumps((lent_keys(self._permit, ROLES), self._permit, work), protocol=5)
        carried = Carried(self._secret.id, number, self._secret.seal(content, WORK, number))
        under_way: deque[Parcel] = deque()

        def sent() -> Iterator[Parcel]:
            for place, unit in enumerate(units):
                content = self._secret.seal(pickle.dumps(unit, protocol=5), UNIT, number, place)
                parcel = Parcel(place, content, dict(self._given))
                under_way.append(parcel)
                yield parcel

        answers = self._engine.map(carried, sent())
        for answer in answers:
            asked = [(under_way.popleft(), answer)]
            if isinstance(answer, Stranger):
                # All that is under way was sent when nobody had the key, or few.
                several = islice(answers, len(under_way))
                asked += [(under_way.popleft(), found) for found in several]
            for parcel in self._known(carried, asked):
                yield self._made(parcel, number)

    def _known(
        self, carried: Carried, asked: list[tuple[Parcel, Parcel | Stranger]]
    ) -> Iterator[Parcel]:
        """The answers, once those who gave none were given the key and asked again."""
        found = {sent.number: answer for sent, answer in asked}
        for _ in range(ROUNDS):
            strangers = [one for one in found.values() if isinstance(one, Stranger)]
            if not strangers:
                break
            for one in strangers:
                self._given[one.public] = self._secret.given_to(one.public)
            again = [sent for sent, _ in asked if isinstance(found[sent.number], Stranger)]
            anew = [replace(sent, given=dict(self._given)) for sent in again]
            answers = self._engine.map(carried, anew)
            found |= {sent.number: answer for sent, answer in zip(again, answers, strict=True)}
        for answer in found.values():
            if isinstance(answer, Stranger):
                raise _never_known()
            yield answer

    def _made(self, parcel: Parcel, number: int) -> Any:
        content = self._secret.open(parcel.content, MADE, number, parcel.number)
        made = pickle.loads(content)
        if isinstance(made, Failed):
            raise made.error
        return made


def engine_under(permit: Permit, recipe: Recipe) -> Engine:
    """The engine that a recipe asks for. What is sealed leaves this process as ciphertext."""
    engine = engine_of(recipe.data.engine)
    alone = recipe.data.engine is None or recipe.data.engine.kind == "here"
    return engine if alone or recipe.data.vault is None else Guarded(engine, permit)


def _never_known() -> DataError:
    return DataError(
        "the processes that prepare the data end before they are done",
        code="worker-died",
        path="data.engine",
        got=f"other processes, {ROUNDS} times",
        why="each new one is given the key of the sealed data before it can work",
        fix="see what ends them, give fewer `workers`, or leave `data.engine` out",
    )
