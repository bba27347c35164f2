"""Any data, encoded as a trained model was taught to read it: no vocabulary is learned anew."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from accord.artifact import Artifact, open_artifact
from accord.data.arrow_file import ArrowFile, write_empty
from accord.data.encoder import Encoder, Setting, encoded
from accord.data.incoming import filled_like, generalised_like
from accord.data.newcomers import newcomers_known
from accord.data.reject import Rejects
from accord.data.rows import read_rows, rejects_of
from accord.data.source import Block
from accord.data.survey import SEPARATOR, label_keys
from accord.errors import DataError
from accord.part import find
from accord.permit import Permit
from accord.recipe.context import Context
from accord.recipe.tree import Recipe


def encode_known(
    recipe: Recipe, permit: Permit, facts: Mapping[str, Any], context: Context
) -> Artifact:
    """A `dataset` artifact whose test split holds all rows; the other splits are empty.

    Args:
        recipe: `model.base` is the trained model's folder.
        permit: Opens the rows, which are its `test` sources.
        facts: The model's `accord.json`: its labels, categories, image size.
        context: Gives the store and the identity to make it with.

    Raises:
        DataError: No row can be used, or a class is unknown to the model.
    """
    labels = tuple(facts["labels"])
    part = find("encoder", recipe.task)
    encoder: Encoder = part(
        part.spec(kind=recipe.task), Setting(recipe, context.base, labels, facts)
    )
    if facts["modality"] == "table":
        encoder.survey(_known_categories(recipe, facts))
    store = context.store
    with store.create("dataset", context.identity, terms=permit.terms) as folder:
        with (
            rejects_of(recipe) as rejects,
            ArrowFile(folder / "test.arrow") as file,
        ):
            for block in _blocks(recipe, permit, context.base, rejects, facts):
                for batch in encoded(encoder, block, "test"):
                    file.add(batch)
            for batch in encoder.flush("test"):
                file.add(batch)
        if not file.rows:
            raise DataError(
                "the data hold no usable row",
                code="split-empty",
                path="data.test",
                fix="check the file, and `data.on_bad_row` if rows were put aside",
            )
        for name in ("train", "validation"):
            write_empty(folder / f"{name}.arrow", like=folder / "test.arrow")
        encoder.save(folder)
        rows = {"train": 0, "validation": 0, "test": file.rows}
        schema = {**encoder.facts(), **facts, "rows": rows, "slices": list(recipe.evaluate.slices)}
        (folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    return open_artifact(store.location("dataset", context.identity))


def _blocks(
    recipe: Recipe,
    permit: Permit,
    base: Path,
    rejects: Rejects,
    facts: Mapping[str, Any],
) -> Iterator[Block]:
    labels, problem = tuple(facts["labels"]), facts["problem"]
    newcomers = newcomers_known(recipe.balance.cold_start, recipe.data, facts)
    for block in read_rows(permit, "test", recipe, base, rejects=rejects):
        if problem in ("single-label", "multi-label", "token-label"):
            keys = label_keys(block.batch, recipe.data, problem)
            found = {name for key in keys for name in key.split(SEPARATOR) if name}
            _refuse_unknown(found, labels)
        found = filled_like(facts, generalised_like(facts, base, block))
        yield found if newcomers is None else newcomers.marked(found)


def _refuse_unknown(found: set[str], labels: tuple[str, ...]) -> None:
    unknown = sorted(found - frozenset(labels))
    if unknown:
        raise DataError(
            "the data hold classes that the model does not know",
            code="class-unseen",
            path="data.label",
            got=", ".join(unknown[:5]),
            expected=", ".join(labels),
            fix="take these rows out, or name the label column that the model was trained on",
        )


def _known_categories(recipe: Recipe, facts: Mapping[str, Any]) -> Block:
    """A block that holds each category once, from which the encoder learns the model's ids."""
    known = {column["name"]: list(column["values"]) for column in facts.get("categorical", ())}
    size = max((len(values) for values in known.values()), default=1)
    columns = {name: pa.array(np.zeros(size)) for name in recipe.data.numeric}
    for name, values in known.items():
        columns[name] = pa.array(values + [None] * (size - len(values)), pa.string())
    if isinstance(recipe.data.label, str):
        columns.setdefault(recipe.data.label, pa.array(np.zeros(size)))
    return Block(pa.RecordBatch.from_pydict(columns), np.arange(size), "", "")
