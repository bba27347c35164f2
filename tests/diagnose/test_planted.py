"""Each problem planted into sound data is found with the right figure, and is silent without it."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes

from accord.diagnose.finding import Finding
from accord.diagnose.problem import giveaway
from accord.diagnosing import Diagnosis, diagnose_recipe
from accord.recipe.load import recipe_from

Row = dict[str, Any]
Rows = list[Row]
TREE = {"model_type": "accord-ft-transformer", "hidden_size": 8, "num_hidden_layers": 1}
NUMERIC = [f"x{i}" for i in range(8)]
LARGER = {"model_type": "accord-ft-transformer"}
SOUND = {"train": {"epochs": 5.0, "batch_size": 8}}
GOOD, BAD = "warm fine clever rich lively charming", "dull cold thin weak empty boring"
PLAIN = "the a film plot it is was of and scene actor story end music"
FINE_ZH, POOR_ZH = "很好满意喜欢推荐舒服", "很差失望难吃糟糕后悔"


def tumours() -> Rows:
    """Real measurements of cell nuclei."""
    found = load_breast_cancer()
    order = np.random.default_rng(0).permutation(len(found.target))
    return [
        {**{n: float(v) for n, v in zip(NUMERIC, found.data[i, :8], strict=True)},
         "label": "benign" if found.target[i] else "malignant"}
        for i in order
    ]  # fmt: skip


def patients() -> Rows:
    """Real measurements of patients, and how their diabetes went on."""
    found = load_diabetes(scaled=False)
    return [
        {**{n: float(v) for n, v in zip(NUMERIC, row[2:], strict=True)}, "label": float(y)}
        for row, y in zip(found.data, found.target, strict=True)
    ]


def reviews(chinese: bool = False) -> Rows:
    """Texts of two kinds whose words overlap."""
    chance = np.random.default_rng(5)
    rows: Rows = []
    for i in range(600):
        good = i % 2 == 0
        if chinese:
            own = list(FINE_ZH if good else POOR_ZH)
            rest = list("这家酒店的房间服务员早餐价格位置我们住了一晚")
            words = [*chance.choice(own, 3), *chance.choice(rest, 12)]
            text = "".join(words)
        else:
            words = [*chance.choice((GOOD if good else BAD).split(), 2)]
            words += [*chance.choice(PLAIN.split(), 12), f"w{chance.integers(0, 400)}"]
            text = " ".join(chance.permutation(words))
        rows.append({"text": text, "label": "good" if good else "bad"})
    return rows


def look(
    folder: Path, rows: Rows, task: str, *, test: Rows | None = None, names: tuple[str, ...] = (),
    **sections: Any,
) -> Diagnosis:  # fmt: skip
    """Diagnose rows under a recipe."""
    for name, part in (("rows", rows), ("test", test or [])):
        if part:
            with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, list(part[0]))
                writer.writeheader()
                writer.writerows(part)
    data: dict[str, Any] = {"agreement": "own", "train": "rows.csv", "label": "label"}
    data |= {"test": "test.csv"} if test else {}
    table = task.startswith("table")
    data |= {"numeric": NUMERIC} if table else {"text": "text"}
    data |= sections.pop("data", {})
    model = {"config": TREE} if table else {"base": "some/model", "agreement": "own"}
    tree = {"task": task, "model": model, "data": data} | SOUND | sections
    return diagnose_recipe(recipe_from(tree, folder), names)


def one(found: Diagnosis, problem: str) -> Finding:
    return next(finding for finding in found.findings if finding.problem == problem)


CLASSES, NUMBERS, TEXTS = "table-classification", "table-regression", "text-classification"


@pytest.mark.parametrize(
    ("make", "task"),
    [(tumours, CLASSES), (patients, NUMBERS), (reviews, TEXTS),
     (lambda: dated(reviews(chinese=True)), TEXTS)],
    ids=["tumours", "diabetes", "reviews", "chinese"],
)  # fmt: skip
def test_sound_data_raise_no_alarm(make: Callable[[], Rows], task: str, tmp_path: Path) -> None:
    found = look(tmp_path, make(), task)
    assert [finding.problem for finding in found.found] == []
    assert all(finding.status != "not looked at" or task == TEXTS for finding in found.findings)


def imbalance(rows: Rows) -> Rows:
    rare = [row for row in rows if row["label"] == "malignant"]
    return [row for row in rows if row["label"] != "malignant"] + rare[:20]


def noise(rows: Rows) -> Rows:
    chance = np.random.default_rng(2)
    names = sorted({row["label"] for row in rows})
    flipped = {names[0]: names[1], names[1]: names[0]}
    hit = chance.random(len(rows)) < 0.2
    return [
        row | {"label": flipped[row["label"]]} if h else row
        for row, h in zip(rows, hit, strict=True)
    ]


def outlying(rows: Rows) -> Rows:
    return [row | {"x2": row["x2"] * 1e3} if i % 40 == 0 else row for i, row in enumerate(rows)]


def repeated(rows: Rows) -> Rows:
    return rows + rows[:100]


def contradicted(rows: Rows) -> Rows:
    return rows + [row | {"label": "bad" if row["label"] == "good" else "good"}
                   for row in rows[:60]]  # fmt: skip


def copied(rows: Rows) -> Rows:
    return [row | {"x3": float(row["label"] == "benign")} for row in rows]


def numbered(rows: Rows) -> Rows:
    return [row | {"x0": i, "x1": 7} for i, row in enumerate(rows)]


def holes(rows: Rows) -> Rows:
    return [row | {"x4": "" if i % 5 < 3 else row["x4"]} for i, row in enumerate(rows)]


def unlabelled(rows: Rows) -> Rows:
    return [row | {"label": "" if i % 20 == 0 else row["label"]} for i, row in enumerate(rows)]


def spelt(rows: Rows) -> Rows:
    return [row | {"label": "Good " if i % 30 == 0 else row["label"]} for i, row in enumerate(rows)]


def personal(rows: Rows) -> Rows:
    said = " mail ann.lee@example.org or call +1 415 555 0134"
    return [row | {"text": row["text"] + said} if i % 10 == 0 else row
            for i, row in enumerate(rows)]  # fmt: skip


def secret(rows: Rows) -> Rows:
    key = " key AKIAIOSFODNN7EXAMPLE"
    return [row | {"text": row["text"] + key} if i == 3 else row for i, row in enumerate(rows)]


def told(rows: Rows) -> Rows:
    return [row | {"text": f"{row['text']} rated{5 if row['label'] == 'good' else 1}"}
            for row in rows]  # fmt: skip


def new_class(rows: Rows) -> Rows:
    return rows + [row | {"label": "mixed"} for row in rows[:12]]


def dated(rows: Rows) -> Rows:
    return [row | {"day": f"2026-{1 + i % 12:02}-{1 + i % 28:02}"} for i, row in enumerate(rows)]


def late_class(rows: Rows) -> Rows:
    late = [row | {"label": "mixed"} for row in rows[:60]]
    return dated(rows) + [row | {"day": f"2026-12-{1 + i % 28:02}"} for i, row in enumerate(late)]


def test_words_of_few_rows_give_nothing_away() -> None:
    texts = [f"a fine film {i}" for i in range(60)] + ["quaint olden fiddlesticks"]
    telling = giveaway._words(texts, np.array([i % 2 for i in range(60)] + [2]))
    assert telling and max(telling.values()) < 0.995


PLANTED: list[tuple[str, Callable[[], Rows], str, Callable[[Rows], Rows], float, float]] = [
    ("imbalance", tumours, CLASSES, imbalance, 357 / 20 * 0.8, 357 / 20 * 1.2),
    ("label-noise", tumours, CLASSES, noise, 0.12, 0.28),
    ("label-noise", reviews, TEXTS, noise, 0.12, 0.28),
    ("outliers", tumours, CLASSES, outlying, 0.015, 0.035),
    ("outliers", patients, NUMBERS, outlying, 0.015, 0.035),
    ("duplicates", tumours, CLASSES, repeated, 0.08, 0.16),
    ("duplicates", reviews, TEXTS, repeated, 0.06, 0.16),
    ("duplicates", reviews, TEXTS, contradicted, 0.03, 0.1),
    ("duplicates", lambda: reviews(chinese=True), TEXTS, repeated, 0.06, 0.16),
    ("leakage", reviews, TEXTS, repeated, 0.1, 0.35),
    ("giveaway", tumours, CLASSES, copied, 0.999, 1.0),
    ("giveaway", reviews, TEXTS, told, 0.999, 1.0),
    ("columns", tumours, CLASSES, numbered, 1, 1),
    ("missing", tumours, CLASSES, holes, 0.55, 0.65),
    ("missing", tumours, CLASSES, unlabelled, 0, 0),
    ("labels", reviews, TEXTS, spelt, 0.03, 0.04),
    ("personal-data", reviews, TEXTS, personal, 0.1, 0.1),
    ("personal-data", lambda: reviews(chinese=True), TEXTS, personal, 0.1, 0.1),
    ("secrets", reviews, TEXTS, secret, 1, 1),
    ("cold-start", reviews, TEXTS, new_class, 1, 1),
    ("cold-start", reviews, TEXTS, late_class, 1, 1),
]


@pytest.mark.parametrize(
    ("problem", "make", "task", "plant", "low", "high"),
    PLANTED,
    ids=[f"{p[0]}-{p[3].__name__}-{p[2].partition('-')[0]}-{i}" for i, p in enumerate(PLANTED)],
)
def test_planted_problems_are_found(
    problem: str,
    make: Callable[[], Rows],
    task: str,
    plant: Callable[[Rows], Rows],
    low: float,
    high: float,
    tmp_path: Path,
) -> None:
    found = one(look(tmp_path, plant(make()), task, names=(problem,)), problem)
    assert found.status == "found", found
    assert low <= found.figures[0].value <= high
    assert found.remedy is not None


def test_a_drifting_test_file_is_found(tmp_path: Path) -> None:
    rows = tumours()
    test = [row | {"x1": row["x1"] * 1.6} for row in rows[400:]]
    found = one(look(tmp_path, rows[:400], CLASSES, test=test, names=("drift",)), "drift")
    assert found.status == "found"
    assert found.figures[0].value > 0.7
    assert found.figures[1].name == "distance in x1" and found.plots[0].x == "x1"
    untold = {"anonymity": {"quasi": {"x1": "interval"}}}
    again = look(tmp_path, rows[:400], CLASSES, test=test, names=("drift",), protect=untold)
    assert one(again, "drift").figures == found.figures
    assert "x1" not in {plot.x for plot in one(again, "drift").plots}
    texts = reviews()
    other = [row | {"text": row["text"].replace("film", "hotel room")} for row in texts[400:]]
    found = one(look(tmp_path, texts[:400], TEXTS, test=other, names=("drift",)), "drift")
    assert found.status == "found"


def test_other_shares_of_classes_in_the_test_are_found(tmp_path: Path) -> None:
    rows = reviews()
    test = [r for r in rows[300:] if r["label"] == "good"]
    test += [r for r in rows[300:] if r["label"] == "bad"][:15]
    found = look(tmp_path, rows[:300], TEXTS, test=test, names=("label-shift",))
    assert one(found, "label-shift").status == "found"


def test_groups_on_both_sides_are_found(tmp_path: Path) -> None:
    rows = [row | {"who": i % 50} for i, row in enumerate(reviews())]
    kept = {"data": {"group": "who"}}
    found = one(
        look(tmp_path, rows[:400], TEXTS, test=rows[400:], names=("leakage",), **kept), "leakage"
    )
    assert found.status == "found"
    assert found.figures[2].value > 0.8  # the others' groups are validated on
    found = one(look(tmp_path, rows, TEXTS, names=("leakage",), **kept), "leakage")
    assert found.status == "fine"


@pytest.mark.parametrize(
    ("problem", "sections"),
    [
        ("metric", {"train": {"early_stopping": {"metric": "accuracy"}}}),
        ("learning-rate", {"train": {"learning_rate": 0.5}}),
        ("learning-rate", {"train": {"epochs": 1.0, "batch_size": 64}}),
        ("overfitting", {"train": {"epochs": 200.0}, "model": {"config": LARGER}}),
    ],
)
def test_recipes_that_go_wrong(problem: str, sections: dict[str, Any], tmp_path: Path) -> None:
    rows = imbalance(tumours()) if problem == "metric" else tumours()
    found = one(look(tmp_path, rows, CLASSES, names=(problem,), **sections), problem)
    assert found.status == "found"
    assert found.remedy is not None
    assert found.remedy.patch is not None


def test_a_sample_is_drawn_from_all_splits_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accord.data import look as module

    monkeypatch.setattr(module, "ROWS", {"table": 100})
    found = look(tmp_path, tumours() * 4, CLASSES, names=("imbalance",))
    assert sum(found.sampled.values()) == 100
    assert 50 < found.sampled["train"] < 90
    assert 10 < found.sampled["test"] < 35
