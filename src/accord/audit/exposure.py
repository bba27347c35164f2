"""How much better a language model knows a sequence it saw than others of the same kind.

Carlini et al., The secret sharer (arXiv:1802.08232): `log2 |R| - log2 rank`.
"""

from __future__ import annotations

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
