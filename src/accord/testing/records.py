"""Contracts of readers and encoders."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pytest

from accord.agreement.permit import Asset, AssetFile
from accord.data.encoder import Encoder, Setting
from accord.data.reject import Reject
from accord.data.source import Block, Source
from accord.testing.contract import PartContract

ROWS = 9


class ReaderContract(PartContract):
    """A reader yields all rows in order, in blocks of bounded size, each row numbered."""

    slot = "reader"
    whole_folder: ClassVar[bool] = False
    """It opens the asset's folder with a library of its own, not file by file."""

    def write(self, folder: Path) -> pa.Table:
        """Write at least `ROWS` rows in the reader's format, in one or several files.

        Returns:
            The rows as they must be read, all columns.
        """
        raise NotImplementedError

    def _source(self, folder: Path, rows: int, columns: tuple[str, ...] | None = None) -> Source:
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        files = tuple(AssetFile(str(path), path.stat().st_size, None) for path in paths)
        asset = Asset("own/train", "train", str(folder), str(folder), files)
        return Source(asset, rows, columns)

    def _read(self, source: Source) -> list[Block]:
        rejected: list[Reject] = []
        blocks = list(self.part(self.spec(), source, rejected.append))
        assert rejected == []
        return blocks

    def test_reads_every_row_in_order(self, tmp_path: Path) -> None:
        expected = self.write(tmp_path)
        assert expected.num_rows >= ROWS
        blocks = self._read(self._source(tmp_path, 4))
        found = [row for block in blocks for row in block.batch.to_pylist()]
        assert found == expected.to_pylist()

    def test_numbers_every_row(self, tmp_path: Path) -> None:
        expected = self.write(tmp_path)
        blocks = self._read(self._source(tmp_path, 4))
        numbers = np.concatenate([block.rows for block in blocks])
        assert numbers.tolist() == list(range(expected.num_rows))
        assert all(len(block.rows) == block.batch.num_rows for block in blocks)
        assert {block.asset for block in blocks} == {"own/train"}

    def test_reading_again_gives_the_same(self, tmp_path: Path) -> None:
        self.write(tmp_path)
        first, second = (self._read(self._source(tmp_path, 5)) for _ in range(2))
        assert [b.batch.to_pylist() for b in first] == [b.batch.to_pylist() for b in second]

    def test_reads_the_columns_asked_for(self, tmp_path: Path) -> None:
        expected = self.write(tmp_path)
        name = expected.column_names[-1]
        for block in self._read(self._source(tmp_path, 4, (name,))):
            assert name in block.batch.schema.names

    def test_opens_only_what_is_permitted(self, tmp_path: Path) -> None:
        if self.whole_folder:
            pytest.skip("its library opens the folder")
        self.write(tmp_path)
        source = self._source(tmp_path, 4)
        kept = source.asset.files[:1]
        (tmp_path / "beside.secret").write_bytes(b"\xff\x00 not permitted")
        asset = Asset("own/train", "train", str(tmp_path), str(tmp_path), kept)
        if len(source.asset.files) > 1:
            whole = sum(len(block.rows) for block in self._read(source))
            some = sum(len(block.rows) for block in self._read(Source(asset, 4)))
            assert 0 < some < whole


class EncoderContract(PartContract):
    """An encoder's rows are numbered, its facts are JSON, its batches are what models take."""

    slot = "encoder"

    def recipe(self, folder: Path) -> dict[str, Any]:
        """Sections of a recipe of the task, without `train` and `agreement`: `model`, `data`."""
        raise NotImplementedError

    def rows(self) -> tuple[pa.RecordBatch, tuple[str, ...]]:
        """Clean rows, as `accord.data.rows.read_rows` yields them, and the label names."""
        raise NotImplementedError

    def _made(self, folder: Path) -> tuple[Encoder, Block]:
        from accord.recipe.load import recipe_from

        batch, labels = self.rows()
        sections = self.recipe(folder)
        data = {"agreement": "own", "train": "rows.csv", **sections["data"]}
        recipe = recipe_from({"task": self.part.kind, "model": sections["model"], "data": data})
        encoder = self.part(self.spec(), Setting(recipe.recipe, folder, labels))
        # Row numbers need not begin at 0 or be without gaps.
        numbers = np.arange(batch.num_rows, dtype=np.int64) * 2 + 3
        block = Block(batch, numbers, "rows.csv", "own/train")
        if encoder.surveys:
            encoder.survey(block)
        return encoder, block

    def _encoded(self, encoder: Encoder, block: Block, split: str) -> pa.Table:
        def batches() -> Iterator[pa.RecordBatch]:
            yield from encoder.encode(block, split)
            yield from encoder.flush(split)

        return pa.Table.from_batches(list(batches()))

    def _schema(self, encoder: Encoder) -> dict[str, Any]:
        from accord.recipe.task import TASKS

        _, labels = self.rows()
        task = TASKS[self.part.kind]  # type: ignore[index]
        common = {"task": task.name, "problem": task.problems[0], "labels": list(labels)}
        return {**common, **encoder.facts()}

    def test_rows_keep_their_number_and_asset(self, tmp_path: Path) -> None:
        encoder, block = self._made(tmp_path)
        table = self._encoded(encoder, block, "train")
        assert table.num_rows > 0
        numbers = table["row"].to_pylist()
        assert len(set(numbers)) == len(numbers)
        assert set(table["asset"].to_pylist()) == {"own/train"}

    def test_rows_held_out_can_be_shown(self, tmp_path: Path) -> None:
        encoder, block = self._made(tmp_path)
        self._encoded(encoder, block, "train")
        table = self._encoded(encoder, block, "test")
        assert all(isinstance(text, str) and text for text in table["display"].to_pylist())

    def test_encoding_again_gives_the_same(self, tmp_path: Path) -> None:
        tables = [self._encoded(*self._made(tmp_path), "train") for _ in range(2)]
        assert tables[0].schema == tables[1].schema
        # As text: a missing number does not equal itself.
        assert str(tables[0].to_pylist()) == str(tables[1].to_pylist())

    def test_facts_are_json_and_batches_are_made_of_them(self, tmp_path: Path) -> None:
        from accord.batch import collate

        encoder, block = self._made(tmp_path)
        table = self._encoded(encoder, block, "train")
        schema = json.loads(json.dumps(self._schema(encoder)))
        assert schema["modality"] in ("text", "image", "table")
        batch = collate(table, schema)
        assert all(len(values) == table.num_rows for values in batch.values())

    def test_saves_what_the_model_needs(self, tmp_path: Path) -> None:
        from accord.model.tokenizer import load_tokenizer

        encoder, block = self._made(tmp_path)
        self._encoded(encoder, block, "train")
        encoder.save(tmp_path / "saved")
        if encoder.facts()["modality"] == "text":
            codec = load_tokenizer(tmp_path / "saved" / "tokenizer")
            assert codec.vocabulary == encoder.facts()["vocab_size"]
