"""`augment:` new training rows, or new views of them. Never touches validation or test."""

from __future__ import annotations

from accord.recipe.section import Section


class Augment(Section):
    """Variations of training rows."""
