"""README.md: the model card, with the evidence of the run."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from accord.accounting.guarantee import facts as facts_of_privacy
from accord.release.duty import left, owed, values_of
from accord.release.facts import Facts, Source
from accord.release.hub_metadata import is_adapter, metadata
from accord.release.markdown import code, plain, table
from accord.release.notice import changes, how_used

READING = {
    "literal": "what the licences do not say was taken not to bind",
    "cautious": "what the licences leave open was taken to bind",
    "licensor": "as those who gave the works read their terms",
}
SHOWN = (
    "accuracy", "balanced_accuracy", "f1", "f1_macro", "roc_auc", "pr_auc", "log_loss", "ece",
    "perplexity", "bits_per_byte", "token_accuracy", "mae", "rmse", "r2",
)  # fmt: skip
"""Metrics in the card; evaluation.json has all."""


def card(facts: Facts, grades: Sequence[str]) -> str:
    """The model card as Markdown with the hub's metadata at its head.

    Args:
        facts: Of the release.
        grades: How open it is, a line each.
    """
    return "\n".join(("---", _head(facts), "---", *_body(facts, grades))) + "\n"


def _head(facts: Facts) -> str:
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 10_000
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    stream = io.StringIO()
    yaml.dump(metadata(facts), stream)  # pyright: ignore[reportUnknownMemberType]
    return stream.getvalue().rstrip("\n")


def _body(facts: Facts, grades: Sequence[str]) -> Iterator[str]:
    yield ""
    yield f"# {plain(facts.title)}"
    yield ""
    for shown in values_of(facts, "display"):
        yield f"**{plain(shown)}**"
        yield ""
    if facts.description:
        yield plain(facts.description)
        yield ""
    yield plain(changes(facts))
    yield from table(("", ""), _about(facts))
    yield from _use(facts)
    yield from _made_of(facts)
    yield from _results(facts)
    yield from _training(facts)
    yield from _agreements(facts)
    yield "## How open it is"
    yield ""
    for line in grades:
        inner = "  " if line.startswith(" ") else ""
        yield f"{inner}- {plain(line.removeprefix('  ').removeprefix('- '))}"
    yield ""
    yield "`openness.json` has what is missing for the next grade, by component."
    yield ""
    yield from _evidence(facts)


def _about(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "version", f"{plain(facts.version)}, {facts.day}"
    yield "given on by", plain(facts.provider or "not said")
    if facts.contact:
        yield "contact", plain(facts.contact)
    yield "licence", f"{plain(facts.license)} ([text](LICENSE), [notices](NOTICE))"
    yield "task", plain(facts.task)
    if facts.labels:
        yield (
            "labels",
            ", ".join(code(label) for label in facts.labels[:20])
            + (f" and {len(facts.labels) - 20} more" if len(facts.labels) > 20 else ""),
        )
    yield "architecture", f"{plain(facts.architecture)}, {facts.parameters:,} parameters"
    yield "languages", ", ".join(facts.languages) or "not said"


def _use(facts: Facts) -> Iterator[str]:
    if facts.modality == "table":
        lines = ["import accord", "", 'model = accord.load("path/to/this/folder")']
    else:
        pipeline = metadata(facts)["pipeline_tag"]
        named = facts.name if "/" in facts.name else "path/to/this/folder"
        lines = ["from transformers import pipeline", ""]
        lines += [f'model = pipeline("{pipeline}", model="{named}")']
    yield "## Use"
    yield ""
    if is_adapter(facts):
        yield "An adapter alone: it needs the model it was made for, under its terms. PEFT,"
        yield "Transformers and `accord.load` put the two together."
        yield ""
    if _by_direction(facts):
        yield "Its head compares directions (`accord.json`). Other programs choose the same"
        yield "classes, but give other probabilities than were measured here; `accord.load` gives"
        yield "these."
        yield ""
    yield "```python"
    yield from lines
    yield "```"
    yield ""


def _by_direction(facts: Facts) -> bool:
    """Whether the model's own programs must know of its head: see `accord.model.head`."""
    loss = (facts.recipe.get("balance") or {}).get("loss") or {}
    return facts.modality != "table" and bool(loss.get("normalised"))


def _made_of(facts: Facts) -> Iterator[str]:
    yield "## What it is made of"
    rows = (
        (_named(source), plain(source.license), _rows(source), plain(how_used(source)))
        for source in facts.of("learnt", "base", "taught", "measured")
    )
    yield from table(("work", "licence", "rows (train / validation / test)", "how"), rows)
    inside = [f"{_named(source)} ({plain(source.license)})" for source in facts.of("inside")]
    if inside:
        yield f"Inside of the model that it started as: {', '.join(inside)}."
        yield ""
    data = facts.summary["data"]
    gone = sum(one["rows"] for one in data.get("removed") or [])
    yield f"{data.get('read') or 0:,} rows were read and {gone:,} left out."
    yield ""
    rows = (
        (plain(one.get("step", "")), f"{one['rows']:,}", plain(one.get("reason", "")))
        for one in data.get("removed") or []
    )
    yield from table(("step", "rows left out", "why"), rows)


