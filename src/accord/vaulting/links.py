"""Links among files that are sealed, opened or rotated: none is followed where that would leak or
change what nobody named."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from accord.errors import RecipeError


def require_own(folder: Path, found: Collection[Path]) -> None:
    """Refuse links to what is not among the files of a folder that are sealed.

    What lies elsewhere did not come with the data set and its agreement, and a link that is removed
    leaves it in the open. Links to folders inside are let be: what is in those is sealed once.

    Args:
        folder: That is sealed.
        found: Its data files.

    Raises:
        RecipeError: A link leads to something else.
    """
    root, own = folder.resolve(), {file.resolve() for file in found if not file.is_symlink()}
    for parent, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name[0] not in "._"]
        for name in (*folders, *(name for name in files if name[0] not in "._")):
            place = Path(parent, name)
            if not place.is_symlink():
                continue
            target = place.resolve()
            inside = target.is_dir() and target.is_relative_to(root)
            if not (inside or target in own):
                raise _leads_away(place, target)


def require_no_link(path: Path, why: str) -> None:
    """Refuse a link in the place of what is removed or written anew.

    Args:
        path: Of it.
        why: What would come of it.

    Raises:
        RecipeError: It is a link.
    """
    if path.is_symlink():
        raise RecipeError(
            "a link is named where the file itself is wanted",
            code="vault-link",
            path=str(path),
            got=f"a link to {path.resolve()}",
            why=why,
            fix=f"name the file that it leads to: {path.resolve()}",
        )


def _leads_away(place: Path, target: Path) -> RecipeError:
    return RecipeError(
        "a link leads out of what is sealed",
        code="vault-link",
        path=str(place),
        got=f"a link to {target}",
        expected="files of the folder itself",
        why="what it leads to did not come with this data set, and would stay in the open",
        fix="put the file itself in its place (`cp -RL FOLDER COPY`), or remove the link",
    )
