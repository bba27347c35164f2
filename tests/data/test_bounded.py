"""Splits and buckets that use bounded memory say what the plain algorithms say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accord.data.buckets as buckets_module
from accord.data import split as split_module
from accord.data.buckets import buckets
from accord.data.split import assign_splits


@pytest.mark.parametrize("classes", [1, 3, 90])
@pytest.mark.parametrize("shares", [(0.1, 0.2), (0.0, 0.3), (0.25, 0.0)])
def test_the_rows_with_the_smallest_hashes_of_their_class_are_held_out(
    classes: int, shares: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(split_module, "PIECE", 100)
    rows, seed = 2500, 11
    labels = np.random.default_rng(0).integers(0, classes, rows)
    found = assign_splits(rows, shares, seed, labels=labels)
    hashes = split_module._hashes(0, rows, seed)
    for label in range(classes):
        own = np.flatnonzero(labels == label)
        ranked = own[np.argsort(hashes[own])]
        validation, test = ((found[own] == code).sum() for code in (1, 2))
        assert (found[ranked[:validation]] == 1).all()
        assert (found[ranked[validation : validation + test]] == 2).all()
        assert (found[ranked[validation + test :]] == 0).all()
    assert [(found == 1).sum(), (found == 2).sum()] == [round(rows * share) for share in shares]


@given(
    keys=st.lists(st.integers(0, 2**64 - 1) | st.sampled_from([0, 7, 2**64 - 1]), max_size=200),
    size=st.sampled_from([1, 16, 1000]),
    piece=st.integers(1, 60),
)
def test_buckets_hold_every_row_once_and_equal_keys_together(
    keys: list[int], size: int, piece: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder: Path = tmp_path_factory.mktemp("buckets")
    array = np.array(keys, dtype=np.uint64)
    pieces = (array[at : at + piece] for at in range(0, len(array), piece))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(buckets_module, "BUCKET_ROWS", size)
        found = [(k.tolist(), r.tolist()) for k, r in buckets(pieces, len(keys), folder)]
    homes: dict[int, int] = {}
    seen: list[int] = []
    for home, (held, rows) in enumerate(found):
        assert rows == sorted(rows)
        assert held == [keys[row] for row in rows]
        assert all(homes.setdefault(key, home) == home for key in held)
        seen += rows
    assert sorted(seen) == list(range(len(keys)))
    assert not list(folder.iterdir())
