"""The facts of a release: gathered once, from a run's artifacts; every document says nothing else.

Works that lost all their rows on the way (filtered, withdrawn, duplicates) are not in the model and
not among the facts: what is cited is what was used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from accord.artifact import FileRecord
from accord.terms import Terms
from accord.work import Obtained

Part = Literal["learnt", "base", "taught", "inside", "measured"]
"""What a work is to the model: it learnt from it; it started as it; it learnt from its answers; it
is inside of what it started as; it was only measured with it."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a source: its name (never a path of a machine), bytes and SHA-256 where known."""

    name: str
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """A work that is in the model, or that it was measured with.

    Args:
        id: Of the work; `own` for what the provider holds all rights to.
        kind: `data`, `model`, `service` or `code`.
        part: What it is to the model.
        title: Its name for people.
        origin: Where it comes from: an address, a hub id; empty where nobody said.
        holder: Who holds the rights; empty where nobody said.
        license: The grant that was chosen: an SPDX expression, `LicenseRef-...`, a contract.
        text_sha256: Of the licence text or agreement file, where one was read.
        rows: Of each split, after filtering: `train`, `validation`, `test`.
        files: That were opened.
        obligations: As in the verdict's record: `duty`, `values`, `clause`, `when`, `basis`.
        until: Last day of the agreement.
        obtained: How it was come by; empty where nobody said and nothing tells.
    """

    id: str
    kind: str
    part: Part
    title: str
    origin: str = ""
    holder: str = ""
    license: str = "own"
    text_sha256: str | None = None
    rows: Mapping[str, int] = field(default_factory=dict[str, int])
    files: tuple[SourceFile, ...] = ()
    obligations: tuple[Mapping[str, Any], ...] = ()
    until: date | None = None
    obtained: Obtained | Literal[""] = ""

    @property
    def own(self) -> bool:
        """Whether it is the provider's own."""
        return self.license == "own"

    @property
    def trained(self) -> int:
        """Rows that the model learnt from."""
        return self.rows.get("train", 0)


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the documents of a release are written from.

    Args:
        name: Of the model, `who/name` or `name`.
        version: Of the model.
        license: It is given on under: SPDX expression or `LicenseRef-...`.
        hub_license: Tag of that licence on the Hugging Face Hub, if it has one.
        day: Of the release.
        task, modality, labels: What it does; `modality` is `text`, `image` or `table`.
        description, provider, contact, languages: As the provider says; None or empty if not said.
        base: Base model as the recipe names it; None for a model from scratch.
        adapter: `full` or `lora` ...
        architecture: Class or type of the model.
        parameters: Of the model, by the headers of its weights.
        sources: Works in it and works it was measured with: what it learnt from, what it started
            as, what is inside of that, what only measured it.
        terms: That bind it, of the works that were used.
        verdict: Record of the verdict on the release.
        waivers: Warnings that were waived: work and reason.
        summary: The run's `summary.json`.
        recipe: Sections of the run's recipe, without paths of the machine.
        files: Of the model, by name.
        digests: Of the run's artifacts, by kind.
        began: Day the run was permitted.
        accord: Version of Accord.
    """

    name: str
    version: str
    license: str
    hub_license: str | None
    day: date
    task: str
    modality: str
    labels: tuple[str, ...]
    description: str | None
    provider: str | None
    contact: str | None
    languages: tuple[str, ...]
    base: str | None
    adapter: str
    architecture: str
    parameters: int
    sources: tuple[Source, ...]
    terms: Terms
    verdict: Mapping[str, Any]
    waivers: Mapping[str, str]
    summary: Mapping[str, Any]
    recipe: Mapping[str, Any]
    files: Mapping[str, FileRecord]
    digests: Mapping[str, str]
    began: date
    accord: str

    @property
    def title(self) -> str:
        """The name without who gives it."""
        return self.name.rsplit("/", 1)[-1]

    @property
    def metrics(self) -> Mapping[str, float]:
        """On the test rows, or on the validation rows where there are no others."""
        found: Mapping[str, Mapping[str, float]] = self.summary["metrics"]
        return found.get("test") or found.get("validation") or {}

    def of(self, *parts: Part) -> tuple[Source, ...]:
        """Sources of some parts."""
        return tuple(source for source in self.sources if source.part in parts)
