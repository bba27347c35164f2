"""What `accord augment` shows: the rows that training gets, and none that nobody may see."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

from accord.recipe.load import load_recipe
from tests.cli.command import accord
from tests.data.augment.test_step import rows, table, write
from tests.data.sources import prepared

ENTRIES = [{"by": "noise", "rate": 1.5, "classes": ["rare"]}, {"by": "mixup", "rate": 0.5}]


def recipe_file(folder: Path, content: dict[str, Any]) -> Path:
    file = folder / "recipe.yaml"
    YAML(typ="safe").dump(content, file)
    return file


def test_what_is_shown_is_what_is_learned(tmp_path: Path) -> None:
    write(tmp_path)
    content = table(ENTRIES).model_dump(mode="json", exclude_unset=True)
    file = recipe_file(tmp_path, content)
    told = json.loads(accord("augment", file, "--json", "-n", 5, folder=tmp_path).stdout)
    first, second = told["entries"]
    learned = rows(prepared(tmp_path, load_recipe(file).recipe, "run"), "train")
    assert first["rows"] == 100 and first["classes"] == {"rare": first["added"]}
    assert second["rows"] == 100 + first["added"]
    assert len(learned) == second["rows"] + second["added"]
    assert [copies["row"] for copies in first["copies"]] == sorted(
        {copies["row"] for copies in first["copies"]}
    )
    numbers = {(row["row"], *row["numeric"]) for row in learned}
    mean, std = _standard(tmp_path, learned)
    for entry in (first, second):
        assert len(entry["copies"]) == 5
        for copies in entry["copies"]:
            for cells in (copies["old"], *copies["new"]):
                scaled = (cells["x"] - mean) / std
                assert any(
                    row == copies["row"] and abs(value - scaled) < 1e-4 for row, value in numbers
                )
    told = accord("augment", file, folder=tmp_path).stdout
    assert f"1. noise: {first['added']} new rows from 100 (rare: {first['added']})" in told
    assert "x: " in told and " -> " in told


def _standard(folder: Path, learned: list[dict[str, Any]]) -> tuple[float, float]:
    """Mean and deviation of the rows that are learned, by the two rows that show them."""
    with (folder / "train.csv").open(newline="") as stream:
        plain = [float(row["x"]) for row in csv.DictReader(stream)]
    first = {}
    for row in learned:
        first.setdefault(row["row"], row["numeric"][0])
    slope, shift = np.polyfit([first[row] for row in (0, 99)], [plain[row] for row in (0, 99)], 1)
    return float(shift), float(slope)


def test_images_stand_on_a_sheet(tmp_path: Path) -> None:
    for split in ("train", "test"):
        for i in range(8):
            place = tmp_path / split / "ab"[i % 2]
            place.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (20, 10), (i * 30, 40, 90)).save(place / f"{i}.png")
    file = recipe_file(
        tmp_path,
        {
            "task": "image-classification",
            "data": {
                "agreement": "own", "train": "train", "test": "test", "validation": 0,
                "image": "image", "label": "label",
            },
            "model": {"config": {"model_type": "vit", "image_size": 16}},
            "augment": {"rows": [{"by": "flip"}, {"by": "rotate", "rate": 2}]},
        },
    )  # fmt: skip
    found = accord("augment", file, "-n", 2, folder=tmp_path)
    assert found.returncode == 0, found.stderr
    with Image.open(tmp_path / "previews/recipe.png") as sheet:
        pixels = np.asarray(sheet.convert("RGB"))
    # Of a picture twice as wide as high: paper above and below, its colour in the middle.
    assert sheet.size[0] > 3 * 128 and sheet.size[1] > 4 * 128
    assert (pixels == (0, 40, 90)).all(-1).sum() >= 128 * 60


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("protect={columns: [place], entities: [email]}", "protected"),
        ("augment.rows=[]", "nothing-to-show"),
        ("augment.rows=[{by: noise, classes: [raer]}]", "did you mean 'rare'"),
        ("augment.rows=[{bi: noise}]", "did you mean `by`"),
        ("clean.scale.columns={xs: log}", "did you mean `x`"),
        ("augment.rows=[{by: noize}]", "did you mean `noise`"),
        ("augment.rows=[{by: noise, rat: 2}]", "did you mean `rate`"),
    ],
)
def test_nothing_is_shown(override: str, said: str, tmp_path: Path) -> None:
    write(tmp_path)
    file = recipe_file(tmp_path, table(ENTRIES).model_dump(mode="json", exclude_unset=True))
    found = accord("augment", file, "--set", override, folder=tmp_path)
    assert said in found.stdout + found.stderr
    assert "row 0" not in found.stdout and not (tmp_path / "previews").exists()
