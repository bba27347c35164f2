"""What `accord init` writes for each task: data, model section, columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from accord.cli.templates.sentences import Language, opinions, stories, tagged
from accord.part import require


@dataclass(frozen=True, slots=True)
class Project:
    """The parts of a recipe that differ from task to task, and where the data come from.

    Args:
        model: Lines below `model:`, or empty where a task needs none.
        columns: Lines below `data:` after the splits.
        train: Lines below `train:`.
        source: The file or folder of data, relative to the project.
        origin: Where the data come from, a sentence.
        licence: SPDX expression of the data.
    """

    model: str
    columns: str
    train: str
    source: str
    origin: str
    licence: str


_OURS = "Sentences combined from phrases that the authors of Accord wrote."


def text_project(folder: Path, language: Language) -> Project:
    """Sentences of praise and blame; a small BERT."""
    rows = opinions(language)
    _write_csv(folder / "data/opinions.csv", ["text", "label"], [[r.text, r.label] for r in rows])
    return Project(
        _encoder("a pretrained model learns more from less: base: bert-base-uncased"),
        "text: text\nlabel: label\nmax_tokens: 64",
        "epochs: 8\nbatch_size: 32\nlearning_rate: 1.0e-3\nprecision: fp32\nseed: 0",
        "data/opinions.csv",
        _OURS,
        "CC0-1.0",
    )


def token_project(folder: Path, language: Language) -> Project:
    """Sentences with people and places tagged; a small BERT."""
    rows = tagged()
    _write_jsonl(folder / "data/names.jsonl", ({"words": w, "tags": t} for w, t in rows))
    return Project(
        _encoder("a pretrained model learns more from less: base: bert-base-cased"),
        "tokens: words\nlabel: tags\nmax_tokens: 64",
        "epochs: 8\nbatch_size: 32\nlearning_rate: 1.0e-3\nprecision: fp32\nseed: 0",
        "data/names.jsonl",
        _OURS,
        "CC0-1.0",
    )


def causal_project(folder: Path, language: Language) -> Project:
    """Little stories; a small Llama."""
    rows = stories(language)
    _write_jsonl(folder / "data/stories.jsonl", ({"text": text} for text in rows))
    model = (
        "# a pretrained model instead: base: HuggingFaceTB/SmolLM2-135M\n"
        "config:                     # a new, tiny model; its tokenizer is learned from the data\n"
        "  model_type: llama\n  vocab_size: 1000\n"
        "  hidden_size: 96\n  intermediate_size: 256\n  num_hidden_layers: 3\n"
        "  num_attention_heads: 4\n  num_key_value_heads: 2\n  max_position_embeddings: 256"
    )
    return Project(
        model,
        "text: text\nmax_tokens: 128",
        "epochs: 6\nbatch_size: 8\nlearning_rate: 2.0e-3\nprecision: fp32\nseed: 0",
        "data/stories.jsonl",
        _OURS,
        "CC0-1.0",
    )


def image_project(folder: Path, language: Language) -> Project:
    """Handwritten digits; a small ViT."""
    datasets = require("sklearn.datasets", "train", "the example of handwritten digits")
    pillow = require("PIL.Image", "image", "writing images")
    digits = datasets.load_digits()
    for number, (pixels, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        target = folder / f"data/digits/{label}/{number:04d}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        pillow.fromarray((pixels * (255 / 16)).astype("uint8")).save(target)
    model = (
        "# a pretrained model instead: base: google/vit-base-patch16-224-in21k\n"
        "config:                     # a new, tiny model\n"
        "  model_type: vit\n  image_size: 32\n  patch_size: 8\n"
        "  hidden_size: 64\n  intermediate_size: 128\n  num_hidden_layers: 3\n"
        "  num_attention_heads: 4"
    )
    return Project(
        model,
        "image: image\nlabel: label",
        "epochs: 6\nbatch_size: 32\nlearning_rate: 1.0e-3\nprecision: fp32\nseed: 0",
        "data/digits",
        "1,797 handwritten digits of 8x8 pixels, as scikit-learn carries them (UCI, E. Alpaydin).",
        "CC-BY-4.0",
    )


def class_table_project(folder: Path, language: Language) -> Project:
    """Breast tumours; an FT-Transformer."""
    datasets = require("sklearn.datasets", "train", "the example table")
    table = datasets.load_breast_cancer()
    names = [str(name).replace(" ", "_") for name in table.feature_names]
    labels = [str(table.target_names[target]) for target in table.target]
    rows = [[*map(float, row), label] for row, label in zip(table.data, labels, strict=True)]
    _write_csv(folder / "data/tumours.csv", [*names, "diagnosis"], rows)
    return Project(
        "",
        f"numeric: [{', '.join(names)}]\nlabel: diagnosis",
        "epochs: 20\nbatch_size: 32\nlearning_rate: 1.0e-3\nprecision: fp32\nseed: 0",
        "data/tumours.csv",
        "569 breast tumours by 30 measurements, as scikit-learn carries them (UCI, Wisconsin).",
        "CC-BY-4.0",
    )


def number_table_project(folder: Path, language: Language) -> Project:
    """Diabetes patients; an FT-Transformer."""
    datasets = require("sklearn.datasets", "train", "the example table")
    table = datasets.load_diabetes(scaled=False)
    rows = [
        [*map(float, row), float(target)]
        for row, target in zip(table.data, table.target, strict=True)
    ]
    names = [str(name) for name in table.feature_names]
    _write_csv(folder / "data/diabetes.csv", [*names, "progression"], rows)
    numeric = ", ".join(name for name in names if name != "sex")
    return Project(
        "",
        f"numeric: [{numeric}]\ncategorical: [sex]\nlabel: progression",
        "epochs: 40\nbatch_size: 32\nlearning_rate: 1.0e-3\nprecision: fp32\nseed: 0",
        "data/diabetes.csv",
        "442 patients by 10 measurements, as scikit-learn carries them (Efron et al., 2004).",
        "BSD-3-Clause",
    )


PROJECTS: Mapping[str, Callable[[Path, Language], Project]] = {
    "text-classification": text_project,
    "token-classification": token_project,
    "causal-lm": causal_project,
    "image-classification": image_project,
    "table-classification": class_table_project,
    "table-regression": number_table_project,
}


def _encoder(hint: str) -> str:
    return (
        f"# {hint}\n"
        "config:                     # a new, tiny model; its tokenizer is learned from the data\n"
        "  model_type: bert\n  vocab_size: 2000\n"
        "  hidden_size: 64\n  intermediate_size: 128\n  num_hidden_layers: 2\n"
        "  num_attention_heads: 4\n  max_position_embeddings: 128"
    )


def _write_csv(path: Path, names: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)
    path.write_text(stream.getvalue(), encoding="utf-8")


def _write_jsonl(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")
