"""The agreement file: what one YAML file says about a data set or model, every mistake located."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.agreement import node
from accord.agreement.node import mistake
from accord.agreement.short import Short
from accord.errors import AccordError, RecipeError, raise_all
from accord.recipe.names import nearest
from accord.recipe.source import Node, parse_bytes
from accord.rule import Kind, Rule
from accord.work import OBTAINED, Obtained

if TYPE_CHECKING:
    from accord.agreement.signing.keys import PublicKey

KIND_OF: Mapping[str, Kind] = {"data": "data", "model": "model", "service": "service"}


COMMON = "agreement"
"""What most agreement files are called: no name to tell budgets apart by."""


@dataclass(frozen=True, slots=True)
class Terms:
    """One set of terms; several are alternatives.

    Args:
        license: SPDX expressions and other names of licences that all hold.
        contract: Number or name of a contract.
        short: What is said in short.
        rules: What is said in full.
    """

    license: tuple[str, ...] = ()
    contract: str | None = None
    short: Short = field(default_factory=Short)
    rules: tuple[Rule, ...] = ()

    @property
    def silent(self) -> bool:
        """Nothing says what is allowed."""
        return not self.license and self.short.acts is None and not self.rules


@dataclass(frozen=True, slots=True)
class Declared:
    """A data set that a model is said to have learnt from.

    Args:
        id: Its name.
        license: Names of licences that all hold; none if nobody says.
        title, holder, source: As of an agreement.
    """

    id: str
    license: tuple[str, ...] = ()
    title: str = ""
    holder: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What an agreement file says.

    Args:
        id: Name of the agreement; by default the file's name.
        file: Where it stands.
        terms: Alternatives, of which one may be chosen.
        kind: What was given.
        title: Its name for people.
        holder: Who holds the rights.
        source: Where it comes from.
        notes: Free text.
        obtained: How it was come by.
        trained_on: Of a model: the data it learnt from, as far as they are declared.
        withdrawn: Column, and file with the values of it whose rows must not be used any more.
        sha256: Of the bytes that were read.
        signers: Ids of the trusted keys that signed them; empty where none was asked for.
    """

    id: str
    file: str
    terms: tuple[Terms, ...]
    kind: Kind = "data"
    title: str | None = None
    holder: str | None = None
    source: str | None = None
    notes: str | None = None
    withdrawn: tuple[str, str] | None = None
    obtained: Obtained | None = None
    trained_on: tuple[Declared, ...] = ()
    sha256: str = ""
    signers: tuple[str, ...] = ()


def read_agreement(
    path: Path, asked: str = "data.agreement", trusted: Sequence[PublicKey] = ()
) -> Agreement:
    """The agreement in a file.

    Args:
        path: Of the file.
        asked: The recipe's field that names it.
        trusted: Keys, one of which must have signed it; without any it need not be signed.

    Raises:
        IntegrityError: It is not signed by any of them. Nothing of it was understood.
        RecipeError: It is missing or says something that cannot be understood; all mistakes
            together, each with file, line and column.
    """
    if not path.is_file():
        raise RecipeError(
            "the agreement file is missing",
            code="agreement-missing",
            path=asked,
            got=str(path),
            why="no data is opened without an agreement",
            fix=_other_file(path) or "write `agreement: own` for data you hold all rights to",
        )
    content, signers = _content(path, trusted)
    root = parse_bytes(content, str(path))
    if not isinstance(root.value, dict):
        raise mistake(root, "an agreement is a mapping", root.value, "`id: ...`, `license: ...`")
    problems: list[AccordError] = []
    about = _read(root.value, ABOUT, (*ABOUT, *TERMS, "alternatives"), problems)
    terms = (_terms(root.value, (*ABOUT, *TERMS, "alternatives"), problems),)
    alternatives = root.value.get("alternatives")
    if alternatives is not None and isinstance(alternatives.value, tuple):
        several = (_alternative(item, problems) for item in alternatives.value)
        terms = tuple(found for found in (*terms, *several) if not found.silent)
    elif alternatives is not None:
        problem = "alternatives are a list of terms"
        problems.append(mistake(alternatives, problem, alternatives.shown(), "- license: ..."))
    if "id" not in about and path.stem == COMMON and any(t.short.budget for t in terms):
        problem = "what may be spent is recorded under the agreement's id, and this has none"
        problems.append(mistake(root, problem, path.name, "id: a name that no other data has"))
    raise_all(problems)
    digest = hashlib.sha256(content).hexdigest()
    name = about.pop("id", path.stem)
    return Agreement(name, str(path), terms, sha256=digest, signers=signers, **about)


