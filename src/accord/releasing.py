"""Releases: a finished run judged, written out in the words of each standard, and signed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path
from typing import Any

from accord.accounting.calibrate import epsilon_of
from accord.accounting.mechanism import composed, mechanism_from_json
from accord.agreement.exchange.usage import usage_info
from accord.agreement.gate import Intent, judge_release, pass_through
from accord.agreement.license.along import texts_along
from accord.agreement.license.hub import tag_of
from accord.agreement.signing.keys import PrivateKey
from accord.agreement.signing.model_signature import sign_model
from accord.agreement.signing.signed_file import sign_file
from accord.agreement.verdict.record import to_json
from accord.agreement.verdict.use import Use
from accord.agreement.verdict.verdict import Verdict
from accord.artifact import MANIFEST, appearing
from accord.directories import require_run
from accord.disk import told_when_full
from accord.errors import RecipeError
from accord.permit import Permit
from accord.recipe.intent import Intended, read_intended
from accord.release.bundle import LICENSES, PUBLIC_KEY, Component, documents, fill
from accord.release.duty import texts_owed
from accord.release.enclosed import enclosed
from accord.release.facts import Facts
from accord.release.gather import (
    Finished,
    architecture_of,
    day_of,
    parameters_of,
    read_run,
    sources_of,
    used_terms,
    without_paths,
)
from accord.release.openness.grade import Grades
from accord.release.standards import file_name
from accord.rule import Value, Variable

EPOCH = "SOURCE_DATE_EPOCH"
"""Seconds since 1970: the day of the release, for whoever makes it again."""


@dataclass(frozen=True, slots=True)
class Released:
    """A release, written.

    Args:
        path: Its folder.
        facts: All its documents say.
        verdict: On giving it on.
        grades: How open it is.
        signer: Id of the key that signed it; None where it is not signed.
        idle: Works whose waiver waived nothing.
    """

    path: Path
    facts: Facts
    verdict: Verdict
    grades: Grades
    signer: str | None
    idle: tuple[str, ...]


def release(
    run: Path,
    output: Path | None = None,
    overrides: Sequence[str] = (),
    *,
    texts: Mapping[str, Path] | None = None,
    components: Sequence[Component] = (),
    key: PrivateKey | None = None,
) -> Released:
    """Give a finished run's model on: judge it, write its documents, sign all of it.

    Args:
        run: The run directory.
        output: Folder of the release, new; by default `release` in the run directory.
        overrides: Fields of `use` and `release` said anew: `release.license=MIT`.
        texts: Of licences that Accord has no text of, by their name.
        components: Code, papers, data that go along.
        key: To sign with; None leaves it unsigned.

    Raises:
        AgreementError: The verdict denies it, or a warning is not waived.
        RecipeError: The run is not finished, or something is not said that has to be.
        IntegrityError: Something in the run is not what was made.
    """
    intended = read_intended(require_run(run) / "recipe.yaml", overrides)
    license, _ = _said(intended, "license"), _said(intended, "name")
    target = output or run / "release"
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise _taken(target)
    finished, day = read_run(run), _today()
    terms = used_terms(finished)
    intent = intent_of(intended, finished.permit, day)
    found = judge_release(terms, intent)
    waived = waived_by(intended.release.waive, found)
    pass_through(found, waived, _epsilon_at(finished.summary["privacy"]))
    facts = facts_of(finished, intended, day, found, waived)
    given = texts_along(texts_owed(facts.verdict, license), texts or {})
    statement = {
        "accord": facts.accord,
        "name": facts.name,
        "version": facts.version,
        "license": license,
        "day": day.isoformat(),
        "intent": intent.to_json(),
        "verdict": facts.verdict,
        "waived": dict(facts.waivers),
        "run": dict(facts.digests),
    }
    written = documents(facts, given, statement, _offers(facts))
    for name, text in enclosed(finished.permit).items():
        work, _, file = name.rpartition("/")
        written[f"{LICENSES}/{file_name(work)}/{file_name(file)}"] = text
    if key is not None:
        written[PUBLIC_KEY] = key.public.pem()
    target.parent.mkdir(parents=True, exist_ok=True)
    with told_when_full(target.parent), appearing(target) as folder:
        _, grades = fill(folder, facts, finished.model, written, tuple(components))
        if key is not None:
            sign_file(folder / MANIFEST, key)
            if key.public.algorithm == "p-256":
                sign_model(folder, key)
    signer = None if key is None else key.public.id
    return Released(target, facts, found, grades, signer, _idle(intended.release.waive, found))


def _epsilon_at(privacy: Mapping[str, Any]) -> Callable[[float | None], float | None]:
    """The privacy loss of a run at any delta, from what it released; None if without noise."""

    def epsilon(delta: float | None) -> float | None:
        if privacy["epsilon"] is None or delta in (None, privacy["delta"]):
            return privacy["epsilon"]
        assert delta is not None
        several: list[dict[str, Any]] = [dict(one) for one in privacy["mechanisms"]]
        steps = [one.pop("steps") for one in several]
        plan = composed(zip(map(mechanism_from_json, several), steps, strict=True))
        return epsilon_of(plan, delta, privacy["accountant"])

    return epsilon


def intent_of(intended: Intended, permit: Permit, day: date) -> Intent:
    """What a model is given on for, and how it was made.

    Args:
        intended: `use` and `release` of its recipe.
        permit: Under which it was made; its use is that of the training.
        day: Of the release.
    """
    said, given = intended.use, intended.release
    use = Use(
        acts=frozenset((*said.acts, "share")),
        purpose=said.purpose,
        commercial=said.commercial,
        monthly_users=said.monthly_users,
        revenue=said.revenue,
        region=said.region,
        party=said.party,
        date=day,
        name=None if given.name is None else given.name.rsplit("/", 1)[-1],
        outbound=given.license,
    )
    names: tuple[Variable, ...] = ("purpose", "commercial", "region", "party")
    made: dict[Variable, Value] = {"date": day_of(permit)}
    for name in names:
        if permit.use.get(name) is not None:
            made[name] = permit.use[name]
    opened = dict.fromkeys(asset.work for asset in permit.assets)
    return Intent(use, said.reading, made, tuple(opened))


def waived_by(waive: Mapping[str, str], found: Verdict) -> dict[str, str]:
    """Each work whose warning is waived, with the reason.

    Args:
        waive: Works, or patterns of them as `data:*`, and reasons.
        found: The verdict.
    """
    return {
        work: why
        for work in dict.fromkeys(one.work for one in found.findings if one.answer == "warn")
        for named, why in waive.items()
        if work == named or fnmatchcase(work, named)
    }


def _idle(waive: Mapping[str, str], found: Verdict) -> tuple[str, ...]:
    """Waivers that waive nothing."""
    warned = {one.work for one in found.findings if one.answer == "warn"}
    return tuple(name for name in waive if not any(fnmatchcase(work, name) for work in warned))


def facts_of(
    run: Finished, intended: Intended, day: date, found: Verdict, waived: Mapping[str, str]
) -> Facts:
    """All that the documents of a release say."""
    given, terms, record = intended.release, used_terms(run), to_json(found)
    model: dict[str, Any] = run.model.read_json("accord.json")
    return Facts(
        name=_said(intended, "name"),
        version=given.version,
        license=_said(intended, "license"),
        hub_license=tag_of(_said(intended, "license")),
        day=day,
        task=model["task"],
        modality=model["modality"],
        labels=tuple(str(label) for label in model.get("labels") or ()),
        description=given.description,
        provider=given.provider,
        contact=given.contact,
        languages=given.languages,
        base=without_paths(model["base"]),
        adapter=model["adapter"]["kind"],
        architecture=architecture_of(run.model),
        parameters=parameters_of(run.model),
        sources=sources_of(run, terms, record, given.provider),
        terms=terms,
        verdict=record,
        waivers=waived,
        summary=run.summary,
        recipe=without_paths(_told(run.recipe)),
        files=run.model.manifest.files,
        digests={kind: artifact.manifest.digest for kind, artifact in run.artifacts.items()},
        began=day_of(run.permit),
        accord=version("accord"),
    )


def _offers(facts: Facts) -> dict[str, dict[str, Any]]:
    """What the terms of each work allow, under the grant that was chosen."""
    chosen = {one["work"]: one["license"] for one in facts.verdict["grants"]}
    return {
        work.id: usage_info(work, grant)
        for work in facts.terms.works()
        for grant in work.grants
        if grant.license == chosen.get(work.id) and grant.rules
    }


def _told(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """The sections that decided what was made; where and how fast is nobody's business."""
    return {name: section for name, section in recipe.items() if name != "machine"}


def _said(intended: Intended, name: str) -> str:
    value = getattr(intended.release, name)
    if not value:
        raise RecipeError(
            f"a release needs a {name}",
            code="release-unsaid",
            path=f"release.{name}",
            expected="`--license`, an SPDX id" if name == "license" else "`--name`, as `who/model`",
            fix=f"add --{name}, or write `release: {{{name}: ...}}` in the recipe",
        )
    return str(value)


def _today() -> date:
    epoch = os.environ.get(EPOCH, "")
    return datetime.fromtimestamp(int(epoch), UTC).date() if epoch.isdecimal() else date.today()


def _taken(target: Path) -> RecipeError:
    return RecipeError(
        "there is something already where the release would go",
        code="output-exists",
        path=str(target),
        why="a release never overwrites another",
        fix="name another folder with --output, or remove this one",
    )


__all__ = ["Released", "facts_of", "intent_of", "release"]
