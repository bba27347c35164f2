"""Accuracy of private training over epsilon, beside none and beside Opacus at the same epsilon.

    pip install opacus==1.6.0        # the peer; without it only Accord is measured
    python examples/fetch film-reviews
    python benchmarks/private/utility.py [--epsilons 0.3 1 3 8] [--seeds 5]

For or against a film: a head on the sentence vectors of a frozen MiniLM, what a private run moves
first and what a small machine can measure with several seeds. Both systems learn the same weights
from the same rows with the same batch, steps, optimizer and schedule; each finds its own noise for
an epsilon. Each seed divides the rows anew.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
from torch import nn  # noqa: E402

from accord.accounting.calibrate import noise_for  # noqa: E402
from accord.accounting.mechanism import Mechanism  # noqa: E402
from accord.model.pooled import Pooled  # noqa: E402
from accord.part import Spec  # noqa: E402
from accord.privacy.clipping.adaptive import AdaptiveSpec  # noqa: E402
from accord.privacy.clipping.automatic import AutomaticSpec  # noqa: E402
from accord.privacy.plan import PrivacyPlan  # noqa: E402
from accord.privacy.private import PrivateGradient  # noqa: E402
from accord.privacy.sampling import drawing  # noqa: E402
from benchmarks.evidence.rows import film_reviews  # noqa: E402
from benchmarks.private.curve import curve  # noqa: E402

RESULT = ROOT / "benchmarks/results/private_utility.json"
PLOT = ROOT / "docs/private-utility.svg"
LEARNED, BATCH, EPOCHS, RATE, WARMUP = 8400, 512, 20, 0.03, 0.1
STEPS = round(EPOCHS * LEARNED / BATCH)
DELTA = 1 / (10 * LEARNED)


@dataclass(frozen=True)
class Rows:
    """Sentence vectors of length 1 [n, 384], and classes [n]."""

    x: torch.Tensor
    y: torch.Tensor

    def __len__(self) -> int:
        return len(self.y)


def vectors() -> Rows:
    """Of all sentences. No statistic of them is taken."""
    rows = film_reviews()
    base = ROOT / "examples/film-reviews/base"
    found = Pooled(base, "text", torch.device("cpu"), 64).texts([row["text"] for row in rows])
    x = nn.functional.normalize(torch.from_numpy(found), dim=1)
    return Rows(x, torch.tensor([int(row["label"] == "positive") for row in rows]))


def divided(rows: Rows, seed: int) -> tuple[Rows, Rows]:
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))
    first, rest = order[:LEARNED], order[LEARNED:]
    return Rows(rows.x[first], rows.y[first]), Rows(rows.x[rest], rows.y[rest])


def head(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Linear(384, 2)


def schedule(step: int) -> float:
    """The factor of the learning rate: up in a tenth of the steps, then down to nothing."""
    return min((step + 1) / (WARMUP * STEPS), 1.0) * (1 - step / STEPS)


def accuracy(model: nn.Module, rows: Rows) -> float:
    with torch.no_grad():
        return float((model(rows.x).argmax(1) == rows.y).float().mean())


class Loss:
    """What Accord's engine asks an objective for."""

    def losses(self, model: nn.Module, batch: Any) -> torch.Tensor:
        return nn.functional.cross_entropy(model(batch["x"]), batch["labels"], reduction="none")


def plain(train: Rows, test: Rows, seed: int, epsilon: float) -> float:
    """The same without clipping and noise."""
    model = head(seed)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
    rated = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule)
    for rows in _drawn(train, _secret(seed)):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(train.x[rows]), train.y[rows]).backward()
        optimizer.step()
        rated.step()
    return accuracy(model, test)


def accord(clipping: Spec) -> Callable[[Rows, Rows, int, float], float]:
    """By Accord's engine, sampler and accountant."""

    def made(train: Rows, test: Rows, seed: int, epsilon: float) -> float:
        rate = BATCH / len(train)
        noise = noise_for(epsilon, DELTA, lambda sigma: ((Mechanism(sigma, rate), STEPS),))
        plan = PrivacyPlan(
            noise_multiplier=noise, sampling_probability=rate, expected_batch=float(BATCH),
            steps=STEPS, clipping=clipping, secret=_secret(seed),
        )  # fmt: skip
        model, private = head(seed), PrivateGradient(plan)
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
        rated = torch.optim.lr_scheduler.LambdaLR(optimizer, schedule)
        for rows in _drawn(train, plan.secret):
            batch = {"x": train.x[rows], "labels": train.y[rows], "rows": rows}
            private(model, Loss(), [batch], arithmetic=nullcontext, scale=1.0)
            optimizer.step()
            rated.step()
        return accuracy(model, test)

    return made


def opacus(norm: float) -> Callable[[Rows, Rows, int, float], float]:
    """By Opacus, its own sampler and accountant, gradients cut to a norm."""

    def made(train: Rows, test: Rows, seed: int, epsilon: float) -> float:
        from opacus import PrivacyEngine
        from torch.utils.data import DataLoader, TensorDataset

        model = head(seed)
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
        found: Any = PrivacyEngine().make_private_with_epsilon(
            module=model, optimizer=optimizer, target_epsilon=epsilon, target_delta=DELTA,
            data_loader=DataLoader(TensorDataset(train.x, train.y), batch_size=BATCH),
            epochs=EPOCHS, max_grad_norm=norm,
        )  # fmt: skip
        private, stepper, loader = found
        rated = torch.optim.lr_scheduler.LambdaLR(stepper.original_optimizer, schedule)
        for _ in range(EPOCHS):
            for x, y in loader:
                stepper.zero_grad()
                nn.functional.cross_entropy(private(x), y).backward()
                stepper.step()
                rated.step()
        return accuracy(model, test)

    return made


def _secret(seed: int) -> bytes:
    return hashlib.sha256(b"utility %d" % seed).digest()


def _drawn(train: Rows, secret: bytes) -> Iterator[torch.Tensor]:
    """Rows of every step, each with one probability."""
    for step in range(STEPS):
        chance = drawing(secret, b"accord sample", step).random(len(train))
        yield torch.from_numpy((chance < BATCH / len(train)).nonzero()[0])


WAYS: dict[str, Callable[[Rows, Rows, int, float], float]] = {
    "no privacy": plain,
    "Accord": accord(AdaptiveSpec()),
    "Accord, automatic": accord(AutomaticSpec()),
    "Opacus, norm 1": opacus(1.0),
    "Opacus, norm 0.1": opacus(0.1),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epsilons", nargs="*", type=float, default=[0.3, 1.0, 3.0, 8.0])
    parser.add_argument("--seeds", type=int, default=5)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    rows = vectors()
    found: dict[str, dict[str, list[float]]] = {}
    for name, way in WAYS.items():
        for epsilon in asked.epsilons if way is not plain else (float("inf"),):
            try:
                runs = [way(*divided(rows, s), s, epsilon) for s in range(asked.seeds)]
            except ImportError as missing:
                print(f"{name}: {missing}")
                break
            found.setdefault(name, {})[f"{epsilon:g}"] = [round(one, 4) for one in runs]
            print(f"{name:18} {epsilon:6g}", found[name][f"{epsilon:g}"], flush=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    PLOT.write_text(curve(found, "no privacy"), "utf-8")


if __name__ == "__main__":
    main()
