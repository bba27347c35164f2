"""What has no meaning together: robust training and cold starts."""

from __future__ import annotations

from accord.recipe.combination import Rule, given
from accord.recipe.source_column import SOURCE
from accord.recipe.task import Task
from accord.recipe.tree import Recipe


def _columns(recipe: Recipe) -> tuple[str, ...]:
    """Columns that training looks at beside those under `data:`."""
    balance, robust = recipe.balance, recipe.train.robust
    holders = (balance.sampler, robust, balance.cold_start, recipe.privacy)
    return tuple(name for holder in holders if holder is not None for name in holder.looks_at)


def _sampled_by_class(recipe: Recipe, task: Task) -> bool:
    sampler = recipe.balance.sampler
    by_column = sampler is not None and bool(sampler.looks_at)
    return by_column or bool({"single-label", "multi-label", "token-label"} & set(task.problems))


def _tuned(recipe: Recipe) -> bool:
    """Whether thresholds are wanted that look at validation rows."""
    return bool(getattr(recipe.balance.thresholds, "tunes", False))


def _frequencies_undone(recipe: Recipe) -> bool:
    """Whether training itself makes up for how frequent classes are."""
    balance = recipe.balance
    by_class = balance.sampler is not None and not balance.sampler.looks_at
    adjusted = balance.loss is not None and balance.loss.kind == "logit-adjustment"
    return by_class or adjusted or balance.weights is not None


def _by_direction(recipe: Recipe) -> bool:
    """Whether the loss is made for a head that compares directions."""
    return recipe.balance.loss is not None and recipe.balance.loss.head_scale is not None


VOTING = (
    Rule(
        ("balance.thresholds", "task"),
        lambda r, t: (
            r.balance.thresholds is not None
            and not {"single-label", "multi-label", "token-label"} & set(t.problems)
        ),
        "`balance.thresholds` has no meaning for this task",
        "they are for classes, labels and tags; numbers and words have none",
        "remove it",
    ),
    Rule(
        ("balance.thresholds", "data.validation"),
        lambda r, t: _tuned(r) and r.data.validation == 0,
        "`balance.thresholds` and `data.validation: 0` exclude each other",
        "thresholds are tuned on validation rows, never on those that train or test",
        "give `data.validation` a share, or write `thresholds: logit-adjustment`",
    ),
    Rule(
        ("balance.thresholds",),
        lambda r, t: (
            r.balance.thresholds is not None
            and r.balance.thresholds.kind == "logit-adjustment"
            and _frequencies_undone(r)
        ),
        "`balance.thresholds: logit-adjustment` makes up twice for how frequent classes are",
        "weights, a sampler of classes or the loss of the same name do so while training",
        "keep one of them, or tune thresholds: `thresholds: balanced-accuracy`",
    ),
    Rule(
        ("train.ensemble", "task"),
        lambda r, t: (
            bool(getattr(r.train.ensemble, "by_class", False)) and "single-label" not in t.problems
        ),
        "this ensemble has no meaning for this task",
        "its members are balanced by class, and rows have none",
        "use `bagging`, `seeds` or `snapshot`",
    ),
)
"""Rules over thresholds and ensembles."""


