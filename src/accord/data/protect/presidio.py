"""Presidio's recognisers: its patterns, or any that its configuration names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pyarrow as pa
from pydantic import Field

from accord.errors import RecipeError
from accord.part import part, require
from accord.recipe.recogniser import Kind, RecogniserSpec

if TYPE_CHECKING:
    from accord.data.protect.recogniser import Recogniser
    from accord.data.protect.spans import Spans


class Presidio(RecogniserSpec):
    """The analyser of Presidio, in one language."""

    kind: Literal["presidio"] = "presidio"
    entities: Annotated[dict[str, Kind], Field(min_length=1)]
    """Presidio's entities, and the kind of identifier that each is: `{PERSON: name}`."""
    language: str = "en"
    """One that the configuration supports."""
    configuration: str | None = None
    """Presidio's YAML file of analyser, language model and recognisers. Without one its
    patterns are used, and no language model."""
    score: float = Field(default=0.4, ge=0, le=1)
    """What Presidio must be sure by."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of identifier that it may find."""
        return tuple(dict.fromkeys(self.entities.values()))

    @property
    def files(self) -> Mapping[str, str]:
        """The configuration."""
        return {"configuration": self.configuration} if self.configuration else {}

    def __hash__(self) -> int:
        return hash(self.model_dump_json())


@part("recogniser", Presidio)
def presidio(spec: Presidio, base: Path, field: str) -> Recogniser:
    """Spans of the entities that the recipe names."""
    from accord.data.protect.spans import characters

    analyzer: Any = require("presidio_analyzer", "presidio", "Presidio's recognisers")
    _stay_offline()
    engine = _engine(analyzer, spec, base, field)
    known = set(engine.get_supported_entities(spec.language))
    unknown = sorted(set(spec.entities) - known)
    if unknown:
        raise RecipeError(
            "Presidio does not know this entity",
            code="recogniser-label",
            path=f"{field}.entities",
            got=", ".join(unknown),
            expected=", ".join(sorted(known)),
            why="nothing would be found of what you want protected",
            fix="name one of these, or a configuration whose recognisers find it",
        )

    def found(texts: pa.StringArray) -> Spans:
        rows: list[str | None] = texts.to_pylist()
        spans: list[tuple[int, int, int, str]] = []
        for row, text in enumerate(rows):
            for hit in engine.analyze(
                text or "",
                language=spec.language,
                entities=list(spec.entities),
                score_threshold=spec.score,
            ):
                spans.append((row, hit.start, hit.end, spec.entities[hit.entity_type]))
        return characters(rows, spans)

    return found


def _engine(analyzer: Any, spec: Presidio, base: Path, field: str) -> Any:
    if spec.configuration is None:
        return patterns_alone(analyzer, spec.language)
    path = base / spec.configuration
    try:
        return analyzer.AnalyzerEngineProvider(analyzer_engine_conf_file=path).create_engine()
    except (OSError, ValueError, TypeError, KeyError, SystemExit) as error:
        raise RecipeError(
            "Presidio cannot use this configuration",
            code="recogniser-configuration",
            path=f"{field}.configuration",
            got=str(path),
            why=str(error),
            fix="mend the file, and install the language model that it names",
        ) from None


def patterns_alone(analyzer: Any, language: str) -> Any:
    """An analyser without a language model: tokens only, each its own lemma, so that the words
    around a number are still seen."""
    spacy: Any = require("spacy", "presidio", "Presidio's recognisers")
    nlp_engine: Any = require("presidio_analyzer.nlp_engine", "presidio", "Presidio")
    model: Any = spacy.blank(language)
    if not spacy.Language.has_factory("accord_lemmas"):
        spacy.Language.component("accord_lemmas", func=_lemmas)
    model.add_pipe("accord_lemmas")
    engine: Any = nlp_engine.SpacyNlpEngine(models=[{"lang_code": language, "model_name": "blank"}])
    engine.nlp = {language: model}
    registry: Any = analyzer.RecognizerRegistry(supported_languages=[language])
    registry.load_predefined_recognizers(languages=[language], nlp_engine=engine)
    return analyzer.AnalyzerEngine(
        registry=registry, nlp_engine=engine, supported_languages=[language]
    )


def _lemmas(doc: Any) -> Any:
    for token in doc:
        token.lemma_ = token.lower_
    return doc


def _stay_offline() -> None:
    """Presidio's e-mail recogniser asks tldextract, which would fetch a list of domains: it is
    given the one it comes with."""
    tldextract: Any = require("tldextract.tldextract", "presidio", "Presidio")
    tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
