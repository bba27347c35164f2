"""Several models as one: soft voting. Shapes: B rows, L classes, labels or words, M members."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from accord.errors import IntegrityError

MODEL_TYPE = "accord-ensemble"
SMALLEST = 1e-30


@dataclass(frozen=True, slots=True)
class Output:
    """`logits` [B, L], or of every token [B, T, L]."""

    logits: torch.Tensor


class Voting(nn.Module):
    """The mean of its members' probabilities (of numbers: of their values), each times its vote.

    Its logits are those whose probabilities are that mean, so whatever reads a model's logits reads
    an ensemble's. `spoken` holds the members' own logits of the last batch, for those who compare
    them.

    Args:
        members: Models with the same outputs.
        votes: One each; they sum to 1.
        problem: What the outputs answer.
    """

    def __init__(self, members: Sequence[nn.Module], votes: Sequence[float], problem: str) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.votes, self.problem = tuple(votes), problem
        self.spoken: list[torch.Tensor] = []

    def get_base_model(self) -> nn.Module:
        """The model whose `forward` says what inputs are taken: all take the same."""
        first: Any = self.members[0]
        inner: Callable[[], nn.Module] | None = getattr(first, "get_base_model", None)
        return first if inner is None else inner()

    def forward(self, **inputs: Any) -> Output:
        """The inputs of every member."""
        self.spoken = [member(**inputs).logits.float() for member in self.members]
        return Output(self.joined(self.spoken))

    def joined(self, logits: Sequence[torch.Tensor]) -> torch.Tensor:
        """Logits of the whole from those of the members."""
        if self.problem == "regression":
            return torch.stack([v * z for v, z in zip(self.votes, logits, strict=True)]).sum(0)
        if self.problem == "multi-label":
            yes = _mean([functional.logsigmoid(z) for z in logits], self.votes)
            no = _mean([functional.logsigmoid(-z) for z in logits], self.votes)
            return yes - no
        return _mean([z.log_softmax(-1) for z in logits], self.votes)


def _mean(logs: Sequence[torch.Tensor], votes: Sequence[float]) -> torch.Tensor:
    """The logarithm of the mean of probabilities, from their logarithms."""
    scaled = torch.stack(list(logs))
    weight = torch.tensor(votes, device=scaled.device).clamp(min=SMALLEST).log()
    return (scaled + weight.view(-1, *[1] * (scaled.ndim - 1))).logsumexp(0)


def write_ensemble(folder: Path, names: Sequence[str], votes: Sequence[float]) -> None:
    """The `config.json` of a folder whose members lie below it."""
    content = {"model_type": MODEL_TYPE, "members": list(names), "votes": list(votes)}
    text = json.dumps(content, indent=2) + "\n"
    (folder / "config.json").write_text(text, encoding="utf-8")


def load_ensemble(
    folder: Path,
    config: Mapping[str, Any],
    problem: str,
    load: Callable[[Path], nn.Module],
) -> Voting:
    """The ensemble of a folder.

    Args:
        folder: With `config.json` and a folder for each member.
        config: Content of that `config.json`.
        problem: What the outputs answer.
        load: Loads a member.

    Raises:
        IntegrityError: A member is not there, or lies elsewhere.
        ModelError: A member cannot be read.
    """
    places = [folder / name for name in config["members"]]
    root = folder.resolve()
    for place in places:
        if not (place.is_dir() and place.resolve().is_relative_to(root)):
            raise IntegrityError(
                "the ensemble lacks a member",
                code="model-weights",
                path=str(place),
                why="it would answer with the others alone",
                fix="copy the whole folder again, with all below it",
            )
    return Voting([load(place) for place in places], config["votes"], problem)
