"""A trained model on new rows, encoded as in training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy.typing as npt
import torch

from accord.errors import ModelError
from accord.model.decision import Decision, decision_of
from accord.model.encode_row import Row, RowEncoder
from accord.model.facts import trained_facts
from accord.model.generate import generate
from accord.model.inputs import model_inputs
from accord.model.load import load_trained
from accord.model.tokenizer import TextCodec, load_tokenizer

BATCH_TOKENS = 8192
WINDOWS = {"text": 4096, "image": 256, "table": 8192}
"""Rows encoded at a time, and sorted by length: what bounds memory."""
SHORTEST = 0.75
"""Of a batch's longest row, what its shortest has at least."""


class Predictor:
    """Predicts with a trained model.

    Args:
        folder: A run directory, its `model` folder, or a plain Hugging Face directory with a
            task's head.
        device: Where it computes.
        guard: Protects rows as those were that the model learned from; `accord.load` gives it.

    Raises:
        ModelError: It does not say what its outputs mean.
        IntegrityError: Its weights are damaged.
    """

    def __init__(
        self, folder: Path, device: str = "cpu", guard: Callable[[Any], list[Row]] | None = None
    ) -> None:
        if not (folder / "config.json").is_file() and (folder / "model").is_dir():
            folder = folder / "model"
        self.facts: Mapping[str, Any] = trained_facts(folder)
        self.task: str = self.facts["task"]
        self.labels: Sequence[str] = self.facts["labels"]
        several = self.facts["problem"] == "multi-label"
        plain = Decision(several, (1.0,) * len(self.labels))
        self._decision = decision_of(self.facts) or plain
        self.device, self._guard = torch.device(device), guard
        self.model = load_trained(folder).to(self.device)
        text = self.facts["modality"] == "text"
        self.codec: TextCodec | None = load_tokenizer(folder) if text else None
        self._encoder = RowEncoder(self.facts, self.codec)

    def predict(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """Predictions in the order of the rows.

        Args:
            rows: Texts; pairs of texts; for tokens, lists of words (or texts, divided at
                spaces); paths, bytes or Pillow images; mappings from column names for tables;
                prompts or conversations for language models. A mapping with the columns of
                training works for every task.

        Returns:
            Classification: `label`, `score` and `scores`; several labels: `labels`, `scores`.
            Tokens: `words`, `tags` (None past `max_tokens`), `spans`. Regression: `value`.
            Language models: `text`.

        Raises:
            DataError: A row lacks a column or is of the wrong kind; names its position.
        """
        if self.task == "causal-lm":
            return [{"text": self.generate(row, position=i)} for i, row in enumerate(rows)]
        rows = rows if self._guard is None else self._guard(rows)
        size = WINDOWS[self.facts["modality"]]
        windows = (range(i, min(i + size, len(rows))) for i in range(0, len(rows), size))
        return [found for window in windows for found in self._predicted(rows, window)]

    def generate(
        self,
        prompt: Row,
        *,
        max_new_tokens: int = 64,
        temperature: float = 0.8,
        top_p: float = 0.95,
        seed: int = 0,
        position: int = 0,
    ) -> str:
        """What a language model writes after `prompt`: a text, or a list of messages.

        Args:
            prompt: For a model trained on conversations, a text is what the user says.
            max_new_tokens: Most tokens written.
            temperature: 0 always takes the likeliest token.
            top_p: Draws from the likeliest tokens that together have this probability.
            seed: The same seed gives the same text.
            position: Of the row, for errors.

        Raises:
            ModelError: The model is no language model.
            DataError: The prompt is of the wrong kind.
        """
        if self.codec is None or self.task != "causal-lm":
            raise ModelError(
                "only language models write text",
                code="model-task",
                got=self.task,
                expected="causal-lm",
                fix="use `predict`",
            )
        if self._guard is not None:
            (prompt,) = self._guard([prompt])
        return generate(
            self.model,
            self.codec,
            self._encoder.prompt(prompt, position),
            max_new_tokens=max_new_tokens,
            temperature=temperature,
            top_p=top_p,
            seed=seed,
        )

    def _predicted(self, rows: Sequence[Row], window: range) -> Iterator[dict[str, Any]]:
        encoded = [self._encoder.encode(rows[i], i) for i in window]
        found: list[dict[str, Any]] = [{} for _ in encoded]
        pad = 0 if self.codec is None else self.codec.pad_id
        for positions in _groups([size for _, size in encoded]):
            batch = _stack([encoded[i][0] for i in positions], pad)
            placed = {name: value.to(self.device) for name, value in batch.items()}
            with torch.no_grad():
                output: Any = self.model(**model_inputs(self.model, placed))
            for i, logits in zip(positions, output.logits.float().cpu(), strict=True):
                found[i] = self._told(logits, encoded[i][0], rows[window[i]])
        return iter(found)

    def _told(self, logits: torch.Tensor, encoded: Mapping[str, Any], row: Row) -> dict[str, Any]:
        problem = self.facts["problem"]
        if problem == "regression":
            target = self.facts["target"]
            return {"value": float(logits[0]) * target["std"] + target["mean"]}
        if problem == "token-label":
            return self._tagged(logits, encoded["words"], self._encoder.words(row, 0))
        if problem == "multi-label":
            chances = logits.sigmoid()
            held = self._decided(chances)
            scores = dict(zip(self.labels, chances.tolist(), strict=True))
            given = zip(self.labels, held, strict=True)
            return {"labels": [name for name, has in given if has], "scores": scores}
        likely = logits.softmax(-1)
        chances, best = likely.tolist(), int(self._decided(likely))
        scores = dict(zip(self.labels, chances, strict=True))
        return {"label": self.labels[best], "score": chances[best], "scores": scores}

    def _decided(self, chances: torch.Tensor) -> npt.NDArray[Any]:
        """The class, or which labels the row has, from probabilities [L]."""
        return self._decision(chances.numpy()[None])[0]

    def _tagged(
        self, logits: torch.Tensor, owners: Sequence[int | None], words: list[str]
    ) -> dict[str, Any]:
        tags: list[str | None] = [None] * len(words)
        chosen = self._decision(logits.double().softmax(-1).numpy())
        for token, word in enumerate(owners):
            if word is not None and tags[word] is None:
                tags[word] = self.labels[int(chosen[token])]
        return {"words": words, "tags": tags, "spans": _spans(words, tags)}


def _groups(lengths: Sequence[int]) -> list[list[int]]:
    """Positions of rows of like length, longest first, so that little is padded."""
    groups: list[list[int]] = []
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        longest = lengths[groups[-1][0]] if groups else 0
        room = groups and longest * (len(groups[-1]) + 1) <= BATCH_TOKENS
        if room and lengths[i] >= SHORTEST * longest:
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
