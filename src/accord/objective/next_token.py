"""Cross-entropy of the next token, on target tokens only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from accord.objective.objective import Batch, Objective, weighted
from accord.part import Spec, part

if TYPE_CHECKING:
    import torch
    from torch import nn


class NextTokenSpec(Spec):
    """Next-token cross-entropy."""

    kind: Literal["next-token"] = "next-token"


@dataclass(frozen=True, slots=True)
class NextToken:
    """Cross-entropy summed over target tokens; a batch's unit is a target token.

    A target is never the first token of a document, so no document predicts the next one's
    start when several are packed into a row.
    """

    smoothing: float = 0.0

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        from torch.nn import functional

        if "weight" in batch:
            return weighted(self.losses(model, batch), batch)
        values, targets, _ = _target_logits(model, batch)
        return functional.cross_entropy(
            values, targets, label_smoothing=self.smoothing, reduction="sum"
        )

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        from torch.nn import functional

        values, targets, rows = _target_logits(model, batch)
        found = functional.cross_entropy(
            values, targets, label_smoothing=self.smoothing, reduction="none"
        )
        return found.new_zeros(batch["labels"].shape[0]).index_add(0, rows, found)

    def units(self, batch: Batch) -> float:
        counts = (batch["labels"][:, 1:] != -100).sum(1)
        return float((counts * batch["weight"]).sum() if "weight" in batch else counts.sum())

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """`loss_sum` (nats), `tokens`, `correct`, `bytes`, each [B]: reduced at once, so that
        evaluation never holds more logits than one batch's."""
        from torch.nn import functional

        values, targets, rows = _target_logits(model, batch)
        losses = functional.cross_entropy(values, targets, reduction="none")
        count = batch["labels"].shape[0]

        def per_row(column: torch.Tensor) -> torch.Tensor:
            return column.new_zeros(count).index_add_(0, rows, column)

        return {
            "loss_sum": per_row(losses.double()),
            "tokens": per_row((targets >= 0).long()),
            "correct": per_row((values.argmax(-1) == targets).long()),
            "bytes": batch["bytes"],
        }


def _target_logits(
    model: nn.Module, batch: Batch
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """fp32 logits [targets, vocabulary], target ids and the row each target stands in."""
    from accord.model.inputs import model_inputs

    output: Any = model(**model_inputs(model, dict(batch)))
    shifted = batch["labels"][:, 1:]
    rows, columns = (shifted != -100).nonzero(as_tuple=True)
    return output.logits[rows, columns].float(), shifted[rows, columns], rows


@part("objective", NextTokenSpec)
def next_token(
    spec: NextTokenSpec, *, label_smoothing: float, schema: Mapping[str, Any]
) -> Objective:
    """Next-token cross-entropy with the recipe's smoothing."""
    return NextToken(label_smoothing)