def _results(facts: Facts) -> Iterator[str]:
    split = "test" if facts.summary["metrics"].get("test") else "validation"
    base: dict[str, Any] = facts.summary.get("baseline") or {}
    plainly: dict[str, float] = base.get("metrics", {}) if split == "test" else {}
    intervals = facts.summary["intervals"].get(split, {})
    names = [name for name in SHOWN if name in facts.metrics]
    if not names:
        return
    share = (facts.recipe.get("evaluate") or {}).get("confidence")
    interval = f"{100 * share:.4g}% interval" if isinstance(share, float | int) else "interval"
    yield f"## Results on the {split} rows"
    head = ["metric", "value", interval]
    head += [f"baseline: {plain(base['name'])}"] if plainly else []
    rows = (
        [
            code(name),
            f"{facts.metrics[name]:.4f}",
            _interval(intervals.get(name)),
            *([f"{plainly[name]:.4f}" if name in plainly else ""] if plainly else []),
        ]
        for name in names
    )
    yield from table(head, rows)
    yield "`evaluation.json` has every metric, by class and by slice."
    yield ""


def _interval(found: Sequence[float] | None) -> str:
    return f"{found[0]:.4f} to {found[1]:.4f}" if found else ""


def _training(facts: Facts) -> Iterator[str]:
    spent = facts.summary["efficiency"]
    train: dict[str, Any] = dict(facts.recipe.get("train") or {})
    yield "## How it was trained"
    rows = [(code(name), code(json.dumps(value))) for name, value in sorted(train.items())]
    yield from table(("setting", "value"), rows)
    if spent.get("train_seconds") is not None:
        memory = spent.get("peak_memory_bytes")
        told = f"{spent['steps']:,} steps in {spent['train_seconds']:.0f} s"
        yield told + (f", {memory / 2**30:.2f} GiB at most." if memory else ".")
    energy = spent.get("energy_joules")
    yield "Energy: " + (f"{energy / 3.6e6:.3f} kWh." if energy else "not measured.")
    privacy = facts.summary["privacy"]
    guarantee = facts_of_privacy(privacy)
    if guarantee:
        yield ""
        yield "### Privacy guarantee"
        yield from table(("", ""), ((plain(name), plain(text)) for name, text in guarantee))
    else:
        yield "It was not trained with differential privacy: it may repeat what it learnt from."
    yield ""


def _agreements(facts: Facts) -> Iterator[str]:
    reading = facts.verdict["reading"]
    yield "## Agreements"
    yield ""
    yield (
        f"Judged before it was trained and again before it was given on; verdict: "
        f"**{facts.verdict['verdict']}**, {reading} reading ({READING[reading]}). "
        "This is no legal advice."
    )
    yield from table(("warning", "of", "waived because"), _warnings(facts))
    duties = (
        (plain(o.work), plain(_duty(o.duty, o.values)), plain(o.clause), plain(o.where or o.how))
        for o in owed(facts.verdict)
    )
    yield from table(("owed for", "what", "clause", "where"), duties)
    if any(one.duty == "pass-on" for one in owed(facts.verdict)):
        yield "**Limits of use are passed on to whoever gets this model: see `LICENSES/`.**"
        yield ""
    for one in left(facts.verdict):
        yield f"- Still to be done: {plain(one.work)}: {plain(one.how)}"
    yield ""


def _warnings(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """Each warning once, with all the works it is of."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for one in facts.verdict["findings"]:
        if one["verdict"] == "warn":
            reason = facts.waivers.get(one["work"], "")
            found.setdefault((one["why"], reason), {})[one["work"]] = None
    for (why, reason), works in found.items():
        yield plain(why), ", ".join(plain(work) for work in works), plain(reason)


def _duty(duty: str, values: Sequence[str]) -> str:
    return f"{duty}: {', '.join(values)}" if values else duty


def _evidence(facts: Facts) -> Iterator[str]:
    yield "## Evidence"
    yield ""
    yield "`release.json` holds the verdict with its clauses and the terms of every work;"
    yield "`manifest.json` the digest of every file, signed in `manifest.json.sig`. To check"
    yield "signature, digests and verdict, offline:"
    yield ""
    yield "```"
    yield "accord release verify path/to/this/folder --trust KEY.pub"
    yield "```"
    rows = ((plain(kind), code(digest)) for kind, digest in facts.digests.items())
    yield from table(("artifact of the run", "digest"), rows)
    yield f"Made with Accord {facts.accord}."


def _named(source: Source) -> str:
    title = plain(source.title)
    linked = source.origin.startswith(("https://", "http://")) and not set(source.origin) & set(
        "()<> "
    )
    return f"[{title}]({source.origin})" if linked else title


def _rows(source: Source) -> str:
    if not source.rows:
        return ""
    return " / ".join(f"{source.rows.get(name, 0):,}" for name in ("train", "validation", "test"))
