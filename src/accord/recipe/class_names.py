"""`clean.classes:` how classes are written, brought to one form."""

from __future__ import annotations

from pydantic import Field, model_validator

from accord.recipe.section import Section


class ClassNames(Section):
    """Class names as people type them: spellings of one class are made one, and what says that no
    class is known is left out. In every split, before classes are counted."""

    rename: dict[str, str] = Field(default_factory=dict)
    """Other spellings, with the class that is meant: `{"Positive ": positive, pos: positive}`."""
    drop: tuple[str, ...] = ()
    """Names that are no class: `[n/a, "?"]`; rows without another are left out."""

    @model_validator(mode="after")
    def _once(self) -> ClassNames:
        onto = set(self.rename.values()) & set(self.rename)
        if onto:
            raise ValueError(f"{sorted(onto)[0]!r} is renamed itself")
        both = (set(self.rename) | set(self.rename.values())) & set(self.drop)
        if both:
            raise ValueError(f"{sorted(both)[0]!r} is dropped too")
        return self
