"""Spikes in a series, repaired in the order of time."""

from __future__ import annotations

import csv
import datetime
import io
import math
import random
import sys
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.rows import ROOT, SMALL_TABLE, TABLE_TRAIN, Rows, halves, write


def seattle() -> Rows:
    """Days of 2012 to 2015: `day`, its place in the year, `temp_max`, `wind`, `temp_min`."""
    sys.path.insert(0, str(ROOT / "examples" / "fetch"))
    from package import Package, fetch, unzip_member  # type: ignore[import-not-found]

    weather = Package(
        "vega_datasets==0.9.0",
        "vega_datasets-0.9.0-py3-none-any.whl",
        "3d7c63917be6ca9b154b565f4779a31fedce57b01b5b9d99d8a34a7608062a1d",
    )
    text = unzip_member(fetch(weather), "vega_datasets/_data/seattle-weather.csv").decode("utf-8")
    rows: Rows = []
    for row in csv.DictReader(io.StringIO(text)):
        day = datetime.date.fromisoformat(row["date"].replace("/", "-")).toordinal()
        numbers = {name: float(row[name]) for name in ("temp_max", "wind", "temp_min")}
        turn = 2 * math.pi * day / 365.25
        rows.append({"day": day, "sine": math.sin(turn), "cosine": math.cos(turn), **numbers})
    return rows


def spikes(folder: Path, seed: int) -> None:
    """A fifth of the days' highest temperatures is 15 degrees off, up or down, half each."""
    train, test = halves(seattle(), seed, 0.4)
    train.sort(key=lambda row: row["day"])
    chance = random.Random(seed)
    off = [15 * chance.choice((-1, 1)) * (chance.random() < 0.2) for _ in train]
    spiked = [r | {"temp_max": r["temp_max"] + by} for r, by in zip(train, off, strict=True)]
    write(folder, spiked, test)


HAMPEL = {"by": "hampel", "columns": ["temp_max"], "order_by": "day"}
FOUND = {
    "hampel, interpolate linear": {**HAMPEL, "handle": "interpolate"},
    "hampel, interpolate spline": {**HAMPEL, "handle": "interpolate", "method": "spline"},
    "hampel, replace (median)": {**HAMPEL, "handle": "replace"},
    "hampel, replace (16)": {**HAMPEL, "handle": "replace", "value": 16},
    "hampel, weight": {**HAMPEL, "handle": "weight"},
    "hampel, remove": HAMPEL,
    "mad, remove": {"by": "mad", "columns": ["temp_max"]},
}
CASES = (
    Case(
        name="spikes",
        title="Spikes in a series",
        data="The lowest temperature of a day in Seattle from its highest, wind and season, 2012 "
        "to 2015, days divided anew for each seed; of the 584 training days a fifth has a highest "
        "temperature that is 15 degrees off, which is odd for the week and not for the year. The "
        "other 877 days are tested on as they are.",
        make=spikes,
        recipe={
            "task": "table-regression",
            "model": SMALL_TABLE,
            "data": {"numeric": ["temp_max", "wind", "sine", "cosine"], "label": "temp_min"},
            "train": {**TABLE_TRAIN, "epochs": 10},
        },
        remedies={label: {"clean": {"outliers": [one]}} for label, one in FOUND.items()},
        metric="mae",
        also=("r2",),
        notes=(
            "Every setting is the default. `mad` judges a value against all the year and stands "
            "here as the wrong tool.",
        ),
    ),
)
