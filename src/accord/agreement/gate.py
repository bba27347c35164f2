"""The gate: may a finished model be given on like that; the same fold as before it was trained.

All it needs stands in the model's terms, so that whoever is given the model can judge it again,
offline, without the agreements or the data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, get_args

from accord.agreement.judge import RESULT, ancestry, denied
from accord.agreement.verdict.lineage import Thing, lineage
from accord.agreement.verdict.use import Reading, Use
from accord.agreement.verdict.verdict import Verdict, verdict
from accord.errors import AgreementError
from accord.rule import VARIABLES, Value, Variable
from accord.terms import Terms

FEW = 4
"""More works than these are waived by a pattern."""
READINGS: tuple[Reading, ...] = get_args(Reading)
MADE: tuple[Variable, ...] = ("purpose", "commercial", "region", "party")
"""Circumstances of the training that the recipe states; its day comes from the permit."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What a model is given on for, and how it was made.

    Args:
        use: What is intended with it.
        reading: Of what the terms do not say.
        made: Circumstances of its training, where they are known.
        opened: Ids of the works that its own run opened; what others are in the model came in with
            the model that it was made from.
    """

    use: Use
    reading: Reading = "cautious"
    made: Mapping[Variable, Value] = field(default_factory=dict[Variable, Value])
    opened: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON value."""
        return {
            "use": _plain(self.use),
            "reading": self.reading,
            "made": _dated(self.made),
            "opened": list(self.opened),
        }


def intent_from_json(value: Mapping[str, Any]) -> Intent:
    """Undo `Intent.to_json`.

    Raises:
        LookupError, TypeError, ValueError: It wrote something else.
    """
    said: dict[str, Any] = {name: _read(name, item) for name, item in value["use"].items()}
    made: dict[Variable, Value] = {
        name: _read(name, value["made"][name]) for name in VARIABLES if name in value["made"]
    }
    known: dict[str, Reading] = {str(one): one for one in READINGS}
    return Intent(Use(**said), known[value["reading"]], made, tuple(value["opened"]))


def judge_release(terms: Terms, intent: Intent) -> Verdict:
    """The verdict on giving a model on.

    Args:
        terms: That bind the model.
        intent: What is intended, under which reading.
    """
    things: dict[str, Thing] = {}
    given = tuple(sorted(intent.made.items()))
    own = Terms(frozenset(b for b in terms.bonds if b.work.id in intent.opened))
    inside = Terms(terms.bonds - own.bonds)
    parents = list(ancestry(own, things, given))
    base = next((one for one in own.works() if one.kind == "model"), None)
    if base is None:
        # A base of one's own, or none: whatever is in it, oneself put there.
        parents += ancestry(inside, things, given)
    else:
        # What is inside of a model that others gave was put there by them.
        brought = tuple(ancestry(inside, things))
        things[base.id] = Thing(base.id, "model", brought, base)
    whole = lineage((*things.values(), Thing(RESULT, "model", tuple(parents))))
    return verdict(whole, RESULT, intent.use, intent.reading)


def pass_through(
    found: Verdict, waivers: Mapping[str, str], epsilon_at: Callable[[float | None], float | None]
) -> None:
    """Let a release through, or say why not.

    Args:
        found: The verdict on it.
        waivers: Works whose warnings a person has looked at, and the reason to go on.
        epsilon_at: Privacy loss of the run at a delta, or at its own; None if it was not trained
            privately.

    Raises:
        AgreementError: It is denied, a warning is not waived, or evidence for a duty is missing.
    """
    if found.answer == "deny":
        raise denied(found, found.use.date or date.today(), "release")
    for owed in found.obligations:
        if owed.duty == "dp" and not owed.when:
            most, *delta = (float(value) for value in owed.values)
            epsilon = epsilon_at(delta[0] if delta else None)
            if epsilon is None or epsilon > most:
                raise _unproven(owed.work, most, epsilon)
    warned = {finding.work: finding for finding in found.findings if finding.answer == "warn"}
    unwaived = [work for work in warned if not waivers.get(work, "").strip()]
    if unwaived:
        raise _unwaived(unwaived, [warned[work].why for work in unwaived])


def _plain(use: Use) -> dict[str, Any]:
    names = (name for name in Use.__slots__ if getattr(use, name) is not None)
    found = {name: getattr(use, name) for name in names}
    return _dated(found | {"acts": sorted(use.acts)})


def _read(name: str, value: Any) -> Any:
    if name == "acts":
        return frozenset(value)
    if name == "date":
        return date.fromisoformat(value)
    return tuple(str(one) for one in value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _dated(values: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in values.items()}


def _unwaived(works: Sequence[str], why: Sequence[str]) -> AgreementError:
    reasons: dict[str, list[str]] = {}
    for work, reason in zip(works, why, strict=True):
        reasons.setdefault(reason, []).append(work)
    named = works if len(works) <= FEW else (f"{works[0].partition(':')[0]}:*",)
    return AgreementError(
        "a warning has to be looked at by a person before the model is given on",
        code="release-unwaived",
        path="release.waive",
        got="; ".join(f"{', '.join(several)}: {reason}" for reason, several in reasons.items()),
        expected="a waiver with a reason for each",
        why="what the terms leave open is decided by somebody, not by nobody",
        fix=" ".join(f"--waive '{work}=REASON'" for work in named)
        + ", or answer the open questions with --set",
    )


def _unproven(work: str, most: float, epsilon: float | None) -> AgreementError:
    return AgreementError(
        f"{work!r} was given for private training only, and the run does not prove that",
        code="release-evidence",
        path="privacy.epsilon",
        got="none: it was not trained privately" if epsilon is None else epsilon,
        expected=f"a privacy loss of at most {most}",
        why="what cannot be shown is not promised",
        fix="train it privately within the budget, or without this work",
    )
