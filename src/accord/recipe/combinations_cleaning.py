"""What has no meaning together: cleaning and augmenting of training rows."""

from __future__ import annotations

from accord.recipe.combination import Rule, given
from accord.recipe.outliers import Outliers
from accord.recipe.task import Task
from accord.recipe.tree import Recipe

VALUEWISE = ("mad", "z-score", "iqr", "hampel")
ONE_TEXT = ("text", "text_pair", "prompt", "completion")


def _unread(outliers: Outliers, recipe: Recipe) -> bool:
    return not set(outliers.columns) <= {*recipe.data.numeric, recipe.data.label}


def _foreign(recipe: Recipe, task: Task) -> bool:
    """Whether an augmenter changes what the task does not read, or labels would be left behind."""
    texts = task.name == "text-classification"
    fitting = {"text": texts, "image": task.modality == "image", "table": task.modality == "table"}
    return any(not fitting.get(getattr(r.by, "modality", ""), True) for r in recipe.augment.rows)


def _unmixable(recipe: Recipe, task: Task) -> bool:
    """Whether rows of the task cannot be mixed, or not by the mixer."""
    whole = {"single-label", "multi-label", "regression"} & set(task.problems)
    fits = task.modality in getattr(recipe.augment.mix, "modalities", (task.modality,))
    return recipe.augment.mix is not None and not (whole and fits)


