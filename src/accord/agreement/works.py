"""From what an agreement says to the work it gives: licences looked up, short terms written out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.agreement.agreement_file import Agreement, Terms, read_agreement
from accord.agreement.card import front_matter
from accord.agreement.license.resolve import all_of, license_of
from accord.agreement.short import Budget, rules_of
from accord.artifact import hash_file
from accord.errors import AgreementError, RecipeError
from accord.permit import Withdrawn
from accord.rule import Kind, Rule
from accord.work import Grant, Work

if TYPE_CHECKING:
    from accord.agreement.signing.keys import PublicKey

OWN = "own"
FILE = "agreement.yaml"
CARD = "README.md"
HUB_DATA = "https://huggingface.co/datasets/"


def work_of(agreement: Agreement, kind: Kind | None = None) -> Work:
    """The work that an agreement gives, with every alternative.

    Raises:
        AgreementError: It allows nothing at all.
    """
    grants = tuple(itertools.chain.from_iterable(_grants(terms) for terms in agreement.terms))
    if all(terms.silent for terms in agreement.terms):
        raise AgreementError(
            f"the agreement {agreement.id!r} allows nothing: no `acts`, `license` or `rules`",
            code="agreement-silent",
            path=agreement.file,
            expected="acts: [train, evaluate, use, share], or what you were granted of these",
            why="what an agreement does not allow, is not done",
            fix="write down what you were granted; for your own data use `agreement: own`",
        )
    title = agreement.title or agreement.id
    return Work(
        agreement.id,
        kind or agreement.kind,
        grants,
        title,
        agreement.source or "",
        agreement.holder or "",
        agreement.obtained or "",
    )


def budgets_in(agreement: Agreement) -> dict[str, Budget]:
    """What may be spent of a work, by the grant under which it is taken."""
    return {
        grant.license: terms.short.budget
        for terms in agreement.terms
        for grant in _grants(terms)
        if terms.short.budget is not None
    }


def withdrawn_from(agreement: Agreement) -> Withdrawn | None:
    """Records of a data set that must not be used any more.

    Raises:
        RecipeError: The file that lists them is missing.
    """
    if agreement.withdrawn is None:
        return None
    column, name = agreement.withdrawn
    path = Path(agreement.file).parent / name
    if not path.is_file():
        raise RecipeError(
            "the list of withdrawn records is missing",
            code="agreement-missing",
            path=agreement.file,
            got=name,
            why="without it, records that were withdrawn would be used",
            fix="put the file back; `accord withdraw --records` writes it",
        )
    return Withdrawn(column, str(path.resolve()), hash_file(path).sha256)


def base_agreement(
    named: str | None,
    folder: Path | None,
    root: Path,
    trusted: Sequence[PublicKey] = (),
    field: str = "model.agreement",
) -> Agreement | None:
    """The agreement of a base model, as the recipe names it or beside its files; None without one.

    Args:
        named: `model.agreement` of the recipe.
        folder: Where its files lie; None where they are not on this machine.
        root: Folder that relative paths start from.
        trusted: Keys, one of which must have signed it.
        field: Of the recipe, that names it.
    """
    if named == OWN:
        return None
    if named is not None:
        return read_agreement(root / Path(named).expanduser(), field, trusted)
    if folder is not None and (folder / FILE).is_file():
        return read_agreement(folder / FILE, field, trusted)
    return None


def base_work(agreement: Agreement | None, base: str, folder: Path | None) -> Work:
    """The work that a base model is: by its agreement, else by its card.

    Args:
        base: Directory or hub id, as the recipe names it.
        folder: Where its files lie; None where they are not on this machine.
    """
    if agreement is not None:
        return work_of(agreement, "model")
    card = front_matter(folder / CARD) if folder is not None else {}
    return Work(f"model:{base}", "model", grants_of_card(card), base, base)


def declared_data(agreement: Agreement | None, folder: Path | None) -> tuple[Work, ...]:
    """The data a base model is said to have learnt from: by its agreement, else by its card.

    What a card names comes without terms: they are asked for. Arguments as of `base_work`.
    """
    if agreement is not None:
        return tuple(
            Work(
                f"data:{one.id}",
                "data",
                all_of(one.license) or (Grant("unknown", ()),),
                one.title or one.id,
                one.source,
                one.holder,
            )
            for one in agreement.trained_on
        )
    card = front_matter(folder / CARD) if folder is not None else {}
    names = card.get("datasets")
    listed = [names] if isinstance(names, str) else names if isinstance(names, list) else []
    return tuple(
        Work(f"data:{name}", "data", (Grant("unknown", ()),), str(name), f"{HUB_DATA}{name}")
        for name in dict.fromkeys(str(one) for one in listed if one)
    )


def grants_of_card(card: Mapping[str, Any]) -> tuple[Grant, ...]:
    """The grants that the metadata of a card name; none that is known where they name none."""
    licences = card.get("license")
    several = licences if isinstance(licences, list) else [licences]
    named = [str(name) for name in several if name]
    if len(named) == 1:
        return license_of(named[0], card.get("license_name"))
    return all_of(named) if named else (Grant("unknown", ()),)


def _grants(terms: Terms) -> Iterator[Grant]:
    own = (*rules_of(terms.short), *terms.rules)
    named = terms.contract or "agreement"
    if not terms.license:
        if not terms.silent:
            yield Grant(named, own)
        return
    for grant in all_of(terms.license):
        if terms.short.acts is not None:
            # Who lists the acts says what was granted; the licence's duties and limits stay.
            listed = tuple(rule for rule in grant.rules if rule.effect != "permit")
            yield Grant(grant.license, (*own, *listed), grant.sha256)
        else:
            yield Grant(grant.license, _with(grant.rules, own), grant.sha256)


def _with(rules: tuple[Rule, ...], own: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """A licence's rules and what was agreed besides; of an unknown licence nothing is known."""
    return (*rules, *own) if rules else ()
