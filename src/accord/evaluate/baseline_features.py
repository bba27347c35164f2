"""Features and estimators of the plain baselines, by modality."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from accord.part import require

ROWS = 20_000
"""Training rows a baseline sees at most."""
WORDS, LETTERS = 20_000, 20_000
"""Most frequent word and letter n-grams that are kept."""
SIDE = 16
"""Images are shrunk to squares of so many pixels."""


@dataclass(frozen=True, slots=True)
class Features:
    """How rows become numbers, and which estimators learn from them.

    Args:
        fit: Learns from the training rows and returns their features.
        transform: Features of further rows.
        estimators: Unfitted scikit-learn estimators by the name that is shown.
    """

    fit: Callable[[pa.Table], Any]
    transform: Callable[[pa.Table], Any]
    estimators: Mapping[str, Any]


def target_of(table: pa.Table, schema: Mapping[str, Any]) -> npt.NDArray[Any]:
    """Labels of the rows: ids [rows], 0/1 [rows, L], or numbers [rows]."""
    column = table["label"].combine_chunks()
    if schema["problem"] == "multi-label":
        flat = column.flatten().to_numpy(zero_copy_only=False)
        return flat.reshape(table.num_rows, -1) > 0.5
    values = column.to_numpy(zero_copy_only=False)
    return values.astype(np.float64 if schema["problem"] == "regression" else np.int64)


def features_of(folder: Path, schema: Mapping[str, Any]) -> Features:
    """The features of a data set's modality.

    Args:
        folder: Folder of the `dataset` artifact; its tokenizer turns ids back to text.
        schema: Its `schema.json`.
    """
    if schema["modality"] == "text":
        return _text_features(folder, schema)
    return _image_features(schema) if schema["modality"] == "image" else _table_features(schema)


def _text_features(folder: Path, schema: Mapping[str, Any]) -> Features:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_union
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(folder / "tokenizer" / "tokenizer.json"))

    def texts(table: pa.Table) -> list[str]:
        ids = table["input_ids"].to_pylist()
        return tokenizer.decode_batch(ids, skip_special_tokens=True)

    both = make_union(
        # Words of one letter count too: in Chinese text every sign is one.
        TfidfVectorizer(
            ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b", sublinear_tf=True, max_features=WORDS
        ),
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=LETTERS
        ),
    )
    return Features(
        lambda table: both.fit_transform(texts(table)),
        lambda table: both.transform(texts(table)),
        {"TF-IDF + logistic regression": _logistic(schema)},
    )


def _image_features(schema: Mapping[str, Any]) -> Features:
    from sklearn.preprocessing import StandardScaler

    image = require("PIL.Image", "image", "the baseline of an image task")

    def pixels(table: pa.Table) -> npt.NDArray[Any]:
        rows = [
            np.asarray(
                image.open(io.BytesIO(cell.as_py())).convert("RGB").resize((SIDE, SIDE)),
                dtype=np.float32,
            ).ravel()
            for cell in table["image"]
        ]
        return np.stack(rows) / 255

    scaler = StandardScaler()
    return Features(
        lambda table: scaler.fit_transform(pixels(table)),
        lambda table: scaler.transform(pixels(table)),
        {f"logistic regression on {SIDE}x{SIDE} pixels": _logistic(schema, penalty=0.01)},
    )


def _table_features(schema: Mapping[str, Any]) -> Features:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import Ridge
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    def columns(table: pa.Table) -> npt.NDArray[np.float64]:
        numeric = _matrix(table, "numeric", len(schema["numeric"]))
        codes = _matrix(table, "categorical", len(schema["categorical"])).astype(np.int64)
        hot = [
            codes[:, [i]] == np.arange(len(column["values"]) + 1)
            for i, column in enumerate(schema["categorical"])
        ]
        return np.concatenate([numeric, *hot], axis=1)

    linear = Ridge() if schema["problem"] == "regression" else _logistic(schema)
    plain = make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler(), linear
    )
    if schema["problem"] == "regression":
        names, boosted = "ridge regression", HistGradientBoostingRegressor(random_state=0)
    else:
        names, boosted = "logistic regression", HistGradientBoostingClassifier(random_state=0)
    if schema["problem"] == "multi-label":
        boosted = OneVsRestClassifier(boosted)
    return Features(columns, columns, {names: plain, "gradient boosting": boosted})


def _logistic(schema: Mapping[str, Any], penalty: float = 0.1) -> Any:
    """Logistic regression; `penalty` is 1/C."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    plain = LogisticRegression(C=1 / penalty, max_iter=100, tol=1e-3)
    return OneVsRestClassifier(plain) if schema["problem"] == "multi-label" else plain


def _matrix(table: pa.Table, name: str, width: int) -> npt.NDArray[np.float64]:
    if not width:
        return np.zeros((table.num_rows, 0))
    values = table[name].combine_chunks().flatten().to_numpy(zero_copy_only=False)
    return values.astype(np.float64).reshape(table.num_rows, width)
