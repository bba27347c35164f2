"""Contracts of readers and encoders."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from accord.data.encoder import Encoder, Setting, settled
from accord.data.reject import Reject
from accord.data.source import Block, Source
from accord.errors import AccordError
from accord.permit import Asset, AssetFile
from accord.testing.contract import Contract

ROWS = 7


class ReaderContract(Contract):
    """All rows once, in order and numbered; only permitted, unchanged files are opened.

    Implement `write`; override `expected` where columns are not `text` and `label`.
    """

    def write(self, folder: Path) -> Path:
        """Write `self.rows()` in the reader's format; returns the file or folder."""
        raise NotImplementedError

    def rows(self) -> list[dict[str, str]]:
        return [{"text": f"row {n}: grün, 字", "label": "ab"[n % 2]} for n in range(ROWS)]

    def expected(self) -> Mapping[str, Sequence[Any]]:
        """Values by column, in order."""
        return {name: [row[name] for row in self.rows()] for name in ("text", "label")}

    def _blocks(
        self, asset: Asset, batch_rows: int = 2048, columns: tuple[str, ...] | None = None
    ) -> tuple[list[Block], list[Reject]]:
        rejects: list[Reject] = []
        source = Source(asset, batch_rows, columns)
        return list(self.part(self.spec(), source, rejects.append)), rejects

    def test_every_row_is_read_once_in_order(self, tmp_path: Path) -> None:
        asset = asset_of(self.write(tmp_path))
        for size in (2048, 3, 1):
            blocks, rejects = self._blocks(asset, size)
            assert rejects == []
            assert max(block.batch.num_rows for block in blocks) <= max(size, 256)
            numbers = np.concatenate([block.rows for block in blocks])
            assert numbers.tolist() == list(range(len(numbers)))
            for name, values in self.expected().items():
                found = [v for block in blocks for v in block.batch[name].to_pylist()]
                assert found == list(values), name
            assert {block.asset for block in blocks} == {asset.id}

    def test_named_columns_are_there(self, tmp_path: Path) -> None:
        name = next(iter(self.expected()))
        blocks, _ = self._blocks(asset_of(self.write(tmp_path)), columns=(name,))
        assert all(name in block.batch.schema.names for block in blocks)

    def test_reading_twice_gives_the_same(self, tmp_path: Path) -> None:
        asset = asset_of(self.write(tmp_path))
        first, second = self._blocks(asset)[0], self._blocks(asset)[0]
        assert [b.batch for b in first] == [b.batch for b in second]

    def test_a_cut_file_is_refused(self, tmp_path: Path) -> None:
        asset = asset_of(self.write(tmp_path))
        for file in asset.files:
            path = Path(file.path)
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        try:
            self._blocks(asset)
        except AccordError:
            return
        raise AssertionError("a file other than the permitted one was read")


class EncoderContract(Contract):
    """The same prepared rows however the raw rows come in blocks.

    Implement `setting` and `block`.

    Attributes:
        packs: Whether several raw rows may become one.
    """

    packs: bool = False

    def setting(self, folder: Path) -> Setting:
        """What the encoder is built from."""
        raise NotImplementedError

    def block(self) -> Block:
        """Cleaned rows, as `accord.data.rows.read_rows` gives them; at least four."""
        raise NotImplementedError

    def _encoder(self, folder: Path) -> Encoder:
        return settled(self.part(self.spec(), self.setting(folder)), [self.block()])

    def _encoded(self, encoder: Encoder, split: str, cuts: Sequence[int] = ()) -> pa.Table:
        block, batches = self.block(), list[pa.RecordBatch]()
        count = len(block.rows)
        for start, end in zip([0, *cuts], [*cuts, count], strict=True):
            places = np.arange(count)
            piece = block.keep((places >= start) & (places < end))
            batches += encoder.arrange(encoder.encode(piece, split), split)
        batches += encoder.flush(split)
        return pa.Table.from_batches(batches)

    def test_blocks_do_not_matter(self, tmp_path: Path) -> None:
        encoder = self._encoder(tmp_path)
        whole = self._encoded(encoder, "train").combine_chunks()
        pieces = self._encoded(encoder, "train", (1, 3)).combine_chunks()
        assert {"row", "asset"} <= set(whole.column_names)
        # Packed rows are numbered as they are made.
        columns = [n for n in whole.column_names if not (self.packs and n == "row")]
        assert whole.select(columns).equals(pieces.select(columns))
        if not self.packs:
            assert whole["row"].to_pylist() == self.block().rows.tolist()

    def test_held_out_rows_are_shown_to_people(self, tmp_path: Path) -> None:
        encoder = self._encoder(tmp_path)
        train = self._encoded(encoder, "train")
        for split in ("validation", "test"):
            held = self._encoded(encoder, split)
            assert set(held.column_names) - set(train.column_names) >= {"display"}
            assert all(isinstance(text, str) for text in held["display"].to_pylist())
        assert "display" not in train.column_names

    def test_facts_are_json_and_name_the_modality(self, tmp_path: Path) -> None:
        encoder = self._encoder(tmp_path)
        self._encoded(encoder, "train")
        facts = dict(encoder.facts())
        assert json.loads(json.dumps(facts)) == facts
        assert facts["modality"] in ("text", "image", "table")
        assert "pad_id" in facts

    def test_what_it_saves_goes_into_a_folder(self, tmp_path: Path) -> None:
        encoder = self._encoder(tmp_path)
        self._encoded(encoder, "train")
        (tmp_path / "saved").mkdir()
        encoder.save(tmp_path / "saved")
        if encoder.facts()["modality"] == "text":
            assert (tmp_path / "saved/tokenizer/tokenizer.json").is_file()


def asset_of(path: Path) -> Asset:
    """A permitted asset of a file, or of all files in a folder."""
    found = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    files = tuple(
        AssetFile(str(p), p.stat().st_size, hashlib.sha256(p.read_bytes()).hexdigest())
        for p in found
    )
    return Asset("own/train", "train", str(path), str(path), files)
