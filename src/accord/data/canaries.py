"""Rows made up at random, half of which train: whether a model gives them away can be measured.

No person's data are in them, and nothing but their having been in training tells them apart.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from accord.data.arrow_file import ArrowFile
from accord.recipe.side_task import SIDE

CANARIES = "canaries.arrow"
"""In the data set: every canary, with `included` telling whether it is among the training rows."""
REPEATED = "repeated.arrow"
"""In the data set: each canary that was put in more than once, with how many `times`."""
EACH = 10
"""Canaries of each number of times."""
CANARY = "(canary) "
"""Of whom a canary belongs to; with its number."""
TOKENS = 24
"""Of a text; fewer where the recipe allows fewer. Public: not the length of anybody's text."""
SPREAD = 3.0
"""Standard deviations of numbers: out of the ordinary, so that their gradients are large."""

Chance = np.random.Generator


class Planted:
    """Canaries of a data set, made once its training rows are encoded.

    Args:
        count: How many; each is included by a fair coin of its own.
        seed: Of the recipe.
        facts: What the encoder and the survey say of the data: classes, vocabulary, sizes.
        owner: Column that names whom a row belongs to, where privacy is of such a unit.
        repeated: How many times further canaries are put in, `EACH` of each number.
    """

    def __init__(
        self,
        count: int,
        seed: int,
        facts: Callable[[], Mapping[str, Any]],
        owner: str | None = None,
        repeated: Sequence[int] = (),
    ) -> None:
        self.count, self.seed, self._facts, self._owner = count, seed, facts, owner
        # Those that a coin put in stand there once.
        self.times = np.repeat(sorted({times for times in repeated if times > 1}), EACH)
        self.included = 0

    def plant(self, folder: Path, training: ArrowFile) -> None:
        """Write all canaries beside the data set, and those that are included into it."""
        like = training.first
        if self.count == 0 or like is None:
            return
        chance, facts = np.random.default_rng((self.seed, 0xCA9)), self._facts()
        made = canaries(like, facts, -1 - np.arange(self.count), chance, self._owner)
        included = coins(self.count, self.seed)
        self.included = int(included.sum())
        with ArrowFile(folder / CANARIES) as file:
            file.add(made.append_column("included", pa.array(included)))
        training.add(made.filter(pa.array(included)))
        if len(self.times):
            self._repeat(folder, training, like, facts)

    def _repeat(
        self, folder: Path, training: ArrowFile, like: pa.RecordBatch, facts: Mapping[str, Any]
    ) -> None:
        """The same of canaries that stand there more than once."""
        chance = np.random.default_rng((self.seed, 0x4E9))
        numbers = -1 - self.count - np.arange(len(self.times))
        made = canaries(like, facts, numbers, chance, self._owner)
        with ArrowFile(folder / REPEATED) as file:
            file.add(made.append_column("times", pa.array(self.times)))
        training.add(made.take(pa.array(np.repeat(np.arange(len(self.times)), self.times))))

    def told(self) -> dict[str, Any]:
        """For accounting.json; nothing without canaries."""
        if not self.count:
            return {}
        told: dict[str, Any] = {"made": self.count, "included": self.included}
        if len(self.times):
            told["repeated"] = {str(times): EACH for times in sorted(set(self.times.tolist()))}
        return {"canaries": told}


