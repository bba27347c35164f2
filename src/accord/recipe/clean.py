"""`clean:` what spoils learning is found and handled. Validation and test rows are only
normalised and filtered row by row; everything that looks at rows as a whole sees training rows
alone."""

from __future__ import annotations

from accord.recipe.section import Section


class Clean(Section):
    """Normalisation, filters, outliers, wrong labels."""
