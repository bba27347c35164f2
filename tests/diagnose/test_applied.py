"""What a diagnosis writes into a recipe is a recipe that runs, whatever its rows are."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from accord.recipe.task import TASKS
from tests.cli.command import accord

SAID = " mail ann.lee@example.org, key AKIAIOSFODNN7EXAMPLE"
LABELS = ("label", "diagnosis", "tags", "progression")


def spoilt(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with most of one class gone, some of them twice, values far out, identifiers."""
    rows = rows[:240]
    label = next((name for name in LABELS if name in rows[0]), None)
    kinds = sorted({str(row[label]) for row in rows}) if label else []
    if 1 < len(kinds) < 20:
        few = [row for row in rows if str(row[label]) == kinds[0]][:14]
        rows = [row for row in rows if str(row[label]) != kinds[0]] + few
    numbers = [n for n in rows[0] if n != label and _number(rows[0][n])]
    for at, row in enumerate(rows):
        if at % 9 == 0 and isinstance(row.get("text"), str):
            row["text"] += SAID
        if at % 9 == 0 and isinstance(row.get("words"), list):
            row["words"] = [*row["words"], "ann.lee@example.org"]
            row["tags"] = [*row["tags"], "O"]
        if at % 25 == 0 and numbers:
            row[numbers[0]] = float(row[numbers[0]]) * 1e4
        if at % 5 == 0 and len(numbers) > 1:
            row[numbers[1]] = ""
    return rows + rows[: len(rows) // 4]


def _number(value: Any) -> bool:
    return str(value).replace(".", "").replace("-", "").isdigit()


def spoil(file: Path) -> None:
    """Rewrite a file of rows, or fill a folder of images with copies."""
    if file.is_dir():
        for place in file.iterdir():
            for image in sorted(place.iterdir())[40:]:
                image.unlink()
        for image in sorted(file.rglob("*.png"))[::4]:
            shutil.copyfile(image, image.with_name(f"again-{image.name}"))
        first = sorted(place for place in file.iterdir() if place.is_dir())[0]
        for image in sorted(first.iterdir())[12:]:
            image.unlink()
    elif file.suffix == ".jsonl":
        rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        lines = (json.dumps(row, ensure_ascii=False) for row in spoilt(rows))
        file.write_text("\n".join(lines) + "\n", "utf-8")
    else:
        with file.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        with file.open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(spoilt(rows))


@pytest.mark.parametrize("task", TASKS)
def test_applied_remedies_pass_the_check(task: str, tmp_path: Path) -> None:
    accord("init", task, "p", folder=tmp_path)
    spoil(next(iter((tmp_path / "p/data").iterdir())))
    told = accord("diagnose", "p/recipe.yaml", "--apply", "--json", folder=tmp_path)
    assert told.returncode == 0, told.stderr
    found = json.loads(told.stdout.splitlines()[-1])
    assert len(found["applied"]["problems"]) >= 2
    checked = accord("check", "p/recipe.yaml", folder=tmp_path)
    assert checked.returncode == 0, checked.stderr
