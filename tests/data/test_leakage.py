"""Duplicates across splits are found, against a search that compares every pair."""

from __future__ import annotations

import random
import string
from pathlib import Path

import numpy as np
import pytest

from accord.data import minhash
from accord.data.leakage import Leaks, Sketches, find_leaks, sketch
from accord.data.minhash import HASHES, normalised, signatures


def _word(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 8)))


def _texts(count: int, seed: int, words: int = 30) -> list[str]:
    chance = random.Random(seed)
    return [" ".join(_word(chance) for _ in range(words)) for _ in range(count)]


def _changed(text: str, seed: int, words: int = 1) -> str:
    chance = random.Random(seed)
    parts = text.split()
    for at in chance.sample(range(len(parts)), words):
        parts[at] = _word(chance)
    return " ".join(parts)


def _jaccard(a: str, b: str) -> float:
    x, y = ({t[i : i + 5] for i in range(max(1, len(t) - 4))} for t in map(normalised, (a, b)))
    return len(x & y) / len(x | y)


def _leaks(folder: Path, train: list[str], test: list[str], similarity: float | None) -> Leaks:
    splits = np.array([0] * len(train) + [2] * len(test), dtype=np.int8)
    folder.mkdir(exist_ok=True)
    with Sketches(folder, similarity) as sketches:
        rows = train + test
        for start in range(0, len(rows), 7):
            sketches.add(sketch(rows[start : start + 7], similarity))
        return find_leaks(sketches, splits)


def test_exact_duplicates(tmp_path: Path) -> None:
    train = _texts(50, 0)
    test = [*_texts(20, 1), train[3].upper(), "  ".join(train[4].split()), train[4]]
    leaks = _leaks(tmp_path, train, test, None)
    assert leaks.exact == {"train-validation": 0, "train-test": 3, "validation-test": 0}
    assert np.flatnonzero(leaks.drop).tolist() == [3, 4]
    assert {tuple(e["rows"]) for e in leaks.examples} == {(3, 70), (4, 71), (4, 72)}


def test_near_duplicates_are_those_of_a_full_search(tmp_path: Path) -> None:
    """Estimates are exact to about 0.07: pairs far from the threshold must be judged right."""
    train = _texts(60, 2)
    test = [_changed(text, i, words=1 + i % 12) for i, text in enumerate(train[:40])]
    leaks = _leaks(tmp_path, train, test, 0.7)
    best = [max(_jaccard(a, b) for a in train) for b in test]
    surely = sum(value >= 0.85 for value in best)
    perhaps = sum(value >= 0.55 for value in best)
    assert surely >= 3 and perhaps < 40
    assert surely <= leaks.near["train-test"] <= perhaps
    found = {tuple(e["rows"]): e["similarity"] for e in leaks.examples}
    for (earlier, later), similarity in found.items():
        truth = _jaccard(train[earlier], test[later - len(train)])
        assert similarity == pytest.approx(truth, abs=0.3)


def test_signatures_estimate_jaccard() -> None:
    texts = _texts(40, 3, words=60)
    pairs = [(t, _changed(t, i, words=1 + i)) for i, t in enumerate(texts)]
    left, right = (signatures([normalised(p[side]) for p in pairs]) for side in (0, 1))
    assert left.shape == (40, HASHES)
    told = (left == right).mean(1)
    truth = np.array([_jaccard(a, b) for a, b in pairs])
    assert np.abs((told - truth).mean()) < 0.04
    assert np.abs(told - truth).max() < 0.3


def test_signatures_do_not_depend_on_neighbours() -> None:
    texts = ["", "a", "abcd", "abcde", *_texts(20, 4)]
    together = signatures(texts)
    alone = np.concatenate([signatures([text]) for text in texts])
    assert (together == alone).all()


def test_signatures_of_long_texts_are_those_of_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(0)
    texts = ["".join(chance.choice(list("abcdefgh"), size)) for size in (3, 4000, 0, 50, 51, 49, 9)]
    whole = signatures(texts)
    for size in (1, 7, 50, 3996):
        monkeypatch.setattr(minhash, "PIECE_CHARACTERS", size)
        assert np.array_equal(signatures(texts), whole)


def test_unrelated_texts_do_not_leak(tmp_path: Path) -> None:
    leaks = _leaks(tmp_path, _texts(200, 5), _texts(100, 6), 0.8)
    assert leaks.total == 0
    assert not leaks.drop.any()


def test_dropping_leaves_no_leak(tmp_path: Path) -> None:
    """Also where a test row stands in training word for word and once more nearly."""
    base = _texts(20, 7, words=60)
    train = [*base, *(_changed(t, i) for i, t in enumerate(base)), *_texts(20, 8)]
    test = [*base[:8], *(_changed(t, 99 + i) for i, t in enumerate(base[8:14]))]
    leaks = _leaks(tmp_path / "a", train, test, 0.7)
    assert leaks.exact["train-test"] == 8 and leaks.near["train-test"] == 6
    kept = [text for text, dropped in zip(train, leaks.drop, strict=False) if not dropped]
    assert _leaks(tmp_path / "b", kept, test, 0.7).total == 0
    assert set(train[40:]) <= set(kept) and set(base[14:]) <= set(kept)


def test_dropping_gets_through_crowded_bands(tmp_path: Path) -> None:
    """More copies than are compared at a time."""
    text = _texts(1, 9, words=60)[0]
    train = [_changed(text, i) for i in range(300)]
    leaks = _leaks(tmp_path, train, [text], 0.6)
    alike = np.array([_jaccard(row, text) for row in train])
    assert leaks.drop[:300][alike > 0.85].all()
