"""What in a recipe excludes what, and what has no meaning for a task: rules, as data."""

from __future__ import annotations

from collections.abc import Callable

from accord.recipe.combination import Exclusion, Rule, given
from accord.recipe.combinations_cleaning import CLEANING
from accord.recipe.combinations_learning import LEARNING
from accord.recipe.combinations_machine import MACHINE
from accord.recipe.combinations_privacy import PRIVACY
from accord.recipe.combinations_tasks import TASKS_BESIDE
from accord.recipe.protect import Protect
from accord.recipe.task import Task
from accord.recipe.tree import Recipe

COLUMNS = (
    "text",
    "text_pair",
    "tokens",
    "messages",
    "tools",
    "prompt",
    "completion",
    "image",
    "numeric",
    "categorical",
    "label",
    "label_separator",
    "max_tokens",
    "pack",
)
"""Fields of `data:` that only some tasks take."""

STRATIFIED = frozenset(("single-label", "multi-label", "regression"))
"""Problems with one target a row: splits keep the shares of its classes, or quantiles, alike."""


VALIDATED = ("train.early_stopping", "train.keep", "train.evaluate_every")
"""Fields that mean nothing without validation rows."""


EXCLUSIONS = (
    Exclusion("model.base", "model.config", "a model is either pretrained or new"),
    Exclusion("model.revision", "model.config", "a new model has no revision"),
    Exclusion("train.epochs", "train.steps", "both say how long training lasts"),
    Exclusion("data.text", "data.messages", "a row is either plain text or a conversation"),
    Exclusion("data.text", "data.completion", "plain text has no part that is not learned"),
    Exclusion("data.messages", "data.completion", "a conversation marks its own answers"),
    Exclusion("data.messages", "data.prompt", "a conversation holds its own prompts"),
    Exclusion("data.text", "data.tools", "only a chat template can show tools"),
    Exclusion("data.completion", "data.tools", "only a chat template can show tools"),
    Exclusion("data.text", "data.prompt", "without a completion there is nothing to prompt"),
    Exclusion("evaluate.canaries", "train.distill", "a teacher has nothing to say of canaries"),
)


def _all_own(agreement: str | dict[str, str]) -> bool:
    named = (agreement,) if isinstance(agreement, str) else agreement.values()
    return all(name == "own" for name in named)


def _own_config(path: str) -> Callable[[Recipe, Task], bool]:
    return lambda recipe, task: task.modality == "table" and given(recipe, path)


def _searches_nothing(protect: Protect) -> bool:
    """Whether identifiers are looked for, but no column is named to look into."""
    return protect.searches and not (protect.values or protect.columns)


def _unvalidated(path: str) -> Callable[[Recipe, Task], bool]:
    return lambda recipe, task: (
        recipe.data.validation == 0
        and given(recipe, path)
        and not (path == "train.keep" and recipe.train.keep == "last")
    )


COMPARED = 20
"""Least canaries with which repeated ones are compared."""


