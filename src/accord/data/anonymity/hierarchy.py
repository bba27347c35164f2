"""Values under broader ones that a file names: cities, regions, countries."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import model_validator

from accord.data.anonymity.ladder import STAR, Ladder, Value
from accord.errors import DataError, RecipeError
from accord.part import Spec, part

Paths = Mapping[str, tuple[str, ...]]


class Hierarchy(Spec):
    """Each value with those above it, `Kiel,Holstein,Germany`; above the last stands `*`."""

    kind: Literal["hierarchy"] = "hierarchy"
    file: str | None = None
    """A CSV file without a header, a line a value: itself, then what it becomes at each level."""
    paths: tuple[tuple[str, ...], ...] = ()
    """The same lines in the recipe: `[[Kiel, Holstein, Germany]]`."""

    @model_validator(mode="after")
    def _one(self) -> Hierarchy:
        if (self.file is None) == (not self.paths):
            raise ValueError("give either `file` or `paths`")
        return self


@part("generalisation", Hierarchy)
def hierarchy(spec: Hierarchy, base: Path, values: Sequence[Value], field: str) -> Ladder:
    """Levels of the file, and `*`.

    Raises:
        RecipeError: The file cannot be read, or its lines do not form a tree.
        DataError: A value stands in no line.
    """
    lines = _read(base / spec.file, field) if spec.file else spec.paths
    paths = {line[0]: line[1:] for line in lines}
    _check_tree(paths, field)
    missing = [v for v in values if isinstance(v, str) and v not in paths]
    if missing:
        raise DataError(
            "the hierarchy lacks values that the data hold",
            code="anonymity-hierarchy",
            path=field,
            got=f"{len(missing)} of {len(values)} values stand in no line",
            fix="add a line for each, or use `prefix` or `whole`",
        )
    top = len(next(iter(paths.values()))) + 1

    def value(given: Value, level: int) -> Value:
        if level == top:
            return STAR
        if level == 0 or given is None:
            return given
        path = paths.get(str(given))
        return path[level - 1] if path else STAR

    return Ladder(top, value, Hierarchy(paths=tuple((k, *above) for k, above in paths.items())))


def _read(path: Path, field: str) -> Sequence[tuple[str, ...]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = [[cell.strip() for cell in line] for line in csv.reader(stream) if any(line)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _fault(field, str(path), f"a CSV file in UTF-8: {error}") from None
    if not lines:
        raise _fault(field, str(path), "a line for each value")
    return [tuple(line) for line in lines]


def _check_tree(paths: Paths, field: str) -> None:
    """Every path has as many levels, and what is one at a level is one above it."""
    lengths = {len(path) for path in paths.values()}
    if len(lengths) != 1:
        raise _fault(field, f"lines of {sorted(n + 1 for n in lengths)} values", "one length")
    for level in range(lengths.pop() - 1):
        above: dict[str, str] = {}
        for path in paths.values():
            if above.setdefault(path[level], path[level + 1]) != path[level + 1]:
                got = f"{path[level]!r} under {above[path[level]]!r} and {path[level + 1]!r}"
                raise _fault(field, got, "one value above each")


def _fault(field: str, got: str, expected: str) -> RecipeError:
    return RecipeError(
        "the hierarchy cannot be used",
        code="anonymity-hierarchy",
        path=field,
        got=got,
        expected=expected,
        fix="correct it; a line reads `value,level 1,level 2`",
    )
