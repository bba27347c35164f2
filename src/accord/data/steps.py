"""The steps a recipe asks for, in the order they are taken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from accord.data.account import Account
from accord.data.carried import Carry, carried
from accord.data.side import Beside, side_tasks
from accord.data.source import Block
from accord.data.step import FittedStep, Preparing, RowStep, TrainingStep, WholeStep
from accord.data.vectors import RowVectors
from accord.recipe.tree import Recipe


def row_steps(recipe: Recipe, base: Path) -> tuple[RowStep, ...]:
    """Steps that take each row by itself."""
    steps: list[RowStep] = []
    if recipe.clean.classes is not None and isinstance(recipe.data.label, str):
        from accord.data.class_names import Naming

        tags = recipe.data.tokens is not None
        steps.append(Naming(recipe.clean.classes, recipe.data.label, tags=tags))
    if recipe.clean.text is not None:
        from accord.data.text.step import Tidying

        steps.append(Tidying(recipe.clean.text, recipe.data))
    if recipe.protect.searches:
        from accord.data.protect.step import Protection  # its expressions take time to compile

        steps.append(Protection(recipe.protect, recipe.data, base))
    if tasks := side_tasks(recipe):
        steps.append(Beside(tasks))
    return tuple(steps)


def whole_step(recipe: Recipe, base: Path) -> WholeStep | None:
    """The step that looks at the rows of all splits together."""
    if recipe.protect.anonymity is None:
        return None
    from accord.data.anonymity.step import Anonymisation

    return Anonymisation(recipe.protect.anonymity, base)


def training_steps(setting: Preparing) -> tuple[TrainingStep, ...]:
    """Steps that see the training rows as a whole: outliers and wrong labels, gaps, then balance
    by new rows, then augmentation; last what training looks at beside the model's inputs."""
    names = carried(setting.recipe)
    carry = (Carry(setting.recipe),) if names else ()
    vectors = RowVectors(setting)
    return (
        *_left_out(setting),
        *_outliers(setting, vectors),
        *_labels(setting, vectors),
        *_imputed(setting),
        *_resampled(setting),
        *_augmented(setting),
        *carry,
    )


def _left_out(setting: Preparing) -> tuple[TrainingStep, ...]:
    clean, steps = setting.recipe.clean, list[TrainingStep]()
    if clean.filter is not None:
        from accord.data.text.step import Filtering

        steps.append(Filtering(clean.filter, setting.recipe.data))
    if clean.duplicates is not None:
        from accord.data.duplicates import Deduplication

        steps.append(Deduplication(clean.duplicates, setting))
    if clean.decontaminate is not None:
        from accord.data.contamination.step import Decontamination

        steps.append(Decontamination(clean.decontaminate, setting))
    return tuple(steps)


def _augmented(setting: Preparing) -> tuple[TrainingStep, ...]:
    wanted = setting.recipe.augment.rows
    if not wanted:
        return ()
    from accord.data.augment.step import Augmentation

    return tuple(Augmentation(spec, setting, number) for number, spec in enumerate(wanted))


def _imputed(setting: Preparing) -> tuple[FittedStep, ...]:
    spec = setting.recipe.clean.impute
    if spec is None:
        return ()
    from accord.data.impute.step import Imputing

    return (Imputing(spec, setting.recipe.data),)


def fitted_steps(steps: Iterable[TrainingStep]) -> tuple[FittedStep, ...]:
    """Those that are applied to the rows of every split."""
    return tuple(step for step in steps if isinstance(step, FittedStep))


def _resampled(setting: Preparing) -> tuple[TrainingStep, ...]:
    spec = setting.recipe.balance.resample
    if spec is None:
        return ()
    from accord.data.resample.step import Resampling

    return (Resampling(spec, setting),)


def _outliers(setting: Preparing, vectors: RowVectors) -> tuple[TrainingStep, ...]:
    wanted = setting.recipe.clean.outliers
    if not wanted:
        return ()
    from accord.data.outlier.step import Outlying

    return tuple(Outlying(spec, setting, vectors, number) for number, spec in enumerate(wanted))


def _labels(setting: Preparing, vectors: RowVectors) -> tuple[TrainingStep, ...]:
    if setting.recipe.clean.labels is None:
        return ()
    from accord.data.mislabelled.step import Relabelling

    return (Relabelling(setting.recipe.clean.labels, setting, vectors),)


def through(steps: Iterable[TrainingStep], block: Block, account: Account) -> Block:
    """A block of training rows after these steps."""
    for step in steps:
        block = taken(step.apply, block, account)
    return block


def taken(step: Callable[[Block, Account], Block], block: Block, account: Account) -> Block:
    """A block after a step, which is held to account for every row."""
    if not len(block.rows):
        return block
    own = Account()
    left = step(block, own)
    due = len(block.rows) - own.removed.total() + own.added.total()
    assert len(left.rows) == due, f"{step}: {len(left.rows)} rows are left where {due} were counted"
    account.merge(own)
    return left
