"""Runs in pairs, one without and one with the remedy; what is finished is not made again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accord.artifact import canonical_json
from accord.errors import Interrupted, RecipeError
from accord.events import Sink
from accord.proving.effect import Interval
from accord.proving.figures import rows_of
from accord.proving.proof import Made, Proof, proof_of
from accord.proving.remedy import overrides_of
from accord.recipe.load import Loaded, load_recipe
from accord.recipe.tree import Recipe
from accord.run import FLOW, run

CONFIDENCE = 0.95
SECTIONS = tuple(dict.fromkeys(name for step in FLOW for name in step.sections))
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a remedy is put to the proof.

    Args:
        remedies: What makes the difference (see `overrides_of`).
        seeds: Pairs of runs.
        same_rows: All pairs are judged on the same rows, though the recipe leaves the choice of
            test rows to the seed.
        overrides: Of both recipes; `{seed}` in them is the pair's seed, so that each may have files
            of its own.
        metric: That the verdict is about; by default the task's own.
    """

    remedies: tuple[str, ...]
    seeds: int = 5
    same_rows: bool = False
    overrides: tuple[str, ...] = ()
    metric: str | None = None


@dataclass(frozen=True, slots=True)
class Ears:
    """Who hears of the work: `sinks` every event of the runs, `tell` a line before each run."""

    sinks: Sequence[Sink] = ()
    tell: Tell = field(default=lambda _: None)


def prove(recipe: Path, plan: Plan, output: Path, ears: Ears | None = None) -> Proof:
    """Run a recipe with and without remedies, over several seeds, and write what that did.

    Every pair has seeds of its own, `train.seed` and `data.seed` counted up from the recipe's, so
    that both the training and the division of the rows vary between pairs and never within one
    (Bouthillier et al., Accounting for variance in machine learning benchmarks, 2021).

    Args:
        recipe: The recipe file.
        plan: What is put to the proof, and how often.
        output: Where runs, `proof.json` and `proof.html` go. Called again, it goes on; another
            remedy shares the runs without one.
        ears: Who hears of it.

    Raises:
        RecipeError: The recipe, a remedy or the metric is wrong, or no seed is asked for.
        Interrupted: SIGINT or SIGTERM; the same call goes on.
        AccordError: Whatever a run finds wrong, permits and budgets included.
    """
    _require_pairs(plan.seeds)
    pairs = list(_pairs(recipe, plan))
    heard = ears or Ears()
    made: list[Made] = []
    for n, (seed, without, cured) in enumerate(pairs, 1):
        heard.tell(f"seed {seed} ({n} of {len(pairs)}), without the remedy")
        first = _run(without, output, seed, heard.sinks)
        heard.tell(f"seed {seed} ({n} of {len(pairs)}), with the remedy")
        made.append(Made(seed, first, _run(cured, output, seed, heard.sinks)))
    started = pairs[0][1].recipe
    overlap = 0.0 if plan.same_rows else _overlap(started, plan, made[0].without)
    proof = proof_of(
        made,
        started,
        plan.remedies,
        metric=plan.metric,
        interval=Interval(CONFIDENCE, overlap),
        output=output,
    )
    proof.write(output)
    return proof


def _pairs(recipe: Path, plan: Plan) -> list[tuple[int, Loaded, Loaded]]:
    """Seed, recipe without and recipe with the remedy; all are read before the first run."""
    remedies = overrides_of(plan.remedies)
    first = load_recipe(recipe, [text.replace("{seed}", "0") for text in plan.overrides]).recipe
    pairs: list[tuple[int, Loaded, Loaded]] = []
    for i in range(plan.seeds):
        seed = str(first.train.seed + i)
        own = [*(text.replace("{seed}", seed) for text in plan.overrides), f"train.seed={seed}"]
        own += [] if plan.same_rows else [f"data.seed={first.data.seed + i}"]
        cured = load_recipe(recipe, [*own, *remedies])
        pairs.append((int(seed), load_recipe(recipe, own), cured))
    _require_difference(pairs[0], plan.remedies)
    return pairs


def _run(loaded: Loaded, output: Path, seed: int, sinks: Sequence[Sink]) -> Path:
    """The run of a recipe below `output`, gone on with if it is there.

    Also a finished run is asked for again: its permit is granted anew, so that data or terms that
    changed since are noticed, and nothing else is repeated. Its folder is named after what the
    recipe's identity rests on, so several remedies share the runs without one.
    """
    identity = hashlib.sha256(canonical_json(loaded.recipe.identity(*SECTIONS))).hexdigest()
    folder = output / "runs" / f"seed-{seed}-{identity[:12]}"
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


def _overlap(recipe: Recipe, plan: Plan, finished: Path) -> float:
    """Rows judged over rows learned from, if the rows judged are drawn anew for each seed."""
    own_files = any(text.startswith("data.test=") and "{seed}" in text for text in plan.overrides)
    if isinstance(recipe.data.test, str) and not own_files:
        return 0.0
    rows = rows_of(finished)
    return rows["test"] / rows["train"]


def _require_pairs(seeds: int) -> None:
    if seeds < 1:
        raise RecipeError(
            "a proof needs a seed at least",
            code="arguments-missing",
            path="--seeds",
            got=seeds,
            expected="1 or more; 2 or more for an interval",
            fix="ask for several: --seeds 5",
        )


def _require_difference(pair: tuple[int, Loaded, Loaded], remedies: Sequence[str]) -> None:
    _, without, cured = pair
    if without.recipe.identity(*SECTIONS) == cured.recipe.identity(*SECTIONS):
        raise RecipeError(
            "the remedy changes nothing of this recipe",
            code="remedy-idle",
            path="--remedy",
            got=", ".join(remedies),
            why="a recipe beside itself shows no effect",
            fix="name what the recipe does not ask for yet, or take it out of the recipe first",
        )
