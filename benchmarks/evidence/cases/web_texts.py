"""Texts as pages and files hold them: markup, furniture, odd Unicode; in what is tested on, too."""

from __future__ import annotations

import json
import random
from pathlib import Path

from benchmarks.evidence.case import Case
from benchmarks.evidence.places import ASKED, places, recipe
from benchmarks.evidence.rows import ROOT, Rows, halves, write
from benchmarks.evidence.small import small_encoder

BEFORE = (
    "Skip to main content", "This site uses cookies to tell us what you like",
    "Sign up for our newsletter", "Share this on Facebook", "Read more reviews of this week",
)  # fmt: skip
AFTER = (
    "All rights reserved", "Powered by a machine", "Terms of use", "Privacy policy",
    "Subscribe to our newsletter",
)  # fmt: skip
KINDS = {
    "law": ("Ge", "Exo", "Lev", "Num", "Deu"),
    "songs": ("Psa", "Prv", "Job", "Eccl", "SSol"),
    "gospels": ("Mat", "Mark", "Luke", "John"),
    "letters": ("Rom", "1Cor", "2Cor", "Gal", "Eph", "Phi", "Col", "Heb", "1Tim", "2Tim", "Jas"),
}


def pages(folder: Path, seed: int) -> None:
    """Every sentence stands in a page, between lines that other pages have, too."""
    small_encoder()
    train, test = places(seed, 120, 400)
    chance = random.Random(seed)
    write(folder, _paged(train, chance), _paged(test, chance))


def _paged(rows: Rows, chance: random.Random) -> Rows:
    return [{"text": _page(row["text"], chance), "label": row["label"]} for row in rows]


def _page(text: str, chance: random.Random) -> str:
    head = "".join(f'<li class="menu">{line}</li>\n' for line in chance.sample(BEFORE, 2))
    foot = "".join(f"<p>{line}</p>\n" for line in chance.sample(AFTER, 2))
    body = text.replace("&", "&amp;").replace("'", "&#39;").replace('"', "&quot;")
    return f'<ul>\n{head}</ul>\n<div id="review"><p>{body}</p></div>\n{foot}'


def verses() -> Rows:
    """Verses of the King James Bible: `text`, `book`."""
    rows: Rows = []
    for part in ("train", "validation", "test"):
        file = ROOT / "examples" / "kjv" / "data" / f"{part}.jsonl"
        for line in file.read_text("utf-8").splitlines():
            chapter = json.loads(line)
            rows += [
                {"text": verse, "book": chapter["book"]} for verse in chapter["text"].split("\n")
            ]
    return rows


def sorts() -> Rows:
    """Verses by what kind of book they are from: `text`, `label`; as many of each."""
    kinds = {book: kind for kind, books in KINDS.items() for book in books}
    found: dict[str, Rows] = {kind: [] for kind in KINDS}
    for row in verses():
        if row["book"] in kinds:
            kind = kinds[row["book"]]
            found[kind].append({"text": row["text"], "label": kind})
    least = min(len(rows) for rows in found.values())
    return [row for rows in found.values() for row in random.Random(0).sample(rows, least)]


def unicode(folder: Path, seed: int) -> None:
    """Learned from one edition; tested on what two others make of it."""
    train, test = halves(sorts(), seed)
    chance = random.Random(seed)
    ways = (_wide, _hyphened, str)
    odd = [row | {"text": chance.choice(ways)(row["text"])} for row in test[:800]]
    write(folder, train[:1500], odd)


def _wide(text: str) -> str:
    """Letters as wide as Chinese signs, as forms of that world fill them in."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _hyphened(text: str) -> str:
    """Soft hyphens in long words, as typeset pages are copied with."""
    return " ".join(f"{w[:3]}\u00ad{w[3:]}" if len(w) > 5 else w for w in text.split(" "))


CASES = (
    Case(
        name="web-pages",
        title="Texts in pages of the web",
        data=f"{ASKED} 120 to learn from, others for each seed, 400 more to test on. Each stands "
        "in a page of HTML between four lines that say nothing of it, in training and test rows "
        "alike; 160 tokens are read, which is the whole page.",
        make=pages,
        recipe=recipe(tokens=160),
        remedies={
            "clean.text: {}": {"clean": {"text": {}}},
            "clean.text: html": {"clean": {"text": {"html": True}}},
            "clean.text: html, boilerplate": {
                "clean": {"text": {"html": True, "boilerplate": True}}
            },
        },
        metric="accuracy",
        also=("f1_macro",),
        apart=True,
    ),
    Case(
        name="odd-unicode",
        title="Letters that only look alike",
        data="Verses of the King James Bible: from which kind of book, of four? 1,500 to learn "
        "from, 800 others to test on, divided anew for each seed. Of the test rows a third has "
        "full-width letters, a third soft hyphens in its long words. A small encoder from scratch "
        "with a byte-level vocabulary.",
        make=unicode,
        recipe={
            "task": "text-classification",
            "model": {
                "config": {
                    "model_type": "bert", "vocab_size": 4096, "hidden_size": 64,
                    "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4,
                    "max_position_embeddings": 64,
                },
                "tokenizer": "examples/kjv/tokenizer",
            },
            "data": {"text": "text", "label": "label", "max_tokens": 48},
            "train": {
                "epochs": 4, "batch_size": 32, "learning_rate": 3e-3, "warmup": 0.1,
                "weight_decay": 0.05, "precision": "fp32",
            },
        },
        remedies={
            "clean.text: {} (NFC, invisible)": {"clean": {"text": {}}},
            "clean.text: unicode NFKC": {"clean": {"text": {"unicode": "NFKC"}}},
            "unicode NFKC, invisible false": {
                "clean": {"text": {"unicode": "NFKC", "invisible": False}}
            },
        },
        metric="accuracy",
        also=("f1_macro",),
    ),
)  # fmt: skip
