"""569 breast tumours, 30 measurements of cell nuclei each (Street et al., 1993).

From scikit-learn, which carries the table.
"""

from __future__ import annotations

from pathlib import Path

from tables import sample, write_csv


def write(folder: Path, count: int | None) -> None:
    """Write `data/tumours.csv`: thirty numeric columns and `diagnosis`."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    names = [str(name).replace(" ", "_") for name in data.feature_names]
    rows = [
        (*(repr(float(value)) for value in row), str(data.target_names[label]))
        for row, label in zip(data.data, data.target, strict=True)
    ]
    write_csv(folder / "data" / "tumours.csv", (*names, "diagnosis"), sample(rows, count))
