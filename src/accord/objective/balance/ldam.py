"""Label-distribution-aware margins: rare classes keep a larger distance from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from accord.part import Spec, part

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch


SCALE = 30.0
"""Of the paper's head."""


class Ldam(Spec):
    """LDAM loss (Cao et al., 2019)."""

    kind: Literal["ldam"] = "ldam"
    margin: float = Field(0.5, ge=0)
    """Of the rarest class; the others' shrink with the fourth root of their counts."""
    normalised: bool = True
    """Whether the model's head compares directions, as in the paper: what it is given and the row
    of each class have length 1, and there is no bias. Otherwise the head is a plain one."""
    scale: float | None = Field(None, gt=0)
    """Of the logits and margins; by default 30 if `normalised`, else 1."""

    @property
    def head_scale(self) -> float | None:
        """Largest logit of the head."""
        return (SCALE if self.scale is None else self.scale) if self.normalised else None


@part("class-loss", Ldam)
def ldam(spec: Ldam, counts: torch.Tensor) -> Callable[[torch.Tensor, torch.Tensor], torch.Tensor]:
    """Cross-entropy of `scale (z - margin_y)`, the margin taken of the own class alone. Logits [B,
    classes], which a normalised head has scaled already; labels [B], losses [B]."""
    scale = spec.head_scale or spec.scale or 1.0
    due = 1.0 if spec.normalised else scale
    rarity = counts.clamp(min=1) ** -0.25
    margins = scale * spec.margin * rarity / rarity.max()

    def loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        from torch.nn import functional

        own = functional.one_hot(labels, logits.shape[-1]).to(logits.dtype)
        moved = due * logits - own * margins.to(logits)
        return functional.cross_entropy(moved, labels, reduction="none")

    return loss
