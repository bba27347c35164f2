"""`protect:` what must not be learned or shown is taken out of every row before anything else."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.anonymity import Anonymity
from accord.recipe.recogniser import Kind
from accord.recipe.section import Section

Action = Literal["mask", "remove", "pseudonym", "surrogate", "generalise", "drop"]
Entity = Literal[
    "secret", "email", "url", "iban", "credit_code", "resident_id", "card", "ssn", "mac", "ip",
    "coordinates", "passport", "plate", "date_of_birth", "phone", "address", "name",
]  # fmt: skip
Name = Kind
Recogniser = Annotated[Spec, SpecOf("recogniser")]


class Protect(Section):
    """De-identification of texts and columns, in every split."""

    entities: Literal["all"] | tuple[Entity, ...] = ()
    """Kinds of identifier that are looked for by their form; `all` for every one."""
    patterns: dict[Name, str] = Field(default_factory=dict[Name, str])
    """Your own kinds: a name and a regular expression."""
    lists: dict[Name, str] = Field(default_factory=dict[Name, str])
    """Your own kinds: a name and a file of words or phrases, one a line."""
    recognisers: tuple[Recogniser, ...] = ()
    """What finds names, addresses and others in free text: `transformers` for a model of your own,
    `presidio` for its recognisers. What they and patterns both find is of the patterns' kind."""
    columns: tuple[str, ...] = ()
    """Columns that are searched; by default every column of text that the task reads."""
    values: dict[str, Name] = Field(default_factory=dict[str, Name])
    """Columns whose whole value is an identifier, and its kind: `{customer: name}`."""
    action: Action = "mask"
    """What is done: `mask` writes the kind in its place, `[EMAIL]`; `remove` leaves nothing;
    `pseudonym` is the same for the same value and key, `[EMAIL fdebmaclhibo]`; `surrogate` writes
    an invented value of the same kind; `generalise` keeps the coarse part; `drop` leaves out the
    row."""
    actions: dict[Name, Action] = Field(default_factory=dict[Name, Action])
    """Another action for one kind: `{secret: drop}`."""
    key: str | None = None
    """Of pseudonyms and surrogates: `env:NAME`, `file:PATH` or `command:PROGRAM`."""

    anonymity: Anonymity | None = None
    """Rows of which no one stands out by columns that others know: k-anonymity and its kin."""

    @property
    def keyed(self) -> bool:
        """Whether something is done that needs a key."""
        return bool({"pseudonym", "surrogate"} & {self.action, *self.actions.values()})

    @property
    def searches(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.entities or self.patterns or self.lists or self.recognisers or self.values)

    @property
    def active(self) -> bool:
        """Whether anything is done."""
        return self.searches or self.anonymity is not None
