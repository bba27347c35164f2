"""Mixup: a weighted sum of two rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from accord.objective.mix.mixer import MixerSpec, Modality
from accord.part import part

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import torch


class Mixup(MixerSpec):
    """A weighted sum of two rows: of pixels, of tokens of columns, of word embeddings.

    Zhang et al., 2018, arXiv:1710.09412; of texts Guo et al., 2019, arXiv:1905.08941."""

    modalities: ClassVar[tuple[Modality, ...]] = ("text", "image", "table")
    kind: Literal["mixup"] = "mixup"


@dataclass(frozen=True, slots=True)
class _Sum:
    alpha: float

    def draw(self, rows: int, chance: np.random.Generator) -> Mapping[str, npt.NDArray[np.float64]]:
        return {"share": chance.beta(self.alpha, self.alpha, rows)}

    def blend(
        self, own: torch.Tensor, other: torch.Tensor, drawn: Mapping[str, torch.Tensor]
    ) -> torch.Tensor:
        share = drawn["share"].to(own.dtype).view(-1, *[1] * (own.ndim - 1))
        return share * own + (1 - share) * other


@part("mixer", Mixup)
def mixup(spec: Mixup, schema: Mapping[str, Any]) -> _Sum:
    """A share of its own for each row."""
    return _Sum(spec.alpha)
