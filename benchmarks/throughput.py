"""Training throughput to equal quality: Accord against Hugging Face's Trainer.

Same model, prepared rows, epochs, learning rate and machine; runs alternate, each in a process of
its own; the median over seeds counts. Needs the film reviews: `python examples/fetch film-reviews`.

    python benchmarks/throughput.py --rows 3000 --seeds 3

With `--processes 2` each run is two processes under torchrun (Trainer: DDP), a thread each. On a
processor that computes no bf16: `--precision fp32 --only accord trainer`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from accord.processes import processes

ROOT = Path(__file__).parents[1]
RECIPE = ROOT / "examples/film-reviews/recipe.yaml"
BATCH, RATE, EPOCHS = 32, 1e-4, 1
PEERS: dict[str, dict[str, Any]] = {
    "trainer": {},
    "trainer-bf16": {"bf16": True},
    "trainer-best": {"bf16": True, "train_sampling_strategy": "group_by_length"},
}


def run_accord(seed: int, rows: int, precision: str, folder: Path) -> dict[str, float]:
    """One run of the recipe; rates as its summary gives them."""
    import accord
    from accord.report.summary import read_artifact, run_artifacts

    data = folder / f"reviews-{processes().rank}.csv"
    base = ROOT / "examples/film-reviews"
    head, *lines = (base / "data/reviews.csv").read_text("utf-8").splitlines(keepends=True)
    random.Random(0).shuffle(lines)  # the file is sorted by label
    data.write_text(head + "".join(lines[:rows]), encoding="utf-8")
    settings = [
        f"data.train={data}",
        f"train.epochs={EPOCHS}",
        f"train.learning_rate={RATE}",
        f"train.seed={seed}",
        f"train.precision={precision}",
        "evaluate.baseline=false",
        "evaluate.resamples=0",
        "train.keep=last",
    ]
    found = accord.train(RECIPE, output=folder / "run", set=settings)
    metrics = found.summary["metrics"]["test"]
    assert read_artifact(run_artifacts(found.path), "dataset", "schema.json")
    rate = found.summary["efficiency"]["samples_per_second"]
    return {"rate": rate, "f1": metrics["f1"], "auc": metrics["roc_auc"]}


def run_peer(name: str, seed: int, dataset: Path) -> dict[str, float]:
    """The Trainer on the rows that Accord prepared."""
    import torch
    from sklearn.metrics import f1_score, roc_auc_score
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainingArguments,
        logging,
    )

    from accord.batch import PreparedSplit

    logging.set_verbosity_error()
    base = ROOT / "examples/film-reviews/base"
    splits = {s: PreparedSplit(dataset, s).table.to_pylist() for s in ("train", "test")}
    rows = {
        s: [
            {
                "input_ids": r["input_ids"],
                "attention_mask": [1] * len(r["input_ids"]),
                "labels": r["label"],
            }
            for r in table
        ]
        for s, table in splits.items()
    }
    tokenizer = AutoTokenizer.from_pretrained(base)
    torch.manual_seed(seed)
    with tempfile.TemporaryDirectory() as out:
        arguments = TrainingArguments(
            output_dir=out,
            num_train_epochs=EPOCHS,
            per_device_train_batch_size=BATCH // processes().size,
            ddp_backend="gloo" if processes().size > 1 else None,
            learning_rate=RATE,
            warmup_steps=0.1,
            weight_decay=0.01,
            seed=seed,
            use_cpu=not torch.cuda.is_available(),
            report_to=[],
            save_strategy="no",
            disable_tqdm=True,
            logging_steps=10_000,
            **PEERS[name],
        )
        trainer = Trainer(
            AutoModelForSequenceClassification.from_pretrained(base, num_labels=2),
            arguments,
            train_dataset=rows["train"],  # type: ignore[arg-type]
            data_collator=DataCollatorWithPadding(tokenizer),
        )
        rate = trainer.train().metrics["train_samples_per_second"]
        logits = torch.tensor(trainer.predict(rows["test"]).predictions)  # type: ignore[arg-type]
    chances = logits.softmax(-1)[:, 1].numpy()
    labels = [r["labels"] for r in rows["test"]]
    return {
        "rate": float(rate),
        "f1": float(f1_score(labels, chances > 0.5)),
        "auc": float(roc_auc_score(labels, chances)),
    }


def alone(system: str, asked: argparse.Namespace, seed: int, folder: Path) -> dict[str, float]:
    """A run in a process of its own, or in several."""
    command = [__file__, "--one", system, "--seed", str(seed)]
    command += ["--rows", str(asked.rows), "--folder", str(folder)]
    command += ["--precision", asked.precision]
    launcher = [sys.executable]
    if asked.processes > 1:
        launcher += ["-m", "torch.distributed.run", "--nproc-per-node", str(asked.processes)]
    command = launcher + command
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    return json.loads(done.stdout.strip().splitlines()[-1])


def tell(figures: dict[str, float]) -> None:
    """Print what the process that leads has found."""
    if processes().leads:
        print(json.dumps(figures), flush=True)


def main() -> None:
    """Run all, print a table, write results/throughput.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--one", choices=["accord", *PEERS])
    parser.add_argument("--only", nargs="*", default=["accord", *PEERS])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--precision", choices=["bf16", "fp32"], default="bf16")
    parser.add_argument("--processes", type=int, default=1)
    asked = parser.parse_args()
    if asked.one == "accord":
        tell(run_accord(asked.seed, asked.rows, asked.precision, asked.folder))
        return
    if asked.one:
        dataset = next((asked.folder / "run/artifacts").glob("dataset-*"))
        tell(run_peer(asked.one, asked.seed, dataset))
        return
    names = [name for name in ("accord", *PEERS) if name in asked.only]
    found: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for seed in range(asked.seeds):
        with tempfile.TemporaryDirectory() as folder:
            for system, results in found.items():
                results.append(alone(system, asked, seed, Path(folder)))
                print(f"seed {seed}  {system:<13} {results[-1]}", flush=True)
    table = {
        system: {key: statistics.median(r[key] for r in results) for key in ("rate", "f1", "auc")}
        for system, results in found.items()
    }
    for system, row in table.items():
        ratio = table["accord"]["rate"] / row["rate"]
        told = f"{row['rate']:7.1f} samples/s  F1 {row['f1']:.4f}  AUC {row['auc']:.4f}"
        print(f"{system:<13} {told}  accord is {ratio:.2f}x")
    several = f"-{asked.processes}-processes" if asked.processes > 1 else ""
    target = ROOT / f"benchmarks/results/throughput{several}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps({"median": table, "runs": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
