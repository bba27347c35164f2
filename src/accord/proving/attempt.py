"""One run of a proof: which recipe, which seed, where it goes; made here or in a process."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from accord.agreement.charging import CHARGES
from accord.agreement.sealing import key_held
from accord.agreement.stage import permit_and_budgets
from accord.artifact import canonical_json
from accord.errors import AccordError, Interrupted
from accord.events import Sink
from accord.permit import PERMIT, Permit, permit_from_json
from accord.recipe.load import Loaded, load_recipe
from accord.report.summary import read_artifact, run_artifacts
from accord.reuse import planned
from accord.run import FLOW, run

SECTIONS = tuple(dict.fromkeys(name for step in FLOW for name in step.sections))


@dataclass(frozen=True, slots=True)
class Attempt:
    """A run that is to be made.

    Args:
        recipe: The recipe file.
        overrides: What is set in it.
        seed: Its `train.seed`.
        output: The folder of the proof.
    """

    recipe: Path
    overrides: tuple[str, ...]
    seed: int
    output: Path

    def load(self) -> Loaded:
        """The recipe as it is run.

        Raises:
            RecipeError: It or an override is wrong.
        """
        return load_recipe(self.recipe, self.overrides)

    @property
    def folder(self) -> Path:
        """Of the run, named after what the recipe's identity rests on."""
        return self._place(self.load())

    @property
    def finished(self) -> bool:
        """Whether the run has been made."""
        path = self.folder / "summary.json"
        return path.is_file() and json.loads(path.read_text("utf-8"))["status"] == "complete"

    def _place(self, loaded: Loaded) -> Path:
        return self.output / "runs" / f"seed-{self.seed}-{identity(loaded)[:12]}"

    def make(self, sinks: Sequence[Sink] = ()) -> Path:
        """The run's folder below `output`, gone on with if it is there.

        Also of a finished run permit and data are looked at again, so that what changed since is
        noticed; where nothing did, nothing is repeated, and nothing charged. Its folder is named
        after what the recipe's identity rests on, so several remedies share the runs without one.
        """
        loaded = self.load()
        folder = self._place(loaded)
        if (folder / CHARGES).is_file() and self.finished and _unchanged(loaded, folder):
            return folder
        with loaded.placing():
            try:
                run(
                    loaded.recipe,
                    loaded.base,
                    folder,
                    resume=folder.exists(),
                    sinks=sinks,
                    source=loaded.source,
                )
            except Interrupted as error:
                error.fix = "run the same command again to go on; finished runs are not repeated"
                raise
        return folder


def _unchanged(loaded: Loaded, folder: Path) -> bool:
    """Whether a finished run is what would be made today, its data and their terms included. A
    budget that was changed since is none of it: the run has been charged."""
    artifacts = run_artifacts(folder)
    stored = read_artifact(artifacts, "permit", PERMIT)
    if stored is None:
        return False
    granted = permit_from_json(stored)
    with loaded.placing(), key_held(loaded.recipe, loaded.base):
        permit, _ = permit_and_budgets(loaded.recipe, loaded.base)
        if _but_budgets(permit) != _but_budgets(granted):
            return False
        stages = planned(loaded.recipe, granted, loaded.base, folder)
    return all(state == "reuse" for _, state in stages)


def _but_budgets(permit: Permit) -> str:
    """Terms and contents, without how much may be spent."""
    works: list[Any] = permit.terms.to_json()["works"]
    grants = [grant for work in works for grant in work["grants"]]
    for grant in grants:
        grant["rules"] = [rule for rule in grant["rules"] if rule["clause"] != "budget"]
    files = [
        [asset.id, file.sha256 or file.path] for asset in permit.assets for file in asset.files
    ]
    opened = [
        [
            work.id,
            work.license,
            work.until and work.until.isoformat(),
            work.withdrawn and work.withdrawn.sha256,
        ]
        for work in permit.works
    ]
    return canonical_json({"works": works, "files": files, "opened": opened}).decode()


def identity(loaded: Loaded) -> str:
    """Of all that a run of it rests on, as the recipe tells it."""
    return hashlib.sha256(canonical_json(loaded.recipe.identity(*SECTIONS))).hexdigest()


def make_together(attempts: Sequence[Attempt], jobs: int, tell: Callable[[str], None]) -> None:
    """Make runs side by side, each once; `tell` hears a line as each begins to be done.

    What fails, or is lost with its process, is left for whoever makes it next, and told there.
    """
    with hands(jobs) as pool:
        asked = [begin(pool, attempt, jobs) for attempt in dict.fromkeys(attempts)]
        tell(f"{len(asked)} runs, {min(jobs, len(asked))} at a time")
        for number, ended in enumerate(as_completed(asked), 1):
            state = "made" if ended.exception() is None else "lost with its process"
            tell(f"run {number} of {len(asked)}: {state}")


@contextmanager
def hands(jobs: int) -> Generator[ProcessPoolExecutor]:
    """So many processes; what waits is given up when the block is left by an error."""
    pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _watch)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def begin(pool: ProcessPoolExecutor, attempt: Attempt, jobs: int) -> Future[None]:
    """Have a run made by one of so many processes, among which cores are divided."""
    return pool.submit(_make_apart, attempt, max(1, _cores() // jobs))


def _make_apart(attempt: Attempt, threads: int) -> None:
    """What is wrong is not told from here: whoever makes the run next meets it."""
    with suppress(AccordError):
        named = attempt.load().recipe.machine.threads is not None
        more = () if named else (f"machine.threads={threads}",)
        replace(attempt, overrides=(*attempt.overrides, *more)).make()


def _watch() -> None:
    threading.Thread(target=_stop_with_the_one_that_asks, daemon=True).start()


def _stop_with_the_one_that_asks() -> None:
    """However it ended; the run saves what it has."""
    asking = multiprocessing.parent_process()
    if asking is not None:
        wait([asking.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


def _cores() -> int:
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1