RULES = (
    *LEARNING,
    *TASKS_BESIDE,
    *CLEANING,
    *MACHINE,
    *PRIVACY,
    Rule(
        ("model.base", "model.config"),
        lambda r, t: t.modality != "table" and r.model.base is None and r.model.config is None,
        "there is no model to train",
        "`base` names pretrained weights, `config` a new model",
        "add `base:` under `model:`",
    ),
    *(
        Rule(
            (path, "task"),
            _own_config(path),
            f"`{path}` has no meaning for tables",
            "tables are learned by an FT-Transformer that starts new",
            "remove it; its size can be set by `model: {config: {...}}`, or left out",
        )
        for path in ("model.base", "model.revision", "model.tokenizer", "model.attention")
    ),
    Rule(
        ("evaluate.repeated", "evaluate.canaries"),
        lambda r, t: bool(r.evaluate.repeated) and r.evaluate.canaries < COMPARED,
        "`evaluate.repeated` needs `evaluate.canaries`",
        "how well a canary is known is its place among those that were left out",
        f"write `canaries: 400`, or {COMPARED} at least",
    ),
    Rule(
        ("protect.key", "protect.action", "protect.actions"),
        lambda r, t: r.protect.key is None and r.protect.keyed,
        "pseudonyms and surrogates need a key",
        "without one, anybody who guesses a value can check the guess",
        "add `key: env:NAME` under `protect:`",
    ),
    Rule(
        ("protect", "task"),
        lambda r, t: t.modality != "text" and _searches_nothing(r.protect),
        "`protect` finds no text in this task",
        "identifiers are looked for in columns of text",
        "name columns to search, `columns: [remarks]`, or whose whole value is an identifier, "
        "`values: {customer: name}`",
    ),
    Rule(
        ("data.trust", "data.agreement"),
        lambda r, t: given(r, "data.trust") and _all_own(r.data.agreement),
        "`data.trust` and `data.agreement: own` exclude each other",
        "what one holds all rights to has no agreement that anybody could sign",
        "name the agreement file, or remove `trust`",
    ),
    Rule(
        ("model.trust", "model.agreement", "model.base"),
        lambda r, t: (
            given(r, "model.trust") and (r.model.base is None or r.model.agreement == "own")
        ),
        "`model.trust` needs a `model.base` under an agreement",
        "a new model, or one's own, has no agreement that anybody could sign",
        "name the agreement file, or remove `trust`",
    ),
    Rule(
        ("model.tokenizer", "task"),
        lambda r, t: t.modality == "image" and given(r, "model.tokenizer"),
        "`model.tokenizer` has no meaning for images",
        "an image model reads pixels",
        "remove it",
    ),
    Rule(
        ("model.adapt", "task"),
        lambda r, t: t.modality == "table" and r.model.adapt.kind != "full",
        "an adapter has no meaning for tables",
        "adapters change pretrained weights; a table model starts new",
        "remove `adapt`, or write `adapt: full`",
    ),
    Rule(
        ("model.adapt", "model.config"),
        lambda r, t: (
            t.modality != "table" and r.model.adapt.kind != "full" and r.model.config is not None
        ),
        "an adapter and a new model exclude each other",
        "the new model's random weights would never be trained",
        "use `adapt: full`, or a pretrained `base`",
    ),
    Rule(
        ("train.label_smoothing", "task"),
        lambda r, t: "regression" in t.problems and r.train.label_smoothing > 0,
        "label smoothing has no meaning for regression",
        "it spreads probability over classes; a number has none",
        "remove `label_smoothing`",
    ),
    *(
        Rule(
            (path, "task"),
            lambda r, t, path=path: (
                not {"single-label", "multi-label", "token-label"} & set(t.problems)
                and given(r, path)
            ),
            f"`{path}` has no meaning for this task",
            "it is for classes, labels and tags",
            "remove it",
        )
        for path in ("balance.loss", "balance.weights")
    ),
    Rule(
        ("balance.loss", "train.label_smoothing"),
        lambda r, t: given(r, "balance.loss") and r.train.label_smoothing > 0,
        "`balance.loss` and `train.label_smoothing` exclude each other",
        "smoothed labels are a part of cross-entropy, which the loss takes the place of",
        "keep one of them",
    ),
    Rule(
        ("data.label", "task"),
        lambda r, t: isinstance(r.data.label, tuple) and "multi-label" not in t.problems,
        "this task takes one label column",
        "several 0/1 columns make a multi-label task",
        "name one column",
    ),
    Rule(
        ("data.label_separator", "data.label"),
        lambda r, t: given(r, "data.label_separator") and isinstance(r.data.label, tuple),
        "`data.label_separator` and several columns in `data.label` exclude each other",
        "each is a way to write several labels",
        "keep one of them",
    ),
    Rule(
        ("data.completion", "data.prompt"),
        lambda r, t: t.name == "causal-lm" and bool(r.data.prompt) and not r.data.completion,
        "`data.prompt` needs `data.completion`",
        "no loss is taken on the prompt, so nothing would be learned",
        "add `completion:`, the column the model learns to write",
    ),
    Rule(
        ("data.stratify", "task"),
        lambda r, t: given(r, "data.stratify") and r.data.stratify and "stratify" in idle_fields(t),
        "`data.stratify` has no meaning for this task",
        "rows have no single target whose shares could be kept alike",
        "remove it",
    ),
    Rule(
        ("data.validation", "data.test"),
        lambda r, t: (
            isinstance(r.data.validation, float)
            and isinstance(r.data.test, float)
            and r.data.validation + r.data.test >= 1
        ),
        "`data.validation` and `data.test` leave no rows to train on",
        "both are shares of the training rows",
        "choose shares that sum to less than 1",
    ),
    *(
        Rule(
            (path, "data.validation"),
            _unvalidated(path),
            f"`{path}` and `data.validation: 0` exclude each other",
            "without validation rows nothing is measured while training goes on",
            "remove it (the last weights are kept), or give validation a share",
        )
        for path in VALIDATED
    ),
    Rule(
        ("train.precision", "machine.device"),
        lambda r, t: r.train.precision == "fp16" and r.machine.device == "cpu",
        "`train.precision: fp16` and `machine.device: cpu` exclude each other",
        "fp16 needs a loss scaler and arithmetic that CPUs lack",
        "use bf16 or fp32",
    ),
    Rule(
        ("train.optimizer", "machine.device"),
        lambda r, t: r.train.optimizer.kind == "adamw-8bit" and r.machine.device in ("cpu", "mps"),
        "`train.optimizer: adamw-8bit` needs a CUDA device",
        "its kernels exist only there",
        "use adamw",
    ),
    Rule(
        ("train.warmup", "train.steps"),
        lambda r, t: r.train.steps is not None and r.train.warmup >= max(r.train.steps, 1),
        "`train.warmup` lasts as long as training",
        "the learning rate would never reach its value",
        "give fewer warm-up steps, or a share below 1",
    ),
)


def idle_fields(task: Task) -> frozenset[str]:
    """Fields of `data:` that mean nothing to a task."""
    idle = frozenset(COLUMNS) - taken_by(task)
    return idle if STRATIFIED & set(task.problems) else idle | {"stratify"}


def taken_by(task: Task) -> frozenset[str]:
    """Fields of `data:` that a task gives a meaning to."""
    return frozenset((*task.takes, *(name for names in task.needs for name in names)))
