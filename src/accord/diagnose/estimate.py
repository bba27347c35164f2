"""Memory and time before anything is spent: an estimate with its range, and without torch.

The constants were measured with MiniLM and small language models on two CPU cores; the range is
wide on purpose. What training really took stands in the report.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accord.diagnose.machine import MachineFacts
from accord.diagnose.shape import Shape
from accord.recipe.tree import Recipe

MICRO_BATCH_TOKENS = {"cpu": 8192, "cuda": 65536, "mps": 16384}
OPTIMIZER_BYTES = {"adamw": 8.0, "sgd": 4.0, "adafactor": 0.2, "adamw-8bit": 2.1}
PROCESS_BYTES = 600 * 2**20
"""The interpreter with its tensor library."""
SHARE_OF_PRODUCT = {"low": 0.9, "expected": 0.45, "high": 0.18}
"""Speed of training relative to a large matrix product: at best, usually, at worst."""
STEP_SECONDS = {"low": 0.004, "expected": 0.012, "high": 0.04}
"""What a step costs beside its arithmetic: the optimizer, calls, the batch."""
BF16_GAIN = {"avx512_bf16": 1.5, "amx_bf16": 3.0}
BF16_WITHOUT = 0.12
"""On x86 without AVX-512 bf16 is computed in software: 8 against 74 GFLOP/s, measured with torch
2.13 on one AVX2 core."""
GPU_FLOPS = {"H200": 9.9e14, "H100": 9.9e14, "A100": 3.1e14, "L40": 1.8e14, "4090": 1.6e14}
"""Dense bf16 peak by a word in the device's name, from the makers' data sheets."""
UNKNOWN_GPU_FLOPS = 5e13


@dataclass(frozen=True, slots=True)
class Range:
    """Low, expected and high; bytes or seconds."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a training is expected to need.

    Args:
        parameters: Weights of the model, and how many of them are trained.
        steps: Optimizer steps.
        memory: Peak bytes on the device.
        available: Bytes the device has free.
        seconds: Training alone, without preparation and evaluation.
        disk: Bytes of checkpoints and model.
        device: Where it would run.
    """

    parameters: int
    trained: int
    steps: int
    memory: Range
    available: int
    seconds: Range
    disk: int
    device: str


def estimate(
    recipe: Recipe,
    shape: Shape,
    lengths: Sequence[int],
    rows: int,
    *,
    machine: MachineFacts,
    flops: float,
    beside: Mapping[str, Sequence[int]] | None = None,
) -> Estimate:
    """Memory and time of `recipe`.

    Args:
        recipe: What would be trained.
        shape: The model's sizes.
        lengths: Tokens of a sample of training rows.
        rows: Training rows.
        machine: This machine.
        flops: Measured fp32 FLOPs per second of its CPU.
        beside: Tokens of a sample of rows of each side task with data of its own; by default those
            of the task.
    """
    device = device_of(recipe, machine)
    trained = estimate_trained(recipe, shape) if shape.trained is None else shape.trained
    steps = total_steps(recipe, rows)
    batch = [(min(recipe.train.batch_size, rows), lengths)]
    batch += [
        (drawn, (beside or {}).get(name) or lengths) for name, drawn in rows_beside(recipe).items()
    ]
    work = steps * sum(count * _flops_per_row(shape, trained, sizes) for count, sizes in batch)
    rate = _rate(recipe, device, machine, flops)
    seconds = Range(
        *(work / (rate * share) + steps * STEP_SECONDS[k] for k, share in SHARE_OF_PRODUCT.items())
    )
    micro = recipe.machine.micro_batch_tokens or MICRO_BATCH_TOKENS[device.partition(":")[0]]
    longest = max(max(sizes, default=1) for _, sizes in batch)
    tokens = min(max(micro, longest), max(1, int(sum(c * _mean(sizes) for c, sizes in batch))))
    return Estimate(
        parameters=shape.parameters,
        trained=trained,
        steps=steps,
        memory=_memory(recipe, shape, trained, tokens, machine.processes),
        available=machine.free if device == "cpu" else machine.accelerator_memory,
        seconds=seconds,
        disk=int(_disk(recipe, shape, trained)),
        device=device,
    )


def total_steps(recipe: Recipe, rows: int) -> int:
    """Optimizer steps of a recipe on that many training rows."""
    train = recipe.train
    if train.steps is not None:
        return train.steps
    return max(1, math.ceil((train.epochs or 1.0) * math.ceil(rows / train.batch_size)))


def rows_beside(recipe: Recipe) -> dict[str, int]:
    """Rows in every step of each side task with data of its own."""
    size = recipe.train.batch_size
    counted = (task for task in recipe.train.tasks if task.weight)
    return {t.called: t.data.drawn(size) for t in counted if t.data is not None}


def device_of(recipe: Recipe, machine: MachineFacts) -> str:
    """The device a recipe would run on here."""
    if recipe.machine.device != "auto":
        return recipe.machine.device
    if machine.accelerator is None:
        return "cpu"
    return "mps" if machine.accelerator.startswith("Apple") else "cuda"


def estimate_trained(recipe: Recipe, shape: Shape) -> int:
    """Weights that are trained, by formula."""
    adapter = recipe.model.adapt
    if adapter.kind == "full":
        return shape.parameters
    told = adapter.model_dump()
    chosen = told.get("layers")
    layers = shape.layers if chosen is None else len(chosen)
    if adapter.kind == "bias":
        # Of four attention products, two feed-forward ones and two normalisations.
        scales = 2 * shape.hidden if told.get("norms") else 0
        return layers * (7 * shape.hidden + shape.intermediate + scales)
    rank = int(told.get("rank", 8))
    # Two thin matrices on each of the four attention products of a layer, and on the others.
    forward = (3 if shape.gated else 2) * (shape.hidden + shape.intermediate)
    return layers * rank * (8 * shape.hidden + forward)


def _flops_per_row(shape: Shape, trained: int, lengths: Sequence[int]) -> float:
    """Forward 2, backward 2 for inputs and 2 for trained weights; attention by squares."""
    factor = 6.0 if trained >= shape.parameters else 4.0
    tokens = _mean(lengths)
    squares = sum(n * n for n in lengths) / max(len(lengths), 1)
    across = 12.0 * shape.layers * shape.hidden * squares if shape.attention else 0.0
    return factor * shape.matrix * tokens + across


def _mean(lengths: Sequence[int]) -> float:
    return sum(lengths) / max(len(lengths), 1)


def slow_half(recipe: Recipe, machine: MachineFacts) -> bool:
    """Whether the recipe's precision is one that this machine computes in software."""
    half = recipe.train.precision != "fp32"
    old = "avx2" in machine.flags and "avx512f" not in machine.flags
    return half and old and device_of(recipe, machine) == "cpu"


