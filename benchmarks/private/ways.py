"""Ways of learning the same weights: without privacy, by Accord's engine, by Opacus.

All have the same rows, batch, steps, optimizer and schedule; each private way finds its own noise
for an epsilon.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, Self

import torch
from torch import nn

from accord.accounting.calibrate import noise_for
from accord.accounting.mechanism import Mechanism
from accord.part import Spec
from accord.privacy.plan import PrivacyPlan
from accord.privacy.private import PrivateGradient
from accord.privacy.sampling import drawing

LEARNED, WARMUP = 8400, 0.1
DELTA = 1 / (10 * LEARNED)
Batch = dict[str, torch.Tensor]
"""What the model takes, in its order, and `labels` and `rows`."""


class Rows(Protocol):
    """What is learned from, or tested on."""

    def __len__(self) -> int: ...

    def part(self, chosen: torch.Tensor) -> Self:
        """Those of these numbers."""
        ...

    def batches(self, chosen: torch.Tensor) -> list[Batch]:
        """Those of these numbers, in as many micro-batches as are good for the machine."""
        ...


@dataclass(frozen=True)
class Setting:
    """What all ways have alike.

    Args:
        model: With new weights, drawn by chance.
        batch: Rows that a step is expected to draw.
        epochs: So many times the rows are drawn, on average.
        rate: The highest of the schedule.
    """

    model: Callable[[], nn.Module]
    batch: int
    epochs: int
    rate: float

    @property
    def steps(self) -> int:
        return round(self.epochs * LEARNED / self.batch)

    def start(self, seed: int) -> tuple[nn.Module, torch.optim.Optimizer, Any]:
        """A model, its optimizer, and the schedule of that."""
        torch.manual_seed(seed)
        model = self.model()
        trained = [weight for weight in model.parameters() if weight.requires_grad]
        optimizer = torch.optim.AdamW(trained, lr=self.rate, weight_decay=0.0)
        return model, optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, self._factor)

    def _factor(self, step: int) -> float:
        """Of the learning rate: up in a tenth of the steps, then down to nothing."""
        return min((step + 1) / (WARMUP * self.steps), 1.0) * (1 - step / self.steps)


Way = Callable[[Setting, Rows, int, float], nn.Module]
"""The model that learned: of a seed, and at an epsilon."""


class Loss:
    """What Accord's engine asks an objective for."""

    def losses(self, model: nn.Module, batch: Any) -> torch.Tensor:
        given = [value for name, value in batch.items() if name not in ("labels", "rows")]
        return nn.functional.cross_entropy(model(*given), batch["labels"], reduction="none")


def divided(rows: Rows, seed: int) -> tuple[Rows, Rows]:
    """Those to learn from, and those to test on."""
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))
    return rows.part(order[:LEARNED]), rows.part(order[LEARNED:])


@torch.no_grad()
def accuracy(model: nn.Module, rows: Rows) -> float:
    right = 0
    for batch in rows.batches(torch.arange(len(rows))):
        given = [value for name, value in batch.items() if name not in ("labels", "rows")]
        right += int((model(*given).argmax(1) == batch["labels"]).sum())
    return right / len(rows)


def plain(setting: Setting, train: Rows, seed: int, epsilon: float) -> nn.Module:
    """The same without clipping and noise."""
    model, optimizer, rated = setting.start(seed)
    for rows in _drawn(setting, train, _secret(seed)):
        optimizer.zero_grad()
        for batch in train.batches(rows):
            (Loss().losses(model, batch).sum() / len(rows)).backward()
        optimizer.step()
        rated.step()
    return model


def accord(clipping: Spec) -> Way:
    """By Accord's engine, sampler and accountant."""

    def made(setting: Setting, train: Rows, seed: int, epsilon: float) -> nn.Module:
        rate, steps = setting.batch / len(train), setting.steps
        noise = noise_for(epsilon, DELTA, lambda sigma: ((Mechanism(sigma, rate), steps),))
        plan = PrivacyPlan(
            noise_multiplier=noise, sampling_probability=rate, expected_batch=float(setting.batch),
            steps=steps, clipping=clipping, secret=_secret(seed),
        )  # fmt: skip
        model, optimizer, rated = setting.start(seed)
        private = PrivateGradient(plan)
        for rows in _drawn(setting, train, plan.secret):
            private(model, Loss(), train.batches(rows), arithmetic=nullcontext, scale=1.0)
            optimizer.step()
            rated.step()
        return model

    return made


def opacus(norm: float) -> Way:
    """By Opacus, its own sampler and accountant, gradients cut to a norm."""

    def made(setting: Setting, train: Rows, seed: int, epsilon: float) -> nn.Module:
        from opacus import PrivacyEngine
        from torch.utils.data import DataLoader, TensorDataset

        model, optimizer, rated = setting.start(seed)
        numbers = TensorDataset(torch.arange(len(train)))
        found: Any = PrivacyEngine().make_private_with_epsilon(
            module=model, optimizer=optimizer, target_epsilon=epsilon, target_delta=DELTA,
            data_loader=DataLoader(numbers, batch_size=setting.batch), epochs=setting.epochs,
            max_grad_norm=norm,
        )  # fmt: skip
        private, stepper, loader = found
        for _ in range(setting.epochs):
            for (rows,) in loader:
                batches = train.batches(rows)
                for left, batch in enumerate(batches, 1 - len(batches)):
                    stepper.signal_skip_step(do_skip=left < 0)  # adds up until the last one
                    stepper.zero_grad()
                    Loss().losses(private, batch).mean().backward()
                    stepper.step()
                rated.step()
        return model

    return made


def _secret(seed: int) -> bytes:
    return hashlib.sha256(b"utility %d" % seed).digest()


def _drawn(setting: Setting, train: Rows, secret: bytes) -> Iterator[torch.Tensor]:
    """Rows of every step, each with one probability."""
    for step in range(setting.steps):
        chance = drawing(secret, b"accord sample", step).random(len(train))
        yield torch.from_numpy((chance < setting.batch / len(train)).nonzero()[0])
