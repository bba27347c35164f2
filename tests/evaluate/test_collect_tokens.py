"""Tags are collected compactly, whatever batch they were padded in."""

from __future__ import annotations

import numpy as np

from accord.objective.collect import _joined, _labelled


def test_only_labelled_tokens_are_kept_in_order():
    arrays = {
        "label": np.array([[-100, 3, -100, 4], [-100, 5, -100, -100]]),
        "prediction": np.array([[-100, 1, -100, 2], [-100, 7, -100, -100]]),
    }
    for prefix in ("", "side:"):
        given = {f"{prefix}{name}": values for name, values in arrays.items()}
        found = _labelled(given, prefix, "prediction")
        assert found[f"{prefix}label"].tolist() == [[3, 4], [5, -100]]
        assert found[f"{prefix}prediction"].tolist() == [[1, 2], [7, -100]]


def test_batches_of_other_widths_join_in_row_order():
    pieces = [{"label": np.array([[1, 2, 3]])}, {"label": np.array([[4], [5]])}]
    joined = _joined(pieces, [np.array([1]), np.array([2, 0])], 3)
    assert joined["label"].tolist() == [[5, -100, -100], [1, 2, 3], [4, -100, -100]]
