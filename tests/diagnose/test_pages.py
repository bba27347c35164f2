"""The page names every problem with its thresholds."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from accord.part import parts

PAGE = (Path(__file__).parents[2] / "docs/diagnose.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", PAGE, re.MULTILINE))


@pytest.mark.parametrize("kind", parts("problem"))
def test_every_problem_is_in_the_table(kind: str) -> None:
    fields = parts("problem")[kind].spec.model_fields
    for name in {"low", "medium", "high"} & set(fields):
        if (kind, name) != ("personal-data", "low"):
            assert f"{name} {fields[name].default:g}" in ROWS[kind]
