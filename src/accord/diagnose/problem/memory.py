"""Memory that will not suffice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal

from pydantic import Field

from accord.diagnose.estimate import MICRO_BATCH_TOKENS, Estimate
from accord.diagnose.finding import Figure, Finding, Graded, Remedy, fine, not_looked_at
from accord.diagnose.planned import with_machine
from accord.diagnose.seen import Seen
from accord.part import part
from accord.recipe.combinations_machine import UNDIVIDED

GIB = 2**30


class Memory(Graded):
    """Memory that training is expected to take, as a share of what is free."""

    title: ClassVar[str] = "Memory"
    place: ClassVar[int] = 200
    kind: Literal["memory"] = "memory"
    low: float = Field(default=0.9, gt=0)
    medium: float = Field(default=1.0, gt=0)
    high: float = Field(default=1.2, gt=0)


@part("problem", Memory)
def memory(spec: Memory, seen: Seen) -> Finding:
    """The estimate of `accord check` against this machine; each remedy is estimated too."""
    found = seen.estimate()
    if found is None:
        return not_looked_at("The base model is not on this machine, so there is no estimate.")
    figures = _figures(found)
    grave = spec.grade(found.memory.expected / max(1, found.available))
    if grave is None:
        return fine(f"Memory suffices on {found.device}.", *figures)
    return Finding(
        "found",
        f"About {found.memory.expected / GIB:.1f} GiB are needed on {found.device}, and "
        f"{found.available / GIB:.1f} GiB are free.",
        figures,
        grave,
        _remedies(seen, found),
    )


def _figures(found: Estimate) -> tuple[Figure, ...]:
    low, high = float(found.memory.low), float(found.memory.high)
    return (
        Figure("memory needed", float(found.memory.expected), "bytes", (low, high)),
        Figure("memory free", float(found.available), "bytes"),
    )


def _remedies(seen: Seen, found: Estimate) -> tuple[Remedy, ...]:
    """Those that suffice by the estimate, what changes least first; else the strongest."""
    recipe = seen.recipe
    micro = recipe.machine.micro_batch_tokens or MICRO_BATCH_TOKENS[found.device.partition(":")[0]]
    tried: list[tuple[str, dict[str, Any]]] = []
    for divisor in (2, 4, 8, 16, 32):
        if micro // divisor >= 64:
            patch = {"machine": {"micro_batch_tokens": micro // divisor}}
            tried.append(("Compute fewer tokens at once; nothing else changes.", patch))
    if recipe.model.adapt.kind == "full" and recipe.model.base is not None:
        lora: dict[str, Any] = {"model": {"adapt": {"kind": "lora", "rank": 8}}}
        tried.append(("Train an adapter in place of all weights.", lora))
        tried.append(
            (
                "Train an adapter in place of all weights, and compute fewer tokens at once.",
                {**lora, "machine": {"micro_batch_tokens": max(64, micro // 32)}},
            )
        )
    remedies: list[Remedy] = []
    for say, patch in tried:
        then = seen.estimate(with_machine(recipe, patch))
        if then is not None and then.memory.expected < 0.9 * then.available:
            told = f"{say} About {then.memory.expected / GIB:.1f} GiB would then be needed."
            remedies.append(Remedy(told, patch))
    remedies += _divided(seen)
    return (*remedies, Remedy("Take a smaller base model, or a machine with more memory."))


def _divided(seen: Seen) -> Iterator[Remedy]:
    """Several processes with memory of their own, if nothing in the recipe excludes them."""
    if any(asks(seen.recipe) for _, asks, _, _ in UNDIVIDED):
        return
    patch = {"machine": {"shard": True}}
    for processes in (2, 4, 8):
        then = seen.estimate(with_machine(seen.recipe, patch), processes=processes)
        if then is not None and then.memory.expected < 0.9 * then.available:
            yield Remedy(
                f"Divide weights, gradients and optimizer state over {processes} processes, each "
                f"on a GPU or machine of its own (`torchrun`; docs/processes.md). About "
                f"{then.memory.expected / GIB:.1f} GiB would then be needed on each.",
                patch,
            )
            return
