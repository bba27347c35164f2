"""One step of training, plain, by Accord's engine and by Opacus."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from accord.privacy.clipping.flat import FlatSpec
from accord.privacy.plan import PrivacyPlan
from accord.privacy.private import PrivateGradient
from benchmarks.private.shapes import Batch, Shape

NOISE, NORM = 1.0, 1.0
Step = Callable[[], None]


@dataclass(frozen=True)
class Losses:
    """What Accord's engine asks an objective for."""

    shape: Shape

    def losses(self, model: nn.Module, batch: Mapping[str, torch.Tensor]) -> torch.Tensor:
        inputs = {n: v for n, v in batch.items() if n not in ("labels", "rows")}
        output: Any = model(**inputs)
        return self.shape.losses(output.logits, batch["labels"])


def _optimizer(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.AdamW(model.parameters(), lr=1e-5)


def plain(shape: Shape, model: nn.Module, batch: Batch) -> Step:
    optimizer, objective = _optimizer(model), Losses(shape)

    def step() -> None:
        optimizer.zero_grad()
        objective.losses(model, batch).mean().backward()
        nn.utils.clip_grad_norm_(model.parameters(), NORM)
        optimizer.step()

    return step


def accord(shape: Shape, model: nn.Module, batch: Batch) -> Step:
    rows = len(batch["labels"])
    optimizer, objective = _optimizer(model), Losses(shape)
    plan = PrivacyPlan(
        noise_multiplier=NOISE, sampling_probability=0.01, expected_batch=float(rows), steps=1000,
        clipping=FlatSpec(norm=NORM), secret=b"x" * 32,
    )  # fmt: skip
    private, given = PrivateGradient(plan), batch | {"rows": torch.arange(rows)}

    def step() -> None:
        optimizer.zero_grad()  # as the loop does
        private(model, objective, [given], arithmetic=nullcontext, scale=1.0)
        optimizer.step()

    return step


class RowLoss(nn.Module):
    """The loss as Opacus' ghost mode calls it: of logits and labels, with a `reduction`."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape, self.reduction = shape, "mean"

    def forward(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        found = self.shape.losses(logits, labels)
        return found if self.reduction == "none" else found.mean()


def opacus(mode: str) -> Callable[[Shape, nn.Module, Batch], Step]:
    """A step by Opacus, `hooks` or `ghost`; raises whatever Opacus raises."""

    def made(shape: Shape, model: nn.Module, batch: Batch) -> Step:
        from opacus import PrivacyEngine
        from torch.utils.data import DataLoader, TensorDataset

        rows = len(batch["labels"])
        loader = DataLoader(TensorDataset(batch["labels"]), batch_size=rows)
        given = _for_opacus(model, batch, rows)
        warnings.simplefilter("ignore")
        found: Any = PrivacyEngine().make_private(
            module=model, optimizer=_optimizer(model), data_loader=loader,
            criterion=RowLoss(shape), noise_multiplier=NOISE, max_grad_norm=NORM,
            poisson_sampling=False, grad_sample_mode=mode,
        )  # fmt: skip
        wrapped, optimizer = found[0], found[1]
        criterion: Any = found[2] if mode == "ghost" else RowLoss(shape)

        def step() -> None:
            optimizer.zero_grad()
            criterion(wrapped(**given).logits, batch["labels"]).backward()
            optimizer.step()

        return step

    return made


def _for_opacus(model: nn.Module, batch: Batch, rows: int) -> Batch:
    """Inputs with positions of every row: one row of positions for all, Opacus refuses."""
    given = {n: v for n, v in batch.items() if n != "labels"}
    if "input_ids" in given:
        tokens = given["input_ids"].shape[1]
        given["position_ids"] = torch.arange(tokens).expand(rows, tokens)
    return given


ARMS: dict[str, Callable[[Shape, nn.Module, Batch], Step]] = {
    "plain": plain,
    "accord": accord,
    "opacus hooks": opacus("hooks"),
    "opacus ghost": opacus("ghost"),
}
