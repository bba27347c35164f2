"""Files that others on this machine can read."""

from __future__ import annotations

import shlex
import stat
from pathlib import Path
from typing import ClassVar, Literal

from accord.diagnose.finding import (
    Figure,
    Finding,
    Looking,
    Remedy,
    fine,
    not_applicable,
)
from accord.diagnose.problem.personal_data import WEAK
from accord.diagnose.seen import Seen
from accord.part import part
from accord.permit import Role
from accord.vault.parquet import is_parquet
from accord.vault.stream import is_sealed

ROLES: tuple[Role, ...] = ("train", "validation", "test", "files")
PRIVATE = "LicenseRef-"


class UnprotectedFiles(Looking):
    """Data that are not public in files that every user of the machine can read."""

    title: ClassVar[str] = "Unprotected files"
    place: ClassVar[int] = 130
    reads: ClassVar[bool] = False
    kind: Literal["unprotected-files"] = "unprotected-files"


@part("problem", UnprotectedFiles)
def unprotected_files(spec: UnprotectedFiles, seen: Seen) -> Finding:
    """By the permissions of the files, where the terms, a budget or what the rows hold say that
    they are not for everybody."""
    if seen.permit is None:
        return not_applicable("There is no permit, so no file is named.")
    why = _not_public(seen)
    paths = [
        Path(file.path)
        for role in ROLES
        for file in seen.permit.files(role)
        if "://" not in file.path
    ]
    readable = [path for path in paths if _for_all(path)]
    figure = Figure("files that every user can read", len(readable), f"of {len(paths)}")
    if why is None:
        return fine("Nothing says that the data are confidential.", figure)
    if not readable:
        return fine("No file of the data can be read by every user.", figure)
    shown = " ".join(shlex.quote(str(path)) for path in readable[:5])
    more = " ..." if len(readable) > 5 else ""
    say = (
        "Take the rights of others away; better, keep the data encrypted: `accord vault seal` "
        "does, and training reads them so (`data.vault`)."
    )
    return Finding(
        "found",
        f"Every user of this machine can read the data, although {why}.",
        (figure,),
        "high" if "hold" in why else "medium",
        (Remedy(say, None, f"chmod o-rwx {shown}{more}\n{_seal(seen, readable[0])}"),),
    )


def _not_public(seen: Seen) -> str | None:
    """Why the data are not for everybody, as far as is known."""
    if seen.look is not None:
        held = {kind for kind, (rows, _) in seen.look.identifiers.items() if rows}
        if held - set(WEAK):
            return "they hold secrets or personal data"
    if seen.recipe.protect.active:
        return "the recipe protects people in them"
    assert seen.permit is not None
    assets = {asset.work for role in ROLES for asset in seen.permit.sources(role)}
    for work in seen.permit.works:
        if work.id in assets and work.license.startswith(PRIVATE):
            return f"{work.id} is under a licence of its own ({work.license})"
    if seen.budgets:
        return f"{seen.budgets[0]['agreement']} may be used so many times only"
    return None


def _seal(seen: Seen, path: Path) -> str:
    agreement = seen.recipe.data.agreement
    named = agreement if isinstance(agreement, str) else next(iter(agreement.values()))
    whose = named if named == "own" else str(seen.loaded.base / named)
    return f"accord vault seal {shlex.quote(str(path))} --agreement {shlex.quote(whose)}"


def _for_all(path: Path) -> bool:
    """Whether other users can read a file, and pass through its folders. What is sealed says
    nothing to them."""
    try:
        if not path.stat().st_mode & stat.S_IROTH or is_sealed(path) or is_parquet(path):
            return False
        return all(parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents)
    except OSError:
        return False
