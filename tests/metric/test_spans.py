"""Entities as conlleval and seqeval read them; expected values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from accord.metric.score import scorer_of
from accord.metric.spans import scheme_of, spans_of

LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def ids(text):
    return [LABELS.index(tag) for tag in text.split()]


def found(text, *, strict=False):
    scheme = scheme_of(LABELS)
    spans = spans_of(np.array([ids(text)]), scheme, strict=strict)
    return [(scheme.types[kind], int(a), int(b)) for _, a, b, kind in spans]


@pytest.mark.parametrize(
    ("tags", "lenient", "strict"),
    [
        ("O B-PER I-PER O", [("PER", 1, 2)], [("PER", 1, 2)]),
        ("B-PER B-PER", [("PER", 0, 0), ("PER", 1, 1)], [("PER", 0, 0), ("PER", 1, 1)]),
        ("I-PER I-PER O", [("PER", 0, 1)], []),
        ("B-PER I-LOC I-LOC", [("PER", 0, 0), ("LOC", 1, 2)], [("PER", 0, 0)]),
        ("O I-LOC", [("LOC", 1, 1)], []),
        ("B-PER I-PER", [("PER", 0, 1)], [("PER", 0, 1)]),
        ("O O", [], []),
    ],
)
def test_spans(tags, lenient, strict):
    assert found(tags) == lenient
    assert found(tags, strict=True) == strict


def padded(*rows):
    width = max(len(ids(row)) for row in rows)
    return np.array([ids(row) + [-100] * (width - len(ids(row))) for row in rows])


def test_entities_never_cross_rows():
    scheme = scheme_of(LABELS)
    spans = spans_of(padded("O B-PER", "I-PER O O"), scheme)
    assert spans[:, :3].tolist() == [[0, 1, 1], [1, 0, 0]]


def test_metrics_by_hand():
    # True: PER(0,1), LOC(3), PER(1,0..1). Found: PER(0,1) right, PER(3) wrong, row 2 cut short.
    label = padded("B-PER I-PER O B-LOC", "B-PER I-PER")
    guess = padded("B-PER I-PER O B-PER", "B-PER O")
    columns = {"label": label, "prediction": guess, "loss": np.array([0.5, 1.0])}
    scores = scorer_of("token-label", LABELS).scores(columns)
    assert scores.metrics["precision"] == pytest.approx(1 / 3)
    assert scores.metrics["recall"] == pytest.approx(1 / 3)
    assert scores.metrics["token_accuracy"] == pytest.approx(4 / 6)
    assert scores.metrics["loss"] == pytest.approx((4 * 0.5 + 2 * 1.0) / 6)
    assert scores.per_class["PER"]["support"] == 2 and scores.per_class["LOC"]["f1"] == 0
    assert scores.confusion is not None and np.sum(scores.confusion["counts"]) == 6


def test_no_entities_is_null_with_a_reason():
    columns = {"label": padded("O O"), "prediction": padded("O B-PER"), "loss": np.zeros(1)}
    scores = scorer_of("token-label", LABELS).scores(columns)
    assert scores.metrics["f1"] is None and "entity" in scores.undefined["f1"]


def test_parts_of_speech_are_entities_of_one_word():
    columns = {
        "label": np.array([[0, 1, 1]]),
        "prediction": np.array([[0, 1, 0]]),
        "loss": np.zeros(1),
    }
    scores = scorer_of("token-label", ["NOUN", "VERB"]).scores(columns)
    assert scores.metrics["f1"] == scores.metrics["token_accuracy"] == pytest.approx(2 / 3)


def test_rows_can_be_read_back():
    columns = {"label": padded("B-PER", "O O"), "prediction": padded("O", "O B-LOC")}
    scorer = scorer_of("token-label", LABELS)
    back = scorer.restored(scorer.rows(columns | {"loss": np.zeros(2)}))
    assert (back["label"] == columns["label"]).all()
    assert (back["prediction"] == columns["prediction"]).all()