CLEANING = (
    *(
        Rule(
            (path, "task"),
            lambda r, t, path=path: (
                given(r, path) and not any(getattr(r.data, field) for field in ONE_TEXT)
            ),
            f"`{path}` finds no column of text",
            "words that are tagged, conversations, images and tables are not changed by it",
            "remove it",
        )
        for path in ("clean.text", "clean.filter")
    ),
    Rule(
        ("clean.classes", "task"),
        lambda r, t: (
            given(r, "clean.classes")
            and (
                not {"single-label", "multi-label", "token-label"} & set(t.problems)
                or not isinstance(r.data.label, str)
            )
        ),
        "`clean.classes` has no meaning here",
        "it says how classes are written in one column; numbers and words to come are no classes, "
        "and of several columns of 0 and 1 each is a class by its name",
        "remove it",
    ),
    Rule(
        ("augment.rows", "task"),
        _foreign,
        "an augmenter does not go with this task",
        "texts of classes, images and tables are changed, each by its own; tags and tokens that "
        "are learned one by one would no longer fit",
        "choose another, or remove it",
    ),
    Rule(
        ("augment.mix", "task"),
        _unmixable,
        "`augment.mix` has no meaning for this task",
        "whole rows are mixed, with the one loss that each has: texts of classes, images, tables; "
        "`cutmix` cuts rectangles out of images",
        "use `mixup`, or remove it",
    ),
    Rule(
        ("augment.rows", "data.label"),
        lambda r, t: (
            (not isinstance(r.data.label, str) or "regression" in t.problems)
            and any(rows.classes not in ((), "new") for rows in r.augment.rows)
        ),
        "`classes` of `augment.rows` needs one label a row",
        "which rows to copy would not be clear",
        "remove `classes`",
    ),
    Rule(
        ("augment.rows", "balance.cold_start"),
        lambda r, t: (
            r.balance.cold_start is None and any(rows.classes == "new" for rows in r.augment.rows)
        ),
        "`classes: new` of `augment.rows` needs `balance.cold_start`",
        "it says what is new",
        "add `balance: {cold_start: {rows: 20}}`, with `boost: 1` if rows shall count alike",
    ),
    Rule(
        ("clean.outliers", "data.numeric"),
        lambda r, t: any(
            not (o.columns or r.data.numeric or o.on == "embeddings") for o in r.clean.outliers
        ),
        "`clean.outliers` has no column of numbers to look at",
        "outliers are found among numbers",
        "name columns: `columns: [...]`, or look at texts and images: `on: embeddings`",
    ),
    Rule(
        ("clean.outliers", "model.base"),
        lambda r, t: any(
            o.on == "embeddings" and (t.modality == "table" or r.model.base is None)
            for o in r.clean.outliers
        ),
        "there are no embeddings for `clean.outliers` to look at",
        "texts and images are embedded by the base model as it stands; tables are not",
        "name a base model, or columns of numbers",
    ),
    Rule(
        ("clean.outliers",),
        lambda r, t: any(
            o.on == "embeddings"
            and (
                o.by.kind in VALUEWISE
                or o.handle not in ("remove", "quarantine", "weight")
                or bool(o.looks_at)
            )
            for o in r.clean.outliers
        ),
        "outliers among embeddings are whole rows",
        "a number of an embedding means nothing by itself, and has no place in a series",
        "use `mahalanobis`, `isolation-forest`, `lof` or `ecod` with `handle: remove`, "
        "`quarantine` or `weight`, without columns",
    ),
    Rule(
        ("clean.decontaminate", "task"),
        lambda r, t: given(r, "clean.decontaminate") and t.modality != "text",
        "`clean.decontaminate` compares texts, and there are none",
        "runs of words are looked for; equal images and rows are found by `data.leakage`",
        "remove it, or set `data.leakage.action: drop`",
    ),
    Rule(
        ("data.benchmarks", "clean.decontaminate"),
        lambda r, t: bool(r.data.benchmarks) and r.clean.decontaminate is None,
        "`data.benchmarks` are compared with nothing",
        "they would be opened for nothing",
        "add `decontaminate: {}` under `clean:`, or remove them",
    ),
    Rule(
        ("clean.decontaminate.columns", "data.benchmarks"),
        lambda r, t: (
            r.clean.decontaminate is not None
            and bool(r.clean.decontaminate.columns)
            and not r.data.benchmarks
        ),
        "`columns` of `clean.decontaminate` are those of `data.benchmarks`, and there are none",
        "rows that are held out are compared by the columns that the task reads",
        "name `data.benchmarks`, or remove `columns`",
    ),
    Rule(
        ("clean.labels", "task"),
        lambda r, t: (
            given(r, "clean.labels")
            and (
                t.name in ("causal-lm", "token-classification")
                or isinstance(r.data.label, tuple)
                or r.data.label_separator is not None
            )
        ),
        "`clean.labels` needs one label a row",
        "tags of words depend on one another, and several labels are right or wrong one by one",
        "remove it",
    ),
    Rule(
        ("clean.impute", "task"),
        lambda r, t: given(r, "clean.impute") and t.modality != "table",
        "`clean.impute` fills the gaps of tables",
        "texts and images have no columns that could be missing",
        "remove it",
    ),
    Rule(
        ("clean.impute", "data.categorical"),
        lambda r, t: (
            r.clean.impute is not None
            and r.clean.impute.categorical is not None
            and t.modality == "table"
            and not r.data.categorical
        ),
        "`clean.impute` has no column of categories to fill",
        "`categorical` fills the columns under `data.categorical`",
        "name them, or remove `categorical`",
    ),
    Rule(
        ("clean.impute", "protect.anonymity"),
        lambda r, t: (
            r.clean.impute is not None
            and getattr(r.clean.impute.numeric, "keeps_rows", False)
            and (r.protect.anonymity is not None or r.data.vault is not None)
        ),
        "this imputer keeps values of training rows in the model's `accord.json`",
        "rows that are sealed or made anonymous would lie in the open beside the model",
        "use `median`, `mean`, `constant` or `iterative`",
    ),
    Rule(
        ("clean.scale", "task"),
        lambda r, t: given(r, "clean.scale") and t.modality != "table",
        "`clean.scale` scales the numbers of tables",
        "texts and images have no columns of numbers",
        "remove it",
    ),
    Rule(
        ("clean.scale", "protect.anonymity"),
        lambda r, t: (
            r.clean.scale is not None
            and any(getattr(s, "keeps_rows", False) for s in r.clean.scale.used(r.data.numeric))
            and (r.protect.anonymity is not None or r.data.vault is not None)
        ),
        "this scaler keeps values of training rows in the model's `accord.json`",
        "rows that are sealed or made anonymous would lie in the open beside the model",
        "use `robust`, `standard`, `log` or `yeo-johnson`",
    ),
    Rule(
        ("clean.impute.indicator", "clean.impute.numeric"),
        lambda r, t: (
            r.clean.impute is not None
            and r.clean.impute.indicator
            and (r.clean.impute.numeric is None or not r.data.numeric)
        ),
        "`indicator` tells of gaps that are filled, and none are",
        "numbers that stay missing are known to the model as missing already",
        "give `numeric`, or remove `indicator`",
    ),
    Rule(
        ("clean.outliers",),
        lambda r, t: any(
            o.order_by is None and (o.by.kind == "hampel" or o.handle == "interpolate")
            for o in r.clean.outliers
        ),
        "`hampel` and `interpolate` need `order_by`",
        "neighbours in time are unknown without an order",
        "name a column of numbers or times: `order_by: COLUMN`",
    ),
    Rule(
        ("clean.outliers", "task"),
        lambda r, t: (
            "next-token" in t.problems and any(o.handle == "weight" for o in r.clean.outliers)
        ),
        "rows of a language model have no weight",
        "several rows are packed into one sequence",
        "use `handle: remove`",
    ),
    Rule(
        ("clean.outliers", "data"),
        lambda r, t: any(
            o.handle in ("clip", "replace", "interpolate") and _unread(o, r)
            for o in r.clean.outliers
        ),
        "a column whose outliers would be changed is not learned from",
        "changing it changes nothing",
        "use `handle: remove`, `quarantine` or `weight`, or name other columns",
    ),
)
"""Rules over `clean:` and `augment:`."""
