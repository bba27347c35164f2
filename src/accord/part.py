"""Parts: everything pluggable. Built-ins and plug-ins enter by the same door, an entry point.

A part is one file: a frozen `Spec` with a literal `kind`, and a function that builds from it,
named in the package's entry points under `accord.<slot>`. Heavy imports belong inside the
function, so that recipes can be checked without them.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoints, entry_points
from types import ModuleType
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from accord.errors import MissingExtra, RecipeError

SLOTS: Mapping[str, str] = {
    "reader": "reads one format of raw data into Arrow record batches",
    "engine": "prepares the data in one process, in several, or on a cluster",
    "problem": "finds one typical problem of data, recipe or machine, and its remedy",
    "key-service": "wraps and unwraps the keys that data are sealed with",
    "generalisation": "makes the values of a quasi-identifier coarser, level by level",
    "recogniser": "finds names, addresses and other identifiers in free text",
    "outlier": "finds values or rows unlike the others",
    "imputer": "fills missing numbers, as training rows taught it",
    "scaler": "puts the numbers of a column on another scale, as training rows taught it",
    "label-model": "predicts labels of rows it has not seen, to find wrong ones",
    "encoder": "turns raw rows of one task into the columns a model takes",
    "adapter": "chooses which weights are trained and how",
    "head": "where the rows of a new classifier head start",
    "objective": "the loss of one kind of problem",
    "distillation": "what a student learns from a teacher's answers",
    "resampler": "adds rows of rare classes to a table, or takes ambiguous ones out",
    "augmenter": "changes a text, an image or a row of a table a little",
    "mixer": "makes one row of two, and of their labels, while training",
    "sampler": "how many rows of each kind an epoch draws",
    "class-loss": "the loss of a row by its class, where classes are rare or labels wrong",
    "class-weights": "how much rows of each class count",
    "regression-loss": "the loss of a row by its residual, where targets are partly wrong",
    "threshold": "what the thresholds of classes are chosen for",
    "ensemble": "the members of an ensemble: rows, seed, start and vote of each",
    "robust": "training that a few wrong rows, or a small group, cannot spoil",
    "penalty": "a term added to the loss that looks at the weights only",
    "mechanism": "who takes part in private steps, and how their noise hangs together",
    "clipping": "how the gradient of a unit is cut in private training",
    "optimizer": "the update rule",
    "schedule": "the learning rate over the steps",
    "scorer": "metrics and curves of one kind of problem",
    "sink": "where events go besides events.jsonl",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """A model that a part reads besides the one that is trained.

    Args:
        location: Directory or hub id.
        agreement: Its agreement file, or `own`; None where it is not named.
        revision: Commit, tag or branch of a hub id.
    """

    location: str
    agreement: str | None = None
    revision: str | None = None


class Spec(BaseModel):
    """Base of every part's description: frozen, strict about unknown keys, hashable."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    kind: str

    @property
    def looks_at(self) -> tuple[str, ...]:
        """Columns of the training data that the part looks at, besides those under `data:`."""
        return ()

    @property
    def reads_models(self) -> tuple[Reading, ...]:
        """Models that the part reads: they need a permit as the base does."""
        return ()

    @property
    def head_scale(self) -> float | None:
        """Of a loss that is made for a head that compares directions: largest logit of that head;
        None where a plain head will do."""
        return None

    @property
    def reads_files(self) -> Mapping[str, str]:
        """Files and folders that the part reads, by the field that names them: what is in them is
        a part of what is made."""
        return {}


@dataclass(frozen=True, slots=True)
class Part:
    """A spec type and the function that builds from it, in a slot."""

    slot: str
    kind: str
    spec: type[Spec]
    build: Callable[..., Any]

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.build(*args, **kwargs)


def part(slot: str, spec: type[Spec]) -> Callable[[Callable[..., Any]], Part]:
    """Decorator that makes a function a Part of `slot`, described by `spec`."""
    if slot not in SLOTS:
        raise ValueError(f"unknown slot {slot!r}; slots are {', '.join(SLOTS)}")
    kind: str = spec.model_fields["kind"].default

    def register(build: Callable[..., Any]) -> Part:
        return Part(slot, kind, spec, build)

    return register


@cache
def _installed() -> EntryPoints:
    """Those of all packages: each look goes through the files of every one."""
    # 3.11 says another class, which selects alike.
    return cast(EntryPoints, entry_points())


@cache
def parts(slot: str) -> Mapping[str, Part]:
    """All parts of a slot by kind, built-in and plugged in, sorted.

    Raises:
        RecipeError: Two packages offer the same kind, or an entry point is not a Part.
    """
    found: dict[str, Part] = {}
    for entry in _installed().select(group=f"accord.{slot}"):
        loaded = entry.load()
        if not isinstance(loaded, Part) or (loaded.slot, loaded.kind) != (slot, entry.name):
            raise RecipeError(
                f"entry point {entry.value!r} is not a part of slot {slot!r} named {entry.name!r}",
                code="part-invalid",
                fix="decorate it with @accord.part.part(slot, Spec) and name it like its kind",
            )
        if found.setdefault(loaded.kind, loaded) != loaded:
            raise RecipeError(
                f"two packages offer the {slot} {loaded.kind!r}",
                code="part-ambiguous",
                got=entry.value,
                fix="uninstall one of them",
            )
    return dict(sorted(found.items()))


def find(slot: str, kind: str) -> Part:
    """The part of a slot with that kind.

    Raises:
        RecipeError: There is none.
    """
    table = parts(slot)
    if kind not in table:
        raise RecipeError(
            f"there is no {slot} {kind!r}",
            code="part-unknown",
            got=kind,
            expected=", ".join(table),
            fix="choose one of these, or install the plug-in that offers it",
        )
    return table[kind]


@dataclass(frozen=True, slots=True)
class SpecOf:
    """Annotation of a recipe field that takes any spec of a slot.

    `optimizer: Annotated[Spec, SpecOf("optimizer")]` accepts `adamw` as well as
    `{kind: adamw, betas: [0.9, 0.95]}`.
    """

    slot: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        choices = {kind: handler.generate_schema(p.spec) for kind, p in parts(self.slot).items()}
        union = core_schema.tagged_union_schema(choices, discriminator="kind")
        return core_schema.no_info_before_validator_function(_expand, union)


def _expand(value: Any) -> Any:
    return {"kind": value} if isinstance(value, str) else value


def require(module: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional module.

    Raises:
        MissingExtra: It is not installed; names the extra that brings it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        if error.name is not None and error.name.split(".")[0] != module.split(".")[0]:
            raise
        raise MissingExtra(
            f"{purpose} needs the package {module.split('.')[0]!r}",
            code="extra-missing",
            fix=f"pip install 'accord[{extra}]'",
        ) from error