def coins(count: int, seed: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which canaries are included: independent fair coins. Shape [count]."""
    return np.random.default_rng((seed, 0xC01)).random(count) < 0.5


def canaries(
    like: pa.RecordBatch,
    facts: Mapping[str, Any],
    numbers: np.ndarray[Any, np.dtype[np.int64]],
    chance: Chance,
    owner: str | None = None,
) -> pa.RecordBatch:
    """Rows in the form of others, with content drawn at random, each a unit of its own.

    Args:
        like: Training rows; only their form is taken, and where all begin or end with the same
            token, that token.
        facts: `modality`, `problem`, `labels` and what the modality needs of `schema.json`.
        numbers: Of the rows, below 0.
        chance: What they are drawn from.
        owner: Column that names whom a row belongs to; a canary belongs to nobody else.
    """
    count = len(numbers)
    columns = {"row": pa.array(numbers, pa.int64())}
    if owner is not None:
        columns[owner] = pa.array([f"{CANARY}{number}" for number in numbers])
    if facts["modality"] == "text":
        columns |= _texts(like, facts, numbers, chance)
    elif facts["modality"] == "image":
        columns["image"] = pa.array([_noise(facts["image"], chance) for _ in range(count)])
    else:
        columns |= _table(facts, count, chance)
    if "label" not in columns and "label" in like.schema.names:
        columns["label"] = _labels(facts, count, chance)
    made = [_column(field, columns, like, count) for field in like.schema]
    return pa.RecordBatch.from_arrays(made, schema=like.schema)


def _column(
    field: pa.Field, columns: Mapping[str, pa.Array], like: pa.RecordBatch, count: int
) -> pa.Array:
    if field.name in columns:
        return columns[field.name].cast(field.type)
    if field.name.startswith(SIDE):  # another task has no label for them
        return pa.nulls(count, field.type)
    return pa.repeat(like.column(field.name)[0], count).cast(field.type)


def _texts(
    like: pa.RecordBatch,
    facts: Mapping[str, Any],
    numbers: np.ndarray[Any, np.dtype[np.int64]],
    chance: Chance,
) -> dict[str, pa.Array]:
    count = len(numbers)
    rows = like.column("input_ids").to_pylist()
    first = _shared([row[0] for row in rows])
    last = _shared([row[-1] for row in rows])
    length = min(TOKENS, int(facts["max_tokens"]))
    ids = chance.integers(0, int(facts["vocab_size"]), (count, length))
    free = np.ones(length, dtype=np.bool_)
    for place, token in ((0, first), (length - 1, last)):
        if token is not None:
            ids[:, place], free[place] = token, False
    found: dict[str, pa.Array] = {"input_ids": _lists(ids)}
    if "token_type_ids" in like.schema.names:
        found["token_type_ids"] = _lists(np.zeros_like(ids))
    if facts["problem"] == "token-label":
        tags = np.where(free, chance.integers(0, len(facts["labels"]), ids.shape), -100)
        found["label"] = _lists(tags)
    if facts["problem"] == "next-token":
        found["loss_mask"] = pa.array((np.arange(length) > 0)[None].repeat(count, 0).tolist())
        found["lengths"] = _lists(np.full((count, 1), length))
        found["bytes"] = pa.array(np.full(count, 4 * length))
        # Documents of their own: else they shared the unit of the first row's.
        found["documents"] = _lists(numbers[:, None])
        asset = like.column("document_assets")[0].as_py()[0]
        found["document_assets"] = pa.array([[asset]] * count)
    return found


def _shared(tokens: list[int]) -> int | None:
    return tokens[0] if len(tokens) > 1 and len(set(tokens)) == 1 else None


def _table(facts: Mapping[str, Any], count: int, chance: Chance) -> dict[str, pa.Array]:
    found: dict[str, pa.Array] = {}
    if facts["numeric"]:
        found["numeric"] = _lists(_numbers(facts["numeric"], count, chance))
    if facts["categorical"]:
        sizes = [len(column["values"]) for column in facts["categorical"]]
        ids = np.stack([chance.integers(1, max(n, 1) + 1, count) for n in sizes], axis=1)
        found["categorical"] = _lists(ids)
    return found


def _numbers(
    columns: list[Mapping[str, Any]], count: int, chance: Chance
) -> np.ndarray[Any, np.dtype[np.float64]]:
    mean = np.array([column["mean"] for column in columns])
    std = np.array([column["std"] for column in columns])
    return mean + SPREAD * std * chance.normal(size=(count, len(columns)))


def _labels(facts: Mapping[str, Any], count: int, chance: Chance) -> pa.Array:
    if facts["problem"] == "regression":
        return pa.array(_numbers([facts["target"]], count, chance)[:, 0])
    classes = len(facts["labels"])
    if facts["problem"] == "multi-label":
        return _lists(chance.integers(0, 2, (count, classes)).astype(np.float32))
    return pa.array(chance.integers(0, classes, count))


def _noise(facts: Mapping[str, Any], chance: Chance) -> bytes:
    from PIL import Image  # an extra

    height, width = facts["size"]
    stream = io.BytesIO()
    pixels = chance.integers(0, 256, (height, width, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def _lists(values: np.ndarray[Any, Any]) -> pa.Array:
    return pa.array(values.tolist())
