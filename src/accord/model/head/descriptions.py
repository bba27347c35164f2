"""Descriptions: each class starts where the base model puts a text that describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.errors import RecipeError
from accord.part import Spec, part

if TYPE_CHECKING:
    import torch

    from accord.model.head.embeddings import Embeddings


class Descriptions(Spec):
    """Embedding of a text that describes the class."""

    kind: Literal["descriptions"] = "descriptions"
    texts: Mapping[str, str] = Field(min_length=1)
    """Of each class: `{refund: The customer wants the money back.}`"""

    def __hash__(self) -> int:
        return hash((self.kind, tuple(sorted(self.texts.items()))))


@part("head", Descriptions)
def descriptions(spec: Descriptions, given: Embeddings) -> torch.Tensor:
    """A point of each class [classes, D].

    Raises:
        RecipeError: A class has no description, or a description no class.
    """
    assert given.texts is not None, "recipes refuse descriptions where rows are no texts"
    lacking = [name for name in given.labels if not spec.texts.get(name, "").strip()]
    unknown = [name for name in spec.texts if name not in given.labels]
    if lacking or unknown:
        raise RecipeError(
            "the descriptions are not those of the classes",
            code="head-descriptions",
            path="model.head.texts",
            got=", ".join(spec.texts),
            expected=", ".join(given.labels),
            why="every class needs a start",
            fix=f"describe {', '.join(lacking)}" if lacking else f"remove {', '.join(unknown)}",
        )
    return given.texts([spec.texts[name] for name in given.labels])
