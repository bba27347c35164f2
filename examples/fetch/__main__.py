"""`python examples/fetch NAME`: put the data and base model of an example into its folder.

Run again, it does nothing. `--rows N` takes a fixed subsample, for tests; `--into DIR` writes
elsewhere than into the example's own folder.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import breast_cancer
import chinese_poetry
import chinese_reviews
import digits
import film_reviews
import kjv
import lexicons
import name_tagger

EXAMPLES: dict[str, Callable[[Path, int | None], None]] = {
    "film-reviews": film_reviews.write,
    "chinese-reviews": chinese_reviews.write,
    "chinese-poetry": chinese_poetry.write,
    "digits": digits.write,
    "breast-cancer": breast_cancer.write,
    "kjv": kjv.write,
    "lexicons": lexicons.write,
    "name-tagger": name_tagger.write,
}


def main() -> None:
    """Parse, fetch, say where."""
    arguments = argparse.ArgumentParser(prog="examples/fetch", description=__doc__)
    arguments.add_argument("name", choices=EXAMPLES)
    arguments.add_argument("--into", type=Path, help="the folder of the example by default")
    arguments.add_argument("--rows", type=int, help="a fixed subsample of so many rows")
    chosen = arguments.parse_args()
    folder = chosen.into or Path(__file__).parents[1] / chosen.name
    done = folder / "data" / ".fetched"
    wanted = f"{chosen.name} {chosen.rows}\n"
    if done.is_file() and done.read_text(encoding="utf-8") == wanted:
        return
    (folder / "data").mkdir(parents=True, exist_ok=True)
    EXAMPLES[chosen.name](folder, chosen.rows)
    done.write_text(wanted, encoding="utf-8")
    print(f"{chosen.name}: ready in {folder}", file=sys.stderr)


if __name__ == "__main__":
    main()
