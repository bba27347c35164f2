"""The Python API: the verbs of the command line as functions. Use them as `accord.train(...)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.directories import fresh_run, model_folder
from accord.evaluating import evaluate
from accord.recipe.load import Loaded, load_recipe, recipe_from
from accord.recipe.tree import Recipe
from accord.run import Run, run

if TYPE_CHECKING:
    from accord.checking import Findings
    from accord.diagnosing import Diagnosis
    from accord.model.predict import Predictor
    from accord.proving.proof import Proof

AnyRecipe = str | Path | Mapping[str, Any] | Recipe | Loaded


def train(
    recipe: AnyRecipe,
    *,
    output: str | Path | None = None,
    set: Sequence[str] = (),
    resume: bool = False,
    show: bool = False,
) -> Run:
    """Train, evaluate and report what a recipe describes.

    Args:
        recipe: A recipe file, a mapping of its sections, or a checked recipe.
        output: The run directory; by default `runs/<recipe>-<UTC time>`.
        set: `path.to.field=value` overrides, for files.
        resume: Go on where an earlier run in `output` stopped.
        show: Show progress on stderr.

    Returns:
        The run: `path` and `summary` (see summary.json in the docs; seconds, bytes, shares).

    Raises:
        AccordError: Anything a user can mend; `str()` of it is what the command line shows.
    """
    loaded = as_loaded(recipe, set)
    target = (
        Path(output)
        if output is not None
        else fresh_run(loaded.path.stem if loaded.path else "run")
    )
    with loaded.placing(), ExitStack() as stack:
        sinks: tuple[Any, ...] = ()
        if show:
            from accord.report.console import progress

            sinks = (stack.enter_context(progress()),)
        return run(
            loaded.recipe,
            loaded.base,
            target,
            resume=resume,
            sinks=sinks,
            source=loaded.source,
        )


def load(path: str | Path) -> Predictor:
    """The trained model of a run or model directory, ready to predict.

    If it learned from protected rows, it protects those it is given alike.

    Args:
        path: A run directory or a model directory that Accord wrote.

    Raises:
        RecipeError: There is no model.
        IntegrityError: The model is not what its manifest says.
    """
    from accord.data.incoming import guard
    from accord.model.facts import trained_facts
    from accord.model.predict import Predictor

    folder = model_folder(Path(path))
    return Predictor(folder, guard=guard(trained_facts(folder), Path.cwd()))


def check(
    recipe: AnyRecipe,
    *,
    output: str | Path | None = None,
    set: Sequence[str] = (),
) -> Findings:
    """Everything that can be known without training: data, first batch, memory, time.

    Args:
        recipe: As for `train`.
        output: A run directory whose finished stages are named.
        set: `path.to.field=value` overrides, for files.

    Raises:
        AccordError: What is wrong with the recipe or the data.
    """
    from accord.checking import check_recipe

    return check_recipe(as_loaded(recipe, set), Path(output) if output else None)


def diagnose(
    recipe: AnyRecipe,
    problems: str | Sequence[str] = (),
    *,
    output: str | Path | None = None,
    set: Sequence[str] = (),
    apply: bool = False,
) -> Diagnosis:
    """Typical problems of data, recipe and machine: figures, severity, remedies as patches.

    Data that are given for so many accesses are charged one.

    Args:
        recipe: As for `train`.
        problems: Which to look for, such as `imbalance`; by default all.
        output: Folder that gets `diagnosis.html` and `diagnosis.json`; none by default.
        set: `path.to.field=value` overrides, for files.
        apply: Write the patches of what is found into the recipe file.

    Raises:
        AccordError: What is wrong with the recipe or the data.
    """
    from accord.diagnosing import apply as applied
    from accord.diagnosing import diagnose_recipe, write_diagnosis

    loaded = as_loaded(recipe, set)
    names = (problems,) if isinstance(problems, str) else tuple(problems)
    found = diagnose_recipe(loaded, names, run=Path(output) if output else None)
    if apply:
        applied(found, loaded)
    if output:
        write_diagnosis(found, Path(output))
    return found


def prove(
    recipe: str | Path,
    remedy: str | Sequence[str],
    *,
    seeds: int = 5,
    output: str | Path | None = None,
    set: Sequence[str] = (),
    metric: str | None = None,
) -> Proof:
    """What a remedy does, measured with and without it over several seeds.

    Args:
        recipe: A recipe file.
        remedy: `balance.loss=focal`, `balance.focal`, a YAML file, or several that act together.
        seeds: Pairs of runs.
        output: Where runs and `proof.html` go; by default `proofs/<recipe>`.
        set: `path.to.field=value` overrides of both recipes.
        metric: That the verdict is about; by default the task's own.

    Raises:
        AccordError: Anything a user can mend.
    """
    from accord.proving.prove import Plan
    from accord.proving.prove import prove as proved

    remedies = (remedy,) if isinstance(remedy, str) else tuple(remedy)
    plan = Plan(remedies, seeds, overrides=tuple(set), metric=metric)
    path = Path(recipe)
    return proved(path, plan, Path(output) if output else Path("proofs") / path.stem)


def as_loaded(recipe: AnyRecipe, overrides: Sequence[str] = ()) -> Loaded:
    """Whatever stands for a recipe, checked; relative paths of values start here."""
    if isinstance(recipe, Loaded):
        return recipe
    if isinstance(recipe, Recipe):
        return recipe_from(recipe.model_dump(mode="json", exclude_unset=True))
    if isinstance(recipe, Mapping):
        return recipe_from(recipe)
    return load_recipe(recipe, overrides)


__all__ = ["as_loaded", "check", "evaluate", "load", "prove", "train"]
