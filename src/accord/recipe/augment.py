"""`augment:` new training rows, changed copies of others. Never touches validation or test."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.section import Section


class Rows(Section):
    """Changed copies of training rows."""

    by: Annotated[Spec, SpecOf("augmenter")]
    """How they are changed. Texts: `eda`, `aeda`, `typos`, `synonyms`, `contextual`; images:
    `rotate`, `flip`, `crop`, `colour`, `scale`, `translate`, `blur`, `grain`, `erase`,
    `rand-augment`; tables: `noise`, `mixup`."""
    rate: float = Field(default=1.0, gt=0)
    """New rows for each old one; 0.5 makes one of every other row, by chance."""
    classes: tuple[str, ...] | Literal["new"] = ()
    """Only rows of these classes; `new`: of the classes, or sources, that are new by
    `balance.cold_start`; by default of all."""


class Augment(Section):
    """Variations of training rows."""

    rows: tuple[Rows, ...] = ()
    """One kind of copies after the other, each of all that went before: `[{by: eda, rate: 2}]`."""
    mix: Annotated[Spec, SpecOf("mixer")] | None = None
    """Rows of a batch are mixed two by two while training, and their labels with them: `mixup`,
    `{kind: mixup, alpha: 0.4}`, for images also `cutmix`."""
