"""Accuracy of private training of a transformer's last layer, beside none and beside Opacus.

    pip install opacus==1.6.0
    python examples/fetch film-reviews
    python benchmarks/private/layers.py [--layers 1] [--rate 0.02] [--epsilons 3 8] [--seeds 3]

For or against a film: LoRA of the last layer of MiniLM, or of more, and a head. The states below
never change: they are computed once, and no dropout is anywhere, so that this is training of the
whole model. Each run is kept; the same command goes on from there.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
import transformers  # noqa: E402
from torch import nn  # noqa: E402

from accord.model.lora import Lora, lora  # noqa: E402
from accord.model.quiet import quiet  # noqa: E402
from accord.model.tokenizer import load_tokenizer  # noqa: E402
from accord.privacy.clipping.adaptive import AdaptiveSpec  # noqa: E402
from benchmarks.evidence.rows import film_reviews  # noqa: E402
from benchmarks.private.ways import (  # noqa: E402
    Batch,
    Setting,
    Way,
    accord,
    accuracy,
    divided,
    opacus,
    plain,
)

BASE = ROOT / "examples/film-reviews/base"
RESULT = ROOT / "benchmarks/results/private_layers.json"
BATCH = 1050
"""An eighth of the rows: Opacus draws with a probability of one over a whole number."""
TOKENS, TOGETHER = 64, 64
WAYS: dict[str, Way] = {
    "Accord": accord(AdaptiveSpec()),
    "Opacus, norm 1": opacus(1.0),
    "Opacus, norm 4": opacus(4.0),
    "no privacy": plain,
}


@dataclass(frozen=True)
class Rows:
    """States of each row's tokens [T, 384] below the trained layers, and classes [n]."""

    states: Sequence[torch.Tensor]
    y: torch.Tensor

    def __len__(self) -> int:
        return len(self.y)

    def part(self, chosen: torch.Tensor) -> Self:
        return type(self)([self.states[i] for i in chosen.tolist()], self.y[chosen])

    def batches(self, chosen: torch.Tensor) -> list[Batch]:
        """Rows of like length together, so that little is padded."""
        ordered = sorted(chosen.tolist(), key=lambda i: len(self.states[i]))
        return [self._padded(torch.tensor(ordered[i : i + TOGETHER]))
                for i in range(0, len(ordered), TOGETHER)]  # fmt: skip

    def _padded(self, rows: torch.Tensor) -> Batch:
        found = [self.states[i] for i in rows.tolist()]
        states = nn.utils.rnn.pad_sequence(found, batch_first=True)
        lengths = torch.tensor([len(one) for one in found])
        mask = torch.arange(states.shape[1]) < lengths[:, None]
        return {"x": states, "mask": mask, "labels": self.y[rows], "rows": rows}


class Upper(nn.Module):
    """LoRA of the last layers, and what stands above: logits, of the states below them.

    The pooler reads the first position, so the last layer answers there alone.
    """

    def __init__(self, trained: int) -> None:
        super().__init__()
        with quiet():
            model: Any = transformers.BertForSequenceClassification.from_pretrained(
                BASE, num_labels=2, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
            )
        lora(Lora(rank=8, layers=tuple(range(-trained, 0))), model)
        self.layers: Any = model.bert.encoder.layer[-trained:]
        self.pooler, self.classifier = model.bert.pooler, model.classifier
        self.train()  # else Opacus sees no layer; nothing drops out

    def forward(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        seen = mask[:, None, None]
        for layer in self.layers[:-1]:
            states = layer(states, seen)
        last: Any = self.layers[-1]
        own, first = last.attention.self, states[:, :1]
        asked, keys, values = (
            one.unflatten(-1, (own.num_attention_heads, -1)).transpose(1, 2)
            for one in (own.query(first), own.key(states), own.value(states))
        )
        mixed = nn.functional.scaled_dot_product_attention(asked, keys, values, seen)
        first = last.attention.output(mixed.transpose(1, 2).flatten(2), first)
        return self.classifier(self.pooler(last.feed_forward_chunk(first)))


def states(trained: int) -> Rows:
    """Of all sentences, below so many layers."""
    rows = film_reviews()
    codec = load_tokenizer(BASE)
    codec.cut_at(TOKENS)
    ids = [one.ids for one in codec.tokenizer.encode_batch_fast([row["text"] for row in rows])]
    with quiet():
        body = transformers.BertModel.from_pretrained(BASE).eval()
    body.encoder.layer = body.encoder.layer[:-trained]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    found: dict[int, torch.Tensor] = {}
    for at in range(0, len(order), TOGETHER):
        group = order[at : at + TOGETHER]
        given = nn.utils.rnn.pad_sequence([torch.tensor(ids[i]) for i in group], batch_first=True)
        mask = torch.arange(given.shape[1]) < torch.tensor([len(ids[i]) for i in group])[:, None]
        with torch.no_grad():
            all_states = body(given, attention_mask=mask.long()).last_hidden_state
        found |= {i: one[: len(ids[i])].clone() for i, one in zip(group, all_states, strict=True)}
    y = torch.tensor([int(row["label"] == "positive") for row in rows])
    return Rows([found[i] for i in range(len(ids))], y)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=1, help="that are trained, from the last")
    parser.add_argument("--epsilons", nargs="*", type=float, default=[3.0, 8.0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=list(WAYS))
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=0.02)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    setting = Setting(partial(Upper, asked.layers), BATCH, asked.epochs, asked.rate)
    told = f"layers {asked.layers}, batch {BATCH}, epochs {asked.epochs}, rate {asked.rate:g}"
    kept: dict[str, Any] = json.loads(RESULT.read_text("utf-8")) if RESULT.is_file() else {}
    reached = kept.setdefault(told, {})
    rows = states(asked.layers)
    for seed in range(asked.seeds):
        train, test = divided(rows, seed)
        for name in asked.ways:
            for epsilon in asked.epsilons if name != "no privacy" else (float("inf"),):
                runs = reached.setdefault(name, {}).setdefault(f"{epsilon:g}", [])
                if len(runs) > seed:
                    continue
                start = time.monotonic()
                runs.append(round(accuracy(WAYS[name](setting, train, seed, epsilon), test), 4))
                spent = time.monotonic() - start
                print(f"{name:18} {epsilon:6g} {seed:3} {runs[-1]:.4f} {spent:6.0f} s", flush=True)
                _write(kept)


def _write(kept: Any) -> None:
    """Whole or not at all."""
    fresh = RESULT.with_suffix(".new")
    fresh.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    fresh.replace(RESULT)


if __name__ == "__main__":
    main()
