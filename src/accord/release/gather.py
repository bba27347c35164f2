"""The facts of a release, gathered from a run directory."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath
from typing import Any, Literal

from ruamel.yaml import YAML

from accord.artifact import MANIFEST, Artifact, open_artifact
from accord.errors import RecipeError
from accord.model.formats import SIDE_HEADS, safetensors_header
from accord.permit import ANSWERING, Granted, Permit, load_permit
from accord.release.facts import Part, Source, SourceFile
from accord.terms import Terms
from accord.work import Obtained, Work

KINDS = ("permit", "dataset", "model", "evaluation")
PARTS: tuple[Part, ...] = ("learnt", "base", "taught", "inside", "measured")
"""In the order in which sources are named."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run, its artifacts verified byte for byte.

    Args:
        path: The run directory.
        artifacts: By kind.
        permit: Under which it ran.
        summary: Content of summary.json.
        recipe: Sections of recipe.yaml.
        rows: Of each split, by work.
    """

    path: Path
    artifacts: Mapping[str, Artifact]
    permit: Permit
    summary: Mapping[str, Any]
    recipe: Mapping[str, Any]
    rows: Mapping[str, Mapping[str, int]]

    @property
    def model(self) -> Artifact:
        """The model that the run made."""
        return self.artifacts["model"]


def read_run(path: Path) -> Finished:
    """A finished run.

    Raises:
        RecipeError: There is none, or it did not finish.
        IntegrityError: Something in it is not what was made.
    """
    if not (path / MANIFEST).is_file() or not (path / "summary.json").is_file():
        raise _unfinished(path, "nothing that is finished")
    summary = json.loads((path / "summary.json").read_text("utf-8"))
    if summary["status"] != "complete":
        raise _unfinished(path, summary["status"])
    listed = json.loads((path / MANIFEST).read_text("utf-8"))
    if any(kind not in listed for kind in KINDS):
        raise _unfinished(path, f"only {', '.join(listed)}")
    artifacts = {kind: open_artifact(path / listed[kind]["path"]) for kind in KINDS}
    for artifact in artifacts.values():
        artifact.verify()
    permit = load_permit(artifacts["permit"])
    recipe = YAML(typ="safe", pure=True).load(path / "recipe.yaml")
    return Finished(
        path, artifacts, permit, summary, recipe, rows_by_work(artifacts["dataset"], permit)
    )


def used_terms(run: Finished) -> Terms:
    """What binds the model, without data sets that no row was learnt from."""
    opened = {asset.work for asset in run.permit.sources("train")}
    unused = {work for work in opened if not run.rows.get(work, {}).get("train")}
    bonds = run.model.manifest.terms.bonds
    return Terms(frozenset(bond for bond in bonds if bond.work.id not in unused))


def sources_of(
    run: Finished, terms: Terms, verdict: Mapping[str, Any], provider: str | None
) -> tuple[Source, ...]:
    """Every work in the model, and those it was only measured with.

    Args:
        run: The finished run.
        terms: That bind the model.
        verdict: Record of the verdict on the release; says what is owed.
        provider: Holds the rights to what is `own`.
    """
    inside = {work.id: work for work in terms.works()}
    granted = {one.id: one for one in run.permit.works}
    found: list[Source] = []
    for name in sorted(inside.keys() | granted.keys()):
        part = _part(run, name, name in inside)
        if part is not None:
            found.append(
                _source(
                    run,
                    _Known(name, part, inside.get(name), granted.get(name), terms),
                    verdict,
                    provider,
                )
            )
    return tuple(sorted(found, key=lambda source: (PARTS.index(source.part), source.id)))


def _part(run: Finished, work: str, bound: bool) -> Part | None:
    """What a work is to the model; None if nothing of it was used."""
    roles = [asset.role for asset in run.permit.assets if asset.work == work]
    if "base" in roles:
        return "base"
    if "teacher" in roles:
        return "taught"
    rows = run.rows.get(work, {})
    if rows.get("train"):
        return "learnt"
    if rows.get("validation") or rows.get("test"):
        return "measured"
    return "inside" if bound and ANSWERING.issuperset(roles) else None


@dataclass(frozen=True, slots=True)
class _Known:
    """Where a work is known from: the terms, the permit, or both."""

    name: str
    part: Part
    work: Work | None
    granted: Granted | None
    terms: Terms


def _source(
    run: Finished, known: _Known, verdict: Mapping[str, Any], provider: str | None
) -> Source:
    name, part, work, granted = known.name, known.part, known.work, known.granted
    passages = {bond.passage for bond in known.terms.bonds if bond.work.id == name}
    chosen = next((one for one in verdict["grants"] if one["work"] == name), None)
    own = name == "own" or (granted is not None and granted.license == "own")
    title = work.title if work is not None else granted.title if granted is not None else ""
    origin = work.source if work is not None else granted.source if granted is not None else ""
    holder = work.holder if work is not None else granted.holder if granted is not None else ""
    return Source(
        id=name,
        kind="model" if part in ("base", "taught") else work.kind if work is not None else "data",
        part=part,
        title=title or name,
        origin=origin,
        holder=holder or (provider or "" if own else ""),
        license=chosen["license"] if chosen else granted.license if granted else "unknown",
        text_sha256=chosen["text_sha256"] if chosen else granted.sha256 if granted else None,
        rows=run.rows.get(name, {}),
        files=tuple(_files(run.permit, name)),
        obligations=tuple(one for one in verdict["obligations"] if one["work"] == name),
        until=granted.until if granted is not None else None,
        obtained=_obtained(work, own, part, passages),
    )


def _obtained(
    work: Work | None, own: bool, part: Part, passages: Collection[str]
) -> Obtained | Literal[""]:
    """What the agreement says, else what is plain: what a model or service gave was generated."""
    if work is not None and work.obtained:
        return work.obtained
    if own:
        return "own"
    given = work is not None and work.kind in ("model", "service") and part == "learnt"
    return "synthetic" if given or set(passages) == {"output"} else ""


def _files(permit: Permit, work: str) -> Iterator[SourceFile]:
    """Names below the asset's own folder: where it lay is nobody's business."""
    for asset in permit.assets:
        if asset.work != work:
            continue
        for file in asset.files:
            inner = file.path.removeprefix(asset.root).strip("/")
            name = inner if inner and inner != file.path.strip("/") else PurePath(file.path).name
            yield SourceFile(name, file.size, file.sha256)


def rows_by_work(dataset: Artifact, permit: Permit) -> dict[str, dict[str, int]]:
    """Rows of each split by work, after everything that removes rows."""
    works = {asset.id: asset.work for asset in permit.assets}
    found: dict[str, dict[str, int]] = {}
    for asset, splits in dataset.read_json("schema.json")["assets"].items():
        rows = found.setdefault(works[asset], {})
        for split, count in splits.items():
            rows[split] = rows.get(split, 0) + count
    return found


def parameters_of(model: Artifact) -> int:
    """Parameters of a model or adapter, by the headers of its weights."""
    files = set(model.manifest.files) - {SIDE_HEADS}
    several = [name for name in sorted(files) if name.endswith(".safetensors")]
    return sum(_count(model.path / name) for name in several)


def _count(path: Path) -> int:
    found = 0
    for tensor in safetensors_header(path).values():
        size = 1
        for length in tensor["shape"]:
            size *= length
        found += size
    return found


def architecture_of(model: Artifact) -> str:
    """Class or type of a model, as its configuration says."""
    for name in ("config.json", "accord.json"):
        if name in model.manifest.files:
            config = model.read_json(name)
            several = config.get("architectures")
            named = several[0] if several else config.get("model_type")
            if named:
                return str(named)
    return "unknown"


def without_paths(value: Any) -> Any:
    """A value of a recipe in which absolute paths stand as their last part."""
    if isinstance(value, Mapping):
        return {str(without_paths(k)): without_paths(v) for k, v in value.items()}
    if isinstance(value, list):
        return [without_paths(item) for item in value]
    if isinstance(value, str) and Path(value).is_absolute():
        return Path(value).name
    return value


def day_of(permit: Permit) -> date:
    """The day the run was permitted."""
    return date.fromisoformat(permit.issued[:10])


def _unfinished(path: Path, got: str) -> RecipeError:
    return RecipeError(
        "only a finished run can be released",
        code="run-unfinished",
        path=str(path),
        got=got,
        expected="a run directory that `accord train` completed",
        fix=f"run `accord train RECIPE --output {path} --resume` to its end",
    )
