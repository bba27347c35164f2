"""One row as its model takes it: encoded as in training, whatever form it is given in."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from accord.errors import DataError
from accord.model.chat import CHATML, render
from accord.model.image import decode_image
from accord.model.scale.scaling import ENTRY, scaled
from accord.model.tokenizer import TextCodec

Row = Any
MISSING = frozenset(("", "nan", "na", "null", "none"))
"""Texts that stand for a missing number, as in reading training data."""


class RowEncoder:
    """Encodes rows by what `accord.json` says of the columns.

    Args:
        facts: `accord.json`.
        codec: The tokenizer; None unless rows are text.
    """

    def __init__(self, facts: Mapping[str, Any], codec: TextCodec | None) -> None:
        self.facts, self.codec = facts, codec

    def encode(self, row: Row, position: int) -> tuple[dict[str, Any], int]:
        """Unbatched inputs and their length in tokens.

        Raises:
            DataError: The row lacks a column or is of the wrong kind; names its position.
        """
        if self.facts["modality"] == "table":
            return self._table(row, position), 1
        if self.facts["modality"] == "image":
            return {"pixel_values": self._image(row, position)}, 64
        return self._tokens(row, position)

    def prompt(self, row: Row, position: int) -> list[int]:
        """Tokens a language model goes on from: a text, a prompt, or a conversation.

        Raises:
            DataError: As `encode`; or the chat template refuses the conversation.
        """
        codec = self._codec()
        name = self.facts["columns"].get("messages")
        if name is not None and not isinstance(row, str):
            messages = row.get(name) if isinstance(row, Mapping) else row
            if not isinstance(messages, list) or not all(isinstance(m, Mapping) for m in messages):
                raise wrong_row(position, row, f"a list of messages, or a mapping with {name!r}")
            tools = (
                row.get(self.facts["columns"].get("tools")) if isinstance(row, Mapping) else None
            )
            return self._conversation(messages, tools)
        text = self._text(row, position)
        if name is not None:
            return self._conversation([{"role": "user", "content": text}])
        codec.tokenizer.no_truncation()
        ids = codec.tokenizer.encode(text).ids
        # Some tokenizers end every text; a prompt goes on.
        return ids[:-1] if ids and ids[-1] == codec.special_id("eos") else ids

    def words(self, row: Row, position: int) -> list[str]:
        """The words that are tagged."""
        name = self.facts["columns"]["tokens"]
        value = row.get(name) if isinstance(row, Mapping) else row
        words = value.split() if isinstance(value, str) else value
        if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
            raise wrong_row(position, row, f"a list of words, or a mapping with {name!r}")
        return list(words)

    def _codec(self) -> TextCodec:
        assert self.codec is not None
        return self.codec

    def _conversation(self, messages: list[Any], tools: Any = None) -> list[int]:
        codec = self._codec()
        codec.tokenizer.no_truncation()
        template = codec.chat_template or CHATML
        text = render(template, messages, codec.special, prompt=True, tools=tools)
        return codec.tokenizer.encode(text, add_special_tokens=False).ids

    def _tokens(self, row: Row, position: int) -> tuple[dict[str, Any], int]:
        codec, pair = self._codec(), self.facts["columns"].get("text_pair")
        tokenizer = codec.tokenizer
        codec.cut_at(int(self.facts["max_tokens"]), pair=pair is not None)
        if self.facts["task"] == "token-classification":
            words = codec.spaced(self.words(row, position))
            found = tokenizer.encode(words, is_pretokenized=True)
            return {"input_ids": found.ids, "words": found.word_ids}, len(found.ids)
        if pair is None:
            found = tokenizer.encode(codec.before_the_cut(self._text(row, position)))
            return {"input_ids": found.ids}, len(found.ids)
        first, second = map(codec.before_the_cut, self._pair(row, position, pair))
        found = tokenizer.encode(first, second)
        return {"input_ids": found.ids, "token_type_ids": found.type_ids}, len(found.ids)

    def _text(self, row: Row, position: int) -> str:
        columns = self.facts["columns"]
        name = columns.get("text") or columns.get("prompt") or "text"
        value = row.get(name) if isinstance(row, Mapping) else row
        if not isinstance(value, str):
            raise wrong_row(position, row, f"a text, or a mapping with {name!r}")
        return value

    def _pair(self, row: Row, position: int, second: str) -> tuple[str, str]:
        first = self.facts["columns"]["text"]
        values: Any = [row.get(first), row.get(second)] if isinstance(row, Mapping) else row
        paired = isinstance(values, list | tuple) and len(values) == 2
        if not paired or not all(isinstance(value, str) for value in values):
            raise wrong_row(position, row, f"two texts, or a mapping with {first!r} and {second!r}")
        return values[0], values[1]

    def _image(self, row: Row, position: int) -> torch.Tensor:
        from PIL import Image

        name = self.facts["columns"]["image"]
        value = row.get(name) if isinstance(row, Mapping) else row
        if isinstance(value, Image.Image):
            stream = io.BytesIO()
            value.convert("RGB").save(stream, format="PNG")
            value = stream.getvalue()
        try:
            if isinstance(value, str | Path):
                value = Path(value).read_bytes()
            if isinstance(value, bytes):
                return decode_image(value, self.facts["image"])
        except (OSError, ValueError) as error:
            raise wrong_row(position, f"{value!r:.60}: {error}", "an image file") from error
        raise wrong_row(position, row, "the path of an image, its bytes, or a Pillow image")

    def _table(self, row: Row, position: int) -> dict[str, torch.Tensor]:
        numeric, categorical = self.facts["numeric"], self.facts["categorical"]
        names = [column["name"] for column in (*numeric, *categorical)]
        if not isinstance(row, Mapping) or any(name not in row for name in names):
            asked = [name for name in names if not name.startswith("accord:")]
            raise wrong_row(position, row, f"a mapping with {', '.join(asked)}")
        numbers = [_scaled(column, row[column["name"]], position) for column in numeric]
        ids = [
            self._categories[column["name"]].get(_category(row[column["name"]]), 0)
            for column in categorical
        ]
        return {
            "numeric": torch.tensor(numbers, dtype=torch.float32),
            "categorical": torch.tensor(ids, dtype=torch.int64),
        }

    @cached_property
    def _categories(self) -> dict[str, dict[str | None, int]]:
        """Ids of the values of each categorical column; 0 is unknown or missing."""
        return {
            column["name"]: {value: i for i, value in enumerate(column["values"], 1)}
            for column in self.facts["categorical"]
        }


def wrong_row(position: int, got: Any, expected: str) -> DataError:
    """The error of a row that cannot be encoded."""
    return DataError(
        "a row cannot be predicted",
        code="predict-row",
        path=f"row {position}",
        got=str(got)[:80],
        expected=expected,
        fix="correct the row; the model's columns stand in its accord.json",
    )


def _category(value: Any) -> str | None:
    """As training data are read: whole numbers without a fraction."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _scaled(column: Mapping[str, Any], value: Any, position: int) -> float:
    """A number as the model takes it."""
    number = _number(value, position, column["name"])
    return float(scaled(column, np.array([number]))[0]) if ENTRY in column else number


def _number(value: Any, position: int, name: str) -> float:
    if value is None or str(value).strip().lower() in MISSING:
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise wrong_row(position, value, f"a number in {name!r}") from error
