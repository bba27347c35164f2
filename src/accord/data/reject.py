"""Bad rows: where they are, what is wrong, and what the recipe wants done with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from types import TracebackType
from typing import Any, Literal, Protocol

from accord.data.account import Account
from accord.errors import DataError, Location
from accord.vault.files import Lines

Policy = Literal["fail", "skip", "quarantine"]
SHOWN = 5
LONGEST_CONTENT = 80


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that cannot be used.

    Args:
        row: Counted from 0 over all files of a role.
        file: Path or URL.
        reason: Stable kebab-case name: `empty-text`, `null-label`, `invalid-utf8`, ...
        detail: One sentence for people.
        column: The column at fault, if one is.
        line: Line in the file, counted from 1, where the format has lines.
        content: The row as far as it could be read; goes to quarantine only.
    """

    row: int
    file: str
    reason: str
    detail: str
    column: str | None = None
    line: int | None = None
    content: Mapping[str, Any] | str | None = None

    @property
    def place(self) -> str:
        """`row 17, column 'text'`."""
        column = f", column {self.column!r}" if self.column is not None else ""
        return f"row {self.row}{column}"


class Notes(Protocol):
    """Is told of every row that is not passed on, and why."""

    account: Account

    def add(self, reject: Reject) -> None:
        """A bad row."""
        ...

    def leave_out(self, reason: str, rows: int) -> None:
        """Rows that are sound but must not be used."""
        ...


@dataclass(slots=True)
class Noted:
    """What was noted of one piece of the data, to be told elsewhere in order."""

    rejects: list[Reject] = field(default_factory=list[Reject])
    left_out: Counter[str] = field(default_factory=Counter[str])
    account: Account = field(default_factory=Account)

    def add(self, reject: Reject) -> None:
        """Record a bad row."""
        self.rejects.append(reject)

    def leave_out(self, reason: str, rows: int) -> None:
        """Record rows that must not be used."""
        self.left_out[reason] += rows


@dataclass(slots=True)
class Rejects:
    """Takes bad rows, once each, and applies `data.on_bad_row`.

    Args:
        policy: What the recipe says.
        quarantine: Receives them as JSON lines under `quarantine`; None writes nothing.
        private: Tell where bad rows stand and why, never what they say: they were not protected.
        withheld: Not in the quarantine either, sealed though it may be.
    """

    policy: Policy
    quarantine: Lines | None = None
    private: bool = False
    withheld: bool = False
    counts: Counter[str] = field(default_factory=Counter[str])
    first: list[Reject] = field(default_factory=list[Reject])
    examples: dict[str, list[Reject]] = field(default_factory=dict[str, list[Reject]])
    left_out: Counter[str] = field(default_factory=Counter[str])
    account: Account = field(default_factory=Account)
    """What the steps after reading did."""

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None:
            self.check()

    def check(self) -> None:
        """Say what is wrong with the rows, before anything that only follows from it.

        Raises:
            DataError: There are bad rows, and the recipe wants them to end the run.
        """
        if self.policy == "fail" and self.total:
            raise self.error(complete=True)

    @property
    def total(self) -> int:
        """Bad rows so far."""
        return sum(self.counts.values())

    def add(self, reject: Reject) -> None:
        """Record a bad row; under `quarantine` it is written aside at once.

        Raises:
            DataError: Under `fail`, once there are enough bad rows to show.
        """
        bare = replace(reject, detail=reject.reason.replace("-", " "), content=None)
        aside = bare if self.withheld else reject
        if self.private:
            reject = bare
        self.counts[reject.reason] += 1
        if len(self.first) < SHOWN:
            self.first.append(reject)
        shown = self.examples.setdefault(reject.reason, [])
        if len(shown) < SHOWN:
            shown.append(reject)
        if self.quarantine is not None:
            self.quarantine.add(asdict(aside))
        if self.policy == "fail" and self.total >= SHOWN:
            raise self.error(complete=False)

    def leave_out(self, reason: str, rows: int) -> None:
        """Record rows that are sound but must not be used: under no policy a mistake."""
        self.left_out[reason] += rows

    def take(self, noted: Noted, first: int) -> None:
        """Take in what was noted of a piece of the data whose first row has this number.

        Raises:
            DataError: As `add`.
        """
        for reject in noted.rejects:
            self.add(replace(reject, row=first + reject.row))
        self.left_out += noted.left_out
        self.account.merge(noted.account)

    def removed(self, step: str = "read") -> list[dict[str, Any]]:
        """Entries for `accounting.json` `removed`: reason, step, rows, up to 5 examples."""
        left_out = [
            {"step": "permit", "reason": reason, "rows": count, "examples": []}
            for reason, count in sorted(self.left_out.items())
        ]
        return left_out + [
            {
                "step": step,
                "reason": reason,
                "rows": count,
                "examples": [
                    {"row": r.row, "column": r.column, "detail": r.detail[:LONGEST_CONTENT]}
                    for r in self.examples[reason]
                ],
            }
            for reason, count in sorted(self.counts.items())
        ]

    def error(self, complete: bool) -> DataError:
        """The error that `on_bad_row: fail` raises; `complete` if all rows were looked at."""
        first = self.first[0]
        places = "; ".join(f"{reject.place}: {reject.detail}" for reject in self.first)
        number = str(self.total) if complete else f"at least {self.total}"
        return DataError(
            f"{number} row{'' if self.total == 1 else 's'} cannot be used",
            code="bad-row",
            location=Location(first.file, first.line),
            path=first.place,
            got=places,
            why="a row that is silently lost changes what the model learns",
            fix="correct them, or set `data.on_bad_row` to `skip` or `quarantine`",
        )
