"""The permit: which files a run may open, under which agreement. Nothing else opens raw data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from accord.artifact import Artifact, identity_of
from accord.terms import Terms

Role = Literal["train", "validation", "test", "base", "files"]
"""`files`: what the rows of the others may name."""
Verdict = Literal["allow", "warn"]
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
    """

    id: str
    role: Role
    location: str
    root: str
    files: tuple[AssetFile, ...]


@dataclass(frozen=True, slots=True)
class Permit:
    """What an agreement grants to one recipe."""

    agreement: str
    verdict: Verdict
    obligations: tuple[str, ...]
    terms: Terms
    assets: tuple[Asset, ...]

    def sources(self, role: Role) -> tuple[Asset, ...]:
        """The assets of a role, in the recipe's order."""
        return tuple(asset for asset in self.assets if asset.role == role)

    def files(self, role: Role) -> list[AssetFile]:
        """All files of a role, in the recipe's order."""
        return [file for asset in self.sources(role) for file in asset.files]

    def identity(self, recipe: str) -> str:
        """What is permitted, wherever the files lie: terms and contents, not places.

        Args:
            recipe: Identity of the recipe sections the permit was asked for with.
        """
        files = [
            [asset.id, file.sha256 or file.path] for asset in self.assets for file in asset.files
        ]
        terms = self.to_json()["terms"]
        content = {"recipe": recipe, "agreement": self.agreement, "terms": terms, "files": files}
        return identity_of("permit", content, [])

    def save(self, folder: Path) -> None:
        """Write `permit.json`."""
        text = json.dumps(self.to_json(), indent=1, ensure_ascii=False, sort_keys=True)
        (folder / PERMIT).write_text(text, encoding="utf-8")

    def to_json(self) -> dict[str, Any]:
        """JSON value of the permit."""
        terms = self.terms.model_dump(mode="json")
        return {
            "agreement": self.agreement,
            "verdict": self.verdict,
            "obligations": list(self.obligations),
            "terms": {k: sorted(v) if isinstance(v, list) else v for k, v in terms.items()},
            "assets": [
                {
                    "id": asset.id,
                    "role": asset.role,
                    "location": asset.location,
                    "root": asset.root,
                    "files": [
                        {"path": file.path, "size": file.size, "sha256": file.sha256}
                        for file in asset.files
                    ],
                }
                for asset in self.assets
            ],
        }


def load_permit(artifact: Artifact) -> Permit:
    """The permit in a `permit` artifact.

    Raises:
        IntegrityError: The artifact holds no permit.
    """
    return permit_from_json(artifact.read_json(PERMIT))


def permit_from_json(value: Mapping[str, Any]) -> Permit:
    """The permit that `Permit.to_json` wrote."""
    return Permit(
        agreement=value["agreement"],
        verdict=value["verdict"],
        obligations=tuple(value["obligations"]),
        terms=Terms.model_validate(value["terms"]),
        assets=tuple(
            Asset(
                asset["id"],
                asset["role"],
                asset["location"],
                asset["root"],
                tuple(AssetFile(f["path"], f["size"], f["sha256"]) for f in asset["files"]),
            )
            for asset in value["assets"]
        ),
    )