def _rate(recipe: Recipe, device: str, machine: MachineFacts, flops: float) -> float:
    half = recipe.train.precision != "fp32"
    if device == "cpu":
        gains = [gain for flag, gain in BF16_GAIN.items() if flag in machine.flags]
        without = BF16_WITHOUT if slow_half(recipe, machine) else 1.0
        return flops * (max(gains, default=without) if half else 1.0)
    name = machine.accelerator or ""
    peak = next((v for k, v in GPU_FLOPS.items() if k in name), UNKNOWN_GPU_FLOPS)
    return peak if half else peak / 8


def _memory(recipe: Recipe, shape: Shape, trained: int, tokens: int, processes: int) -> Range:
    """fp32 weights, gradients, optimizer state, average, and activations of a micro-batch."""
    half = recipe.train.precision != "fp32"
    parts = processes if recipe.machine.shard else 1
    weights = 4.0 * shape.parameters
    learned = trained * (4.0 + OPTIMIZER_BYTES.get(recipe.train.optimizer.kind, 8.0))
    average = 4.0 * trained if recipe.train.ema else 0.0
    width = 9 * shape.hidden + (3 if shape.gated else 2) * shape.intermediate
    element = 3.0 if half else 4.0
    kept = shape.layers * width
    if recipe.machine.gradient_checkpointing:
        kept = shape.layers * shape.hidden + width  # the inputs of all layers, and one layer whole
    activations = tokens * (kept * element + shape.outputs * 8.0)
    # A layer is whole while it computes, with its gradients; half copies live until the backward.
    layer = 0.0 if parts == 1 else 2 * weights / max(shape.layers, 1)
    copies = 0.5 * weights if half else 0.0
    fixed = PROCESS_BYTES + (weights + learned + average) / parts + layer + copies
    return Range(fixed + 0.6 * activations, fixed + activations, 1.15 * fixed + 2.2 * activations)


def _disk(recipe: Recipe, shape: Shape, trained: int) -> float:
    state = OPTIMIZER_BYTES.get(recipe.train.optimizer.kind, 8.0) + 4.0
    checkpoints = (recipe.machine.checkpoints + 1) * trained * state
    return checkpoints + 2 * 4.0 * shape.parameters
