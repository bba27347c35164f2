"""Targets of a regression that are far off, learned from as they are."""

from __future__ import annotations

from benchmarks.evidence.case import Case
from benchmarks.evidence.cases.outliers import COLUMNS, faulty_targets
from benchmarks.evidence.rows import SMALL_TABLE, TABLE_TRAIN

CASES = (
    Case(
        name="robust-targets",
        title="Outlying targets, learned from with care",
        data="Diabetes measurements, divided anew for each seed; a tenth of the training targets "
        "is ten standard deviations too high. Three tenths are tested on as they are.",
        make=faulty_targets,
        recipe={
            "task": "table-regression",
            "model": SMALL_TABLE,
            "data": {"numeric": COLUMNS, "label": "target"},
            "train": TABLE_TRAIN,
        },
        remedies={
            "train.loss: huber (0.1)": {"train": {"loss": {"kind": "huber", "delta": 0.1}}},
            "train.loss: log-cosh (0.1)": {"train": {"loss": {"kind": "log-cosh", "scale": 0.1}}},
            "train.loss: quantile (0.5)": {"train": {"loss": "quantile"}},
            "train.robust: trimmed (0.1)": {"train": {"robust": "trimmed"}},
            "train.clip_each: 1": {"train": {"clip_each": 1.0}},
            "clean.labels: remove": {"clean": {"labels": {}}},
        },
        metric="mae",
        also=("r2",),
        notes=(
            "The widths 0.1 are those that the page on robust training advises, not chosen here; "
            "the share that is trimmed is that of the wrong targets.",
        ),
    ),
)
