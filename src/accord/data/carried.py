"""Columns that training looks at beside what a model takes: the groups of rows, their dates."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from accord.data.account import Account
from accord.data.source import Block
from accord.data.step import WEIGHT
from accord.recipe.columns import carried as carried_by_field
from accord.recipe.side_task import SIDE
from accord.recipe.source_column import SOURCE
from accord.recipe.tree import Recipe
from accord.vault.files import open_arrow

PREFIX = "carried:"
MISSING = "(missing)"
"""The value of rows that have none: a group of its own."""


def carried(recipe: Recipe) -> tuple[str, ...]:
    """Names of the columns that some part of the recipe looks at while it trains."""
    return tuple(
        dict.fromkeys(name for names in carried_by_field(recipe).values() for name in names)
    )


def carried_of_data(recipe: Recipe) -> tuple[str, ...]:
    """Those of them that the data must have."""
    return tuple(name for name in carried(recipe) if name != SOURCE)


def _dates(recipe: Recipe) -> tuple[str, ...]:
    """Carried columns that are read as they are, whose values get no ids."""
    cold = recipe.balance.cold_start
    return (cold.by,) if cold and cold.by else ()


class Carry:
    """Puts the columns aside as texts, `carried:NAME`, so that encoders pass them on."""

    surveys = False

    def __init__(self, recipe: Recipe) -> None:
        train = recipe.data.train
        self.names = carried(recipe)
        self.sources = (train,) if isinstance(train, str) else train

    def survey(self, block: Block) -> None:
        return None

    def settle(self) -> None:
        return None

    def apply(self, block: Block, account: Account) -> Block:
        batch = block.batch
        for name in self.names:
            if name == SOURCE:
                values = pa.array([self._source(block)] * batch.num_rows, pa.string())
            else:
                values = pc.fill_null(batch[name].cast(pa.string()), MISSING)
            batch = batch.append_column(f"{PREFIX}{name}", values)
        return Block(batch, block.rows, block.file, block.asset)

    def _source(self, block: Block) -> str:
        """The source of a block as the recipe writes it; ids of several end with their number."""
        number = block.asset.rpartition("-")[2] if len(self.sources) > 1 else "1"
        return self.sources[int(number) - 1]


def carried_columns(block: Block) -> dict[str, pa.Array]:
    """What `Carry` and `Beside` put aside, and the rows' weights."""
    names = block.batch.schema.names
    found = {name: block.batch[name] for name in names if name.startswith((PREFIX, SIDE))}
    return found | ({"weight": block.batch[WEIGHT]} if WEIGHT in names else {})


def carried_facts(folder: Path, recipe: Recipe) -> dict[str, dict[str, list[str]]]:
    """Entry `carried` of schema.json: the values of each carried column in the training rows
    written to `folder`, sorted; the ids of a batch are positions in them. Empty without any."""
    names = [name for name in carried(recipe) if name not in _dates(recipe)]
    if not names:
        return {}
    with open_arrow(folder / "train.arrow") as source:
        table = pa.ipc.open_file(source).read_all()
        columns = {name: table[f"{PREFIX}{name}"] for name in names}
        values = {name: sorted(column.unique().to_pylist()) for name, column in columns.items()}
    return {"carried": values}
