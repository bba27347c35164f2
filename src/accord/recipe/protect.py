"""`protect:` what must not be learned or shown is taken out of every row before anything else."""

from __future__ import annotations

from accord.recipe.section import Section


class Protect(Section):
    """De-identification of text and columns."""
