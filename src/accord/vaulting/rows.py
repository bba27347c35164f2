"""The rows of a sealed file as `accord predict` is given them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.errors import AgreementError, RecipeError
from accord.vault.envelope import SEALED
from accord.vault.parquet import is_parquet

if TYPE_CHECKING:
    from accord.agreement.reading_right import Right
    from accord.vault.key_service import KeyService


def seems_sealed(file: Path) -> bool:
    """Whether a file is sealed, by its name or its first bytes."""
    return file.is_file() and (file.name.endswith(SEALED) or is_parquet(file))


def opened_rows(
    file: Path, key: str, agreement: str | None, *, open_output: bool
) -> Iterator[dict[str, Any]]:
    """Rows of a sealed file, decrypted in memory one piece after the other. What forbids it is told
    at once, before a model is loaded or an output opened.

    Args:
        file: The sealed file.
        key: Where the key comes from: `env:NAME`, `file:PATH`, `command:PROGRAM`.
        agreement: Its file, or `own`: says whether the rows may be used.
        open_output: What is predicted goes into a file that is not sealed.

    Raises:
        RecipeError: No agreement is named, or there is no key.
        AgreementError: It does not let its data be used, or wants what comes of them encrypted.
        IntegrityError: A byte is not what was sealed.
    """
    from accord.agreement.reading_right import right_to_read
    from accord.vaulting.keys import service_named

    if agreement is None:
        raise RecipeError(
            "nothing says that these rows may be used",
            code="arguments-missing",
            path="--agreement",
            got=str(file),
            why="what an agreement does not allow, is not done",
            fix="name its agreement: --agreement FILE, or `own`",
        )
    right = right_to_read(agreement, date.today())
    if right.encrypted and open_output:
        raise AgreementError(
            "what is predicted of these rows may not be written in the open",
            code="vault-agreement",
            path="--output",
            got=str(file),
            why=f"the agreement {right.agreement!r} wants every copy encrypted",
            fix="leave --output out and pass the lines on to what keeps them sealed",
        )
    return _decrypted(file.absolute(), service_named(key), right)


def _decrypted(file: Path, service: KeyService, right: Right) -> Iterator[dict[str, Any]]:
    from accord.agreement.assets import hashed
    from accord.data.sealed_rows import sealed_rows
    from accord.vault.ring import holding

    with holding(service):
        yield from sealed_rows(hashed(file), right.agreement, right.until)
