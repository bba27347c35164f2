"""With bucketing off, the loss curve is that of Hugging Face's Trainer: same model, data, order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import Trainer, TrainingArguments

from accord.batch import PreparedSplit, epoch_order
from tests.laws import models, prepared
from tests.laws.fitting import losses, run_fit

STEPS, BATCH = 50, 8


class Peer(Trainer):
    """The Trainer as it is, but for a given order of rows and a record of its losses."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen: list[float] = []

    def _get_train_sampler(self, *_: Any) -> torch.utils.data.Sampler[int]:
        return torch.utils.data.SequentialSampler(self.train_dataset)

    def compute_loss(self, *args: Any, **kwargs: Any) -> Any:
        loss = super().compute_loss(*args, **kwargs)
        self.seen.append(float(loss.detach() if torch.is_tensor(loss) else loss[0].detach()))
        return loss


def peer_losses(
    model: torch.nn.Module, rows: list[dict[str, Any]], collate: Any, out: Path
) -> list[float]:
    arguments = TrainingArguments(
        output_dir=str(out),
        max_steps=STEPS,
        per_device_train_batch_size=BATCH,
        learning_rate=1e-3,
        weight_decay=0.01,
        lr_scheduler_type="linear",
        warmup_steps=5,
        max_grad_norm=1.0,
        use_cpu=True,
        report_to=[],
        save_strategy="no",
        disable_tqdm=True,
        seed=0,
    )
    peer = Peer(model, arguments, train_dataset=rows, data_collator=collate)  # type: ignore[arg-type]
    peer.train()
    return peer.seen


def in_training_order(data: Path, epochs: int) -> list[dict[str, Any]]:
    split = PreparedSplit(data, "train")
    order = np.concatenate([epoch_order(split.rows, 0, epoch) for epoch in range(epochs)])
    return split.take(order).to_pylist()


@pytest.fixture
def recipe() -> dict[str, Any]:
    return {
        "steps": STEPS,
        "batch_size": BATCH,
        "learning_rate": 1e-3,
        "schedule": "linear",
        "warmup": 5,
        "weight_decay": 0.01,
        "keep": "last",
    }


def test_classifier(tmp_path: Path, recipe: dict[str, Any]) -> None:
    data = prepared.classification(tmp_path / "data", 80)
    rows = [
        {"input_ids": row["input_ids"], "labels": row["label"]}
        for row in in_training_order(data, 5)
    ]

    def collate(batch: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        width = max(len(row["input_ids"]) for row in batch)
        ids = [row["input_ids"] + [0] * (width - len(row["input_ids"])) for row in batch]
        mask = [
            [1] * len(row["input_ids"]) + [0] * (width - len(row["input_ids"])) for row in batch
        ]
        labels = [row["labels"] for row in batch]
        return {
            "input_ids": torch.tensor(ids),
            "attention_mask": torch.tensor(mask),
            "labels": torch.tensor(labels),
        }

    theirs = peer_losses(models.tiny_bert(), rows, collate, tmp_path / "peer")
    _, events = run_fit(
        models.tiny_bert(), data, tmp_path / "ours", train=recipe, machine={"bucket": False}
    )
    assert len(theirs) == STEPS
    np.testing.assert_allclose(losses(events), theirs, atol=1e-5)


def test_causal_language_model(tmp_path: Path, recipe: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    documents = [[1, *rng.integers(5, 40, n).tolist()] for n in rng.integers(4, 30, 80)]
    data = prepared.language(tmp_path / "data", documents, [[i] for i in range(80)])
    rows = [{"input_ids": row["input_ids"]} for row in in_training_order(data, 5)]

    def collate(batch: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        width = max(len(row["input_ids"]) for row in batch)
        pad = [width - len(row["input_ids"]) for row in batch]
        pairs = list(zip(batch, pad, strict=True))
        return {
            "input_ids": torch.tensor([r["input_ids"] + [0] * n for r, n in pairs]),
            "attention_mask": torch.tensor([[1] * (width - n) + [0] * n for n in pad]),
            "labels": torch.tensor([r["input_ids"] + [-100] * n for r, n in pairs]),
        }

    theirs = peer_losses(models.tiny_llama(), rows, collate, tmp_path / "peer")
    _, events = run_fit(
        models.tiny_llama(), data, tmp_path / "ours", train=recipe, machine={"bucket": False}
    )
    np.testing.assert_allclose(losses(events), theirs, atol=1e-5)
