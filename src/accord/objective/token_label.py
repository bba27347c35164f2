"""Cross-entropy over the tags of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from accord.metric.decision import UNDECIDED
from accord.objective.objective import Batch, Objective, logits, weighted
from accord.part import Spec, part

if TYPE_CHECKING:
    import torch
    from torch import nn


class TokenLabelSpec(Spec):
    """Cross-entropy over the first sub-word of every word."""

    kind: Literal["token-label"] = "token-label"


@dataclass(frozen=True, slots=True)
class TokenLabel:
    """Cross-entropy summed over labelled tokens; a batch's unit is a labelled token.

    Args:
        smoothing: Of the labels.
        factors: Of the tags' probabilities where the model has thresholds. Shape [tags].
    """

    smoothing: float = 0.0
    factors: tuple[float, ...] | None = None

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        if "weight" in batch:
            return weighted(self.losses(model, batch), batch)
        return self._entropy(model, batch, "sum")

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self._entropy(model, batch, "none").view_as(batch["labels"]).sum(1)

    def _entropy(self, model: nn.Module, batch: Batch, reduction: str) -> torch.Tensor:
        from torch.nn import functional

        return functional.cross_entropy(
            logits(model, batch).flatten(0, 1),
            batch["labels"].flatten(),
            label_smoothing=self.smoothing,
            reduction=reduction,
        )

    def units(self, batch: Batch) -> float:
        counts = (batch["labels"] != -100).sum(1)
        return float((counts * batch["weight"]).sum() if "weight" in batch else counts.sum())

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """`prediction`, `label` [B, T] and `loss` [B]; -100 where no tag is due. With factors also
        `undecided:prediction`, the likeliest tags."""
        from torch.nn import functional

        values, labels = logits(model, batch), batch["labels"]
        losses = functional.cross_entropy(values.flatten(0, 1), labels.flatten(), reduction="none")
        due = labels != -100
        likeliest = {"prediction": values.argmax(-1).where(due, -100), "label": labels}
        loss = {"loss": losses.view_as(labels).sum(1) / due.sum(1).clamp(min=1)}
        if self.factors is None:
            return likeliest | loss
        plain = {f"{UNDECIDED}{name}": column for name, column in likeliest.items()}
        factors = values.new_tensor(self.factors)
        chosen = (values.double().softmax(-1) * factors.double()).argmax(-1).where(due, -100)
        return {**plain, "prediction": chosen, "label": labels, **loss}


@dataclass(frozen=True, slots=True)
class TagChances:
    """Tags, whose scores are what thresholds are tuned on: of each kind of tag the probability of
    its likeliest one over the sum of these.

    Args:
        plain: The objective.
        kinds: The kind of each tag, from 0. Shape [tags].
    """

    plain: TokenLabel
    kinds: tuple[int, ...]

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.plain.loss(model, batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.plain.losses(model, batch)

    def units(self, batch: Batch) -> float:
        return self.plain.units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """`chances` [B, T, kinds] and `label` [B, T], the kind of each tag; -100 where none is."""
        import torch

        values, labels = logits(model, batch).float().softmax(-1), batch["labels"]
        kinds = torch.tensor(self.kinds, device=values.device)
        best = values.new_zeros(*values.shape[:-1], max(self.kinds) + 1)
        best = best.scatter_reduce(-1, kinds.expand_as(values), values, "amax")
        return {
            "chances": best / best.sum(-1, keepdim=True),
            "label": kinds[labels.clamp(min=0)].where(labels != -100, -100),
        }


@part("objective", TokenLabelSpec)
def token_label(
    spec: TokenLabelSpec, *, label_smoothing: float, schema: Mapping[str, Any]
) -> Objective:
    """Token cross-entropy with the recipe's smoothing."""
    return TokenLabel(label_smoothing)
