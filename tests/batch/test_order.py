"""What an epoch draws is exact, fair, and the same again."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accord
from accord.batch import PreparedSplit
from accord.batch.order import Drawn
from accord.errors import AccordError, RecipeError
from accord.part import find
from accord.recipe.load import recipe_from
from accord.sampler.setting import Kinds, apportioned
from accord.train.order import order_of

COUNTS = st.lists(st.integers(0, 50), min_size=2, max_size=6).filter(any)


def draws(kind: str, counts: list[int], **options: Any) -> np.ndarray:
    part = find("sampler", kind)
    names = [str(i) for i in range(len(counts))]
    return part(part.spec(kind=kind, **options), Kinds(names, np.array(counts)))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=8), st.integers(0, 1000))
def test_apportioned_numbers_are_whole_and_near(shares: list[float], total: int) -> None:
    if sum(shares) <= 1e-6:
        return
    found = apportioned(np.array(shares), total)
    exact = np.array(shares) / sum(shares) * total
    assert found.sum() == total
    assert (np.abs(found - exact) < 1 + 1e-6).all()


@given(COUNTS, st.floats(0.1, 1))
def test_over(counts: list[int], ratio: float) -> None:
    found = draws("over", counts, ratio=ratio)
    for n, drawn in zip(counts, found.tolist(), strict=True):
        assert drawn == (max(n, int(np.ceil(ratio * max(counts) - 1e-9))) if n else 0)


@given(COUNTS, st.floats(1, 5))
def test_under(counts: list[int], ratio: float) -> None:
    rarest = min(n for n in counts if n)
    found = draws("under", counts, ratio=ratio)
    assert found.tolist() == [min(n, int(ratio * rarest + 1e-9)) for n in counts]


@given(COUNTS)
def test_shares_of_an_epoch(counts: list[int]) -> None:
    total, present = sum(counts), np.array(counts) > 0
    balanced = draws("class-balanced", counts)
    assert balanced.sum() == total
    assert np.ptp(balanced[present]) <= 1
    assert draws("temperature", counts, temperature=1).tolist() == counts
    roots, warm = draws("square-root", counts), draws("temperature", counts, temperature=2)
    assert np.abs(roots - warm).max() <= 1
    exact = np.sqrt(counts) / np.sqrt(counts).sum() * total
    assert np.abs(roots - exact).max() < 1 + 1e-9


def test_shares_name_every_kind() -> None:
    assert draws("shares", [8, 2], of=[["1", 4], ["0", 1]]).tolist() == [2, 8]
    with pytest.raises(RecipeError, match="do not name"):
        draws("shares", [8, 2], of=[["0", 1]])


@given(COUNTS, st.integers(0, 3), st.integers(0, 3), st.data())
def test_an_epoch_is_exact_and_fair(counts: list[int], seed: int, epoch: int, data: Any) -> None:
    wanted = np.array([data.draw(st.integers(0, 90)) if n else 0 for n in counts])
    if not wanted.any():
        return
    kinds = np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))
    order = Drawn(kinds, wanted)
    rows = order.epoch(seed, epoch)
    assert len(rows) == order.rows
    assert (np.bincount(kinds[rows], minlength=len(counts)) == wanted).all()
    times = np.bincount(rows, minlength=len(kinds))
    for kind, n in enumerate(counts):
        own = times[kinds == kind]
        assert not n or own.min() == wanted[kind] // n
        assert not n or own.max() - own.min() <= 1
    assert (order.epoch(seed, epoch) == rows).all()


def test_epochs_draw_other_rows() -> None:
    order = Drawn(np.repeat([0, 1], [100, 10]), np.array([10, 10]))
    drawn = {row for epoch in range(30) for row in order.epoch(0, epoch).tolist()}
    assert len(drawn) > 100


@given(COUNTS, st.floats(0.01, 1))
def test_rows_repeat_by_the_rarity_of_what_they_hold(counts: list[int], threshold: float) -> None:
    held = np.array(counts) + np.arange(len(counts))
    part, names = find("sampler", "repeat"), [str(i) for i in range(len(counts))]
    spec = part.spec(kind="repeat", threshold=threshold)
    found = part(spec, Kinds(names, np.array(counts), held))
    share = np.maximum(held, 1) / sum(counts)
    exact = np.array(counts) * np.maximum(1, np.sqrt(threshold / share))
    assert (np.abs(found - exact) < 1 + 1e-6).all() and found.sum() == round(exact.sum())
    assert (found >= np.array(counts) - 1).all()


@given(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=1, max_size=30))
def test_a_row_with_several_labels_is_of_its_rarest(rows: list[list[bool]]) -> None:
    label = pa.FixedSizeListArray.from_arrays(np.array(rows, dtype=np.float32).ravel(), 4)
    split: Any = SimpleNamespace(
        schema={"labels": list("abcd"), "problem": "multi-label"},
        table={"label": pa.chunked_array([label])},
        rows=len(rows),
    )
    tree = {
        "task": "text-classification",
        "model": {"base": "b"},
        "data": {"agreement": "own", "train": "x", "text": "t", "label": ["a", "b", "c", "d"]},
        "balance": {"sampler": "over"},
    }
    order = order_of(recipe_from(tree).recipe, split)
    held = np.array(rows).sum(0)
    assert isinstance(order, Drawn)
    for row, kind in zip(rows, order.kinds.tolist(), strict=True):
        rarest = min((held[i], i) for i in range(4) if row[i])[1] if any(row) else 4
        assert kind == rarest
    own = np.bincount(order.kinds, minlength=5)
    assert (order.draws == np.where(own > 0, own.max(), 0)[: len(order.draws)]).all()


def test_sources_are_mixed_without_a_column(tmp_path: Path) -> None:
    for name, size in (("big.csv", 90), ("small.csv", 10)):
        lines = [f"{i},{'a' if i % 2 else 'b'}" for i in range(size)]
        (tmp_path / name).write_text("x,y\n" + "\n".join(lines) + "\n")
    sources = [str(tmp_path / "big.csv"), str(tmp_path / "small.csv")]
    recipe = {
        "task": "table-classification",
        "model": {"config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}},
        "data": {
            **{"agreement": "own", "train": sources, "numeric": ["x"], "label": "y"},
            **{"validation": 0, "test": 0.2, "leakage": {"action": "off"}},
        },
        "balance": {
            "sampler": {"kind": "shares", "by": "@source", "of": [[s, 1] for s in sources]}
        },
        "train": {"epochs": 1, "batch_size": 16, "precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }
    run = accord.train(recipe, output=tmp_path / "run")
    (dataset,) = (run.path / "artifacts").glob("dataset-*")
    split = PreparedSplit(dataset, "train")
    order = order_of(recipe_from(recipe).recipe, split)
    names = np.array(split.table["carried:@source"].to_pylist())[order.epoch(0, 0)]
    assert sorted(np.unique(names, return_counts=True)[1].tolist()) == [40, 40]
    with pytest.raises(AccordError, match="names one"):
        accord.check({**recipe, "data": {**recipe["data"], "train": sources[0]}})
