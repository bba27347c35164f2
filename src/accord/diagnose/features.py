"""Rows as numbers, and plain models that say how well one thing follows from another.

Words, and Chinese signs one by one, in TF-IDF with logistic regression; tables and pixels with a
random forest, whose trees judge the rows they did not learn from (Breiman, 2001).
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.metric.ranking import ranked, ranking_areas
from accord.part import require
from accord.recipe.data import Data
from accord.recipe.task import Modality

WORD = r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+"
TERMS = 30_000
TREES = 100
SIDE = 16
FOLDS = 5
Matrix = Any
"""NumPy array, or sparse matrix, of shape [rows, features]."""
Values = npt.NDArray[np.float64]


def texts_of(table: pa.Table, data: Data) -> list[str]:
    """What the rows say, in one text each."""
    names = (data.text, data.text_pair, data.tokens, data.messages, data.prompt, data.completion)
    columns = [table[name].to_pylist() for name in names if name in table.column_names]
    return [" ".join(map(_said, row)) for row in zip(*columns, strict=True)]


def _said(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def features(tables: Sequence[pa.Table], data: Data, modality: Modality) -> list[Matrix]:
    """Features of several tables, in the same columns."""
    if modality == "text":
        return _split(_terms([texts_of(table, data) for table in tables]), tables)
    if modality == "image":
        assert data.image is not None
        return [_pixels(table[data.image].to_pylist()) for table in tables]
    return _split(_columns(pa.concat_tables(tables), data), tables)


def _split(matrix: Matrix, tables: Sequence[pa.Table]) -> list[Matrix]:
    ends = np.cumsum([table.num_rows for table in tables])
    return [matrix[end - table.num_rows : end] for end, table in zip(ends, tables, strict=True)]


def _terms(parts: Sequence[list[str]]) -> Matrix:
    require("sklearn", "train", "a look at what texts say")
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [text[:20_000] for part in parts for text in part]
    least = 2 if len(texts) > 100 else 1
    terms = TfidfVectorizer(
        token_pattern=WORD, ngram_range=(1, 2), sublinear_tf=True, min_df=least, max_features=TERMS
    )
    try:
        return terms.fit_transform(texts).tocsr()
    except ValueError:  # no word stands in two texts
        return np.zeros((len(texts), 1))


def _pixels(images: Sequence[bytes]) -> Values:
    image = require("PIL.Image", "image", "a look at images")
    rows = [
        np.asarray(
            image.open(io.BytesIO(raw)).convert("RGB").resize((SIDE, SIDE)), dtype=np.float32
        ).ravel()
        for raw in images
    ]
    return np.asarray(rows, dtype=np.float64).reshape(len(rows), SIDE * SIDE * 3)


def _columns(table: pa.Table, data: Data) -> Values:
    columns = [table[name].to_numpy() for name in data.numeric]
    for name in data.categorical:
        values = [value or "" for value in table[name].to_pylist()]
        columns.append(np.unique(values, return_inverse=True)[1].astype(np.float64))
    return np.stack(columns, axis=1) if columns else np.zeros((table.num_rows, 0))


def out_of_fold(matrix: Matrix, labels: npt.NDArray[np.int64], modality: Modality) -> Values:
    """Probabilities of each class for every row, from models that did not learn from it.

    Args:
        matrix: Features.
        labels: Codes from 0 on; every class has at least `FOLDS` rows. Shape [rows].

    Returns:
        Shape [rows, classes].
    """
    require("sklearn", "train", "a look at what follows from the rows")
    with warnings.catch_warnings():
        # A model that has not quite converged is good enough to look with.
        warnings.simplefilter("ignore")
        if modality == "text":
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import StratifiedKFold, cross_val_predict

            plain = LogisticRegression(C=3, max_iter=100)
            folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
            guessed = cross_val_predict(plain, matrix, labels, cv=folds, method="predict_proba")
            return np.asarray(guessed, dtype=np.float64)
        from sklearn.ensemble import RandomForestClassifier

        forest = RandomForestClassifier(
            TREES, min_samples_leaf=2, oob_score=True, random_state=0
        ).fit(matrix, labels)
    votes = np.asarray(forest.oob_decision_function_, dtype=np.float64)
    return np.nan_to_num(votes, nan=1 / votes.shape[1])


def area(scores: Values, positive: npt.NDArray[np.bool_]) -> float:
    """Area under the ROC curve, ties halved; 0.5 where there is one class only. Shapes [rows]."""
    if positive.all() or not positive.any():
        return 0.5
    areas, _ = ranking_areas(ranked(positive, scores), np.ones((len(scores), 1)))
    return float(areas[0])
