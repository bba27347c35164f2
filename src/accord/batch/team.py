"""The processes that compute a global batch together, as everything but `parallel` sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import torch


class Team(Protocol):
    """Processes that go through the same steps, each with a part of the rows.

    Each call but `rank`, `size` and `leads` is one that all make, in the same order.
    """

    @property
    def rank(self) -> int:
        """Of this process, from 0."""
        ...

    @property
    def size(self) -> int:
        """How many processes there are."""
        ...

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes, judges and decides."""
        ...

    def add(self, tensors: Sequence[torch.Tensor]) -> None:
        """Put the sum over all processes in the place of each tensor."""
        ...

    def add_numbers(self, *numbers: float) -> tuple[float, ...]:
        """The sums over all processes, in float64."""
        ...

    def share(self, tensors: Sequence[torch.Tensor]) -> None:
        """Put the lead's values in the place of each tensor."""
        ...

    def told(self, value: Any) -> Any:
        """The lead's JSON value; what others give counts nothing."""
        ...

    def wait(self) -> None:
        """Until all have come here."""
        ...


class Alone:
    """The team of a run that is one process: nothing is sent."""

    rank, size, leads = 0, 1, True

    def add(self, tensors: Sequence[torch.Tensor]) -> None:
        return None

    def add_numbers(self, *numbers: float) -> tuple[float, ...]:
        return numbers

    def share(self, tensors: Sequence[torch.Tensor]) -> None:
        return None

    def told(self, value: Any) -> Any:
        return value

    def wait(self) -> None:
        return None


ALONE: Team = Alone()
