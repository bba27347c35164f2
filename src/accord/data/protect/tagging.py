"""A token classifier over texts of any length: windows, words, spans in bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import regex

from accord.data.protect.spans import Spans, characters
from accord.data.protect.tagged import alone, labels_of, tagged
from accord.directories import model_folder
from accord.errors import ModelError
from accord.model.tokenizer import TextCodec, load_tokenizer
from accord.part import require

if TYPE_CHECKING:
    from accord.data.protect.tagger import Transformers

MOST_TOKENS = 512
_WORD = regex.compile(r"\p{N}+(?:[.,]\p{N}+)+|[\p{L}\p{N}\p{M}]+(?:[-’'][\p{L}\p{N}\p{M}]+)*|\S")
_LATIN = regex.compile(r"\p{Latin}")
_OTHER = regex.compile(r"[\p{L}--\p{Latin}]", regex.V1)
_POSSESSIVE = re.compile(r"(?<=.)[’']s$", re.I)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A text in tokens.

    Args:
        ids: Without special ones.
        offsets: Characters of each.
        first: Tokens that stand for a word, where the model was taught words; None for all.
    """

    ids: list[int]
    offsets: Sequence[tuple[int, int]]
    first: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class _Window:
    """A piece of a text.

    Args:
        row: The text.
        first: Number of its first token in the text.
        ids: Its tokens, without special ones.
    """

    row: int
    first: int
    ids: list[int]


