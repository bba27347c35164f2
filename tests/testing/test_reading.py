"""Built-in readers and encoders keep their contracts."""
# ruff: noqa: RUF012 - the tables of a test class are read only

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from accord.data.encoder import Setting
from accord.data.source import Block
from accord.part import find
from accord.recipe.tree import Recipe
from accord.testing import EncoderContract, ReaderContract


class TestCsv(ReaderContract):
    part = find("reader", "csv")

    def write(self, folder: Path) -> Path:
        with (folder / "a.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, ["text", "label"])
            writer.writeheader()
            writer.writerows(self.rows())
        return folder / "a.csv"


class TestJsonl(ReaderContract):
    part = find("reader", "jsonl")

    def write(self, folder: Path) -> Path:
        text = "".join(json.dumps(row) + "\n" for row in self.rows())
        (folder / "a.jsonl").write_text(text, "utf-8")
        return folder / "a.jsonl"


class TestParquet(ReaderContract):
    part = find("reader", "parquet")

    def write(self, folder: Path) -> Path:
        pq.write_table(pa.Table.from_pylist(self.rows()), folder / "a.parquet")
        return folder / "a.parquet"


class TestArrow(ReaderContract):
    part = find("reader", "arrow")

    def write(self, folder: Path) -> Path:
        table = pa.Table.from_pylist(self.rows())
        with (
            pa.OSFile(str(folder / "a.arrow"), "wb") as sink,
            pa.ipc.new_file(sink, table.schema) as out,
        ):
            out.write_table(table)
        return folder / "a.arrow"


class TestText(ReaderContract):
    part = find("reader", "text")

    def write(self, folder: Path) -> Path:
        lines = "\n".join(row["text"] for row in self.rows())
        (folder / "a.txt").write_text(lines + "\n", "utf-8")
        return folder / "a.txt"

    def expected(self) -> Mapping[str, Sequence[Any]]:
        return {"text": [row["text"] for row in self.rows()]}


class TestImageFolder(ReaderContract):
    part = find("reader", "image-folder")

    def write(self, folder: Path) -> Path:
        for label in "ab":
            (folder / "images" / label).mkdir(parents=True)
            for n in range(3):
                (folder / "images" / label / f"{n}.png").write_bytes(picture(n))
        return folder / "images"

    def expected(self) -> Mapping[str, Sequence[Any]]:
        return {"image": [picture(n) for n in range(3)] * 2, "label": list("aaabbb")}


class TestHuggingFace(ReaderContract):
    part = find("reader", "huggingface")

    def write(self, folder: Path) -> Path:
        from datasets import Dataset, disable_progress_bars

        disable_progress_bars()
        Dataset.from_list(self.rows()).save_to_disk(str(folder / "saved"))
        return folder / "saved"


class _Encoding(EncoderContract):
    """An encoder with a recipe and one block of rows."""

    data: Mapping[str, Any]
    model: Mapping[str, Any] = {"config": {"model_type": "bert", "vocab_size": 200}}
    columns: Mapping[str, pa.Array]
    labels: tuple[str, ...] = ()

    def setting(self, folder: Path) -> Setting:
        data = {"agreement": "own", "train": "a.csv", **self.data}
        recipe = {"task": self.part.kind, "model": dict(self.model), "data": data}
        return Setting(Recipe.model_validate(recipe), folder, self.labels)

    def block(self) -> Block:
        batch = pa.RecordBatch.from_pydict(dict(self.columns))
        return Block(batch, np.arange(10, 10 + batch.num_rows), "a.csv", "own/train")


TEXTS = ["a b c", "the quick brown fox", "jumps", "over the lazy dog", "字 grün", "x y"]
NAMES = pa.array(["no", "yes"] * 3)


class TestTextEncoder(_Encoding):
    part = find("encoder", "text-classification")
    data = {"text": "text", "label": "label", "max_tokens": 8}
    columns = {"text": pa.array(TEXTS), "label": NAMES}
    labels = ("no", "yes")


class TestTokenEncoder(_Encoding):
    part = find("encoder", "token-classification")
    data = {"tokens": "words", "label": "tags", "max_tokens": 8}
    columns = {
        "words": pa.array([text.split() for text in TEXTS]),
        "tags": pa.array([["O"] * len(text.split()) for text in TEXTS]),
    }
    labels = ("O", "B-X")


class TestCausalEncoder(_Encoding):
    part = find("encoder", "causal-lm")
    packs = True
    data = {"text": "text", "max_tokens": 16}
    model = {"config": {"model_type": "gpt2", "vocab_size": 300}}
    columns = {"text": pa.array(TEXTS)}


def picture(seed: int) -> bytes:
    from PIL import Image

    pixels = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="PNG")
    return stream.getvalue()


class TestImageEncoder(_Encoding):
    part = find("encoder", "image-classification")
    data = {"image": "image", "label": "label"}
    model = {"config": {"model_type": "vit", "image_size": 8}}
    columns = {"image": pa.array([picture(n) for n in range(6)]), "label": NAMES}
    labels = ("no", "yes")


class TestTableClassification(_Encoding):
    part = find("encoder", "table-classification")
    data = {"numeric": ["n"], "categorical": ["c"], "label": "label"}
    model = {"config": {}}
    columns = {
        "n": pa.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        "c": pa.array(["u", "v", None, "u", "u", "w"]),
        "label": NAMES,
    }
    labels = ("no", "yes")


class TestTableRegression(_Encoding):
    part = find("encoder", "table-regression")
    data = {"numeric": ["n"], "label": "y"}
    model = {"config": {}}
    columns = {
        "n": pa.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
        "y": pa.array([0.5, 1.5, 2.5, 3.5, 4.5, 5.5]),
    }
