"""Plain baselines over tokens: the most frequent tag of a word; unigrams and bigrams."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.metric.scorer import Columns

IGNORED = -100
UNIGRAM, BIGRAM = "unigram entropy", "bigram entropy"
LAMBDA = 0.7
"""Weight of the bigram estimate against the unigram one (Jelinek and Mercer, 1980)."""

Ids = npt.NDArray[np.int64]


def frequent_tags(
    folder: Path, schema: Mapping[str, Any], train: pa.Table, judged: Mapping[str, pa.Table]
) -> dict[str, dict[str, Columns]]:
    """Every word gets the tag it most often has in training; unknown words the commonest tag.

    Probabilities are add-one smoothed counts, so that the baseline has a loss too.
    """
    size = len(schema["labels"])
    words, tags, _ = _tagged(train)
    known, place = np.unique(words, return_inverse=True)
    # The last row stands for words never seen.
    counts = np.zeros((len(known) + 1, size))
    np.add.at(counts, (place, tags), 1)
    counts[-1] = counts.sum(0)
    chances = (counts + 1) / (counts + 1).sum(1, keepdims=True)
    found = {name: _tag_answers(table, known, chances) for name, table in judged.items()}
    return {"most frequent tag of each word": found}


def _tag_answers(table: pa.Table, known: npt.NDArray[Any], chances: Any) -> Columns:
    words, tags, owner = _tagged(table)
    place = np.searchsorted(known, words).clip(0, max(len(known) - 1, 0))
    met = known[place] == words if len(known) else np.zeros(len(words), bool)
    rows = chances[np.where(met, place, len(known))]
    guess = rows.argmax(1)
    losses = -np.log(rows[np.arange(len(tags)), tags])
    counts = np.bincount(owner, minlength=table.num_rows)
    sums = np.bincount(owner, weights=losses, minlength=table.num_rows)
    width = int(counts.max(initial=0))
    filled = np.arange(width) < counts[:, None]
    label = np.full(filled.shape, IGNORED, dtype=np.int64)
    prediction = label.copy()
    label[filled], prediction[filled] = tags, guess
    return {"label": label, "prediction": prediction, "loss": sums / np.maximum(counts, 1)}


def _tagged(table: pa.Table) -> tuple[npt.NDArray[Any], Ids, Ids]:
    """Words that carry a tag, their tags, and the row each stands in."""
    words: list[str] = []
    tags: list[int] = []
    owner: list[int] = []
    columns = (table[name].to_pylist() for name in ("words", "word_ids", "label"))
    for row, (names, positions, labels) in enumerate(zip(*columns, strict=True)):
        for position, label in zip(positions, labels, strict=True):
            if label != IGNORED and position >= 0:
                words.append(names[position])
                tags.append(label)
                owner.append(row)
    return np.array(words), np.array(tags, np.int64), np.array(owner, np.int64)


def gram_models(
    folder: Path, schema: Mapping[str, Any], train: pa.Table, judged: Mapping[str, pa.Table]
) -> dict[str, dict[str, Columns]]:
    """Unigram model with add-one smoothing, and a bigram model mixed with it, over token ids."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer" / "tokenizer.json"))
    before, target, _ = _pairs(train)
    tables = {name: (table, *_pairs(table)) for name, table in judged.items()}
    seen = [before, target, *(ids for _, *pair in tables.values() for ids in pair[:2])]
    size = max(tokenizer.get_vocab_size(), *(int(ids.max(initial=0)) + 1 for ids in seen))
    counts = np.bincount(target, minlength=size)
    single = (counts + 1.0) / (counts.sum() + size)
    found: dict[str, dict[str, Columns]] = {UNIGRAM: {}, BIGRAM: {}}
    followers, times = np.unique(before * size + target, return_counts=True)
    totals = np.bincount(before, minlength=size)
    next_of = _likeliest(followers, times, size, int(single.argmax()))
    for name, (table, previous, following, owner) in tables.items():
        plain = single[following]
        both = _times_seen(followers, times, previous * size + following)
        chance = np.divide(both, totals[previous], out=plain.copy(), where=totals[previous] > 0)
        mixed = np.where(totals[previous] > 0, LAMBDA * chance + (1 - LAMBDA) * plain, plain)
        common = np.full(len(following), int(single.argmax()))
        found[UNIGRAM][name] = _summed(table, plain, common == following, owner)
        found[BIGRAM][name] = _summed(table, mixed, next_of[previous] == following, owner)
    return found


def _pairs(table: pa.Table) -> tuple[Ids, Ids, Ids]:
    """Every target token with the one before it, and the row it stands in."""
    column = table["input_ids"].combine_chunks()
    ids = column.flatten().to_numpy(zero_copy_only=False).astype(np.int64)
    mask = table["loss_mask"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    sizes = column.value_lengths().to_numpy(zero_copy_only=False)
    owner = np.repeat(np.arange(table.num_rows), sizes)
    place = np.flatnonzero(mask.astype(bool))
    place = place[place > 0]
    return ids[place - 1], ids[place], owner[place]


def _times_seen(keys: Ids, times: Ids, wanted: Ids) -> Ids:
    if not len(keys):
        return np.zeros(len(wanted), np.int64)
    place = np.searchsorted(keys, wanted).clip(0, len(keys) - 1)
    return np.where(keys[place] == wanted, times[place], 0)


def _likeliest(keys: Ids, times: Ids, size: int, fallback: int) -> Ids:
    """The commonest follower of every token."""
    found = np.full(size, fallback)
    rising = np.argsort(times, kind="stable")
    found[keys[rising] // size] = keys[rising] % size
    return found


def _summed(table: pa.Table, chances: Any, right: Any, owner: Ids) -> Columns:
    rows = table.num_rows
    return {
        "loss_sum": np.bincount(owner, weights=-np.log(chances), minlength=rows),
        "tokens": np.bincount(owner, minlength=rows),
        "correct": np.bincount(owner, weights=right, minlength=rows).astype(np.int64),
        "bytes": table["bytes"].combine_chunks().to_numpy(zero_copy_only=False),
    }
