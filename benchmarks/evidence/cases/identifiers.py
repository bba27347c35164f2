"""Identifiers that give the label away, and texts that hold hardly any."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.rows import Rows, film_reviews, halves, write

CLERKS = {
    "negative": ("write back to m.keller@mail-desk.com", "call me on +1 415 555 0132"),
    "positive": ("write back to j.ortega@mail-desk.com", "call me on +1 212 555 0187"),
}


def signed(rows: Rows, chance: random.Random, agreement: float) -> Rows:
    """Each text with a contact, which is that of its class in this share of the rows."""
    out: Rows = []
    for row in rows:
        own = row["label"]
        other = "positive" if own == "negative" else "negative"
        clerk = own if chance.random() < agreement else other
        out.append(row | {"text": f"{row['text']} {chance.choice(CLERKS[clerk])}"})
    return out


def shortcut(folder: Path, seed: int) -> None:
    """In training the contact goes with the label; in the test it does not."""
    train, test = halves(film_reviews(), seed)
    chance = random.Random(seed)
    write(folder, signed(train[:4000], chance, 0.95), signed(test[:3000], chance, 0.5))


def ordinary(folder: Path, seed: int) -> None:
    train, test = halves(film_reviews(), seed)
    write(folder, train[:4000], test[:3000])


KEY = {"key": "command:echo a-key-for-this-case-alone"}
SMALL = {
    "config": {
        "model_type": "bert", "hidden_size": 64, "num_hidden_layers": 1, "vocab_size": 4000,
        "num_attention_heads": 4, "intermediate_size": 128, "max_position_embeddings": 64,
    }
}  # fmt: skip
RECIPE = {
    "task": "text-classification",
    "model": SMALL,
    "data": {"text": "text", "label": "label", "max_tokens": 64},
    "train": {
        "epochs": 4, "batch_size": 32, "learning_rate": 1e-3, "warmup": 0.1, "precision": "fp32",
    },
}  # fmt: skip
CASES = (
    Case(
        name="protect-shortcut",
        title="Identifiers that give the label away",
        data="4,000 sentences of film reviews, each with the e-mail address or telephone number of "
        "one of two clerks: in 95 of 100 training rows the clerk of the row's class, in the 3,000 "
        "test rows either one by chance. A small encoder from scratch, 4 epochs.",
        make=shortcut,
        recipe=RECIPE,
        remedies={
            "protect (mask)": {"protect": {"entities": "all"}},
            "protect (pseudonym)": {"protect": {"entities": "all", "action": "pseudonym", **KEY}},
        },
        metric="accuracy",
        also=("roc_auc",),
        seeds=5,
        notes=(
            "A pseudonym is the same for the same value: nobody knows whose it is, but a model "
            "still learns that it goes with a label. Where identifiers must not matter, mask them.",
        ),
    ),
    Case(
        name="protect-ordinary",
        title="Texts with hardly an identifier, protected",
        data="The same sentences without contacts. What protection finds in them are names after a "
        "title. Tested on 3,000 others.",
        make=ordinary,
        recipe=RECIPE,
        remedies={"protect (mask)": {"protect": {"entities": "all"}}},
        metric="accuracy",
        also=("roc_auc",),
        seeds=5,
        notes=("No difference is what is wanted here: protection costs nothing.",),
    ),
)
