"""Names that stay away, names that stay, and the few places that import by name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from accord.cli.app import app
from accord.part import SLOTS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "accord"
EMPTY_WORDS = re.compile(r"^(utils?|common|core|base|managers?|trainers?|helpers?|misc|handlers?)$")

VERBS = (
    "init",
    "check",
    "diagnose",
    "audit",
    "augment",
    "train",
    "evaluate",
    "predict",
    "report",
    "compare",
    "prove",
    "schema",
    "doctor",
    "withdraw",
)
"""The command line is frozen: a verb is added here on purpose, with its page in docs/."""

IMPORTERS = {
    "part.py": "parts come in by entry points",
    "run.py": "stages are named in the flow table",
    "__init__.py": "public names load on first use",
}


def test_no_name_says_nothing() -> None:
    found = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*")
        if any(EMPTY_WORDS.match(word) for word in re.split(r"[_.]", path.name))
    ]
    assert found == []


def test_no_class_says_nothing() -> None:
    names = [
        f"{path.relative_to(SOURCE)}:{node.name}"
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
        and re.search(r"(Utils?|Manager|Trainer|Helper|Handler|Base)$", node.name)
    ]
    assert names == []


def test_the_verbs_are_frozen() -> None:
    found = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert found == set(VERBS)


def test_few_places_import_by_name() -> None:
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if re.search(r"\bimportlib\.import_module\b|\b__import__\(", path.read_text("utf-8"))
    }
    assert found <= set(IMPORTERS)


def test_every_entry_point_group_is_a_slot() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    groups = re.findall(r'entry-points\."accord\.([a-z-]+)"', text)
    assert set(groups) == set(SLOTS)
