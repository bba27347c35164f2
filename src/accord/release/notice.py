"""NOTICE: the works that were really used, who made them, and what was done with them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from accord.release.duty import Owed, left, owed, values_of
from accord.release.facts import Facts, Source

WIDTH = 88


def notice(facts: Facts) -> str:
    """The file as text; the same facts give the same bytes."""
    return "\n".join(_lines(facts)) + "\n"


def changes(facts: Facts) -> str:
    """What was changed, in a sentence: what licences ask to be told."""
    taught = [source.title for source in facts.of("learnt")]
    how = f"fine-tuned ({facts.adapter})" if facts.base else "trained from random weights"
    by = f" by {facts.provider}" if facts.provider else ""
    on = f" on {', '.join(taught)}" if taught else ""
    return f"{facts.title} {facts.version} was {how} for {facts.task}{on}{by}, with Accord."


def how_used(source: Source) -> str:
    """How a work is in the model, in words."""
    rows = f"{source.trained:,} rows"
    return {
        "learnt": f"the model learnt from {rows} of it",
        "base": "the model started as a copy of it and was changed",
        "taught": "the model learnt from its answers",
        "inside": "it is inside of the model that this one started as",
        "measured": "the model was measured with it; it is not in the model",
    }[source.part]


def _lines(facts: Facts) -> Iterator[str]:
    yield f"{facts.title} {facts.version}"
    if facts.provider:
        yield f"Copyright {facts.day.year} {facts.provider}"
    yield f"Given on under {facts.license}; its text is in LICENSE."
    yield ""
    yield from values_of(facts, "display")
    yield from _filled(changes(facts))
    yield ""
    others = [source for source in facts.of("learnt", "base", "taught") if not source.own]
    if others:
        yield "Works of others in it"
        yield "====================="
    for source in others:
        yield from _work(source, [one for one in owed(facts.verdict) if one.work == source.id])
    yield from _listed("Inside of the model that it started as", facts.of("inside"), facts)
    yield from _listed("Measured with, and not in it", facts.of("measured"), facts)
    limits = values_of(facts, "pass-on")
    if limits or any(one.duty == "pass-on" for one in owed(facts.verdict)):
        yield ""
        yield from _filled(
            "Whoever gets this model is bound to the limits of use of the works above that pass "
            "them on, and has to bind in turn whoever gets it from them: see LICENSES/."
        )
    todo = left(facts.verdict)
    if todo:
        yield ""
        yield "Still to be done by whoever gives it on"
        yield "======================================="
        for one in todo:
            yield from _filled(f"- {one.work}: {one.how}{_values(one)}")


def _listed(title: str, sources: Sequence[Source], facts: Facts) -> Iterator[str]:
    """Works of others in short; what is owed for one of them stands below it."""
    several = [source for source in sources if not source.own]
    if not several:
        return
    yield from ("", title, "=" * len(title))
    for source in several:
        holder = f", by {source.holder}" if source.holder else ""
        yield f"- {_named(source)}{holder}, {source.license}"
        yield from _kept([one for one in owed(facts.verdict) if one.work == source.id])


def _work(source: Source, duties: list[Owed]) -> Iterator[str]:
    yield ""
    yield _named(source)
    if source.holder:
        yield f"  by {source.holder}"
    if source.origin and source.origin != source.title:
        yield f"  from {source.origin}"
    yield f"  under {source.license}"
    yield f"  {how_used(source)}"
    yield from _kept(duties)


def _kept(duties: Sequence[Owed]) -> Iterator[str]:
    """Notices and citations, in the words that are asked for."""
    for one in duties:
        if one.duty in ("notice", "cite"):
            yield from (line for value in one.values for line in _filled(value, "  "))


def _named(source: Source) -> str:
    return source.title if source.title == source.id else f"{source.title} ({source.id})"


def _values(one: Owed) -> str:
    return f" ({', '.join(one.values)})" if one.values else ""


def _filled(text: str, indent: str = "") -> Iterator[str]:
    for line in text.splitlines() or [""]:
        yield from textwrap.wrap(
            line,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
