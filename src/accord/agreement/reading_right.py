"""Whether data may be read in the open under an agreement: what `accord vault open` asks first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from accord.agreement.agreement_file import read_agreement
from accord.agreement.judge import denied, last_day
from accord.agreement.verdict.lineage import Thing, lineage
from accord.agreement.verdict.use import Use
from accord.agreement.verdict.verdict import verdict
from accord.agreement.works import OWN, work_of


@dataclass(frozen=True, slots=True)
class Right:
    """What an agreement says of copies in the open.

    Args:
        agreement: Its id.
        until: Last day it holds.
        encrypted: It wants every copy encrypted.
    """

    agreement: str
    until: date | None = None
    encrypted: bool = False


def named(agreement: str) -> str:
    """The id of an agreement, by its file; `own` stands for itself.

    Raises:
        RecipeError: The file is missing or wrong.
    """
    return OWN if agreement == OWN else read_agreement(Path(agreement), "--agreement").id


def right_to_read(agreement: str, on: date) -> Right:
    """What an agreement says of copies in the open.

    Args:
        agreement: Its file, or `own`.
        on: The day.

    Raises:
        AgreementError: It does not let its data be read on that day: `use` is not among its acts,
            or it has ended.
        RecipeError: The file is missing or wrong.
    """
    if agreement == OWN:
        return Right(OWN)
    read = read_agreement(Path(agreement), "--agreement")
    work = work_of(read)
    use = Use(acts=frozenset(("use",)), date=on)
    found = verdict(lineage((Thing(read.id, "data", work=work),)), read.id, use)
    if found.answer == "deny":
        raise denied(found, on, "--agreement")
    chosen = dict(found.grants).get(read.id, work.grants[0])
    duties = {rule.duty.kind for rule in chosen.rules if rule.duty is not None}
    return Right(read.id, last_day(chosen.rules), "encrypt" in duties)
