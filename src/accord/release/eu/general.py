"""Section 1 of the template: the provider, the model, its data as a whole."""

from __future__ import annotations

from collections.abc import Sequence

from accord.release.eu.answers import modality, titled
from accord.release.eu.field import Field, Heading
from accord.release.facts import Facts, Source
from accord.release.markdown import plain

FEW_TOKENS, MANY_TOKENS = 10**9, 10**13
FEW_IMAGES, MANY_IMAGES = 10**6, 10**9
"""Where one of the template's boxes for the size ends and the next begins."""
LABELS = 20
"""More are not listed one by one."""


def provider(facts: Facts) -> str | None:
    """Who gives the model, and how to reach them."""
    named = plain(facts.provider or "")
    return ", ".join(filter(None, (named, plain(facts.contact or "")))) if named else None


def dependencies(facts: Facts) -> str:
    """What the model was made from."""
    bases = facts.of("base")
    if not bases:
        return "None: it was trained from random weights."
    told = f"It was made by training further:\n\n{_works(bases)}"
    taught = facts.of("taught")
    if taught:
        told += f"\n\nModels whose answers it learnt from:\n\n{_works(taught)}"
    inside = facts.of("inside")
    if inside:
        told += f"\n\nWorks that are known to be inside of that:\n\n{_works(inside)}"
    return (
        told + "\n\nThis summary is about the data of this further training; what is inside of the "
        "model it began with is described in the summary of that model's provider."
    )


def _works(sources: Sequence[Source]) -> str:
    rows = (", ".join(dict.fromkeys(filter(None, (s.title, s.origin, s.license)))) for s in sources)
    return "\n".join(f"- {plain(row)}" for row in rows)


def size(facts: Facts) -> str:
    """The template's box where it is certain; rows and bytes in any case."""
    sources = facts.of("learnt")
    rows = sum(source.trained for source in sources)
    stored = sum(file.size or 0 for source in sources for file in source.files)
    told = f"{rows:,} rows, {stored:,} bytes of files" if stored else f"{rows:,} rows"
    if facts.modality == "image":
        return f"{_images(rows)} ({told})"
    least, most = _tokens(facts, rows)
    if most is None:
        return told
    told += f", at most {most:,} tokens"
    box = _box(least, most)
    return f"{box} ({told})" if box else told


def _images(rows: int) -> str:
    if rows < FEW_IMAGES:
        return "Less than 1 million images"
    return "1 million to 1 billion images" if rows <= MANY_IMAGES else "More than 1 billion images"


def _box(least: int, most: int) -> str | None:
    if most < FEW_TOKENS:
        return "Less than 1 billion tokens"
    if least >= FEW_TOKENS and most <= MANY_TOKENS:
        return "1 billion to 10 trillions tokens"
    return "More than 10 trillions tokens" if least > MANY_TOKENS else None


def _tokens(facts: Facts, rows: int) -> tuple[int, int | None]:
    """Bounds on the training tokens; the upper is None where nothing bounds them."""
    data = facts.summary["data"]
    lengths = data.get("tokens")
    if facts.modality != "text" or not lengths:
        return 0, None
    sequences = (data.get("sequences") or {}).get("train", rows)
    if facts.task == "causal-lm":  # long rows are cut into several, short ones packed into one
        longest = (facts.recipe.get("data") or {}).get("max_tokens")
        return 0, None if longest is None else sequences * int(longest)
    # At least half of all rows are as long as the median; those of other splits may be among them.
    every = sum(data["rows"].values())
    least = max(0, every - every // 2 - (every - rows)) * int(lengths["p50"])
    return least, sequences * int(lengths["max"])


def types(facts: Facts) -> str | None:
    """What the data are, by their titles."""
    return "; ".join(plain(titled(source)) for source in facts.of("learnt")) or None


def languages(facts: Facts) -> str | None:
    """Of the data, where the provider says them."""
    if facts.modality != "text":
        return "Not applicable: no text"
    return ", ".join(filter(None, map(plain, facts.languages))) or None


def characteristics(facts: Facts) -> str:
    """Rows read and left out, why, and the labels."""
    data = facts.summary["data"]
    steps = data.get("removed") or []
    gone = sum(step["rows"] for step in steps)
    told = f"{data.get('read') or 0:,} rows were read, {gone:,} were left out"
    if gone:
        reasons = (f"{plain(step['reason'])} {step['rows']:,}" for step in steps)
        told += f" ({'; '.join(reasons)})"
    labels = (data.get("labels") or {}).get("train") or {}
    if 0 < len(labels) <= LABELS:
        told += ". Rows of each label: "
        told += ", ".join(f"{plain(name)} {rows:,}" for name, rows in labels.items())
    return told + "."


GENERAL: tuple[Heading, ...] = (
    Heading(2, "1. General information"),
    Heading(
        3,
        "1.1. Provider identification",
        (
            Field(
                "Provider name and contact details",
                "person",
                provider,
                "`release.provider` and `release.contact` of the recipe do not say who gives it",
            ),
            Field(
                "Authorised representative name and contact details",
                "person",
                why="whether a provider outside of the Union named one is not part of a run",
            ),
        ),
    ),
    Heading(
        3,
        "1.2. Model identification",
        (
            Field(
                "Versioned model name(s)",
                "run",
                lambda facts: f"{plain(facts.name)} {plain(facts.version)}",
            ),
            Field("Model dependencies", "agreement", dependencies),
            Field(
                "Date of placement of the model on the Union market",
                "person",
                why="a release is made before it is placed on a market",
            ),
        ),
    ),
    Heading(
        3,
        "1.3. Modalities, overall training data size and other characteristics",
        (
            Field("Modality", "run", modality),
            Field("Training data size", "run", size),
            Field("Types of content", "agreement", types, "the agreements give the data no titles"),
            Field(
                "Latest date of data acquisition/collection for model training",
                "run",
                lambda facts: f"Not after {facts.began:%m/%Y}, when the data were opened",
            ),
            Field(
                "Is the model continuously trained on new/dynamic data after this date?",
                "run",
                lambda facts: "No: it was trained once, on files that did not change",
            ),
            Field(
                "Description of the linguistic characteristics of the overall training data",
                "person",
                languages,
                "`release.languages` of the recipe does not say them",
            ),
            Field(
                "Other relevant characteristics of the overall training data",
                "run",
                characteristics,
            ),
        ),
    ),
)
