"""Names and addresses in free text, found by a token classifier of your own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from accord.part import Reading, part
from accord.recipe.recogniser import Kind, RecogniserSpec

if TYPE_CHECKING:
    from accord.data.protect.recogniser import Recogniser


class Transformers(RecogniserSpec):
    """A token classifier in the layout of Hugging Face, or a run of Accord that trained one."""

    kind: Literal["transformers"] = "transformers"
    model: str
    """Folder of the model, or of the run."""
    entities: Annotated[dict[str, Kind], Field(min_length=1)]
    """Labels of the model, without `B-` and `I-`, and the kind of identifier that each is:
    `{PER: name, LOC: address}`. Its other labels are passed over."""
    agreement: str | None = None
    """Its agreement file, or `own`; by default the agreement or card beside its files, of a run
    that of what it learned from."""
    score: float = Field(default=0.5, gt=0, lt=1)
    """Probability from which on a word counts; less finds more and takes more for a name."""
    script: Literal["any", "latin"] = "any"
    """Texts that it looks at: any, or only those that hold no more letters of other scripts than
    Latin ones. A model takes what it never learned for anything: an English one, Chinese characters
    and figures between them for addresses."""
    window_tokens: int | None = Field(default=None, ge=16)
    """Tokens looked at together; longer texts are gone through in windows that overlap by a
    quarter. By default as many as the model takes, at most 512."""
    batch_size: int = Field(default=32, ge=1)
    """Windows of a batch."""
    device: str = "cpu"
    """Where it runs: `cpu`, `cuda`, `cuda:1`."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of identifier that it may find."""
        return tuple(dict.fromkeys(self.entities.values()))

    @property
    def files(self) -> Mapping[str, str]:
        """The model."""
        return {"model": self.model}

    @property
    def reads_models(self) -> tuple[Reading, ...]:
        """The model: what it finds shapes the training rows."""
        return (Reading(self.model, self.agreement),)

    def __hash__(self) -> int:
        return hash(self.model_dump_json())


@part("recogniser", Transformers)
def transformers(spec: Transformers, base: Path, field: str) -> Recogniser:
    """Spans of the labels that the recipe names."""
    from accord.data.protect.tagging import Tagger

    return Tagger(spec, base, field)
