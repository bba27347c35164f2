"""The kit finds what it is there to find: parts that break their contract fail."""

from __future__ import annotations

from typing import Any, Literal

import pytest
import torch

from accord.objective.objective import logits
from accord.part import Spec, part
from accord.testing import ObjectiveContract, OptimizerContract, ScheduleContract


class MeanSpec(Spec):
    kind: Literal["mean"] = "mean"


class _Mean:
    """The classic mistake: a mean over the batch, which no division of a batch keeps."""

    def loss(self, model: Any, batch: Any) -> torch.Tensor:
        return torch.nn.functional.cross_entropy(logits(model, batch), batch["labels"])

    def units(self, batch: Any) -> float:
        return float(len(batch["labels"]))

    def scores(self, model: Any, batch: Any) -> dict[str, torch.Tensor]:
        return {"scores": logits(model, batch)[:1]}


@part("objective", MeanSpec)
def mean(spec: MeanSpec, **_: Any) -> _Mean:
    return _Mean()


def test_a_mean_is_not_additive() -> None:
    case = type("Case", (ObjectiveContract,), {"part": mean})()
    with pytest.raises(AssertionError, match="loss depends"):
        case.test_loss_and_units_are_additive()
    with pytest.raises(AssertionError):
        case.test_scores_have_one_entry_a_row()


@part("optimizer", MeanSpec)
def uphill(spec: MeanSpec, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    return torch.optim.SGD(groups, maximize=True)


def test_an_optimizer_must_lower_the_loss() -> None:
    case = type("Case", (OptimizerContract,), {"part": uphill})()
    with pytest.raises(AssertionError):
        case.test_steps_lower_a_quadratic()


@part("schedule", MeanSpec)
def growing(spec: MeanSpec, steps: int, warmup: int) -> Any:
    return lambda step: 1.0 + step


def test_a_schedule_stays_below_its_peak_and_warms_up() -> None:
    case = type("Case", (ScheduleContract,), {"part": growing})()
    with pytest.raises(AssertionError):
        case.test_factors_lie_between_0_and_1()
    with pytest.raises(AssertionError):
        case.test_warm_up_rises_from_0()
