"""Contract of engines."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from accord.data.engine.engine import Engine
from accord.data.unit import Unit
from accord.errors import DataError
from accord.part import find
from accord.permit import Asset
from accord.testing.contract import Contract

UNITS = 24
BAD = 9


class EngineContract(Contract):
    """Work on many units is what it would be on one after the other."""

    def engine(self) -> Engine:
        """Of two workers, if it has workers."""
        return self.part(self.spec())

    def test_results_come_in_order_and_once(self) -> None:
        with self.engine() as engine:
            assert list(engine.map(slower_first, units())) == list(range(UNITS))
            assert list(engine.map(doubled, units())) == [2 * n for n in range(UNITS)]
            assert list(engine.map(doubled, iter(()))) == []

    def test_units_are_taken_no_faster_than_results(self) -> None:
        taken: list[int] = []

        def watched() -> Iterator[Unit]:
            for unit in units():
                taken.append(unit.run)
                yield unit

        with self.engine() as engine:
            results = engine.map(doubled, watched())
            for done in range(UNITS):
                assert next(results) == 2 * done
                assert len(taken) <= done + 1 + 8

    def test_a_pass_within_a_pass(self) -> None:
        with self.engine() as engine:
            outer = engine.map(doubled, units())
            assert next(outer) == 0
            assert list(engine.map(slower_first, units())) == list(range(UNITS))
            assert list(outer) == [2 * n for n in range(1, UNITS)]

    def test_an_error_comes_in_its_place_and_as_it_was(self) -> None:
        with self.engine() as engine:
            results = engine.map(refusing, units())
            assert [next(results) for _ in range(BAD)] == list(range(BAD))
            with pytest.raises(DataError) as caught:
                next(results)
        assert (caught.value.code, caught.value.fix) == ("bad-row", "take it out")


def units() -> Iterator[Unit]:
    """Units without data, numbered."""
    asset = Asset("own/train", "train", "rows.csv", "rows.csv", ())
    first = Unit("train", 0, asset, find("reader", "csv").spec(kind="csv"))
    return (replace(first, run=number) for number in range(UNITS))


def slower_first(unit: Unit) -> int:
    """The unit's number; later units are done sooner."""
    time.sleep(0.002 * (UNITS - unit.run))
    return unit.run


def doubled(unit: Unit) -> int:
    """Twice the unit's number."""
    return 2 * unit.run


def refusing(unit: Unit) -> int:
    """The unit's number, but for one."""
    if unit.run == BAD:
        raise DataError("it cannot be used", code="bad-row", fix="take it out")
    return unit.run
