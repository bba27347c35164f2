"""The conductor: permit -> data -> train -> evaluate -> report; nothing finished is done again."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from accord.artifact import Artifact, Store, identity_of, write_atomic
from accord.directories import claimed_run
from accord.disk import told_when_full
from accord.errors import AccordError, Interrupted
from accord.events import Log, Sink
from accord.interruption import signals
from accord.part import find
from accord.processes import processes
from accord.recipe.apart import refuse_apart
from accord.recipe.context import Context
from accord.recipe.source import Node
from accord.recipe.tree import Recipe


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the flow table: what is made, by which stage, from what, under which sections;
    `premise` names a function `(recipe, base)` that tells what else it rests on, as JSON."""

    kind: str
    stage: str
    needs: tuple[str, ...]
    sections: tuple[str, ...]
    premise: str | None = None

    def identity(self, recipe: Recipe, base: Path, inputs: Sequence[Artifact]) -> str:
        """Identity of what this step makes of these inputs."""
        beside = _load(self.premise)(recipe, base) if self.premise else {}
        more = {"premise": beside} if beside else {}
        return identity_of(self.kind, recipe.identity(*self.sections) | more, inputs)


LEARNING = ("data", "model", "augment", "train", "privacy")
FLOW = (
    Step("permit", "accord.agreement.stage:grant", (), (*LEARNING, "protect")),
    Step(
        "dataset",
        "accord.data.stage:prepare",
        ("permit",),
        ("data", "protect", "clean", "balance", "augment", "model", "train", "privacy", "evaluate"),
        "accord.data.premise:premise",
    ),
    Step("model", "accord.train.stage:train", ("permit", "dataset"), ("balance", *LEARNING)),
    Step(
        "evaluation",
        "accord.evaluate.stage:evaluate",
        ("dataset", "model"),
        ("data", "model", "train", "evaluate"),
    ),
)


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run.

    Args:
        path: The run directory.
        summary: Content of its `summary.json`.
    """

    path: Path
    summary: dict[str, Any]


def run(
    recipe: Recipe,
    base: Path,
    output: Path,
    *,
    resume: bool = False,
    sinks: Sequence[Sink] = (),
    source: Node | None = None,
) -> Run:
    """Make everything a recipe describes.

    Args:
        recipe: What is to be made.
        base: Folder that relative paths of the recipe start from.
        output: The run directory; new or empty unless `resume`.
        resume: Go on where an earlier run of the same recipe stopped.
        sinks: Hear every event.
        source: The tree the recipe was read from; its variables are recorded as written.

    Started by `torchrun`, the first of several processes makes it, and all train.

    Raises:
        RecipeError: `output` holds a run already and `resume` is not asked for.
        Interrupted: SIGINT or SIGTERM; all is saved.
        AccordError: Whatever a stage finds wrong.
    """
    those = processes()
    if those.size > 1:
        refuse_apart(recipe)
    if not those.leads:
        followed = _load("accord.following:follow")(recipe, base, those)
        return Run(followed, json.loads((followed / "summary.json").read_text("utf-8")))
    leading = _load("accord.following:leading") if those.size > 1 else lambda *_: nullcontext()
    status, summary = "failed", dict[str, Any]()
    key_held = _load("accord.agreement.sealing:key_held")
    with (
        claimed_run(output, resume=resume),
        told_when_full(output),
        key_held(recipe, base),
        leading(those, output),
    ):
        write_atomic(output / "recipe.yaml", _as_yaml(recipe, base, source))
        own = [find("sink", spec.kind)(spec, output) for spec in recipe.machine.sinks]
        log = Log(output / "events.jsonl", [*sinks, *own])
        try:
            with signals() as interrupted:
                log.emit("start", accord=version("accord"), task=recipe.task, resume=resume)
                artifacts = _flow(recipe, base, output, log, interrupted)
            _link(artifacts, output)
            _load("accord.agreement.charging:settle")(output)
            status = "complete"
        except Interrupted:
            status = "interrupted"
            raise
        finally:
            # What went wrong first is told, not that it could not be written down.
            with suppress(OSError) if status == "failed" else nullcontext():
                summary = _end(log, output, status)
    return Run(output, summary)


def plan(recipe: Recipe, output: Path | None = None) -> list[tuple[str, str]]:
    """What `run` would do: (kind, stage) in order. No stage is loaded."""
    return [(step.kind, step.stage) for step in FLOW]


def _flow(
    recipe: Recipe, base: Path, output: Path, log: Log, interrupted: Callable[[], bool]
) -> dict[str, Artifact]:
    store, made = Store(output / "artifacts"), dict[str, Artifact]()
    for step in FLOW:
        inputs = {kind: made[kind] for kind in step.needs}
        identity = step.identity(recipe, base, list(inputs.values()))
        charges = _load("accord.agreement.private_steps:charges_of")(output)
        context = Context(output, base, store, identity, log, interrupted, charges)
        made[step.kind] = _made(step, recipe, inputs, context)
        if interrupted():
            raise Interrupted(
                f"stopped after {step.kind}",
                code="interrupted",
                fix="run the same command with --resume to go on",
            )
    return made


def _made(step: Step, recipe: Recipe, inputs: dict[str, Artifact], context: Context) -> Artifact:
    """The artifact of a step: found finished, or made now. Permits are always granted anew."""
    found = context.store.find(step.kind, context.identity) if step.needs else None
    began = time.perf_counter()
    if found is None:
        context.log.emit("stage", stage=step.kind, state="run", identity=context.identity)
        found = _load(step.stage)(recipe.keep(*step.sections), inputs, context)
        state = "done"
    else:
        state = "reuse"
    context.log.emit(
        "stage",
        stage=step.kind,
        state=state,
        identity=context.identity,
        digest=found.manifest.digest,
        seconds=time.perf_counter() - began,
    )
    return found


def _load(reference: str) -> Callable[..., Any]:
    module, name = reference.split(":")
    return getattr(importlib.import_module(module), name)


def _link(artifacts: dict[str, Artifact], output: Path) -> None:
    """`model/`, `predictions.parquet` and `manifest.json` of the run, from its artifacts."""
    model, evaluation = artifacts["model"], artifacts["evaluation"]
    fresh = output / ".model"
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(model.path, fresh, copy_function=_link_or_copy)
    shutil.rmtree(output / "model", ignore_errors=True)
    fresh.replace(output / "model")
    predictions = output / "predictions.parquet"
    predictions.unlink(missing_ok=True)
    _link_or_copy(str(evaluation.file("predictions.parquet")), str(predictions))
    content = {
        kind: {"path": str(a.path.relative_to(output)), **json.loads(a.manifest.model_dump_json())}
        for kind, a in artifacts.items()
    }
    write_atomic(output / "manifest.json", json.dumps(content, indent=1, ensure_ascii=False))


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _end(log: Log, output: Path, status: str) -> dict[str, Any]:
    try:
        log.emit("end", status=status)
        return _report(output, status)
    finally:
        log.close()


def _report(output: Path, status: str) -> dict[str, Any]:
    """summary.json always, report.html once there is something to show."""
    summary = _load("accord.report.summary:build_summary")(output, status)
    write_atomic(output / "summary.json", json.dumps(summary, indent=1, ensure_ascii=False))
    if status == "complete":
        _load("accord.report.html:write_report")(output)
    return summary


def _as_yaml(recipe: Recipe, base: Path, source: Node | None) -> str:
    return _load("accord.recipe.write:to_yaml")(recipe, base, source)


__all__ = ["FLOW", "AccordError", "Run", "Step", "plan", "run"]
