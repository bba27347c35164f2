"""Problems looked for one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from accord.diagnose.finding import Finding, Looking, not_applicable, not_looked_at
from accord.diagnose.patch import settled
from accord.diagnose.seen import Seen
from accord.errors import AccordError, RecipeError
from accord.part import Part, parts
from accord.recipe.names import nearest
from accord.recipe.tree import Recipe

Tell = Callable[[str], None]


def problems(names: Sequence[str] = ()) -> tuple[Part, ...]:
    """The problems that are looked for, in their order; all by default.

    Raises:
        RecipeError: There is no problem of a name.
    """
    table = parts("problem")
    for name in names:
        if name not in table:
            near = nearest(name, tuple(table))
            raise RecipeError(
                f"there is no problem {name!r}",
                code="part-unknown",
                path="accord diagnose",
                got=name,
                expected=", ".join(table),
                fix=f"did you mean {near!r}?" if near else "choose one of these",
            )
    chosen = [table[name] for name in (names or table)]
    return tuple(sorted(chosen, key=lambda one: (_described(one).place, one.kind)))


def findings(seen: Seen, chosen: Sequence[Part], tell: Tell) -> tuple[Finding, ...]:
    """What is found of each problem, each with the remedy that goes with the recipe."""
    found: list[Finding] = []
    for part in chosen:
        described = _described(part)
        tell(described.title)
        one = _looked_for(seen, part, described)
        plots = tuple(plot for plot in one.plots if plot.x not in _untold(seen.recipe))
        found.append(replace(one, problem=part.kind, title=described.title, plots=plots))
    return settled(found, seen.loaded, seen.machine)


def _untold(recipe: Recipe) -> frozenset[str]:
    """Columns whose values are drawn nowhere: those that are made coarser before anything learns
    from them, and of sealed data all."""
    anonymity, data = recipe.protect.anonymity, recipe.data
    sealed = () if data.vault is None else (*data.numeric, data.label)
    names = (*(() if anonymity is None else anonymity.looks_at), *sealed)
    return frozenset(name for name in names if isinstance(name, str))


def _looked_for(seen: Seen, part: Part, described: type[Looking]) -> Finding:
    task = seen.task
    if task.modality not in described.modalities or not set(task.problems) & set(described.poses):
        return not_applicable(f"It does not arise in {task.name}.")
    if described.reads and seen.look is None:
        why = seen.refused.problem if seen.refused is not None else "the data were not opened"
        return not_looked_at(f"The data were not opened: {why}.")
    if described.reads and seen.data.problem not in described.poses:
        return not_applicable("It does not arise with such labels.")
    try:
        return part(part.spec(kind=part.kind), seen)
    except AccordError as error:
        return not_looked_at(f"{error.problem}{f'; {error.fix}' if error.fix else ''}.")


def _described(part: Part) -> type[Looking]:
    return cast("type[Looking]", part.spec)
