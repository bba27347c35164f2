"""What a Chinese text is: a shop review, a Song lyric or a Yuan song: few rows teach a small
encoder to tell reviews from verse, and more are needed to tell the two kinds of verse apart."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from benchmarks.evidence.places import STEPS
from benchmarks.evidence.rows import Rows, apart, chinese_reviews, chinese_verse
from benchmarks.evidence.small import chinese

FORMS = ("review", "qu", "ci")
ASKED = (
    "What is a text: a shop review, a Yuan song (qu) or a Song lyric (ci)? As many of each, their "
    "first 40 characters; the first two layers of multilingual E5 (small)."
)
LENGTH, EACH = 40, 3600


def texts(form: str) -> Rows:
    """All of one form, in an order that is always the same: `text`, `label`."""
    rows = chinese_reviews() if form == "review" else chinese_verse(form)
    found = [{"text": row["text"][:LENGTH], "label": form} for row in rows]
    random.Random(form).shuffle(found)
    return found


def every_form() -> Rows:
    """As many texts of each form."""
    return [row for form in FORMS for row in texts(form)[:EACH]]


def forms(seed: int, train: int, test: int) -> tuple[Rows, Rows]:
    """Others to learn from with each seed, the same to be tested on."""
    return apart(every_form(), seed, train, test)


def recipe(**train: Any) -> Mapping[str, Any]:
    return {
        "task": "text-classification",
        "model": chinese(),
        "data": {"text": "text", "label": "label", "max_tokens": 32},
        "train": {**STEPS, **train},
    }
