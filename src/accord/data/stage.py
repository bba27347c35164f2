"""Stage 2: from permitted files to a prepared data set, streaming, in a few passes.

Survey (labels, groups, duplicates) -> splits -> encoder's own survey, if any -> encode and write.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.artifact import Artifact, open_artifact
from accord.data.account import Account
from accord.data.arrow_file import ArrowFile, write_empty
from accord.data.carried import carried_facts
from accord.data.encoder import Encoder, Setting
from accord.data.incoming import protection_facts
from accord.data.leakage import Leaks, Sketches, contents, find_leaks
from accord.data.origins import EXAMPLES, Origins, told
from accord.data.reject import Rejects
from accord.data.rows import read_rows
from accord.data.source import Block
from accord.data.split import NAMES, TRAIN
from accord.data.step import Preparing, TrainingStep, WholeStep
from accord.data.steps import through, training_steps, whole_step
from accord.data.survey import DROPPED, ROLES, Survey
from accord.errors import DataError, Interrupted
from accord.part import find
from accord.permit import Permit, load_permit
from accord.recipe.context import Context
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe

Splits = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class _Source:
    """The usable rows of all roles, in one order, as often as wanted."""

    recipe: Recipe
    permit: Permit
    context: Context
    whole: WholeStep | None = None

    def blocks(self, rejects: Rejects) -> Iterator[tuple[str, Block]]:
        for role, block in self.read(rejects):
            left = self.whole.apply(block, rejects.account) if self.whole else block
            if len(left.rows):
                yield role, left

    def read(self, rejects: Rejects) -> Iterator[tuple[str, Block]]:
        """The rows before they are looked at together."""
        data, seen = self.recipe.data, 0
        began = last = time.monotonic()
        for role in ROLES:
            if role != "train" and not isinstance(getattr(data, role), str):
                continue
            for block in read_rows(
                self.permit, role, self.recipe, self.context.base, rejects=rejects
            ):
                seen += len(block.rows)
                now = time.monotonic()
                if now - last > 1:
                    self.context.log.emit("prepare", rows=seen, rate=seen / (now - began))
                    last = now
                if self.context.interrupted():
                    raise _stopped()
                yield role, block


def prepare(recipe: Recipe, inputs: Mapping[str, Artifact], context: Context) -> Artifact:
    """Read, split, check for leaks and encode the data of a recipe.

    Args:
        recipe: Sections `task`, `data`, `model` (tokenizer, image size) and `evaluate` (slices).
        inputs: The `permit` artifact, which names the files.
        context: The run.

    Returns:
        A `dataset` artifact: three Arrow files, schema.json, sources.json (which rows each file
        holds), accounting.json, the tokenizer.

    Raises:
        DataError: Bad rows under `on_bad_row: fail`, an empty split, one class, a leak under
            `leakage.action: fail`.
        Interrupted: The user stopped it; nothing is left behind.
    """
    permit = inputs["permit"]
    source = _settled(_Source(recipe, load_permit(permit), context))
    with context.store.create("dataset", context.identity, parents=[permit]) as folder:
        quarantine = folder / "quarantine.jsonl"
        keeps = recipe.data.on_bad_row == "quarantine"
        private = recipe.protect.active
        with Rejects(recipe.data.on_bad_row, quarantine if keeps else None, private) as rejects:
            survey, sketches_leaks, splits = _divided(source, rejects, folder)
        labels = survey.label_names(splits)
        assert survey.problem is not None
        setting = Preparing(recipe, context.base, survey.problem, labels, quarantine)
        steps = training_steps(setting)
        for count, step in enumerate(steps):
            if step.surveys:
                for block in _training_blocks(source, splits, steps[:count]):
                    step.survey(block)
                step.settle()
        kind = find("encoder", recipe.task)
        encoder: Encoder = kind(kind.spec(kind=recipe.task), Setting(recipe, context.base, labels))
        if encoder.surveys:
            for block in _training_blocks(source, splits, steps):
                encoder.survey(block)
        leaks = [] if sketches_leaks is None else sketches_leaks.examples
        origins = Origins(source.permit, (at for leak in leaks for at in leak["rows"]))
        kept = _write_splits(source, splits, steps, rejects.account, encoder, folder, origins)
        encoder.save(folder)
        schema = _schema(recipe, survey, labels, encoder, kept)
        schema |= carried_facts(folder, recipe) | protection_facts(recipe, source.whole)
        _write_json(folder / "schema.json", schema | {"assets": origins.assets})
        _write_json(folder / "sources.json", origins.files())
        accounting = _accounting(recipe, survey, rejects, splits, encoder)
        accounting |= _leakage(recipe, splits, sketches_leaks, origins, accounting["removed"])
        accounting |= {} if source.whole is None else {"anonymity": source.whole.report()}
        _write_json(folder / "accounting.json", accounting | {"kept": kept})
    return open_artifact(context.store.location("dataset", context.identity))


def _settled(source: _Source) -> _Source:
    """The source with its rows as they are together, where that is asked for."""
    whole = whole_step(source.recipe, source.context.base)
    if whole is None:
        return source
    for _, block in source.read(Rejects("skip")):
        whole.survey(block)
    whole.settle()
    return replace(source, whole=whole)


def _divided(
    source: _Source, rejects: Rejects, folder: Path
) -> tuple[Survey, Leaks | None, Splits]:
    """The survey, the leaks found, and the split of every usable row (-1 for dropped ones)."""
    recipe = source.recipe
    leakage, task = recipe.data.leakage, TASKS[recipe.task]
    survey = Survey(recipe)
    similarity = leakage.similarity if task.modality == "text" else None
    with (
        tempfile.TemporaryDirectory(prefix=".sketches-", dir=folder.parent) as scratch,
        Sketches(Path(scratch), similarity) as sketches,
    ):
        for role, block in source.blocks(rejects):
            survey.add(role, block)
            if leakage.action != "off":
                sketches.add(contents(block.batch, recipe.data, task))
        rejects.check()
        splits = survey.splits()
        if leakage.action == "off":
            return survey, None, splits
        leaks = find_leaks(sketches, splits)
    if leakage.action == "fail" and leaks.total:
        raise _leak(leaks)
    if leakage.action == "drop":
        splits = np.where(leaks.drop, np.int8(DROPPED), splits)
    return survey, leaks, splits


def _by_split(
    source: _Source, splits: Splits, origins: Origins | None = None
) -> Iterator[tuple[int, Block]]:
    """Blocks of one split each; bad rows were counted before."""
    start = 0
    again = Rejects("skip")
    for _, block in source.blocks(again):
        own = splits[start : start + len(block.rows)]
        start += len(block.rows)
        if origins is not None:
            origins.name(block)
        for split in range(len(NAMES)):
            mask = own == split
            if mask.any():
                yield split, block.keep(mask)


def _training_blocks(
    source: _Source, splits: Splits, steps: Sequence[TrainingStep]
) -> Iterator[Block]:
    """The training rows after these steps; what the steps do is counted when it is written."""
    for split, block in _by_split(source, splits):
        if split == TRAIN:
            left = through(steps, block, Account())
            if len(left.rows):
                yield left


def _write_splits(
    source: _Source,
    splits: Splits,
    steps: Sequence[TrainingStep],
    account: Account,
    encoder: Encoder,
    folder: Path,
    origins: Origins,
) -> dict[str, int]:
    """Encode every split into its Arrow file; rows written of each."""
    with ExitStack() as stack:
        files = {name: stack.enter_context(ArrowFile(folder / f"{name}.arrow")) for name in NAMES}
        for split, block in _by_split(source, splits, origins):
            if split == TRAIN:
                block = through(steps, block, account)
                if not len(block.rows):
                    continue
            origins.add(block, split)
            for batch in encoder.encode(block, NAMES[split]):
                files[NAMES[split]].add(batch)
        for name, file in files.items():
            for batch in encoder.flush(name):
                file.add(batch)
    for name, file in files.items():
        if name == "validation" and source.recipe.data.validation == 0:
            write_empty(folder / "validation.arrow", like=folder / "test.arrow")
        elif not file.rows:
            raise DataError(
                f"the {name} split holds nothing to learn from once it is encoded",
                code="split-empty",
                path=f"data.{name}",
                fix="give more or longer rows",
            )
    return {name: file.rows for name, file in files.items()}


def _schema(
    recipe: Recipe,
    survey: Survey,
    labels: tuple[str, ...],
    encoder: Encoder,
    kept: Mapping[str, int],
) -> dict[str, Any]:
    columns = recipe.data.model_dump(
        mode="json",
        include={
            "text", "text_pair", "tokens", "messages", "tools", "prompt", "completion", "image",
            "numeric", "categorical", "label", "label_separator",
        },
    )  # fmt: skip
    return {
        "task": recipe.task,
        "problem": survey.problem,
        "labels": list(labels),
        "rows": dict(kept),
        "slices": list(recipe.evaluate.slices),
        "columns": {name: value for name, value in columns.items() if value},
        **encoder.facts(),
    }


def _accounting(
    recipe: Recipe,
    survey: Survey,
    rejects: Rejects,
    splits: Splits,
    encoder: Encoder,
) -> dict[str, Any]:
    account = rejects.account
    changed = account.entries(account.changed)
    if encoder.lengths.truncated:
        cut = encoder.lengths.truncated
        changed.append({"step": "encode", "reason": "truncated", "rows": cut})
    if encoder.lengths.lost:
        lost = encoder.lengths.lost
        changed.append({"step": "encode", "reason": "nothing-left-to-learn", "rows": lost})
    return {
        "read": len(splits) + rejects.total,
        "rows": {name: int((splits == i).sum()) for i, name in enumerate(NAMES)},
        "removed": rejects.removed() + account.entries(account.removed),
        "changed": changed,
        "added": account.entries(account.added),
        "labels": survey.balance(splits),
        "tokens": encoder.lengths.summary(),
    }


def _leakage(
    recipe: Recipe,
    splits: Splits,
    leaks: Leaks | None,
    origins: Origins,
    removed: list[dict[str, Any]],
) -> dict[str, Any]:
    """What the search found, and the rows it removed after those `removed` before."""
    if leaks is None:
        return {"leakage": None}
    examples = origins.named(leaks.examples)
    dropped = int((splits == DROPPED).sum())
    if dropped:
        shown = [told(example) for example in examples[:EXAMPLES]]
        entry = {"step": "leakage", "reason": "stands-in-two-splits", "rows": dropped}
        removed = [*removed, entry | {"examples": shown}]
    found = {"exact": leaks.exact, "near": leaks.near, "examples": examples}
    action = recipe.data.leakage.action
    return {"removed": removed, "leakage": {"action": action, **found}}


def _leak(leaks: Leaks) -> DataError:
    pairs = {p: leaks.exact[p] + leaks.near[p] for p in leaks.exact}
    named = ", ".join(f"{pair}: {count}" for pair, count in pairs.items() if count)
    return DataError(
        "rows stand in more than one split",
        code="leakage",
        path="data.leakage",
        got=named,
        why="a model is praised for what it has memorised",
        fix="set `data.leakage.action: drop`, or split by a group (`data.group`)",
    )


def _stopped() -> Interrupted:
    return Interrupted(
        "stopped while the data were prepared",
        code="interrupted",
        fix="run the same command with --resume to begin this stage again",
    )


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
