"""Contracts of the parts that look after the data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from accord.batch.order import Drawn
from accord.data.anonymity.ladder import Ladder, Value
from accord.data.augment.change import AugmenterSpec, Cell
from accord.data.augment.known import Known, Telling
from accord.data.mislabelled.predictor import Examples
from accord.data.outlier.found import Found
from accord.data.resample.table import Resampled, Table
from accord.sampler.setting import Kinds
from accord.testing.contract import Contract


class ResamplerContract(Contract):
    """Leaves the rare class no rarer, beside the others, and invents nothing outside its range."""

    def table(self) -> Table:
        chance = np.random.default_rng(0)
        values = chance.normal(size=(80, 2)) + np.repeat([[0, 0], [1.5, 0]], [60, 20], axis=0)
        return Table(values, np.zeros(2, dtype=bool), np.repeat([0, 1], [60, 20]))

    def made(self) -> Resampled:
        return self.part(self.spec(), self.table(), 0)

    def test_it_balances(self) -> None:
        table, made = self.table(), self.made()
        after = np.bincount(table.labels[made.kept], minlength=2) + np.bincount(
            made.labels, minlength=2
        )
        assert after[1] > 0
        assert after[1] / after[0] >= 20 / 60

    def test_new_rows_are_of_the_rare_and_among_them(self) -> None:
        table, made = self.table(), self.made()
        rare = table.values[table.labels == 1]
        assert (made.labels == 1).all()
        assert (made.values >= rare.min(axis=0) - 1e-9).all()
        assert (made.values <= rare.max(axis=0) + 1e-9).all()

    def test_the_same_seed_gives_the_same_rows(self) -> None:
        one, other = self.made(), self.made()
        assert (one.kept == other.kept).all()
        assert (one.values == other.values).all()


class AugmenterContract(Contract):
    """Gives the same kind of thing, by no other chance than it is given."""

    cells: dict[str, Any] = {  # noqa: RUF012 - a default that subclasses replace
        "text": "a film that is worth every minute of it",
        "table": {"x": 1.0, "place": "north"},
    }

    def cell(self) -> Any:
        if self.modality == "image":
            import io

            from PIL import Image

            grid = np.random.default_rng(0).integers(0, 255, (12, 12, 3)).astype(np.uint8)
            stream = io.BytesIO()
            Image.fromarray(grid).save(stream, format="PNG")
            return stream.getvalue()
        return self.cells[self.modality]

    @property
    def modality(self) -> str:
        return cast("AugmenterSpec", self.spec()).modality

    def known(self) -> Known:
        return Known(
            deviations={"x": 1.0},
            values={"place": ("north", "south")},
            telling=Telling({"a": 1, "b": 1}, {}),
            rows={"a": [{"x": 3.0, "place": "south"}]},
        )

    def all_changed(self, seeds: Sequence[int]) -> list[Any]:
        cells = [Cell(self.cell(), np.random.default_rng(seed), "a") for seed in seeds]
        return self.part(self.spec(), self.known())(cells)

    def changed(self, seed: int) -> Any:
        return self.all_changed([seed])[0]

    def test_cells_do_not_hang_on_each_other(self) -> None:
        assert self.all_changed([3, 4, 5])[1] == self.changed(4)

    def test_the_same_chance_changes_the_same(self) -> None:
        assert self.changed(3) == self.changed(3)

    def test_it_changes_something(self) -> None:
        assert any(made != self.cell() for made in self.all_changed(range(10)))

    def test_it_gives_what_it_takes(self) -> None:
        changed = self.changed(1)
        assert type(changed) is type(self.cell())
        if self.modality == "table":
            assert changed.keys() == self.cell().keys()
        if self.modality == "image":
            import io

            from PIL import Image

            assert Image.open(io.BytesIO(changed)).size == (12, 12)
        assert changed


class SamplerContract(Contract):
    """Draws whole rows, none of a kind that has none, and never the rare less than its share."""

    kinds: Kinds = Kinds(("a", "b", "c"), np.array([100, 10, 1]))

    def draws(self, kinds: Kinds) -> np.ndarray:
        return self.part(self.spec(), kinds)

    def test_it_draws_whole_rows(self) -> None:
        draws = self.draws(self.kinds)
        assert draws.dtype == np.int64
        assert (draws >= 0).all()
        assert draws.sum() > 0

    def test_a_kind_without_rows_is_not_drawn(self) -> None:
        assert self.draws(Kinds(self.kinds.names, np.array([100, 0, 1])))[1] == 0

    def test_an_epoch_holds_what_is_drawn(self) -> None:
        draws = self.draws(self.kinds)
        owners = np.repeat(np.arange(3), self.kinds.counts)
        drawn = Drawn(owners, draws).epoch(0, 0)
        assert (np.bincount(owners[drawn], minlength=3) == draws).all()


class LabelModelContract(Contract):
    """Learns classes and numbers; answers with probabilities, of every class that it was shown."""

    def features(self) -> np.ndarray:
        """Two columns with two missing values. Shape [200, 2]."""
        values = np.random.default_rng(0).normal(size=(200, 2))
        values[[3, 77], 1] = np.nan
        return values

    def answers(self, targets: np.ndarray, classes: int) -> np.ndarray:
        features = self.features()
        learned = self.part(self.spec(), Examples(features[:150], targets[:150], classes), 0)
        return learned(features[150:])

    def test_it_learns_classes(self) -> None:
        classes = np.digitize(self.features()[:, 0], [-0.5, 0.5])
        chances = self.answers(classes, 3)
        assert chances.shape == (50, 3)
        assert np.allclose(chances.sum(axis=1), 1)
        assert (chances.argmax(axis=1) == classes[150:]).mean() > 0.8

    def test_it_learns_numbers(self) -> None:
        numbers = 3 * self.features()[:, 0] + 10
        found = self.answers(numbers, 0)
        assert found.shape == (50,)
        assert np.abs(found - numbers[150:]).mean() < 1

    def test_the_same_seed_gives_the_same(self) -> None:
        classes = (self.features()[:, 0] > 0).astype(np.int64)
        assert (self.answers(classes, 2) == self.answers(classes, 2)).all()


class OutlierContract(Contract):
    """Judges each row and, if it can, each value; finds what is wild, and needs no chance but its
    seed."""

    def values(self) -> np.ndarray:
        """Ordinary rows with two wild ones, the fifth and the fiftieth. Shape [120, 3]."""
        values = np.random.default_rng(0).normal(size=(120, 3))
        values[[5, 50]] += 15
        return values

    def found(self, values: np.ndarray) -> Found:
        return self.part(self.spec(), values, 0)

    def test_it_judges_every_row(self) -> None:
        values = self.values()
        found = self.found(values)
        assert found.rows.shape == (len(values),)
        assert found.rows[[5, 50]].all()
        assert found.rows.mean() < 0.2
        if found.cells is not None:
            assert found.cells.shape == values.shape
            assert (np.any(found.cells, axis=1) == found.rows).all()

    def test_it_takes_missing_values(self) -> None:
        values = self.values()
        values[10, 1] = np.nan
        found = self.found(values)
        assert not found.rows[10]
        assert found.cells is None or not found.cells[10, 1]

    def test_the_same_values_give_the_same(self) -> None:
        assert (self.found(self.values()).rows == self.found(self.values()).rows).all()

    def test_it_changes_nothing_it_is_given(self) -> None:
        values = self.values()
        self.found(values)
        assert (values == self.values()).all()


class ImputerContract(Contract):
    """Fills every gap and nothing else, each row by itself, by what it can tell in JSON."""

    def values(self) -> np.ndarray:
        """Two columns that go together, one by itself, one that is never known. Shape [60, 4]."""
        x = np.random.default_rng(0).normal(size=60)
        other = np.random.default_rng(1).normal(size=60)
        values = np.stack([x, 2 * x + 1, other, np.full(60, np.nan)], axis=1)
        values[::7, 0], values[3::5, 1] = np.nan, np.nan
        return values

    def learned(self) -> Any:
        return self.part(self.spec()).learn(self.values(), np.arange(60.0))

    def filled(self, rows: slice) -> np.ndarray:
        facts = json.loads(json.dumps(self.learned(), allow_nan=False))
        return self.part(self.spec()).fill(facts, self.values()[rows], np.arange(60.0)[rows])

    def test_no_gap_is_left_and_nothing_else_is_changed(self) -> None:
        values, filled = self.values(), self.filled(slice(None))
        known = ~np.isnan(values)
        assert np.isfinite(filled).all()
        assert (filled[known] == values[known]).all()

    def test_each_row_by_itself(self) -> None:
        whole = self.filled(slice(None))
        assert all((self.filled(slice(i, i + 1)) == whole[i]).all() for i in (0, 3, 8, 35))

    def test_the_same_rows_teach_the_same(self) -> None:
        assert self.learned() == self.learned()


class ScalerContract(Contract):
    """Keeps the order of a column's values, each by itself, by what it can tell in JSON."""

    def values(self) -> np.ndarray:
        """Skewed, with a value far away. Shape [60]."""
        values = np.exp(np.random.default_rng(0).normal(size=60)) - 1
        values[7] = 1e4
        return values

    def scaled(self, values: np.ndarray) -> np.ndarray:
        scaler = self.part(self.spec())
        facts = json.loads(json.dumps(scaler.learn(self.values()), allow_nan=False))
        return scaler.apply(facts, values)

    def test_the_order_stays(self) -> None:
        scaled = self.scaled(np.sort(np.concatenate([self.values(), [-50.0, 2e4]])))
        assert np.isfinite(scaled).all()
        assert (np.diff(scaled) >= -1e-12).all()

    def test_each_value_by_itself(self) -> None:
        whole = self.scaled(self.values())
        assert all(self.scaled(self.values()[i : i + 1])[0] == whole[i] for i in (0, 7, 33))

    def test_a_column_of_one_value_becomes_one_number(self) -> None:
        scaler = self.part(self.spec())
        found = scaler.apply(scaler.learn(np.full(9, 3.0)), np.full(2, 3.0))
        assert np.isfinite(found).all()
        assert found[0] == found[1]


class GeneralisationContract(Contract):
    """Each level is coarser than the one below, the top says nothing, and a model can do the same
    to new rows."""

    values: tuple[Value, ...] = ("10115", "10117", "20095")

    def ladder(self) -> Ladder:
        return self.part(self.spec(), Path(), self.values, "field")

    def test_the_lowest_level_changes_nothing(self) -> None:
        assert [self.ladder().value(value, 0) for value in self.values] == list(self.values)

    def test_the_top_says_nothing(self) -> None:
        ladder = self.ladder()
        assert len({ladder.value(value, ladder.levels) for value in self.values}) == 1

    def test_what_is_one_stays_one(self) -> None:
        ladder = self.ladder()
        for level in range(ladder.levels):
            merged: dict[Any, Any] = {}
            for value in self.values:
                above = ladder.value(value, level + 1)
                assert merged.setdefault(ladder.value(value, level), above) == above

    def test_a_model_keeps_the_levels(self) -> None:
        ladder = self.ladder()
        again: Ladder = self.part(ladder.fixed, Path(), (), "field")
        for level in range(ladder.levels + 1):
            for value in self.values:
                assert again.value(value, level) == ladder.value(value, level)
