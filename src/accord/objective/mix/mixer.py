"""What a mixer is: how two rows are drawn together, and what becomes of their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol

from pydantic import ConfigDict, Field

from accord.part import Spec

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch

Modality = Literal["text", "image", "table"]


class MixerSpec(Spec):
    """Base of mixers. A part of slot `mixer` is a function `(spec, schema) -> Mixer`, with the data
    set's `schema.json`."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    modalities: ClassVar[tuple[Modality, ...]]

    alpha: float = Field(default=0.2, ge=0)
    """Of the beta distribution that shares are drawn from: small, and nearly all of a mixed row is
    one of its two; 1, and every share is as likely. 0 mixes nothing."""
    share: float = Field(default=1.0, ge=0, le=1)
    """Of the rows of a batch that are mixed; 0 mixes nothing."""

    @property
    def idle(self) -> bool:
        """Whether nothing is mixed."""
        return self.alpha == 0 or self.share == 0


class Mixer(Protocol):
    """Mixes rows of one kind of data."""

    def draw(self, rows: int, chance: np.random.Generator) -> Mapping[str, npt.NDArray[np.float64]]:
        """`share` [rows], from 0 to 1: how much of itself, and of its label, each row keeps; and
        whatever else `blend` needs [rows]."""
        ...

    def blend(
        self, own: torch.Tensor, other: torch.Tensor, drawn: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        """One input of two, rows first. Where `share` is 1 it is `own`."""
        ...
