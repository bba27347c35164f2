"""What a model answers to a batch, heard while it is called, and how two answers are compared."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import Field

from accord.objective.objective import Batch
from accord.part import Spec

if TYPE_CHECKING:
    import torch
    from torch import nn


@dataclass(frozen=True, slots=True)
class Answers:
    """What a model made of a batch. B rows, T tokens, L logits, D the width of the last layer.

    Args:
        logits: [B, L], or [B, T, L] where each token has its own.
        hidden: What the last layer was given, [B, D] or [B, T, D]; None where nobody asked.
    """

    logits: torch.Tensor
    hidden: torch.Tensor | None = None


class MatchSpec(Spec):
    """Base of the descriptions of matches."""

    weight: float = Field(1.0, ge=0)
    """Of this match among those of `by`."""


class Match(Protocol):
    """How far a student's answers are from its teacher's.

    `looks_inside`: whether it reads `Answers.hidden`.
    """

    @property
    def looks_inside(self) -> bool: ...

    def __call__(self, student: Answers, teacher: Answers, batch: Batch) -> torch.Tensor:
        """Of each row [B], summed over its units as in `Objective.losses`; fp32 with gradient.

        Guarantees:
            0 where both answer alike; a row's value depends on no other row.
        """
        ...


@contextmanager
def listening(model: nn.Module, layer: nn.Linear | None) -> Generator[Callable[[], Answers]]:
    """While it lasts, the function it gives tells what the model answered last.

    Args:
        model: That will be called.
        layer: Its last one, whose input is heard too; None leaves that out.
    """
    said: list[torch.Tensor] = []
    given: list[torch.Tensor] = []

    def hear(module: nn.Module, inputs: tuple[Any, ...], output: Any) -> None:
        said.append(output.logits)

    def look(module: nn.Module, inputs: tuple[Any, ...]) -> None:
        given.append(inputs[0])

    handles = [model.register_forward_hook(hear)]
    if layer is not None:
        handles.append(layer.register_forward_pre_hook(look))
    try:
        yield lambda: Answers(said[-1], given[-1] if layer is not None else None)
    finally:
        for handle in handles:
            handle.remove()


def answered(
    values: torch.Tensor, batch: Batch, problem: str
) -> tuple[torch.Tensor, torch.Tensor | None]:
    """The answers that are due, one a unit [units, ...] in fp32, and the row of each [units];
    None where every row is a unit."""
    if problem == "token-label":
        rows, columns = (batch["labels"] != -100).nonzero(as_tuple=True)
    elif problem == "next-token":
        rows, columns = (batch["labels"][:, 1:] != -100).nonzero(as_tuple=True)
    else:
        return values.float(), None
    return values[rows, columns].float(), rows


def by_row(values: torch.Tensor, rows: torch.Tensor | None, count: int) -> torch.Tensor:
    """Values of units [units], summed over those of a row. [B]"""
    return values if rows is None else values.new_zeros(count).index_add(0, rows, values)
