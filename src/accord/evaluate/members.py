"""The members of an ensemble: what each says of a split, judged beside what they say together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from accord.metric.scorer import Columns, Scorer
from accord.model.ensemble import Output, Voting
from accord.objective.objective import Batch, Objective

PREFIX = "member:"


class _Said(nn.Module):
    """Gives logits that were computed before."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self) -> Output:
        return Output(self.logits)


@dataclass(frozen=True, slots=True)
class Overheard:
    """The objective, whose scores hold those of every member too: no member is run twice."""

    plain: Objective

    def loss(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.plain.loss(model, batch)

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        return self.plain.losses(model, batch)

    def units(self, batch: Batch) -> float:
        return self.plain.units(batch)

    def scores(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        found = dict(self.plain.scores(model, batch))
        if isinstance(model, Voting):
            for number, logits in enumerate(model.spoken):
                own = self.plain.scores(_Said(logits), batch)
                found |= {f"{PREFIX}{number}:{name}": column for name, column in own.items()}
        return found


def apart(columns: Columns) -> tuple[Columns, list[Columns]]:
    """Columns of the whole, and those of each member; no members of a single model."""
    whole = {name: column for name, column in columns.items() if not name.startswith(PREFIX)}
    members: dict[int, dict[str, npt.NDArray[Any]]] = {}
    for name, column in columns.items():
        if name.startswith(PREFIX):
            _, number, own = name.split(":", 2)
            members.setdefault(int(number), {})[own] = column
    return whole, [members[number] for number in sorted(members)]


def members_judged(scorer: Scorer, members: Sequence[Columns]) -> dict[str, Any]:
    """Entries `members` (the metrics of each) and `diversity` of a split; none without members.
    Of next tokens, which are not kept, there is no diversity."""
    if not members:
        return {}
    told = [{"metrics": scorer.scores(own).metrics} for own in members]
    if "loss_sum" in members[0]:
        return {"members": told, "diversity": {}}
    return {"members": told, "diversity": _diversity(members)}


def _diversity(members: Sequence[Columns]) -> Mapping[str, float]:
    """Mean over pairs of members: share of answers that differ; of numbers their distance."""
    pairs = list(combinations(members, 2))
    if members[0].get("prediction", np.zeros(0, dtype=int)).dtype.kind == "f":
        gaps = [np.abs(a["prediction"] - b["prediction"]).mean() for a, b in pairs]
        return {"distance": float(np.mean(gaps))}
    differ = [float((_answers(a) != _answers(b)).mean()) for a, b in pairs]
    return {"disagreement": float(np.mean(differ))}


def _answers(columns: Columns) -> npt.NDArray[Any]:
    if "scores" not in columns:
        return columns["prediction"][columns["label"] >= 0]
    if "prediction" in columns:
        return columns["prediction"]
    if columns["label"].ndim == 2:
        return columns["scores"] >= 0.5
    return columns["scores"].argmax(1)
