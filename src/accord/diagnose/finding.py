"""What a problem is found to be: a status, the figures behind it, how grave it is, a remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Literal

from pydantic import Field

from accord.part import Spec
from accord.recipe.task import Modality
from accord.recipe.task import Problem as Posed

Status = Literal["found", "remedied", "fine", "not applicable", "not looked at"]
"""`remedied`: it is there, and the recipe handles it."""
Severity = Literal["high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low")
Patch = Mapping[str, Any]
"""A part of a recipe, laid over it."""
ALL: tuple[Modality, ...] = ("text", "image", "table")
EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A number behind a finding.

    Args:
        name: What it is of.
        value: The number.
        unit: `share`, `rows`, `times`, `tokens`, `bytes`, `seconds`, or empty.
        interval: Low and high, at 95 %.
        p_value: Of a test, after control for many tests.
        of: What it was measured on, where that is a part of the data.
    """

    name: str
    value: float
    unit: str = ""
    interval: tuple[float, float] | None = None
    p_value: float | None = None
    of: str = ""


@dataclass(frozen=True, slots=True)
class Plot:
    """A small picture: `bars` of (name, value), `columns` of (place, count), or `curves` of
    (name, xs, ys)."""

    kind: Literal["bars", "columns", "curves"]
    title: str
    items: Sequence[tuple[Any, ...]]
    x: str = ""
    y: str = ""


@dataclass(frozen=True, slots=True)
class Remedy:
    """What to do.

    Args:
        say: In a sentence.
        patch: As a part of a recipe; None where no recipe can do it.
        command: As a command, where one does it.
    """

    say: str
    patch: Patch | None = None
    command: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one problem.

    Args:
        status: See `Status`.
        meaning: What it means, in a sentence; or why it was not looked at.
        figures: The numbers behind it, the decisive one first.
        severity: Of what is `found`.
        remedies: From the best to the last; the first that goes with the recipe is proposed.
        rows: Where examples stand, never what they say.
        plots: Small pictures.
        problem, title: Filled in by the runner.
    """

    status: Status
    meaning: str
    figures: tuple[Figure, ...] = ()
    severity: Severity | None = None
    remedies: tuple[Remedy, ...] = ()
    rows: tuple[str, ...] = ()
    plots: tuple[Plot, ...] = ()
    problem: str = ""
    title: str = ""

    @property
    def remedy(self) -> Remedy | None:
        """The one that is proposed."""
        return self.remedies[0] if self.remedies else None

    def proposing(self, remedy: Remedy | None) -> Finding:
        """With this remedy alone."""
        return replace(self, remedies=() if remedy is None else (remedy,))

    def to_json(self) -> dict[str, Any]:
        """JSON value; keys are stable."""
        remedy = self.remedy
        return {
            "problem": self.problem,
            "title": self.title,
            "status": self.status,
            "severity": self.severity,
            "meaning": self.meaning,
            "figures": [asdict(figure) for figure in self.figures],
            "remedy": None if remedy is None else asdict(remedy),
            "rows": list(self.rows[:EXAMPLES]),
            "plots": [asdict(plot) for plot in self.plots],
        }


class Looking(Spec):
    """Base of a problem's description.

    The part is a function `(spec, seen) -> Finding`. `place` orders problems for people;
    `modalities` and `poses` say to which tasks it applies, `reads` whether it needs the data.
    """

    title: ClassVar[str]
    place: ClassVar[int] = 500
    reads: ClassVar[bool] = True
    modalities: ClassVar[tuple[Modality, ...]] = ALL
    poses: ClassVar[tuple[Posed, ...]] = (
        "single-label", "multi-label", "token-label", "next-token", "regression",
    )  # fmt: skip


class Graded(Looking):
    """A problem whose severity follows from one figure."""

    low: float = Field(default=0.0)
    """The figure from which there is a problem."""
    medium: float = Field(default=0.0)
    """From which it is of medium severity."""
    high: float = Field(default=0.0)
    """From which it is of high severity."""

    def grade(self, value: float) -> Severity | None:
        """How grave a figure is; None below `low`."""
        if value >= self.high:
            return "high"
        if value >= self.medium:
            return "medium"
        return "low" if value >= self.low else None


def fine(meaning: str, *figures: Figure, plots: tuple[Plot, ...] = ()) -> Finding:
    """Looked at, and no problem."""
    return Finding("fine", meaning, figures, plots=plots)


def not_applicable(meaning: str) -> Finding:
    """There can be no such problem here."""
    return Finding("not applicable", meaning)


def not_looked_at(meaning: str) -> Finding:
    """It could not be found out, and why."""
    return Finding("not looked at", meaning)


def found_or_remedied(finding: Finding, by: str | None) -> Finding:
    """The finding, or, where the recipe handles it already, that it does."""
    if by is None:
        return finding
    told = f"{finding.meaning} The recipe handles it: {by}."
    return replace(finding, status="remedied", severity=None, meaning=told, remedies=())


def percent(value: float) -> str:
    """A share for people."""
    digits = 0 if value in (0, 1) or value >= 0.1 else 1 if value >= 0.001 else 3
    return f"{100 * value:.{digits}f} %"
