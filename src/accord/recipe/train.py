"""`train:` everything that changes what is learned. What only changes speed is in `machine:`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from accord.part import Spec, SpecOf
from accord.recipe.distill import Distill
from accord.recipe.section import Section
from accord.recipe.side_task import SideTask

Precision = Literal["fp32", "bf16", "fp16"]


class EarlyStopping(Section):
    """Stop when a validation metric no longer improves."""

    metric: str | None = None
    """A validation metric; by default the task's own."""
    patience: int = Field(default=3, ge=1)
    """Evaluations without improvement before training stops."""
    min_delta: float = Field(default=0.0, ge=0)
    """Smaller changes are no improvement."""


class Train(Section):
    """How the weights are learned."""

    epochs: float | None = Field(default=None, gt=0)
    """Passes over the training rows; 1 if neither this nor `steps` is given."""
    steps: int | None = Field(default=None, ge=1)
    """Optimizer steps instead of epochs."""
    batch_size: int = Field(default=32, ge=1)
    """Global batch, in rows (sequences), of one optimizer step."""
    learning_rate: float = Field(default=2e-4, gt=0)
    """The highest learning rate; the schedule gives factors of it."""
    precision: Precision = "bf16"
    """Weights stay fp32; `bf16` and `fp16` are the arithmetic of forward and backward."""
    seed: int = Field(default=0, ge=0)
    """Decides splits, new weights, order and dropout."""

    optimizer: Annotated[Spec, SpecOf("optimizer")] = Field(default="adamw", validate_default=True)  # type: ignore[assignment]
    """The update rule: `adamw`, `{kind: sgd, momentum: 0.9}`."""
    schedule: Annotated[Spec, SpecOf("schedule")] = Field(default="linear", validate_default=True)  # type: ignore[assignment]
    """The learning rate over the steps, after warm-up."""
    warmup: float = Field(default=0.0, ge=0)
    """Steps of linear warm-up; below 1 a share of all steps."""
    weight_decay: float = Field(default=0.01, ge=0)
    """Not applied to biases and normalisation weights."""
    clip_norm: float | None = Field(default=1.0, gt=0)
    """Largest global gradient norm; null for none."""
    loss: Annotated[Spec, SpecOf("regression-loss")] | None = None
    """Of numbers, instead of squared error: `huber`, `{kind: quantile, at: 0.9}`."""
    robust: Annotated[Spec, SpecOf("robust")] | None = None
    """Against wrong rows `{kind: trimmed, share: 0.1}`, for small groups `{kind: group-dro,
    groups: COLUMN}`."""
    ensemble: Annotated[Spec, SpecOf("ensemble")] | None = None
    """Several models that vote: `balanced-bagging`, `easy-ensemble`, `{kind: bagging, members: 5}`,
    `seeds`, `snapshot`. They are saved and loaded as one."""
    clip_each: float | None = Field(default=None, gt=0)
    """Largest gradient norm of a single row, cut before rows are summed; null for none."""
    label_smoothing: float = Field(default=0.0, ge=0, lt=1)
    """Probability moved from the true class to all others alike."""
    head_rate: float = Field(default=1.0, gt=0)
    """Learning rate of what stands above the last layer, relative to `learning_rate`: a new head
    starts far from its goal, the layers below it do not."""
    probe: float = Field(default=0.0, ge=0, lt=1)
    """Share of the steps, at first, in which only what stands above the last layer learns: linear
    probing, then fine-tuning (Kumar et al., 2022)."""
    layer_decay: float | None = Field(default=None, gt=0, le=1)
    """Learning rate of each layer relative to the one above it."""
    penalties: tuple[Annotated[Spec, SpecOf("penalty")], ...] = ()
    """Terms on the weights: `[{kind: l2-start, weight: 0.01}]`."""
    distill: Distill | None = None
    """Learn from a teacher's answers too: `{teacher: runs/large, weight: 0.5}`."""
    tasks: tuple[SideTask, ...] = ()
    """Further columns for the same encoder: `[{label: stars, kind: number, weight: 0.3}]`."""
    ema: float | None = Field(default=None, gt=0, lt=1)
    """Decay of an exponential moving average of the weights, used for evaluation and saving."""
    early_stopping: EarlyStopping | None = None
    """Stop when a validation metric no longer improves."""
    evaluate_every: float = Field(default=1.0, gt=0)
    """Epochs between evaluations on validation."""
    keep: Literal["best", "last"] = "best"
    """Which weights become the model; `best` by the early-stopping metric."""
    max_bad_steps: int = Field(default=10, ge=1)
    """Consecutive steps with non-finite loss or gradient before training gives up."""
