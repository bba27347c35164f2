"""A trained model on new rows, encoded as in training."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from accord.errors import DataError, ModelError
from accord.model.generate import generate
from accord.model.image import decode_image
from accord.model.inputs import model_inputs
from accord.model.load import load_trained
from accord.model.tokenizer import TextCodec, load_tokenizer

Row = Any
BATCH_TOKENS = 8192


class Predictor:
    """Predicts with a model directory that Accord wrote.

    Args:
        folder: The model directory.
        device: Where it computes.

    Raises:
        ModelError: `accord.json` is missing: Accord did not write it.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        facts = folder / "accord.json"
        if not facts.is_file():
            raise ModelError(
                "this is no model directory that Accord wrote",
                code="model-facts",
                path=str(folder),
                expected="a folder with accord.json",
                fix="give a run directory, or its `model` folder",
            )
        self.facts: Mapping[str, Any] = json.loads(facts.read_text("utf-8"))
        self.task: str = self.facts["task"]
        self.labels: Sequence[str] = self.facts["labels"]
        self.device = torch.device(device)
        self.model = load_trained(folder).to(self.device)
        text = self.facts["modality"] == "text"
        self.codec: TextCodec | None = load_tokenizer(folder) if text else None

    def predict(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Predictions in the order of the rows.

        Args:
            rows: Texts; pairs of texts; for tokens, lists of words (or texts, divided at
                spaces); paths, bytes or Pillow images; mappings from column names for tables.
                A mapping with the columns of training works for every task.

        Returns:
            Classification: `label`, `score` and `scores`; several labels: `labels`, `scores`.
            Tokens: `words`, `tags`, `spans`. Regression: `value`. Language models: `text`.

        Raises:
            DataError: A row lacks a column or is of the wrong kind; names its position.
        """
        if self.task == "causal-lm":
            return [{"text": self.generate(self._text(row, i))} for i, row in enumerate(rows)]
        found: list[dict[str, Any]] = [{} for _ in rows]
        encoded = [self._encode(row, i) for i, row in enumerate(rows)]
        for positions in _groups([size for _, size in encoded]):
            batch = _stack([encoded[i][0] for i in positions], self._pad())
            placed = {name: value.to(self.device) for name, value in batch.items()}
            with torch.no_grad():
                output: Any = self.model(**model_inputs(self.model, placed))
            for i, logits in zip(positions, output.logits.float().cpu(), strict=True):
                found[i] = self._told(logits, encoded[i][0], rows[i])
        return found

    def generate(
        self,
        prompt: str,
        *,
        max_new_tokens: int = 64,
        temperature: float = 0.8,
        top_p: float = 0.95,
        seed: int = 0,
    ) -> str:
        """What a language model writes after `prompt`.

        Raises:
            ModelError: The model is no language model.
        """
        if self.codec is None or self.task != "causal-lm":
            raise ModelError(
                "only language models write text",
                code="model-task",
                got=self.task,
                expected="causal-lm",
                fix="use `predict`",
            )
        return generate(
            self.model,
            self.codec,
            prompt,
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            top_p=top_p,
            seed=seed,
        )

    def _encode(self, row: Row, position: int) -> tuple[dict[str, Any], int]:
        """Unbatched inputs and their length in tokens."""
        if self.facts["modality"] == "table":
            return self._table(row, position), 1
        if self.facts["modality"] == "image":
            return {"pixel_values": self._image(row, position)}, 64
        return self._tokens(row, position)

    def _tokens(self, row: Row, position: int) -> tuple[dict[str, Any], int]:
        assert self.codec is not None
        tokenizer = self.codec.tokenizer
        tokenizer.enable_truncation(int(self.facts["max_tokens"]), strategy="longest_first")
        if self.task == "token-classification":
            found = tokenizer.encode(self._words(row, position), is_pretokenized=True)
            return {"input_ids": found.ids, "words": found.word_ids}, len(found.ids)
        pair = self.facts["columns"].get("text_pair")
        if pair is None:
            found = tokenizer.encode(self._text(row, position))
            return {"input_ids": found.ids}, len(found.ids)
        first, second = self._pair(row, position, pair)
        found = tokenizer.encode(first, second)
        return {"input_ids": found.ids, "token_type_ids": found.type_ids}, len(found.ids)

    def _told(self, logits: torch.Tensor, encoded: Mapping[str, Any], row: Row) -> dict[str, Any]:
        problem = self.facts["problem"]
        if problem == "regression":
            target = self.facts["target"]
            return {"value": float(logits[0]) * target["std"] + target["mean"]}
        if problem == "token-label":
            return self._tagged(logits, encoded["words"], row)
        if problem == "multi-label":
            chances = logits.sigmoid().tolist()
            scores = dict(zip(self.labels, chances, strict=True))
            return {"labels": [n for n, c in scores.items() if c >= 0.5], "scores": scores}
        chances = logits.softmax(-1).tolist()
        best = int(np.argmax(chances))
        scores = dict(zip(self.labels, chances, strict=True))
        return {"label": self.labels[best], "score": chances[best], "scores": scores}

    def _tagged(
        self, logits: torch.Tensor, owners: Sequence[int | None], row: Row
    ) -> dict[str, Any]:
        words = self._words(row, 0)
        tags: list[str | None] = [None] * len(words)
        for token, word in enumerate(owners):
            if word is not None and tags[word] is None:
                tags[word] = self.labels[int(logits[token].argmax())]
        return {"words": words, "tags": tags, "spans": _spans(words, tags)}

    def _text(self, row: Row, position: int) -> str:
        columns = self.facts["columns"]
        name = columns.get("text") or columns.get("prompt") or "text"
        value = row.get(name) if isinstance(row, Mapping) else row
        if not isinstance(value, str):
            raise _wrong(position, row, f"a text, or a mapping with {name!r}")
        return value

    def _pair(self, row: Row, position: int, second: str) -> tuple[str, str]:
        first = self.facts["columns"]["text"]
        values = (row.get(first), row.get(second)) if isinstance(row, Mapping) else tuple(row)
        if len(values) != 2 or not all(isinstance(value, str) for value in values):
            raise _wrong(position, row, f"two texts, or a mapping with {first!r} and {second!r}")
        return values[0], values[1]

    def _words(self, row: Row, position: int) -> list[str]:
        name = self.facts["columns"]["tokens"]
        value = row.get(name) if isinstance(row, Mapping) else row
        words = value.split() if isinstance(value, str) else value
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise _wrong(position, row, f"a list of words, or a mapping with {name!r}")
        return words

    def _image(self, row: Row, position: int) -> torch.Tensor:
        name = self.facts["columns"]["image"]
        value = row.get(name) if isinstance(row, Mapping) else row
        if isinstance(value, str | Path):
            value = Path(value).read_bytes() if Path(value).is_file() else None
        elif value is not None and not isinstance(value, bytes):
            stream = io.BytesIO()
            value.save(stream, format="PNG")
            value = stream.getvalue()
        if value is None:
            raise _wrong(position, row, "the path of an image, its bytes, or a Pillow image")
        return decode_image(value, self.facts["image"])

    def _table(self, row: Row, position: int) -> dict[str, torch.Tensor]:
        numeric, categorical = self.facts["numeric"], self.facts["categorical"]
        names = [column["name"] for column in (*numeric, *categorical)]
        if not isinstance(row, Mapping) or any(name not in row for name in names):
            raise _wrong(position, row, f"a mapping with {', '.join(names)}")
        numbers = [_number(row[column["name"]], position, column["name"]) for column in numeric]
        ids = [
            1 + column["values"].index(str(row[column["name"]]))
            if str(row[column["name"]]) in column["values"]
            else 0
            for column in categorical
        ]
        return {
            "numeric": torch.tensor(numbers, dtype=torch.float32),
            "categorical": torch.tensor(ids, dtype=torch.int64),
        }

    def _pad(self) -> int:
        return 0 if self.codec is None else self.codec.pad_id


def _groups(lengths: Sequence[int]) -> list[list[int]]:
    """Positions of rows of like length, so that little is padded."""
    groups: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        longest = lengths[groups[-1][0]] if groups else 0
        if groups and longest * (len(groups[-1]) + 1) <= BATCH_TOKENS and lengths[i] > longest // 2:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _stack(rows: Sequence[Mapping[str, Any]], pad: int) -> dict[str, torch.Tensor]:
    if "input_ids" not in rows[0]:
        return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}
    lengths = [len(row["input_ids"]) for row in rows]
    fillers = {"input_ids": pad, "token_type_ids": 0}
    batch = {
        name: torch.tensor([row[name] + [filler] * (max(lengths) - len(row[name])) for row in rows])
        for name, filler in fillers.items()
        if name in rows[0]
    }
    if min(lengths) != max(lengths):
        batch["attention_mask"] = torch.tensor(
            [[1] * n + [0] * (max(lengths) - n) for n in lengths]
        )
    return batch


def _spans(words: Sequence[str], tags: Sequence[str | None]) -> list[dict[str, Any]]:
    """Entities of IOB2 tags: `label`, `start` and `end` (exclusive) in words, `text`."""
    spans: list[dict[str, Any]] = []
    for i, tag in enumerate(tags):
        prefix, _, label = (tag or "O").partition("-")
        if prefix == "O":
            continue
        if prefix == "I" and spans and (spans[-1]["end"], spans[-1]["label"]) == (i, label):
            spans[-1]["end"] = i + 1
        else:
            spans.append({"label": label, "start": i, "end": i + 1})
    for span in spans:
        span["text"] = " ".join(words[span["start"] : span["end"]])
    return spans


def _number(value: Any, position: int, name: str) -> float:
    if value is None or value == "":
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise _wrong(position, value, f"a number in {name!r}") from error


def _wrong(position: int, got: Any, expected: str) -> DataError:
    return DataError(
        "a row cannot be predicted",
        code="predict-row",
        path=f"row {position}",
        got=str(got)[:80],
        expected=expected,
        fix="correct the row; the model's columns stand in its accord.json",
    )
