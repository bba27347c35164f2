"""Stage 2: from permitted files to a prepared data set, streaming, in a few passes.

Survey (labels, groups, duplicates) -> splits -> encoder's own survey, if any -> encode and write.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from accord.artifact import Artifact, open_artifact
from accord.data.accounting import Ledger, accounting
from accord.data.arrow_file import ArrowFile, write_empty
from accord.data.canaries import Planted
from accord.data.carried import PREFIX, carried_facts
from accord.data.encoder import Encoder, Setting, settled
from accord.data.engine.guarded import engine_under
from accord.data.incoming import protection_facts
from accord.data.leakage import Leaks, Sketches, find_leaks
from accord.data.newcomers import Newcomers
from accord.data.origins import Origins
from accord.data.passes import Passes
from accord.data.reject import Rejects
from accord.data.rows import rejects_of
from accord.data.side import side_facts
from accord.data.side_rows import SideFiles, write_sides
from accord.data.split import NAMES, Splits
from accord.data.step import Preparing, TrainingStep
from accord.data.steps import fitted_steps, training_steps, whole_step
from accord.data.survey import DROPPED, Survey
from accord.data.work import Surveying, Writing, Written
from accord.errors import DataError
from accord.part import find
from accord.permit import ANSWERING, load_permit
from accord.recipe.context import Context
from accord.recipe.newcomers import check_classes
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe
from accord.vault.files import Lines


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
    opened = load_permit(permit)
    with (
        context.store.create("dataset", context.identity, parents=[permit]) as folder,
        engine_under(opened, recipe) as engine,
        Lines(folder / "quarantine.jsonl") as quarantine,
    ):
        for role in sorted(ANSWERING):
            opened.admit(role, date.today())
        passes = Passes(recipe, opened, context, engine)
        whole = whole_step(recipe, context.base)
        if whole is not None:
            passes.settle(whole)
        with rejects_of(recipe, quarantine) as rejects:
            survey, leaks, ledger = divided(passes, rejects, folder)
        passes.splits = ledger.left
        labels = survey.label_names(ledger.left)
        check_classes(recipe, labels)
        assert survey.problem is not None
        known = (survey.problem, labels, passes.held_out)
        steps = settled_steps(passes, Preparing(recipe, context, passes.permit, *known))
        encoder = _encoder(passes, steps, labels)
        examples = () if leaks is None else leaks.examples
        origins = Origins(passes.permit, (at for leak in examples for at in leak["rows"]))
        planted = Planted(
            recipe.evaluate.canaries,
            recipe.data.seed,
            lambda: {"problem": survey.problem, "labels": labels, **encoder.facts()},
            _owner_of(recipe),
            recipe.evaluate.repeated,
        )
        newcomers = _newcomers(passes, steps, survey.problem)
        writing = Writing(steps, encoder, newcomers)
        sequences = _write_splits(passes, writing, ledger, folder, origins, planted)
        sides = write_sides(
            passes, encoder, steps, SideFiles(folder, labels, survey.problem, quarantine, origins)
        )
        encoder.save(folder)
        for row in ledger.training.aside:
            quarantine.write(row)
        schema = _schema(recipe, survey, labels, encoder, sequences)
        schema |= carried_facts(folder, recipe)
        schema |= protection_facts(recipe, whole, context.base)
        schema |= side_facts(folder, recipe)
        schema |= {} if newcomers is None else newcomers.facts(recipe.data)
        for step in fitted_steps(steps):
            schema |= step.facts()
        _write_json(folder / "schema.json", schema | {"assets": origins.assets})
        _write_json(folder / "sources.json", origins.files())
        read = sum(passes.read.values())
        told = accounting(survey, rejects, read, ledger, (leaks, origins))
        told |= {} if whole is None else {"anonymity": whole.report()}
        told |= {"told": ledger.training.told} | planted.told() | sides
        _write_json(folder / "accounting.json", told | {"sequences": sequences})
    return open_artifact(context.store.location("dataset", context.identity))


def _owner_of(recipe: Recipe) -> str | None:
    """The encoded column that names whose a row is, where privacy is of users."""
    privacy = recipe.privacy
    if privacy is None or privacy.unit != "user":
        return None
    return next((f"{PREFIX}{name}" for name in privacy.looks_at), None)


def divided(passes: Passes, rejects: Rejects, folder: Path) -> tuple[Survey, Leaks | None, Ledger]:
    """The survey, the leaks found, and the split of every usable row."""
    recipe = passes.recipe
    leakage, task = recipe.data.leakage, TASKS[recipe.task]
    survey = Survey(recipe)
    similarity = leakage.similarity if task.modality == "text" else None
    with (
        tempfile.TemporaryDirectory(prefix=".sketches-", dir=folder.parent) as scratch,
        Sketches(Path(scratch), similarity) as sketches,
    ):
        for role, seen in passes.first(Surveying(recipe, similarity), rejects):
            survey.add(role, seen.block)
            if seen.sketch is not None:
                sketches.add(seen.sketch)
        rejects.check()
        splits = survey.splits()
        if leakage.action == "off":
            return survey, None, Ledger(splits, splits)
        leaks = find_leaks(sketches, splits)
    if leakage.action == "fail" and leaks.total:
        raise _leak(leaks)
    left: Splits = splits
    if leakage.action == "drop":
        left = np.where(leaks.drop, np.int8(DROPPED), splits)
    return survey, leaks, Ledger(splits, left)


def settled_steps(passes: Passes, setting: Preparing) -> tuple[TrainingStep, ...]:
    """The training steps, each of which has seen the rows that those before it leave."""
    steps = training_steps(setting)
    for count, step in enumerate(steps):
        if step.surveys:
            for block in passes.training(steps[:count]):
                step.survey(block)
            step.settle()
    return steps


def _newcomers(passes: Passes, steps: tuple[TrainingStep, ...], problem: str) -> Newcomers | None:
    """What tells new classes or sources, as the training rows have them."""
    spec = passes.recipe.balance.cold_start
    if spec is None or (spec.source is None and problem != "single-label"):
        return None
    found = Newcomers(spec, passes.recipe.data)
    for block in passes.training(steps):
        found.survey(block)
    found.settle()
    return found


def _encoder(passes: Passes, steps: tuple[TrainingStep, ...], labels: tuple[str, ...]) -> Encoder:
    """The encoder of the task, which has seen the training rows."""
    recipe = passes.recipe
    kind = find("encoder", recipe.task)
    setting = Setting(recipe, passes.context.base, labels)
    return settled(kind(kind.spec(kind=recipe.task), setting), passes.training(steps))


def _write_splits(
    passes: Passes,
    writing: Writing,
    ledger: Ledger,
    folder: Path,
    origins: Origins,
    planted: Planted,
) -> dict[str, int]:
    """Encode every split into its Arrow file; rows written of each."""
    with ExitStack() as stack:
        files = {name: stack.enter_context(ArrowFile(folder / f"{name}.arrow")) for name in NAMES}
        for written in passes.again(writing):
            _write(written, writing.encoder, ledger, files, origins)
        for name, file in files.items():
            for batch in writing.encoder.flush(name):
                file.add(batch)
        planted.plant(folder, files["train"])
    for name, file in files.items():
        if name == "validation" and passes.recipe.data.validation == 0:
            write_empty(folder / "validation.arrow", like=folder / "test.arrow")
        elif not file.rows:
            raise DataError(
                f"the {name} split holds nothing to learn from once it is encoded",
                code="split-empty",
                path=f"data.{name}",
                fix="give more or longer rows",
            )
    return {name: file.rows for name, file in files.items()}


def _write(
    written: Written,
    encoder: Encoder,
    ledger: Ledger,
    files: Mapping[str, ArrowFile],
    origins: Origins,
) -> None:
    origins.name(written.asset, written.rows)
    for account, own in zip(ledger.accounts, written.accounts, strict=True):
        account.merge(own)
    for piece in written.pieces:
        ledger.add(piece.split, len(piece.rows), piece.lengths)
        origins.add(piece)
        name = NAMES[piece.split]
        for batch in encoder.arrange(piece.batch, name):
            files[name].add(batch)


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


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")