LEARNING = (
    *VOTING,
    Rule(
        ("model.head", "task"),
        lambda r, t: (
            given(r, "model.head") and ("single-label" not in t.problems or t.modality == "table")
        ),
        "`model.head` has no meaning for this task",
        "it is for classes, on a base that knows something of the rows before it is trained",
        "remove it",
    ),
    Rule(
        ("model.head", "balance.loss"),
        lambda r, t: given(r, "model.head") and _by_direction(r),
        "`model.head` and a head that compares directions exclude each other",
        "rows start so that distances to them, not directions, tell classes apart",
        "remove `head`, or write `loss: {kind: ldam, normalised: false}`",
    ),
    Rule(
        ("balance.loss", "data.label"),
        lambda r, t: (
            _by_direction(r)
            and (isinstance(r.data.label, tuple) or given(r, "data.label_separator"))
        ),
        "a head that compares directions has no meaning for rows with several labels",
        "each label is a question with two answers, and has one row, not two, to compare",
        "write `loss: {kind: ldam, normalised: false}`",
    ),
    Rule(
        ("model.head", "model.config"),
        lambda r, t: given(r, "model.head") and given(r, "model.config"),
        "`model.head` and a new model exclude each other",
        "the embeddings of a model that has learned nothing say nothing of classes",
        "use a pretrained `base`, or remove `head`",
    ),
    Rule(
        ("model.head", "task"),
        lambda r, t: (
            r.model.head is not None
            and r.model.head.kind == "descriptions"
            and t.modality != "text"
        ),
        "descriptions need a model that reads texts",
        "an image model cannot embed a text",
        "use `head: prototypes`",
    ),
    *(
        Rule(
            (path, "augment.mix"),
            lambda r, t, path=path: given(r, path) and r.augment.mix is not None,
            f"`{path}` and `augment.mix` exclude each other",
            "neither a teacher nor a side task has an answer to half a row",
            "keep one of them",
        )
        for path in ("train.distill", "train.tasks")
    ),
    Rule(
        ("train.loss", "task"),
        lambda r, t: given(r, "train.loss") and "regression" not in t.problems,
        "`train.loss` has no meaning for this task",
        "it is for numbers; the loss of classes is `balance.loss`",
        "remove it",
    ),
    *(
        Rule(
            (path, "task"),
            lambda r, t, path=path: (
                not {"single-label", "multi-label", "regression"} & set(t.problems)
                and given(r, path)
            ),
            f"`{path}` has no meaning for this task",
            "it weighs or cuts whole rows; here a row is many tokens, each with a loss of its own",
            "remove it",
        )
        for path in ("train.robust", "train.clip_each", "balance.cold_start")
    ),
    Rule(
        ("balance.sampler", "task"),
        lambda r, t: (
            r.balance.sampler is not None
            and ("next-token" in t.problems or not _sampled_by_class(r, t))
        ),
        "`balance.sampler` has no meaning for this task",
        "kinds of rows are drawn more or less often; packed tokens and numbers have none",
        "name a column where rows have no class: `by: COLUMN`, or remove it",
    ),
    Rule(
        ("data.train",),
        lambda r, t: SOURCE in _columns(r) and isinstance(r.data.train, str),
        "`@source` tells sources apart, and `data.train` names one",
        "all rows would be of one kind",
        "list the sources: `train: [a.csv, b.csv]`, or name a column of the data",
    ),
    Rule(
        ("balance.resample", "task"),
        lambda r, t: r.balance.resample is not None and t.name != "table-classification",
        "`balance.resample` has no meaning for this task",
        "new rows lie between others in a table; between two texts or images lies none",
        "use `balance.sampler`, or `augment`",
    ),
    Rule(
        ("balance.resample", "data.categorical"),
        lambda r, t: (
            r.balance.resample is not None
            and r.balance.resample.kind not in ("smote", "tomek-links")
            and bool(r.data.categorical)
        ),
        "this resampler takes numbers only",
        "distances between categories mean nothing to it",
        "use `smote`, which treats categories as what they are, or `balance.sampler`",
    ),
    Rule(
        ("balance.sampler", "balance.weights"),
        lambda r, t: (
            r.balance.sampler is not None
            and r.balance.weights is not None
            and not r.balance.sampler.looks_at
        ),
        "`balance.sampler` and `balance.weights` balance the same classes twice",
        "rare classes would count for more than frequent ones",
        "keep one of them",
    ),
    Rule(
        ("balance.cold_start", "task"),
        lambda r, t: (
            r.balance.cold_start is not None
            and r.balance.cold_start.source is None
            and "regression" in t.problems
        ),
        "`balance.cold_start` has no meaning for numbers, unless sources are new",
        "a number has no class",
        "name a column of sources: `source: COLUMN`",
    ),
    Rule(
        ("balance.cold_start",),
        lambda r, t: (
            (cold := r.balance.cold_start) is not None
            and not cold.new
            and cold.rows is None
            and cold.since is None
        ),
        "`balance.cold_start` does not say what is new",
        "nothing would count more",
        "name it (`new: [...]`), count it (`rows: 20`), or date it (`by: COLUMN, since: DAY`)",
    ),
    Rule(
        ("balance.cold_start",),
        lambda r, t: (
            (cold := r.balance.cold_start) is not None and (cold.by is None) != (cold.since is None)
        ),
        "`by` and `since` of `balance.cold_start` need each other",
        "a day is compared with a column of dates",
        "give both, or neither",
    ),
    Rule(
        ("train.clip_each", "train.penalties"),
        lambda r, t: given(r, "train.clip_each") and given(r, "train.penalties"),
        "`train.clip_each` and `train.penalties` exclude each other",
        "a penalty is no row's: cut with each row's gradient it would be another penalty",
        "keep one of them, or use `train.weight_decay`",
    ),
)
"""Rules over losses and weights of rows, clipping, cold starts and heads."""
