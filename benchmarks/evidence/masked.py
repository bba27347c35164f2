"""Small masked language models for the cases that need one; none comes in a package.

A sentence encoder gets a new head, whose output table is its own table of words; the head and the
last two layers learn to fill gaps in reviews that no case is tested on. Kept under `runs/`.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "runs" / "evidence" / "masked"
SHARE = 0.15


def masked_model(name: str, encoder: str, texts: list[str], steps: int) -> str:
    """Path of the model, seen from the root; trained at the first call.

    Args:
        name: Of its folder.
        encoder: Folder of the sentence encoder.
        texts: What it learns from.
        steps: Batches of 32 texts.
    """
    folder = PLACE / name
    if not (folder / "made").exists():
        train(ROOT / encoder, texts, steps, folder)
        (folder / "made").touch()
    return str(folder)


def train(encoder: Path, texts: list[str], steps: int, folder: Path) -> None:
    import torch
    from transformers import AutoModelForMaskedLM, AutoTokenizer, DataCollatorForLanguageModeling

    torch.manual_seed(0)
    torch.set_num_threads(1)
    tokenizer: Any = AutoTokenizer.from_pretrained(encoder)
    model: Any = AutoModelForMaskedLM.from_pretrained(encoder, tie_word_embeddings=True).train()
    model.base_model.requires_grad_(False)
    for layer in model.base_model.encoder.layer[-2:]:  # the rest stays as it was
        layer.requires_grad_(True)
    collate = DataCollatorForLanguageModeling(tokenizer, mlm_probability=SHARE)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=3e-4, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-4, steps, pct_start=0.1)
    chance = torch.Generator().manual_seed(0)
    for step in range(steps):
        chosen = torch.randint(0, len(texts), (32,), generator=chance).tolist()
        rows = tokenizer([texts[i] for i in chosen], truncation=True, max_length=64)
        batch = collate([{"input_ids": ids} for ids in rows["input_ids"]])
        gaps = batch["labels"] >= 0
        known = {name: batch[name] for name in ("input_ids", "attention_mask")}
        hidden = model.base_model(**known)[0][gaps]  # the table of words is large, gaps are few
        loss = torch.nn.functional.cross_entropy(model.cls(hidden), batch["labels"][gaps])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if step % 25 == 0:
            print(f"  masked model: step {step} of {steps}, loss {loss:.2f}", file=sys.stderr)
    folder.mkdir(parents=True, exist_ok=True)
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    for paper in ("README.md", "agreement.yaml"):  # the encoder's terms are the model's
        if (encoder / paper).is_file():
            shutil.copy2(encoder / paper, folder)
