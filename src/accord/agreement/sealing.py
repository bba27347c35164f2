"""Encryption at rest as agreements ask for it, and the key of a run under its permit."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from accord.agreement.verdict.finding import Obligation
from accord.errors import AgreementError, raise_all
from accord.permit import Asset, AssetFile, Permit
from accord.recipe.tree import Recipe
from accord.vault.envelope import FOR_FOLDER, SEALED
from accord.vault.files import seal_run
from accord.vault.key_service import service_of
from accord.vault.members import require_here, taken
from accord.vault.parquet import MAGIC
from accord.vault.ring import held, holding, only_version


@contextmanager
def key_held(recipe: Recipe, base: Path) -> Generator[None]:
    """The key that `data.vault` names can be had within the block.

    Raises:
        RecipeError: There is no key, or it is not safe.
    """
    vault = recipe.data.vault
    if vault is None:
        yield
        return
    with holding(service_of(vault.key, base)), only_version(vault.version):
        yield


def seal_under(recipe: Recipe, permit: Permit, folder: Path) -> None:
    """Let a run keep what it derives from rows sealed, as long as its permit lives.

    Args:
        recipe: `data.vault` says whether.
        permit: As it was granted now.
        folder: Of the run.
    """
    service = held()
    if recipe.data.vault is None or service is None:
        return
    days = [work.until for work in permit.works if work.until is not None]
    works = ", ".join(sorted({asset.work for asset in permit.assets if asset.role != "base"}))
    seal_run(folder, works, min(days, default=None), service)


def require_sealed(
    recipe: Recipe, assets: Sequence[Asset], obligations: Sequence[Obligation]
) -> None:
    """Hold agreements that want their data encrypted at rest to it, and folders that are sealed.

    Raises:
        AgreementError: A file of such data lies open, or the run would write rows in the open; or
            one lies in a sealed folder and is not sealed, so that nobody vouches for it.
        IntegrityError: A file of a sealed folder is missing.
    """
    for asset in assets:
        if asset.role != "base" and "://" not in asset.root:
            require_here(taken(asset.location, asset.root, (file.path for file in asset.files)))
    slipped = [_slipped_in(asset) for asset in assets if _is_mixed(asset)]
    raise_all(slipped)
    works = {owed.work for owed in obligations if owed.duty == "encrypt" and not owed.when}
    problems = [_open(asset) for asset in assets if asset.work in works and _lies_open(asset)]
    if works and recipe.data.vault is None and not problems:
        problems.append(_unkept(", ".join(sorted(works))))
    raise_all(problems)


def _lies_open(asset: Asset) -> bool:
    return asset.role != "base" and not all(_is_sealed(file) for file in asset.files)


def _is_mixed(asset: Asset) -> bool:
    return (Path(asset.root) / FOR_FOLDER).is_file() and _lies_open(asset)


def _slipped_in(asset: Asset) -> AgreementError:
    return AgreementError(
        "a file in a sealed folder is not sealed",
        code="vault-unsealed",
        path=f"data.{asset.role}",
        got=_first_open(asset),
        expected="nothing but what `accord vault seal` wrote there",
        why="whoever can write where the folder lies could slip rows in",
        fix="take the file out; if it belongs to the data, seal the folder anew with it",
    )


def _first_open(asset: Asset) -> str:
    return next(file.path for file in asset.files if not _is_sealed(file))


def _is_sealed(file: AssetFile) -> bool:
    if file.path.endswith(SEALED) or "://" in file.path:
        # What a name promises is held to when the file is read: plain bytes are not opened then.
        return file.path.endswith(SEALED)
    with Path(file.path).open("rb") as stream:
        return stream.read(len(MAGIC)) == MAGIC


def _open(asset: Asset) -> AgreementError:
    return AgreementError(
        f"the agreement {asset.work!r} wants its data encrypted at rest, and they are not",
        code="vault-unsealed",
        path=f"data.{asset.role}",
        got=_first_open(asset),
        expected="sealed files",
        why="whoever gets at the disk gets at the data",
        fix=f"accord vault seal {asset.location} --agreement FILE --key env:NAME, then name the "
        "sealed form here and its key under `data.vault`",
    )


def _unkept(works: str) -> AgreementError:
    return AgreementError(
        f"the agreement {works!r} wants its data encrypted at rest, and the run would not",
        code="vault-unsealed",
        path="data.vault",
        got="no key",
        expected="the key that the data are sealed with",
        why="a run keeps prepared rows and predictions, which are those data too",
        fix="add `vault: {key: env:NAME}` under `data:`",
    )
