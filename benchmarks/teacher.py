"""What a teacher costs: asked once for every row, or in every step. CPU time, alternating.

python examples/fetch film-reviews
python benchmarks/teacher.py
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path[0] = str(ROOT)  # not this folder, whose names are those of packages, too

from benchmarks.evidence.rows import film_reviews, own_part, write  # noqa: E402
from benchmarks.evidence.small import MINILM, SMALL, TOKENIZER, small_encoder  # noqa: E402

RESULT = ROOT / "benchmarks/results/teacher.json"
ROWS, ROUNDS = 200, 2
EPOCHS = (2, 5)


def teacher(folder: Path) -> Path:
    """MiniLM with a head: what it answers does not matter, what it costs does."""
    import shutil

    from transformers import AutoModelForSequenceClassification

    names = dict(enumerate(("negative", "positive")))
    model: Any = AutoModelForSequenceClassification.from_pretrained(
        MINILM, num_labels=2, id2label=names, label2id={n: i for i, n in names.items()}
    )
    model.save_pretrained(folder)
    for name in TOKENIZER:
        if (MINILM / name).is_file():
            shutil.copyfile(MINILM / name, folder / name)
    return folder


def seconds(folder: Path, distill: dict[str, Any] | None, epochs: int, name: str) -> float:
    """CPU seconds of the training stage, its teacher included."""
    import accord

    recipe: dict[str, Any] = {
        "task": "text-classification",
        "model": {"base": str(ROOT / SMALL), "agreement": "own"},
        "data": {
            "agreement": "own", "train": str(folder / "train.csv"), "validation": 0,
            "test": str(folder / "test.csv"), "text": "text", "label": "label",
            "max_tokens": 64, "leakage": {"action": "off"},
        },
        "train": {"epochs": epochs, "batch_size": 16, "precision": "fp32", "distill": distill},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }  # fmt: skip
    began = time.process_time()
    accord.train(recipe, output=folder / name)
    return time.process_time() - began


def main() -> None:
    from accord.train import distill as stage

    small_encoder()
    kept = stage.ANSWER_BYTES
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows = own_part(film_reviews(), 0)
        write(folder, rows[:ROWS], rows[ROWS : ROWS + 20])
        wanted = {"teacher": str(teacher(folder / "teacher")), "agreement": "own"}
        seconds(folder, None, 1, "warm")
        for epochs in EPOCHS:
            spent: dict[str, list[float]] = {"plain": [], "once": [], "every step": []}
            for turn in range(ROUNDS):
                for name, many in spent.items():
                    stage.ANSWER_BYTES = 0 if name == "every step" else kept
                    run = f"{name}-{epochs}-{turn}"
                    many.append(seconds(folder, None if name == "plain" else wanted, epochs, run))
            plain, once, always = (statistics.median(many) for many in spent.values())
            found[str(epochs)] = {
                "once over every step": round(once / always, 3),
                "once over plain": round(once / plain, 3),
                "every step over plain": round(always / plain, 3),
                "seconds": {name: [round(s, 2) for s in many] for name, many in spent.items()},
            }
            print(epochs, "epochs", found[str(epochs)], flush=True)
    RESULT.write_text(json.dumps({"rows": ROWS, "epochs": found}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
