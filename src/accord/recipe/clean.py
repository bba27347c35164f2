"""`clean:` what spoils learning is found and handled. Validation and test rows are only
tidied, and their gaps filled; everything that looks at rows as a whole sees training rows alone."""

from __future__ import annotations

from accord.recipe.class_names import ClassNames
from accord.recipe.contamination import Decontaminate
from accord.recipe.impute import Impute
from accord.recipe.labels import Labels
from accord.recipe.outliers import Outliers
from accord.recipe.scale import Scale
from accord.recipe.section import Section
from accord.recipe.text import Duplicates, Filter, Tidy


class Clean(Section):
    """Normalisation, filters, outliers, wrong labels."""

    text: Tidy | None = None
    """Texts tidied, in every split: `{}` for what harms none, `{unicode: NFKC, html: true}`."""
    classes: ClassNames | None = None
    """Class names brought to one spelling, in every split: `{rename: {Pos: positive}}`."""
    filter: Filter | None = None
    """Training rows left out by their text: `{least: 20, languages: [en, zh]}`."""
    duplicates: Duplicates | None = None
    """Training rows that repeat an earlier one are left out: `{similarity: 0.8}`."""
    decontaminate: Decontaminate | None = None
    """Training rows that hold text of what the model is examined with are left out: `{}`."""
    outliers: tuple[Outliers, ...] = ()
    """Outlying values and rows, one search after the other: `[{by: mad, handle: clip}]`."""
    labels: Labels | None = None
    """Training rows whose label is probably wrong: `{}` to leave them out, `{handle: relabel}`."""
    impute: Impute | None = None
    """Missing values of tables, filled in every split by what training rows teach: `{}` for
    medians, `{numeric: iterative, categorical: most-frequent}`."""
    scale: Scale | None = None
    """Numeric columns on another scale, as training rows teach: `{by: quantile}`.
    `{by: robust, columns: {income: log}}` scales one otherwise. The model takes them as they are.
    """
