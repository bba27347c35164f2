"""An agreement as a commented YAML file, which reads back as the same agreement."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from accord.agreement.agreement_file import Agreement, Terms, read_agreement
from accord.agreement.interview.place import refuse_taken
from accord.agreement.node import ACTS
from accord.agreement.short import Budget
from accord.agreement.works import FILE, work_of
from accord.artifact import sync_path, write_atomic
from accord.errors import IntegrityError

HEAD = """\
# Under which terms this was given; nobody opens it without them.
# In plain words: accord agree explain {file}
"""
COMMENTS: Mapping[str, str] = {
    "id": "its name in permits, ledgers and notices",
    "title": "its name for people",
    "kind": "data, model or service",
    "holder": "who holds the rights",
    "source": "where it comes from",
    "obtained": "how it was come by",
    "license": "SPDX id or expression, or a common name; of a list all hold",
    "contract": "terms that are no public licence",
    "acts": "what may be done; what is not listed may not",
    "since": "the first day",
    "until": "the last day",
    "purpose": "for nothing else",
    "region": "nowhere else",
    "party": "nobody else",
    "commercial": "whether commercial use is allowed",
    "cite": "what must be cited",
    "delete_by": "the day by which all copies must be deleted",
    "encrypted": "whether every copy must be encrypted at rest",
    "budget": "what may be spent, over all runs; the ledger keeps to it",
    "notes": "for people; binds nobody",
}
ABOUT = ("id", "title", "kind", "holder", "source", "obtained")
SHORT_VALUE = 40
"""Longer values push no comments aside."""
LIMITS = tuple(
    key for key in COMMENTS if key not in ABOUT and key not in ("notes", "license", "contract")
)
_PLAIN = re.compile(r"[A-Za-z\u3400-\u9fff][\w ./+()\u3400-\u9fff-]*[\w)]|[A-Za-z]", re.ASCII)
_WORD = re.compile(r"null|true|false|~|yes|no|on|off|y|n", re.IGNORECASE)


def as_yaml(agreement: Agreement) -> str:
    """The text of an agreement file with one set of terms.

    Args:
        agreement: Without rules in full, alternatives, withdrawn records and training data:
            those are written by hand.
    """
    (terms,) = agreement.terms
    rows = dict(_rows(agreement, terms))
    short = [f"{key}: {value}" for key, value in rows.items() if len(value) <= SHORT_VALUE]
    width = max(map(len, short), default=0)
    lines = [HEAD.format(file=Path(agreement.file).name)]
    lines += [f"{f'{key}: {value}':{width}}  # {COMMENTS[key]}\n" for key, value in rows.items()]
    unsaid = [key for key in LIMITS if key not in rows]
    if unsaid:
        lines.append(f"# Nothing is said of: {', '.join(unsaid)}.\n")
    return "".join(lines)


def read_back(text: str, agreement: Agreement) -> Agreement:
    """The agreement that a text reads as.

    Raises:
        RecipeError: It cannot be read.
        AgreementError: It allows nothing.
        IntegrityError: It does not say what it was written from: a fault of ours.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        path.write_text(text, encoding="utf-8")
        found = replace(read_agreement(path, "accord agree new"), file=agreement.file, sha256="")
    work_of(found)
    if found != agreement:
        raise IntegrityError(
            "the agreement that was written does not read as what was answered",
            code="agreement-invalid",
            path=agreement.file,
            fix="write the file by hand, and report this as a fault",
        )
    return found


def _rows(agreement: Agreement, terms: Terms) -> Iterator[tuple[str, str]]:
    short = {field.name: getattr(terms.short, field.name) for field in fields(terms.short)}
    about = {key: getattr(agreement, key) for key in (*ABOUT, "notes")}
    found: dict[str, Any] = {
        **about,
        **short,
        "license": terms.license,
        "contract": terms.contract,
    }
    for key in COMMENTS:
        value = found[key]
        if value is not None and value != ():
            yield key, _written(value)


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Budget):
        return _budget(value)
    if isinstance(value, frozenset):
        return f"[{', '.join(act for act in ACTS if act in value)}]"
    if isinstance(value, str):
        return _scalar(value)
    several: Sequence[str] = value
    return _scalar(several[0]) if len(several) == 1 else f"[{', '.join(map(_scalar, several))}]"


def _budget(value: Budget) -> str:
    parts = {field.name: getattr(value, field.name) for field in fields(value)}
    if value.epsilon is None and value.unit == "record":
        parts.pop("unit")
    told = (f"{name}: {_number(part)}" for name, part in parts.items() if part is not None)
    return f"{{{', '.join(told)}}}"


def _number(value: float | str) -> str:
    short = f"{value:g}" if isinstance(value, float) else str(value)
    return short if isinstance(value, str) or float(short) == value else repr(value)


def _scalar(text: str) -> str:
    """A text that reads back as itself: plain where that is safe, else in quotes."""
    plain = _PLAIN.fullmatch(text) and not _WORD.fullmatch(text) and "  " not in text
    return text if plain else json.dumps(text, ensure_ascii=False)


def write_new(path: Path, text: str) -> None:
    """Write a file as a whole, and never over another, also not one that was made meanwhile.

    Raises:
        RecipeError: There is one.
    """
    with tempfile.TemporaryDirectory(prefix=".accord-", dir=path.parent) as folder:
        draft = Path(folder) / path.name
        write_atomic(draft, text)
        try:
            os.link(draft, path)
        except FileExistsError:
            refuse_taken(path)
        sync_path(path.parent)
