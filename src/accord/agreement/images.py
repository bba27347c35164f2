"""Images that the rows of a table may name: permitted, and so hashed, beside the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from accord.agreement.assets import files_below, hashed
from accord.permit import Asset
from accord.recipe.task import IMAGES
from accord.vault.envelope import plain_name


def beside_tables(assets: Sequence[Asset]) -> tuple[Asset, ...]:
    """One asset for each folder that holds a local table: the images in it, at any depth.

    A folder of images is its own table; nothing lies beside it. Which of the images the rows
    name is not known before the table is opened, and it is not opened without a permit.
    """
    known = {file.path: file for asset in assets for file in asset.files}
    tables = (
        Path(file.path)
        for file in known.values()
        if file.sha256 is not None and Path(plain_name(file.path)).suffix.lower() not in IMAGES
    )
    folders = {path.parent for path in tables}
    outermost = sorted(f for f in folders if not folders.intersection(f.parents))
    found: list[Asset] = []
    for number, folder in enumerate(outermost, 1):
        images = [
            path
            for path in files_below(folder)
            if Path(plain_name(path.name)).suffix.lower() in IMAGES
        ]
        inside = [path for path in images if path.resolve().is_relative_to(folder)]
        if inside:
            work = _work_of(folder, assets)
            name = f"{work}/files" + (f"-{number}" if len(outermost) > 1 else "")
            files = tuple(known.get(str(path)) or hashed(path) for path in inside)
            found.append(Asset(name, "files", str(folder), str(folder), files, work))
    return tuple(found)


def _work_of(folder: Path, assets: Sequence[Asset]) -> str:
    """The work of the first table in a folder: what it names was given with it."""
    below = (a for a in assets if any(Path(f.path).is_relative_to(folder) for f in a.files))
    return next(below).work
