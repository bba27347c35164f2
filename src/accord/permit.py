"""The permit: which files a run may open, under which agreement. Nothing else opens raw data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from accord.artifact import Artifact, identity_of
from accord.errors import AgreementError
from accord.terms import Terms

Role = Literal[
    "train", "validation", "test", "benchmark", "task", "base", "teacher", "files", "writer",
    "recogniser",
]  # fmt: skip
"""`task`: rows of side tasks; `benchmark`: what training rows are compared with; `teacher`: a model
that is learned from; `files`: what the rows of the others may name; `writer`: a model that writes
training rows; `recogniser`: a model that finds what is hidden in them."""
ANSWERING: frozenset[Role] = frozenset(("writer", "recogniser"))
"""Roles of models whose output shapes the training rows."""
Answer = Literal["allow", "warn"]
PERMIT = "permit.json"


@dataclass(frozen=True, slots=True)
class AssetFile:
    """One file of an asset.

    Args:
        path: Absolute path or URL.
        size: Bytes, or None where the source does not say.
        sha256: Hex digest of a local file; None for URLs.
    """

    path: str
    size: int | None
    sha256: str | None


@dataclass(frozen=True, slots=True)
class Asset:
    """A data source or base model as the recipe names it, resolved to files.

    Args:
        id: `<agreement>/<role>`, with `-<n>` where a role has several sources.
        role: What the recipe uses it for.
        location: As written in the recipe.
        root: Absolute folder, file or URL that the location stands for.
        files: All files, sorted by path.
        work: Id of the work it is, or is a part of.
    """

    id: str
    role: Role
    location: str
    root: str
    files: tuple[AssetFile, ...]
    work: str = "own"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Records that were given once and must not be used any more.

    Args:
        column: Of the data, that tells records apart.
        path: File with one value of it a line.
        sha256: Of that file.
    """

    column: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Granted:
    """One work that a permit opens.

    Args:
        id: Of the work; assets name it.
        license: The grant that was chosen.
        sha256: Of the agreement file; None for one's own data and for model cards.
        verdict: What its terms amount to for the intended use.
        obligations: What has to be done for it, a sentence each.
        until: Last day on which it may be opened.
        roles: What its terms let it be opened for; None for everything.
        withdrawn: Records that are left out.
        title, source, holder: What to call it, where it comes from, who gave it.
        signers: Ids of the keys that the recipe trusts and that signed the agreement.
    """

    id: str
    license: str
    sha256: str | None
    verdict: Answer
    obligations: tuple[str, ...]
    until: date | None
    roles: tuple[Role, ...] | None = None
    withdrawn: Withdrawn | None = None
    title: str = ""
    source: str = ""
    holder: str = ""
    signers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Permit:
    """What agreements grant to one recipe.

    Args:
        verdict: Over all works.
        reading: That was taken of what the terms do not say.
        works: What may be opened, on which terms.
        terms: That bind a model which learns under this permit.
        assets: The files.
        use: The intended use it was judged for.
        issued: When, UTC.
        judged: The whole verdict, for reports: findings with their clauses, questions, fixes.
    """

    verdict: Answer
    reading: str
    works: tuple[Granted, ...]
    terms: Terms
    assets: tuple[Asset, ...]
    use: Mapping[str, Any]
    issued: str = ""
    judged: Mapping[str, Any] = field(default_factory=dict[str, Any])

    @property
    def agreement(self) -> str:
        """Ids of the works that are opened, for people; of those inside of them, how many."""
        opened = [work.id for work in self.works if work.roles != ()]
        inside = len(self.works) - len(opened)
        return ", ".join(opened) + (f" (with {inside} works inside)" if inside else "")

    @property
    def obligations(self) -> tuple[str, ...]:
        """What has to be done, a sentence each."""
        return tuple(f"{work.id}: {duty}" for work in self.works for duty in work.obligations)

    def sources(self, role: Role) -> tuple[Asset, ...]:
        """The assets of a role, in the recipe's order."""
        return tuple(asset for asset in self.assets if asset.role == role)

    def files(self, role: Role) -> list[AssetFile]:
        """All files of a role, in the recipe's order."""
        return [file for asset in self.sources(role) for file in asset.files]

    def withdrawn(self, asset: str) -> Withdrawn | None:
        """Records that are left out of an asset, by its id."""
        work = next((found.work for found in self.assets if found.id == asset), None)
        return next((found.withdrawn for found in self.works if found.id == work), None)

    def admit(self, role: Role, on: date) -> None:
        """Let the assets of a role be opened on a day, or say why not.

        Raises:
            AgreementError: An agreement has ended, or does not grant this role.
        """
        wanted = {asset.work for asset in self.sources(role)}
        for work in self.works:
            if work.id not in wanted:
                continue
            if work.until is not None and on > work.until:
                raise _ended(work, on)
            if work.roles is not None and role not in work.roles:
                raise AgreementError(
                    f"the permit does not open {work.id!r} for this",
                    code="permit-role",
                    path=f"data.{role}",
                    got=role,
                    expected=", ".join(work.roles) or "nothing",
                    why="what was given to evaluate with must not be learnt from",
                    fix="use other data for this, or ask for a wider agreement",
                )

    def identity(self, recipe: str) -> str:
        """What is permitted, wherever the files lie: terms and contents, not places.

        Args:
            recipe: Identity of the recipe sections the permit was asked for with.
        """
        files = [
            [asset.id, file.sha256 or file.path] for asset in self.assets for file in asset.files
        ]
        gone = {work.id: work.withdrawn.sha256 for work in self.works if work.withdrawn}
        works = [[work.id, work.license, gone.get(work.id)] for work in self.works]
        content = {"recipe": recipe, "works": works, "terms": self.terms.to_json(), "files": files}
        return identity_of("permit", content, [])

    def save(self, folder: Path) -> None:
        """Write `permit.json`."""
        text = json.dumps(self.to_json(), indent=1, ensure_ascii=False, sort_keys=True)
        (folder / PERMIT).write_text(text, encoding="utf-8")

    def to_json(self) -> dict[str, Any]:
        """JSON value of the permit."""
        return {
            "verdict": self.verdict,
            "reading": self.reading,
            "issued": self.issued,
            "use": dict(self.use),
            "judged": dict(self.judged),
            "works": [
                asdict(work) | {"until": None if work.until is None else work.until.isoformat()}
                for work in self.works
            ],
            "terms": self.terms.to_json(),
            "assets": [asdict(asset) for asset in self.assets],
        }


