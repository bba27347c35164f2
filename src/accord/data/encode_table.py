"""The table-classification encoder."""

from __future__ import annotations

from typing import Any, Literal

from accord.part import Spec, part


class TableClassification(Spec):
    """The table-classification encoder."""

    kind: Literal["table-classification"] = "table-classification"


@part("encoder", TableClassification)
def table_classification(spec: TableClassification, *args: Any) -> Any:
    raise NotImplementedError


class TableRegression(Spec):
    """The table-regression encoder."""

    kind: Literal["table-regression"] = "table-regression"


@part("encoder", TableRegression)
def table_regression(spec: TableRegression, *args: Any) -> Any:
    raise NotImplementedError
