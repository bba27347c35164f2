"""Which columns of the task's rows a recipe reads, and by which field; what other settings name has
to be one of them."""

from __future__ import annotations

from collections.abc import Iterator

from accord.errors import AccordError, RecipeError
from accord.recipe.names import nearest
from accord.recipe.source_column import SOURCE
from accord.recipe.tree import Recipe

DATA = (
    "text", "text_pair", "tokens", "messages", "tools", "prompt", "completion", "image", "numeric",
    "categorical", "label", "group",
)  # fmt: skip
"""Fields of `data:` that name columns."""
FEW = 8
"""Of many columns so many are shown."""


def carried(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """Columns that some part looks at while it trains, by the field that names them."""
    robust, cold = recipe.train.robust, recipe.balance.cold_start
    sampler = recipe.balance.sampler
    return {
        "train.robust": robust.looks_at if robust else (),
        "balance.sampler": sampler.looks_at if sampler else (),
        "balance.cold_start": cold.looks_at if cold else (),
        "privacy": recipe.privacy.looks_at if recipe.privacy else (),
    }


def columns_read(recipe: Recipe) -> dict[str, tuple[str, ...]]:
    """Columns of the task's rows that are read, by the field that names them."""
    clean, anonymity = recipe.clean, recipe.protect.anonymity
    named = {f"data.{field}": getattr(recipe.data, field) or () for field in DATA}
    return {
        **{field: (v,) if isinstance(v, str) else tuple(v) for field, v in named.items()},
        "train.tasks": tuple(task.label for task in recipe.train.tasks if task.data is None),
        "clean.outliers": tuple(name for one in clean.outliers for name in one.looks_at),
        "clean.impute": () if clean.impute is None else clean.impute.looks_at,
        "evaluate.slices": recipe.evaluate.slices,
        "protect.anonymity": () if anonymity is None else anonymity.looks_at,
        **carried(recipe),
    }


def misnamed(recipe: Recipe) -> Iterator[AccordError]:
    """Settings about columns that nobody reads, or that cannot be about such a column."""
    read = columns_read(recipe)
    known = tuple(dict.fromkeys(n for names in read.values() for n in names if n != SOURCE))
    protect = recipe.protect
    for field, names in (("columns", protect.columns), ("values", tuple(protect.values))):
        for name in names:
            if name not in known:
                yield _unread(f"protect.{field}", name, known)
            elif reason := _no_text(recipe, name):
                yield _not_searched(f"protect.{field}", name, reason)
    yield from _scaled(recipe)


def _no_text(recipe: Recipe, name: str) -> str | None:
    """What a column holds that cannot be searched."""
    if name in recipe.data.numeric:
        return "numbers"
    if name == recipe.data.image:
        return "images"
    label = recipe.data.label
    if (recipe.task == "table-regression" and name == label) or (
        isinstance(label, tuple) and name in label
    ):
        return "numbers"
    return None


def _unread(path: str, name: str, known: tuple[str, ...]) -> RecipeError:
    near = nearest(name, known)
    return RecipeError(
        f"`{path}` names a column that this recipe does not read: {name!r}",
        code="recipe-conflict",
        path=path,
        got=name,
        expected=f"one of {brief(known)}",
        why="nothing would be done, and you might believe it was protected",
        fix=f"did you mean `{near}`?"
        if near
        else "correct its name, or remove it: a column that is not read is neither learned from "
        "nor kept",
    )


def _not_searched(path: str, name: str, holds: str) -> RecipeError:
    if holds == "images":
        fix = "remove it; what a picture shows is not searched"
    else:
        fix = (
            "take it out of `data`, name it under `data.categorical`, or make it coarser: "
            f"`protect: {{anonymity: {{quasi: {{{name}: interval}}}}}}`"
        )
    return RecipeError(
        f"`{path}` names a column of {holds}: {name!r}",
        code="recipe-conflict",
        path=path,
        got=name,
        expected="columns of text",
        why="identifiers are looked for in texts; they would stay in it",
        fix=fix,
    )


def _scaled(recipe: Recipe) -> Iterator[AccordError]:
    """Scalers of columns that are no numbers."""
    scale, known = recipe.clean.scale, recipe.data.numeric
    for name in () if scale is None else scale.columns:
        if name in known:
            continue
        near = nearest(name, known)
        yield RecipeError(
            f"`clean.scale` names a column that is not under `data.numeric`: {name!r}",
            code="recipe-conflict",
            path="clean.scale.columns",
            got=name,
            expected=f"one of {brief(known)}",
            why="what is not learned from needs no scale",
            fix=f"did you mean `{near}`?" if near else "correct its name, or remove it",
        )


def brief(names: tuple[str, ...]) -> str:
    """Names for people: of many a few."""
    more = len(names) - FEW
    return f"[{', '.join(names[:FEW])}{f', ... {more} more' if more > 0 else ''}]"
