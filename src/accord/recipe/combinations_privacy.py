"""What private training excludes: whatever lets a row pass by clipping and noise."""

from __future__ import annotations

from collections.abc import Callable

from accord.recipe.combination import Rule
from accord.recipe.impute import Impute
from accord.recipe.privacy import Privacy
from accord.recipe.task import Task
from accord.recipe.tree import Recipe

Broken = Callable[[Recipe, Task], bool]
COUNTING = ("ldam", "logit-adjustment")
"""Losses of classes that count how often each occurs in the training rows."""


def _private(holds: Callable[[Recipe, Task, Privacy], object]) -> Broken:
    """Whether a recipe trains privately and something else holds."""

    def broken(recipe: Recipe, task: Task) -> bool:
        return recipe.privacy is not None and bool(holds(recipe, task, recipe.privacy))

    return broken


def _public(recipe: Recipe, split: str) -> bool:
    privacy = recipe.privacy
    return privacy is not None and split in privacy.public


def _banded(privacy: Privacy) -> bool:
    return privacy.mechanism.kind == "banded"


def _looks_at_validation(recipe: Recipe) -> bool:
    return not _public(recipe, "validation")


def _learns(impute: Impute) -> bool:
    numeric = impute.numeric is not None and impute.numeric.kind != "constant"
    return numeric or impute.categorical == "most-frequent" or impute.indicator


def _excluded(
    path: str, holds: Callable[[Recipe, Task, Privacy], object], why: str, fix: str = "remove it"
) -> Rule:
    problem = f"`{path}` and `privacy` exclude each other"
    return Rule((path, "privacy"), _private(holds), problem, why, fix)


SHAPE = (
    Rule(
        ("privacy.epsilon", "privacy.noise_multiplier"),
        _private(lambda r, t, p: (p.epsilon is None) == (p.noise_multiplier is None)),
        "`privacy` takes either `epsilon` or `noise_multiplier`",
        "one follows from the other",
        "write `privacy: {epsilon: 8}`",
    ),
    Rule(
        ("privacy.column", "privacy.unit"),
        _private(lambda r, t, p: (p.unit == "user") != (p.column is not None)),
        "`privacy.column` and `privacy.unit: user` need each other",
        "the column says whose a row is; records and sources need none",
        "name the column of users, or leave both out",
    ),
    Rule(
        ("privacy.rows_of_unit", "privacy.unit"),
        _private(
            lambda r, t, p: (
                p.rows_of_unit > 1
                and p.unit == "record"
                and t.name != "causal-lm"
                and not r.augment.rows
            )
        ),
        "a record of this task is one row",
        "there are no further rows of it to draw",
        "remove `rows_of_unit`, choose another `unit`, or add changed copies under `augment.rows`",
    ),
    Rule(
        ("privacy.unit", "task"),
        _private(lambda r, t, p: p.unit == "user" and "next-token" in t.problems),
        "`privacy.unit: user` is not supported for language models",
        "blocks of a document carry no further column",
        "use `unit: record` (a document) or `source`, one source for each user",
    ),
    *(
        Rule(
            ("privacy.public", f"data.{split}"),
            _private(
                lambda r, t, p, split=split: (
                    split in p.public and not isinstance(getattr(r.data, split), str)
                )
            ),
            f"`data.{split}` is a share of the private rows",
            "what was cut from private rows is private too",
            f"name a source of its own under `data.{split}`, or take it out of `public`",
        )
        for split in ("validation", "test")
    ),
)

