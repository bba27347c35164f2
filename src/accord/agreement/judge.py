"""What a recipe intends, judged: its lineage, its use, and the verdict's answer or refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from accord.agreement.short import Budget
from accord.agreement.verdict.finding import Finding, Obligation
from accord.agreement.verdict.lineage import Lineage, Parent, Thing, lineage
from accord.agreement.verdict.lines import DUTY, lines
from accord.agreement.verdict.use import Use
from accord.agreement.verdict.verdict import Verdict, verdict
from accord.errors import AgreementError
from accord.permit import ANSWERING, Answer, Granted, Role, Withdrawn
from accord.recipe.tree import Recipe
from accord.rule import Condition, Rule, Value, Variable
from accord.terms import FREE, Terms
from accord.work import Grant, Work

RESULT = "model"
"""Id of the model a recipe makes, in its lineage."""
EVALUATION: tuple[Role, ...] = ("validation", "test", "benchmark")
LEARNT: frozenset[Role] = frozenset(("train", "task"))
"""Roles of data whose rows are learned from."""
MODELS: frozenset[Role] = frozenset(("base", "teacher", *ANSWERING))
"""Roles of models."""
_FIELDS: Mapping[Role, str] = {
    "base": "model.agreement",
    "teacher": "train.distill.agreement",
    "writer": "augment.rows",
    "recogniser": "protect.recognisers",
}
Given = tuple[tuple[Variable, Value], ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """A work, and what a recipe takes it for.

    Args:
        work: None for one's own.
        id: Of the work, or a name for one's own.
        roles: What it is opened for.
        sha256: Of its agreement file.
        budgets: What may be spent of it, by the grant that is chosen.
        inherited: What binds a base model that was made here, from its manifest.
        withdrawn: Records that must not be used any more.
        signers: Ids of the trusted keys that signed its agreement.
    """

    work: Work | None
    id: str
    roles: tuple[Role, ...]
    sha256: str | None = None
    budgets: Mapping[str, Budget] = field(default_factory=dict[str, Budget])
    inherited: Terms = FREE
    withdrawn: Withdrawn | None = None
    signers: tuple[str, ...] = ()


def use_of(recipe: Recipe, on: date) -> Use:
    """The intended use that a recipe states."""
    said, release = recipe.use, recipe.release
    acts = frozenset(said.acts) | (frozenset(("share",)) if release.license else frozenset())
    return Use(
        acts=acts,
        purpose=said.purpose,
        commercial=said.commercial,
        monthly_users=said.monthly_users,
        revenue=said.revenue,
        region=said.region,
        party=said.party,
        date=on,
        name=release.name,
        outbound=release.license,
    )


def lineage_of(taken: Sequence[Taken]) -> Lineage:
    """The model that a recipe makes, and what it is made of and measured with."""
    things: dict[str, Thing] = {}
    parents: list[Parent] = []
    for one in taken:
        kind = one.work.kind if one.work is not None else "data"
        made = tuple(ancestry(one.inherited, things))
        kind = "model" if MODELS.intersection(one.roles) else kind
        things[one.id] = Thing(one.id, kind, made, one.work)
        if "base" in one.roles:
            parents.append(Parent(one.id, "adapt"))
        if "teacher" in one.roles:
            parents.append(Parent(one.id, "distil"))
        if ANSWERING.intersection(one.roles):
            written = f"outputs of {one.id}"
            things[written] = Thing(written, "data", (Parent(one.id, "generate"),))
            parents.append(Parent(written, "train"))
            # It also runs for the sake of the model, as a teacher does, though it is not in it.
            parents.append(Parent(one.id, "generate", role="eval"))
        learnt = not LEARNT.isdisjoint(one.roles)
        if learnt:
            parents.append(Parent(one.id, "train"))
        if any(role in one.roles for role in EVALUATION) or learnt:
            # A share of the training rows is held out and evaluated with.
            parents.append(Parent(one.id, "train", role="eval"))
    return lineage((*things.values(), Thing(RESULT, "model", tuple(parents))))


def ancestry(inherited: Terms, things: dict[str, Thing], given: Given = ()) -> Iterator[Parent]:
    """Edges that bring each work into a model as it is in it; adds what is missing to `things`.

    Args:
        inherited: What binds the model.
        things: Of the lineage, by id.
        given: Circumstances under which it was made, where they differ from the intended use.
    """
    for bond in sorted(inherited.bonds, key=lambda bond: (bond.work.id, bond.passage)):
        work, source = bond.work, bond.work.id
        things.setdefault(source, Thing(source, work.kind, work=work))
        if bond.passage == "output":
            source = f"outputs of {work.id}"
            things.setdefault(source, Thing(source, "data", (Parent(work.id, "generate"),)))
        adapts = bond.passage in ("copy", "adapted") and work.kind == "model"
        yield Parent(source, "adapt" if adapts else "train", given=given)


def judged(recipe: Recipe, taken: Sequence[Taken], on: date) -> Verdict:
    """The verdict on what a recipe intends.

    Raises:
        AgreementError: It is denied.
    """
    found = verdict(lineage_of(taken), RESULT, use_of(recipe, on), recipe.use.reading)
    if found.answer == "deny":
        raise denied(found, on, _field(found, taken))
    return found


def _field(found: Verdict, taken: Sequence[Taken]) -> str:
    """Field of the recipe that names what is denied: a model's, if that is all, else the data's."""
    against = {f.work for f in found.findings if f.answer == "deny"}
    roles: set[Role] = {role for one in taken if one.id in against for role in one.roles}
    fields = {_FIELDS.get(role, "data.agreement") for role in roles}
    return fields.pop() if len(fields) == 1 else "data.agreement"


def granted(taken: Sequence[Taken], found: Verdict) -> tuple[Granted, ...]:
    """What the permit says of each work, those inside a base model that was made here included."""
    chosen: Mapping[str, Grant] = dict(found.grants)
    known = {one.id for one in taken}
    inside = (Taken(None, work, ()) for work in chosen if work not in known)
    return tuple(_granted(one, chosen.get(one.id), found) for one in (*taken, *inside))


def budgets_of(taken: Sequence[Taken], found: Verdict) -> dict[str, Budget]:
    """What may be spent of each work under the grant that was chosen."""
    chosen: Mapping[str, Grant] = dict(found.grants)
    several = ((one, chosen.get(one.id)) for one in taken)
    return {
        one.id: one.budgets[grant.license]
        for one, grant in several
        if grant is not None and grant.license in one.budgets
    }


def _granted(one: Taken, grant: Grant | None, found: Verdict) -> Granted:
    answers = [f.answer for f in found.findings if f.work == one.id]
    answer: Answer = "warn" if "warn" in answers else "allow"
    return Granted(
        one.id,
        grant.license if grant else "own",
        one.sha256,
        answer,
        tuple(sentence(o) for o in found.obligations if o.work == one.id),
        last_day(grant.rules) if grant else None,
        one.roles,
        one.withdrawn,
        *((one.work.title, one.work.source, one.work.holder) if one.work else ("", "", "")),
        one.signers,
    )


def sentence(owed: Obligation) -> str:
    """What has to be done, with its clause."""
    what = f"{DUTY[owed.duty]} {', '.join(owed.values)}" if owed.values else DUTY[owed.duty]
    when = f", if {owed.when}" if owed.when else ""
    return f"{what}{when}"


def last_day(rules: Sequence[Rule]) -> date | None:
    """The last day that rules leave."""
    days = [
        bound
        for rule in rules
        if rule.effect == "forbid" and len(rule.when) == 1
        for bound in _last(rule.when[0])
    ]
    return min(days, default=None)


def _last(condition: Condition) -> tuple[date, ...]:
    if condition.variable != "date" or condition.operator != ">":
        return ()
    return tuple(value for value in condition.values if isinstance(value, date))


def denied(found: Verdict, on: date, path: str = "data.agreement") -> AgreementError:
    """The refusal that a verdict amounts to, with what would help."""
    against = [f for f in found.findings if f.answer == "deny"]
    ended = next((f for f in against if _is_over(f, on)), None)
    if ended is not None and ended.rule is not None:
        last = _last(ended.rule.when[0])[0]
        return AgreementError(
            f"the agreement {ended.work!r} ended on {last}",
            code="agreement-expired",
            path=path,
            got=str(on),
            expected=f"a day up to {last}",
            why="after its last day nothing in it is allowed any more",
            fix="renew it with the rights holder and change `until`",
        )
    told = list(lines(found))
    helping = [line.strip() for line in told if line.startswith("    ")]
    return AgreementError(
        "the agreements do not allow what is intended",
        code="agreement-forbids",
        path=path,
        got="; ".join(f"{f.work} ({f.licence}{_clause(f)}): {f.why}" for f in against)
        or f"together they leave nothing to choose: {', '.join(found.conflict)}",
        expected=f"terms that allow it, under the {found.reading} reading",
        why="what an agreement does not allow, is not done",
        fix="; or ".join(helping) or "ask the rights holder for it, or use other data",
    )


def _is_over(finding: Finding, on: date) -> bool:
    rule = finding.rule
    if rule is None or len(rule.when) != 1:
        return False
    return any(on > last for last in _last(rule.when[0]))


def _clause(finding: Finding) -> str:
    return f", {finding.rule.clause}" if finding.rule and finding.rule.clause else ""
