"""What `clean.filter` and `clean.text` take out of sound, real texts, and how fast.

    python -m benchmarks.text_filters

The examples' data must be here: `python examples/fetch film-reviews`, `chinese-reviews`, `kjv`.
"""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Callable
from pathlib import Path

from accord.data.text.quality import fault
from accord.data.text.tidy import tidied
from accord.recipe.text import Filter, Tidy
from benchmarks.evidence.cases.web_texts import _page, verses

EXAMPLES = Path(__file__).parents[1] / "examples"
ROWS = 3000


def reviews(path: str) -> list[str]:
    with (EXAMPLES / path).open(encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream)]


def told(name: str, texts: list[str], takes: Callable[[str], bool]) -> None:
    """Print the share that is taken out, and megabytes a second of processor time."""
    takes(texts[0])  # loads what it needs
    size = sum(len(text.encode()) for text in texts) / 1e6
    began = time.process_time()
    taken = sum(map(takes, texts))
    speed = size / (time.process_time() - began)
    print(f"{name:34} {taken:5} of {len(texts)}  {taken / len(texts):7.2%}  {speed:7.1f} MB/s")


def main() -> None:
    film = reviews("film-reviews/data/reviews.csv")
    chinese = reviews("chinese-reviews/data/train.csv")
    bible = [row["text"] for row in verses()]
    chance = random.Random(0)
    boilerplate, symbols = Tidy(boilerplate=True), Filter(symbols=0.3)
    repeated = Filter(repeated=0.3)
    for name, texts, language in (
        ("film reviews", film, "en"), ("Chinese reviews", chinese, "zh"), ("Bible", bible, "en"),
    ):  # fmt: skip
        some = chance.sample(texts, ROWS)
        kept = Filter(languages=(language,))
        begun = [text[:10] for text in some]
        long = ["\n".join(some[at : at + 100]) for at in range(0, ROWS, 100)]
        told(f"{name}: language", some, lambda text, kept=kept: fault(text, kept) is not None)
        told("  ten characters", begun, lambda text, kept=kept: fault(text, kept) is not None)
        told("  a hundred together", long, lambda text, kept=kept: fault(text, kept) is not None)
        told("  symbols: 0.3", some, lambda text: fault(text, symbols) is not None)
        told("  repeated: 0.3", some, lambda text: fault(text, repeated) is not None)
        plain = [tidied(text, Tidy()) for text in some]
        told("  boilerplate", plain, lambda text: tidied(text, boilerplate) != text)
    pages = [(text, _page(text, chance)) for text in bible[:ROWS]]
    page = Tidy(html=True, boilerplate=True)
    whole = {made: tidied(text, Tidy()) for text, made in pages}
    told(
        "pages of verses, not restored", list(whole), lambda made: tidied(made, page) != whole[made]
    )


if __name__ == "__main__":
    main()
