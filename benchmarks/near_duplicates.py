"""Near-duplicate texts: cost by rows, and beside datasketch's MinHash LSH. CPU time of one core.

    python examples/fetch film-reviews && pip install datasketch
    python benchmarks/near_duplicates.py --rows 10000 100000 1000000 --peer 10000 100000

Texts are pairs of sentences drawn from 10,605 real ones; every tenth is an earlier one without one
word. `recall` is the share of planted rows that is left out; others that are may share a long
sentence. `precision` is the share of what is left out, planted or not, that reaches the similarity
with some text that stays (the true one, of all 5-grams; of a sample of 2,000, against every text
that shares a sentence, so that it can only be higher), `missed` that of texts that stay and reach
it all the same.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # not this folder, whose names are those of packages, too

from accord.artifact import Store  # noqa: E402
from accord.data.account import Account  # noqa: E402
from accord.data.duplicates import Deduplication  # noqa: E402
from accord.data.minhash import HASHES, grams, normalised  # noqa: E402
from accord.data.nearly import jaccard  # noqa: E402
from accord.data.source import BATCH_ROWS, Block  # noqa: E402
from accord.data.step import Preparing  # noqa: E402
from accord.events import Log  # noqa: E402
from accord.recipe.context import Context  # noqa: E402
from accord.recipe.load import recipe_from  # noqa: E402
from benchmarks.evidence.rows import film_reviews  # noqa: E402

RESULT = ROOT / "benchmarks/results/near_duplicates.json"
SIMILARITY, GRAM, EVERY = 0.8, 5, 10
JUDGED = 2000


def texts(rows: int) -> tuple[list[str], np.ndarray[Any, Any], list[list[int]]]:
    """Texts, which are planted, and the sentences of each. Shape [rows]."""
    sentences = [row["text"] for row in film_reviews()]
    chance = np.random.default_rng(0)
    pairs = chance.integers(0, len(sentences), (rows, 2)).tolist()
    found = [f"{sentences[a]} {sentences[b]}" for a, b in pairs]
    planted = np.arange(rows) % EVERY == EVERY - 1
    for row in np.flatnonzero(planted).tolist():
        earlier = int(chance.integers(0, row))
        pairs[row], words = pairs[earlier], found[earlier].split()
        del words[int(chance.integers(0, len(words)))]
        found[row] = " ".join(words)
    return found, planted, pairs


def ours(given: list[str]) -> tuple[float, np.ndarray[Any, Any]]:
    """CPU seconds of `clean.duplicates`, and which rows it leaves out."""
    recipe = recipe_from(
        {
            "task": "text-classification",
            "model": {"base": "none"},
            "data": {"agreement": "own", "train": "a.csv", "text": "text", "label": "label"},
            "clean": {"duplicates": {"similarity": SIMILARITY}},
        }
    ).recipe
    nothing: Any = None
    folder = Path(tempfile.mkdtemp(prefix="accord-near-"))
    context = Context(folder, folder, Store(folder), "", Log(), lambda: False)
    setting = Preparing(recipe, context, nothing, "single-label", ("a", "b"), nothing)
    assert recipe.clean.duplicates is not None
    step = Deduplication(recipe.clean.duplicates, setting)
    blocks: list[Block] = []
    for start in range(0, len(given), BATCH_ROWS):
        some = given[start : start + BATCH_ROWS]
        batch = pa.RecordBatch.from_pydict({"text": some, "label": ["a"] * len(some)})
        blocks.append(Block(batch, np.arange(start, start + len(some)), "a.csv", "own/train"))
    began = time.process_time()
    for block in blocks:
        step.survey(block)
    step.settle()
    kept = [step.apply(block, Account()).rows for block in blocks]
    spent = time.process_time() - began
    folder.rmdir()
    gone = np.ones(len(given), dtype=bool)
    gone[np.concatenate(kept)] = False
    return spent, gone


def datasketch(given: list[str]) -> tuple[float, np.ndarray[Any, Any]]:
    """The same by datasketch: as many hashes over the same pieces of the same normalised texts."""
    from datasketch import MinHash, MinHashLSH

    gone = np.zeros(len(given), dtype=bool)
    began = time.process_time()
    index = MinHashLSH(threshold=SIMILARITY, num_perm=HASHES)
    known: dict[int, Any] = {}
    for row, text in enumerate(given):
        plain = normalised(text)
        pieces = {plain[i : i + GRAM].encode() for i in range(max(1, len(plain) - GRAM + 1))}
        sign = MinHash(num_perm=HASHES)
        sign.update_batch(list(pieces))
        near = index.query(sign)
        if any(known[other].jaccard(sign) >= SIMILARITY for other in near):
            gone[row] = True
        else:
            index.insert(row, sign)
            known[row] = sign
    return time.process_time() - began, gone


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of the texts."""

    given: list[str]
    planted: np.ndarray[Any, Any]
    sentences: list[list[int]]

    def told(self, spent: float, gone: np.ndarray[Any, Any]) -> dict[str, Any]:
        left, stays = (self._reach(np.flatnonzero(rows), ~gone) for rows in (gone, ~gone))
        return {
            "seconds": round(spent, 2),
            "rows a second": round(len(gone) / spent),
            "recall": round(float(gone[self.planted].mean()), 4),
            "others left out": int(gone[~self.planted].sum()),
            "precision": round(left, 4),
            "missed": round(stays, 4),
        }

    def _reach(self, rows: np.ndarray[Any, Any], stays: np.ndarray[Any, Any]) -> float:
        """Share of some rows that reach the similarity with another text that stays."""
        chance = np.random.default_rng(1)
        some = chance.choice(rows, min(JUDGED, len(rows)), replace=False)
        wanted = {sentence for row in some.tolist() for sentence in self.sentences[row]}
        places: dict[int, list[int]] = {sentence: [] for sentence in wanted}
        for row in np.flatnonzero(stays).tolist():
            for sentence in wanted.intersection(self.sentences[row]):
                places[sentence].append(row)
        pieces = cache(lambda row: np.unique(grams([normalised(self.given[row])])[0]))
        return float(np.mean([
            any(
                jaccard(pieces(row), pieces(other), SIMILARITY) >= SIMILARITY
                for sentence in set(self.sentences[row])
                for other in places[sentence]
                if other != row
            )
            for row in some.tolist()
        ]))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--peer", type=int, nargs="*", default=[10_000])
    asked = parser.parse_args()
    found: dict[str, Any] = {"similarity": SIMILARITY, "hashes": HASHES, "rows": {}}
    for rows in sorted({*asked.rows, *asked.peer}):
        truth = Truth(*texts(rows))
        spent = ours(truth.given)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        entry: dict[str, Any] = {"accord": truth.told(*spent)}
        entry["peak MiB of the process, texts included"] = peak // 1024
        if rows in asked.peer:
            entry["datasketch"] = truth.told(*datasketch(truth.given))
            ratio = entry["datasketch"]["seconds"] / entry["accord"]["seconds"]
            entry["times as fast as datasketch"] = round(ratio, 1)
        found["rows"][str(rows)] = entry
        print(rows, json.dumps(entry), flush=True)
        RESULT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