LEARNING = (
    _excluded(
        "evaluate.repeated",
        lambda r, t, p: bool(r.evaluate.repeated),
        "all copies of a canary are one unit, of which a step takes no more than of any other: "
        "nothing could be seen of how often it stands there",
        "remove it; `evaluate.canaries` tests the guarantee",
    ),
    _excluded(
        "train.precision",
        lambda r, t, p: r.train.precision == "fp16",
        "gradients that overflow are left out, which depends on the data",
        "use bf16 or fp32",
    ),
    _excluded(
        "train.early_stopping",
        lambda r, t, p: r.train.early_stopping is not None and _looks_at_validation(r),
        "when to stop would be chosen by private rows, and that choice tells of them",
        "name a validation source that holds nobody's rows and write `public: [validation]`",
    ),
    _excluded(
        "train.keep",
        lambda r, t, p: r.train.keep == "best" and _looks_at_validation(r),
        "which weights are kept would be chosen by private rows, and that choice tells of them",
        "write `keep: last`, or name a public validation source: `public: [validation]`",
    ),
    _excluded(
        "train.clip_each",
        lambda r, t, p: r.train.clip_each is not None,
        "private training clips the gradient of each unit itself",
        "remove it; the norm is that of `privacy.clipping`",
    ),
    Rule(
        ("train.clip_norm", "privacy.mechanism"),
        _private(lambda r, t, p: _banded(p) and r.train.clip_norm is not None),
        "`train.clip_norm` and a banded mechanism exclude each other",
        "what is cut off the noise of a step cannot be taken back by later ones",
        "write `clip_norm: null`, or leave it out; `privacy.clipping` cuts each unit all the same",
    ),
    Rule(
        ("privacy.clipping", "privacy.mechanism"),
        _private(lambda r, t, p: _banded(p) and p.clipping.kind == "adaptive"),
        "adaptive clipping and a banded mechanism exclude each other",
        "the noisy counts that it follows would be further releases, with noise of their own",
        "use `automatic`, `flat` or `per-layer` clipping",
    ),
    Rule(
        ("privacy.secure_noise", "privacy.mechanism"),
        _private(lambda r, t, p: _banded(p) and p.secure_noise),
        "`privacy.secure_noise` and a banded mechanism exclude each other",
        "noise that is a share of earlier noise stands on no lattice",
        "use `mechanism: poisson`, or leave `secure_noise` out: on a CPU the keystream is "
        "cryptographic all the same",
    ),
    _excluded(
        "train.robust",
        lambda r, t, p: r.train.robust is not None,
        "which rows count is decided by comparing them with each other, so each row changes the "
        "gradients of others",
    ),
    _excluded(
        "train.ensemble",
        lambda r, t, p: r.train.ensemble is not None,
        "every member would learn from the same rows, each at the full cost",
        "train one model; more steps with more noise cost less",
    ),
    _excluded(
        "train.penalties",
        lambda r, t, p: r.train.penalties,
        "a penalty is no unit's: it would be left out of the clipped gradients",
        "use `train.weight_decay`, which needs no gradient",
    ),
    _excluded(
        "train.distill",
        lambda r, t, p: r.train.distill is not None,
        "what the teacher has learned of these rows would pass by the noise",
        "train the teacher's base privately itself",
    ),
    _excluded(
        "train.tasks",
        lambda r, t, p: r.train.tasks,
        "side tasks learn scales and weights over all rows together, without noise",
    ),
    _excluded(
        "model.head",
        lambda r, t, p: r.model.head is not None and r.model.head.kind == "prototypes",
        "prototypes are means of private rows, without noise",
        "start from `descriptions`, or leave it out",
    ),
    _excluded(
        "model.tokenizer",
        lambda r, t, p: t.modality == "text" and r.model.base is None and r.model.tokenizer is None,
        "a new tokenizer would be learned from private rows, word by word",
        "name a tokenizer that was made of other texts under `model.tokenizer`",
    ),
)