def load_permit(artifact: Artifact) -> Permit:
    """The permit in a `permit` artifact.

    Raises:
        IntegrityError: The artifact holds no permit.
    """
    return permit_from_json(artifact.read_json(PERMIT))


def permit_from_json(value: Mapping[str, Any]) -> Permit:
    """The permit that `Permit.to_json` wrote."""
    works = (
        work
        | {
            "until": None if work["until"] is None else date.fromisoformat(work["until"]),
            "obligations": tuple(work["obligations"]),
            "roles": None if work["roles"] is None else tuple(work["roles"]),
            "signers": tuple(work.get("signers", ())),
            "withdrawn": None if work["withdrawn"] is None else Withdrawn(**work["withdrawn"]),
        }
        for work in value["works"]
    )
    assets = (
        asset | {"files": tuple(AssetFile(**file) for file in asset["files"])}
        for asset in value["assets"]
    )
    return Permit(
        verdict=value["verdict"],
        reading=value["reading"],
        works=tuple(Granted(**work) for work in works),
        terms=Terms.from_json(value["terms"]),
        assets=tuple(Asset(**asset) for asset in assets),
        use=value["use"],
        issued=value["issued"],
        judged=value["judged"],
    )


def _ended(work: Granted, on: date) -> AgreementError:
    return AgreementError(
        f"the agreement {work.id!r} ended on {work.until}",
        code="agreement-expired",
        path="data.agreement",
        got=str(on),
        expected=f"a day up to {work.until}",
        why="after its last day nothing in it is allowed any more",
        fix="renew it with the rights holder and change `until`",
    )
