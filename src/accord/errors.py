"""Every error a user can cause: where, what was found, what was expected, why, and the fix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file the user wrote. Lines and columns count from 1."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        numbers = (str(n) for n in (self.line, self.column) if n is not None)
        return ":".join((self.file, *numbers))


class AccordError(Exception):
    """Root of all errors; `str()` is the one block shown to the user.

    Args:
        problem: What is wrong, one sentence.
        code: Stable name of the kind of error; `docs/errors/<code>.md` explains it.
        path: Recipe path (`train.epochs`) or data place (`row 17, column 'text'`).
        location: File position, when a file holds the mistake.
        got: The offending value, as the user wrote it. Never a secret.
        expected: What would be right.
        why: Why it matters.
        fix: What to do.
    """

    exit_code: ClassVar[int] = 1

    def __init__(  # noqa: PLR0913 - the parts of one message
        self,
        problem: str,
        *,
        code: str,
        path: str | None = None,
        location: Location | None = None,
        got: object = None,
        expected: str | None = None,
        why: str | None = None,
        fix: str | None = None,
    ) -> None:
        self.problem, self.code, self.path, self.location = problem, code, path, location
        self.got, self.expected, self.why, self.fix = got, expected, why, fix
        super().__init__(problem)

    def __reduce__(self) -> tuple[Any, ...]:
        """As it is, from one process to another."""
        return _as_it_was, (type(self), self.__dict__)

    def __str__(self) -> str:
        where = " · ".join(str(part) for part in (self.location, self.path) if part)
        lines = [f"error[{self.code}]: {self.problem}"]
        rows = {
            "where": where or None,
            "got": None if self.got is None else repr(self.got),
            "expected": self.expected,
            "why": self.why,
            "fix": self.fix,
        }
        lines += [f"  {name:<9} {value}" for name, value in rows.items() if value]
        return "\n".join(lines)


def _as_it_was(kind: type[AccordError], told: dict[str, Any]) -> AccordError:
    error = kind.__new__(kind, told["problem"])
    error.__dict__.update(told)
    return error


class RecipeError(AccordError):
    """The recipe or the arguments are wrong."""

    exit_code = 2


class DataError(AccordError):
    """The data are wrong: a missing column, a broken image, an empty split."""

    exit_code = 2


class ModelError(AccordError):
    """The base model cannot be used: missing, not safetensors, wrong kind for the task."""

    exit_code = 2


class MissingExtra(AccordError):  # noqa: N818
    """An optional dependency is not installed."""

    exit_code = 2


class AgreementError(AccordError):
    """An agreement forbids it."""

    exit_code = 3


class BudgetError(AccordError):
    """A budget does not suffice."""

    exit_code = 4


class IntegrityError(AccordError):
    """Something is not what its manifest says it is."""

    exit_code = 5


class Interrupted(AccordError):  # noqa: N818
    """Stopped by a signal after saving; `--resume` continues."""

    exit_code = 130


class Problems(AccordError):  # noqa: N818
    """Several errors found together; the exit code is that of the gravest.

    Args:
        problems: At least one error.
    """

    def __init__(self, problems: Sequence[AccordError]) -> None:
        if not problems:
            raise ValueError("Problems needs at least one error")
        self.problems = tuple(problems)
        super().__init__(f"{len(self.problems)} problems", code="several")
        self.gravest = max(self.problems, key=lambda problem: problem.exit_code)

    @property
    def exit_status(self) -> int:
        return self.gravest.exit_code

    def __str__(self) -> str:
        return "\n\n".join(str(problem) for problem in self.problems)


def exit_status(error: AccordError) -> int:
    """The process exit code for an error: see the table in `docs/errors/README.md`."""
    return error.exit_status if isinstance(error, Problems) else error.exit_code


def raise_all(problems: Sequence[AccordError]) -> None:
    """Raise what was collected: nothing, the one error, or all of them as `Problems`."""
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise Problems(problems)