def _content(path: Path, trusted: Sequence[PublicKey]) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of the file, read once: those that were verified, if anybody must have signed."""
    if trusted:
        from accord.agreement.signing.signed_file import verify_file

        signed = verify_file(path, trusted)
        return signed.content, signed.signers
    try:
        return path.read_bytes(), ()
    except OSError as error:
        raise RecipeError(
            "this file cannot be read",
            code="file-unreadable",
            path=str(path),
            got=error.strerror,
            fix="check that you may read it",
        ) from error


def _alternative(item: Node, problems: list[AccordError]) -> Terms:
    if not isinstance(item.value, dict):
        expected = "`license: ...` or `acts: ...`"
        problems.append(mistake(item, "an alternative is a mapping", item.shown(), expected))
        return Terms()
    return _terms(item.value, tuple(TERMS), problems)


def _terms(
    values: Mapping[str, Node], valid: tuple[str, ...], problems: list[AccordError]
) -> Terms:
    found = _read(values, TERMS, valid, problems)
    short = {name: found.pop(name) for name in SHORT if name in found}
    return Terms(**found, short=Short(**short))


def _read(
    values: Mapping[str, Node],
    fields: Mapping[str, Callable[[Node], Any]],
    valid: tuple[str, ...],
    problems: list[AccordError],
) -> dict[str, Any]:
    """Values of the fields that are written; what is wrong goes to `problems`."""
    found: dict[str, Any] = {}
    for name, written in values.items():
        if name not in valid:
            unknown = _unknown(name, written, valid)
            if all(str(unknown) != str(problem) for problem in problems):
                problems.append(unknown)
        elif name in fields and written.value is not None:
            try:
                found[name] = fields[name](written)
            except RecipeError as error:
                problems.append(error)
            except AccordError as error:
                problems.extend(getattr(error, "problems", (error,)))
    return {name: value for name, value in found.items() if value is not None}


def _unknown(name: str, written: Node, valid: tuple[str, ...]) -> RecipeError:
    near = nearest(name, valid)
    return RecipeError(
        f"an agreement has no key {name!r}",
        code="agreement-unknown-key",
        location=written.key or written.location,
        got=name,
        expected=", ".join(valid),
        why="a term that is not understood would not be kept",
        fix=f"did you mean `{near}`?" if near else "remove it, or write it under `notes:`",
    )


def _other_file(path: Path) -> str | None:
    if not path.parent.is_dir():
        return None
    near = nearest(path.name, tuple(sorted(p.name for p in path.parent.iterdir() if p.is_file())))
    return f"did you mean `{near}`?" if near else None


def _trained_on(found: Node) -> tuple[Declared, ...]:
    """A list of names, or of mappings with an id and a licence."""
    items = found.value if isinstance(found.value, tuple) else (found,)
    return tuple(_declared(item) for item in items)


def _declared(item: Node) -> Declared:
    if not isinstance(item.value, dict):
        return Declared(node.text(item))
    for name, written in item.value.items():
        if name not in DECLARED:
            raise _unknown(name, written, tuple(DECLARED))
    if "id" not in item.value:
        raise mistake(item, "what a model was trained on needs an id", item.shown(), "{id: ...}")
    return Declared(**{name: DECLARED[name](value) for name, value in item.value.items()})


DECLARED: dict[str, Callable[[Node], Any]] = {
    "id": node.text,
    "license": node.texts,
    "title": node.text,
    "holder": node.text,
    "source": node.text,
}
ABOUT: dict[str, Callable[[Node], Any]] = {
    "id": node.text,
    "kind": lambda found: KIND_OF[node.one_of(found, tuple(KIND_OF))],
    "title": node.text,
    "holder": node.text,
    "source": node.text,
    "notes": node.text,
    "withdrawn": node.withdrawn,
    "obtained": lambda found: node.one_of(found, OBTAINED),
    "trained_on": _trained_on,
}
SHORT: dict[str, Callable[[Node], Any]] = {
    "acts": node.acts,
    "since": node.day,
    "until": node.day,
    "purpose": node.texts,
    "region": node.texts,
    "party": node.texts,
    "commercial": node.truth,
    "cite": node.text,
    "delete_by": node.day,
    "encrypted": node.truth,
    "budget": node.budget,
}
TERMS: dict[str, Callable[[Node], Any]] = {
    "license": node.texts,
    "contract": node.text,
    **SHORT,
    "rules": node.rules,
}
