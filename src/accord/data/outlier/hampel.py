"""Spikes of a time series: values unlike their neighbours in time."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from pydantic import Field

from accord.data.outlier.found import Found, Values
from accord.data.outlier.mad import NORMAL
from accord.part import Spec, part


class Hampel(Spec):
    """More than `threshold` deviations from the median of a moving window (Hampel, 1974); needs
    `order_by`."""

    kind: Literal["hampel"] = "hampel"
    window: int = Field(default=5, ge=1)
    """Values on each side that a value is compared with."""
    threshold: float = Field(default=3.0, gt=0)
    """Median absolute deviations of the window, scaled to be standard deviations."""


@part("outlier", Hampel)
def hampel(spec: Hampel, values: Values, seed: int) -> Found:
    """By median and median absolute deviation of the window around each value; rows are in order.
    At the ends the window holds what there is."""
    width = 2 * spec.window + 1
    cells = np.zeros(values.shape, dtype=bool)
    for i, column in enumerate(values.T):
        padded = np.pad(column, spec.window, constant_values=np.nan)
        around = np.ma.masked_invalid(sliding_window_view(padded, width))
        middle = np.ma.median(around, axis=1)
        away = np.ma.median(np.abs(around - middle[:, None]), axis=1)
        far = np.abs(np.ma.masked_invalid(column) - middle) > spec.threshold * away / NORMAL
        cells[:, i] = np.ma.filled(far, False)
    return Found(np.any(cells, axis=1, keepdims=True)[:, 0], cells)