class Tagger:
    """Finds what a token classifier takes for an identifier.

    A token inside a word has the label of the word's first token, as such models are taught;
    characters of Chinese and its like are words of their own. A model that Accord trained was
    taught words one by one, and is given them so; any other reads the text as it is.

    Args:
        spec: What the recipe says.
        base: Folder that relative paths start from.
        field: Recipe field, for messages.

    Raises:
        ModelError: There is no such model, or it is not whole.
        RecipeError: It does not know a label.
    """

    def __init__(self, spec: Transformers, base: Path, field: str) -> None:
        require("transformers", "train", "a recogniser of this kind")
        self.spec = spec
        folder = _folder(base / Path(spec.model).expanduser(), field)
        self.model = _loaded(folder, f"{field}.model").to(spec.device)
        self.codec: TextCodec = load_tokenizer(folder)
        self.codec.tokenizer.no_truncation()
        self.taught_words = (folder / "accord.json").is_file()
        labels = {int(k): str(v) for k, v in self.model.config.id2label.items()}
        self.labels = labels_of(labels, spec, field)
        most = getattr(self.model.config, "max_position_embeddings", None) or MOST_TOKENS
        self.extra = self.codec.tokenizer.num_special_tokens_to_add(is_pair=False)
        # Two positions are left free: RoBERTa and its kin count theirs from two.
        self.size = min(spec.window_tokens or MOST_TOKENS, int(most) - 2) - self.extra
        self.pad = int(getattr(self.model.config, "pad_token_id", None) or 0)

    def __call__(self, texts: pa.StringArray) -> Spans:
        """Spans of the kinds that the recipe names."""
        rows = [text or "" for text in texts.to_pylist()]
        if self.spec.script == "latin":
            rows = [text if mostly_latin(text) else "" for text in rows]
        found = self._in_words(rows) if self.taught_words else self._whole(rows)
        windows = [window for row, e in enumerate(found) for window in self._windows(row, e.ids)]
        chances = [np.zeros((len(e.ids), self.labels.width)) for e in found]
        nearest = [np.full(len(e.ids), -1) for e in found]
        for window, seen in zip(windows, self._scored(windows), strict=True):
            size, text_size = len(window.ids), len(nearest[window.row])
            # In each place the window counts that sees most around it.
            left = np.arange(size) + (text_size if window.first == 0 else 0)
            right = np.arange(size)[::-1]
            right = right + (text_size if window.first + size == text_size else 0)
            depth = np.minimum(left, right)
            part = slice(window.first, window.first + size)
            better = depth > nearest[window.row][part]
            nearest[window.row][part][better] = depth[better]
            chances[window.row][part][better] = seen[better]
        spans: list[tuple[int, int, int, str]] = []
        for row, (text, cut) in enumerate(zip(rows, found, strict=True)):
            offsets, own = cut.offsets, chances[row]
            if cut.first is not None:
                offsets, own = [offsets[at] for at in cut.first], own[list(cut.first)]
            spans += [(row, *s) for s in tagged(text, offsets, own, self.labels, self.spec.score)]
        return characters(rows, spans)

    def _whole(self, rows: Sequence[str]) -> list[_Cut]:
        found = self.codec.tokenizer.encode_batch(list(rows), add_special_tokens=False)
        return [_Cut(e.ids, e.offsets) for e in found]

    def _in_words(self, rows: Sequence[str]) -> list[_Cut]:
        """As the encoder of `task: token-classification` cuts; each token has its whole word."""
        places = [words(text) for text in rows]
        spaced = [
            self.codec.spaced([text[low:high] for low, high in own])
            for text, own in zip(rows, places, strict=True)
        ]
        found = self.codec.tokenizer.encode_batch(
            spaced, is_pretokenized=True, add_special_tokens=False
        )
        cuts: list[_Cut] = []
        for own, encoding in zip(places, found, strict=True):
            of = [-1 if word is None else word for word in encoding.word_ids]
            first = [at for at, word in enumerate(of) if at == 0 or word != of[at - 1]]
            cuts.append(_Cut(encoding.ids, [own[word] for word in of], first))
        return cuts

    def _windows(self, row: int, ids: list[int]) -> list[_Window]:
        if not ids:
            return []
        step = max(1, self.size - self.size // 4)
        firsts = [0] if len(ids) <= self.size else [*range(0, len(ids) - self.size, step)]
        if len(ids) > self.size:
            firsts.append(len(ids) - self.size)
        return [_Window(row, first, ids[first : first + self.size]) for first in firsts]

    def _scored(self, windows: Sequence[_Window]) -> list[npt.NDArray[np.float64]]:
        """The chance of each part for each token, and last that it begins one."""
        import torch

        order = sorted(range(len(windows)), key=lambda i: len(windows[i].ids))
        out: list[npt.NDArray[np.float64]] = [np.zeros(0)] * len(windows)
        for low in range(0, len(order), self.spec.batch_size):
            chosen = order[low : low + self.spec.batch_size]
            framed = [self._framed(windows[i].ids) for i in chosen]
            width = max(len(ids) for ids, _ in framed)
            ids = torch.full((len(chosen), width), self.pad)
            mask = torch.zeros((len(chosen), width), dtype=torch.long)
            for place, (tokens, _) in enumerate(framed):
                ids[place, : len(tokens)] = torch.tensor(tokens)
                mask[place, : len(tokens)] = 1
            with torch.inference_mode():
                logits = self.model(
                    input_ids=ids.to(self.spec.device), attention_mask=mask.to(self.spec.device)
                ).logits
            chance = torch.softmax(logits.double(), -1).cpu().numpy()
            for place, i in enumerate(chosen):
                first = framed[place][1]
                own = chance[place, first : first + len(windows[i].ids)]
                out[i] = np.column_stack((own @ self.labels.member, own @ self.labels.begins))
        return out

    def _framed(self, ids: list[int]) -> tuple[list[int], int]:
        """A window between the special tokens of the model, and where it begins."""
        from tokenizers import Encoding

        if not self.extra:
            return ids, 0
        around: Encoding = self.codec.tokenizer.encode("")
        before = [i for i, sequence in zip(around.ids, around.sequence_ids, strict=True)
                  if sequence is None]  # fmt: skip
        # Of two special tokens one stands before and one behind; of one, the tokenizer tells.
        first = (len(before) + 1) // 2 if len(before) > 1 else int(self._leads())
        return before[:first] + ids + before[first:], first

    def _leads(self) -> bool:
        encoding = self.codec.tokenizer.encode("a")
        return encoding.special_tokens_mask[0] == 1


def mostly_latin(text: str) -> bool:
    """Whether a text holds no more letters of other scripts than Latin ones."""
    return text.isascii() or len(_OTHER.findall(text)) <= len(_LATIN.findall(text))


def words(text: str) -> list[tuple[int, int]]:
    """Where the words of a text stand: of letters and figures, hyphens and the like inside them;
    every Chinese character and every other sign by itself; `'s` apart."""
    found: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        cut = _POSSESSIVE.search(text[start:end])
        stops = [start + cut.start()] if cut else []
        low = start
        for at in range(start + 1, end):
            if alone(text[at]) or alone(text[at - 1]) or at in stops:
                found.append((low, at))
                low = at
        found.append((low, end))
    return found


def _folder(path: Path, field: str) -> Path:
    """The model's folder: this one, or the model of this run."""
    if (path / "config.json").is_file():
        return path
    if (path / "model" / "config.json").is_file():
        return model_folder(path)
    raise ModelError(
        "there is no token classifier in this folder",
        code="model-missing",
        path=f"{field}.model",
        got=str(path),
        expected="a folder with config.json, model.safetensors and a tokenizer, or a run",
        fix="check the path; relative ones start at the recipe",
    )


def _loaded(folder: Path, field: str) -> Any:
    import transformers

    from accord.model.formats import check_weights
    from accord.model.load import load_trained
    from accord.model.quiet import quiet

    if (folder / "accord.json").is_file():
        model: Any = load_trained(folder)
    else:
        check_weights(folder)
        with quiet():
            model, told = transformers.AutoModelForTokenClassification.from_pretrained(
                folder, use_safetensors=True, local_files_only=True, output_loading_info=True
            )
        model = model.eval()
        if told["missing_keys"]:
            raise _no_classifier(folder, field, ", ".join(sorted(told["missing_keys"])[:3]))
    if "TokenClassification" not in type(model).__name__ and not hasattr(model, "base_model"):
        raise _no_classifier(folder, field, type(model).__name__)
    return model


def _no_classifier(folder: Path, field: str, got: str) -> ModelError:
    return ModelError(
        "this model is no trained token classifier",
        code="model-task",
        path=field,
        got=f"{folder}: {got}",
        expected="a model with a head that labels tokens",
        why="a new head labels at random, and would leave names as they are",
        fix="train one with `task: token-classification`, or choose another",
    )