DATA = (
    _excluded(
        "data.pack",
        lambda r, t, p: "next-token" in t.problems and r.data.pack,
        "packed documents share rows, and one document more moves all that follow",
        "write `pack: false`; the unit is then a document",
    ),
    _excluded(
        "data.leakage",
        lambda r, t, p: r.data.leakage.action in ("drop", "fail"),
        "a row would decide whether another is learned from",
        "write `leakage: {action: report}`",
    ),
    _excluded(
        "protect.anonymity",
        lambda r, t, p: r.protect.anonymity is not None,
        "groups are formed over all rows: one row changes what others become",
        "anonymise in a step before, as data of its own",
    ),
    _excluded(
        "augment.mix",
        lambda r, t, p: r.augment.mix is not None,
        "a mixed row is of two units, and neither could be clipped alone",
    ),
    _excluded(
        "augment.rows",
        lambda r, t, p: any(getattr(rows.by, "needs", None) for rows in r.augment.rows),
        "this augmenter learns of all training rows what it does to each",
        "write `holds: null` for `synonyms` and `contextual`, or use one that looks at a row "
        "alone: `typos`, `eda`, those of images",
    ),
    *(
        _excluded(f"balance.{name}", holds, why, fix)
        for name, holds, why, fix in (
            (
                "sampler",
                lambda r, t, p: r.balance.sampler is not None,
                "rows drawn by their class or source take part with other probabilities than the "
                "accountant counts with",
                "remove it; Poisson sampling draws every unit alike",
            ),
            (
                "weights",
                lambda r, t, p: r.balance.weights is not None,
                "weights by how frequent classes are count private rows",
                "remove it",
            ),
            (
                "loss",
                lambda r, t, p: r.balance.loss is not None and r.balance.loss.kind in COUNTING,
                "this loss counts the classes of private rows",
                "use `focal`, `asymmetric`, `generalised` or `symmetric`, which count nothing",
            ),
            (
                "resample",
                lambda r, t, p: r.balance.resample is not None,
                "new rows are made of several units' rows",
                "remove it",
            ),
            (
                "cold_start",
                lambda r, t, p: r.balance.cold_start is not None,
                "which classes are new, and how much they count, is found by counting rows",
                "remove it",
            ),
            (
                "thresholds",
                lambda r, t, p: (
                    r.balance.thresholds is not None
                    and not (
                        getattr(r.balance.thresholds, "tunes", False) and _public(r, "validation")
                    )
                ),
                "thresholds would be tuned, without noise, on private rows",
                "name a public validation source: `public: [validation]`",
            ),
        )
    ),
    *(
        _excluded(f"clean.{name}", holds, why, fix)
        for name, holds, why, fix in (
            (
                "text",
                lambda r, t, p: r.clean.text is not None and r.clean.text.boilerplate,
                "lines are taken out because they stand in many rows",
                "write `boilerplate: false`; the rest of `clean.text` looks at one row alone",
            ),
            (
                "impute",
                lambda r, t, p: r.clean.impute is not None and _learns(r.clean.impute),
                "what gaps are filled with is learned from private rows, without noise",
                "write `impute: {numeric: {kind: constant, value: 0}}`, or remove it: the model "
                "knows what is missing",
            ),
            (
                "duplicates",
                lambda r, t, p: r.clean.duplicates is not None,
                "a row would decide whether another is learned from",
                "remove duplicates in a step before, as data of its own",
            ),
            (
                "decontaminate",
                lambda r, t, p: (
                    r.clean.decontaminate is not None
                    and r.clean.decontaminate.held_out
                    and not {"validation", "test"} <= set(p.public)
                ),
                "private rows that are held out would decide which others are learned from",
                "write `held_out: false`, or make validation and test public sources",
            ),
            (
                "outliers",
                lambda r, t, p: r.clean.outliers,
                "what is unusual is found by comparing rows with each other",
                "remove it; clipping bounds what one row can do",
            ),
            (
                "labels",
                lambda r, t, p: r.clean.labels is not None,
                "wrong labels are found by models of the other rows, without noise",
                "remove it; clipping bounds what one row can do",
            ),
        )
    ),
)

PRIVACY = (*SHAPE, *LEARNING, *DATA)
"""Rules over private training."""
