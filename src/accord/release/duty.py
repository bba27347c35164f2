"""What is owed, and where a release does it: what a bundle can do itself, and what people must."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accord.release.facts import Facts

DONE: Mapping[str, str] = {
    "cite": "NOTICE and the model card name it",
    "notice": "NOTICE keeps it",
    "copy-terms": "LICENSES/ has the text",
    "state-changes": "NOTICE says what was changed",
    "same-licence": "the model is given on under it",
    "pass-on": "the model card and NOTICE bind those who get it",
    "name-prefix": "its name begins so",
    "display": "the model card and NOTICE show it",
    "dp": "the privacy loss in the model card stays within",
}
"""Duties that a bundle fulfils."""
LEFT: Mapping[str, str] = {
    "disclose-source": "offer the source to those who get the model: recipe.yaml is enclosed, "
    "your own code and the data are not",
    "delete-by": "delete the copies of the data by then",
    "report": "report to the provider as agreed",
    "register": "register with the provider",
    "encrypt": "keep the data encrypted; the model is not the data, and is given as it is",
}
"""Duties that only people can fulfil."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A duty to a work.

    Args:
        work: Its id.
        duty: Which.
        values: What it needs: a text, names, licences, a day.
        clause: Where it stands.
        when: Circumstances that decide whether it is due and are not known.
        where: Where the release does it; None if people must.
        how: What people must do; empty if the release does it.
    """

    work: str
    duty: str
    values: tuple[str, ...]
    clause: str
    when: str
    where: str | None
    how: str


def owed(verdict: Mapping[str, Any]) -> Iterator[Owed]:
    """Every obligation of a verdict's record."""
    for one in verdict["obligations"]:
        yield Owed(
            one["work"],
            one["duty"],
            tuple(one["values"]),
            one["clause"],
            str(one["when"] or ""),
            DONE.get(one["duty"]),
            LEFT.get(one["duty"], ""),
        )


def left(verdict: Mapping[str, Any]) -> tuple[Owed, ...]:
    """What people have to do."""
    return tuple(one for one in owed(verdict) if one.where is None)


def texts_owed(verdict: Mapping[str, Any], outbound: str) -> tuple[str, ...]:
    """Licences of which a copy has to go along: those that ask for it, and the model's own."""
    asking = {one.work for one in owed(verdict) if one.duty == "copy-terms"}
    chosen = (g["license"] for g in verdict["grants"] if g["work"] in asking)
    return tuple(dict.fromkeys((outbound, *sorted(chosen))))


def values_of(facts: Facts, duty: str) -> tuple[str, ...]:
    """Values of a duty over all works, each once: notices to keep, words to show."""
    found: Sequence[str] = [
        v for one in owed(facts.verdict) if one.duty == duty for v in one.values
    ]
    return tuple(dict.fromkeys(found))
