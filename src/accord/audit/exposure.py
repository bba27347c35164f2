"""How much better a model knows a sequence it saw than others of the same kind.

Carlini et al., The secret sharer (arXiv:1802.08232): `log2 |R| - log2 rank`. Rows of other tasks,
whose labels are drawn too, are ranked likewise.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def exposures(
    seen: npt.NDArray[np.float64], unseen: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Exposure of each sequence in bits; what chance gives is 1.44 on average.

    Args:
        seen: Losses of sequences that were in training. Shape [seen].
        unseen: Losses of sequences drawn likewise that were not: the others of the space, of which
            the rank is estimated. Shape [unseen].

    Returns:
        Shape [seen]; at most `log2(unseen + 1)`, which is when no other is likelier.
    """
    ranks = np.searchsorted(np.sort(unseen), seen, side="left") + 1
    return np.log2(len(unseen) + 1) - np.log2(ranks)


def exposure_of(
    losses: npt.NDArray[np.float64],
    included: npt.NDArray[np.bool_],
    repeated: Mapping[int, npt.NDArray[np.float64]],
) -> dict[str, Any]:
    """What canaries show, in bits: on average, in the middle, at most; the same of each number of
    times that they stood there, if any stood there more than once, and the loss in the middle,
    which still falls where none that was left out is likelier and ranks end.

    Args:
        losses: Of canaries that a coin put in or left out. Shape [canaries].
        included: Which were put in. Shape [canaries].
        repeated: Losses of further ones by how many times each was put in.
    """
    unseen = losses[~included]
    once = exposures(losses[included], unseen)
    found = {
        **_summary(once),
        "ceiling": float(np.log2(len(unseen) + 1)),
        "chance": float(1 / np.log(2)),
    }
    if not repeated:
        return found
    each = {1: losses[included], **{times: repeated[times] for times in sorted(repeated)}}
    rows: list[dict[str, Any]] = []
    for times, seen in each.items():
        one = exposures(seen, unseen)
        row = {"times": times, "canaries": len(one), "least": float(one.min()), **_summary(one)}
        row["at_ceiling"] = float(np.mean(one >= found["ceiling"] - 1e-9))
        row["loss"] = float(np.median(seen))
        rows.append(row)
    return found | {"repeated": rows, "loss_left_out": float(np.median(unseen))}


def _summary(found: npt.NDArray[np.float64]) -> dict[str, float]:
    return {
        "mean": float(found.mean()),
        "median": float(np.median(found)),
        "most": float(found.max()),
    }
