"""`clean:` what spoils learning is found and handled. Validation and test rows are only
normalised and filtered row by row; everything that looks at rows as a whole sees training rows
alone."""

from __future__ import annotations

from accord.recipe.outliers import Outliers
from accord.recipe.section import Section


class Clean(Section):
    """Normalisation, filters, outliers, wrong labels."""

    outliers: tuple[Outliers, ...] = ()
    """Outlying values and rows, one search after the other: `[{by: mad, handle: clip}]`."""
