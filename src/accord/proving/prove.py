"""Runs in pairs, one without and one with the remedy; what is finished is not made again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from accord.errors import BudgetError, RecipeError
from accord.events import Sink
from accord.processes import refuse_several
from accord.proving.attempt import Attempt, identity, make_together
from accord.proving.effect import Interval
from accord.proving.figures import figures_of, rows_of
from accord.proving.judging import judging_variance
from accord.proving.proof import Made, Proof, chosen_metric, proof_of
from accord.proving.remedy import overrides_of
from accord.recipe.load import load_recipe
from accord.recipe.tree import Recipe

CONFIDENCE = 0.95
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
        jobs: How many runs are made at a time, each in a process of its own. They are the same
            runs; only the events of a run are then heard by nobody.
        apart: No row is learned from with two seeds, by files that `overrides` give to each, and
            all are judged on the same.
    """

    remedies: tuple[str, ...]
    seeds: int = 5
    same_rows: bool = False
    overrides: tuple[str, ...] = ()
    metric: str | None = None
    jobs: int = 1
    apart: bool = False


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
        BudgetError: A budget does not suffice for all runs. What the finished pairs show is
            written; once it suffices, the same call goes on.
        AccordError: Whatever a run finds wrong, permits and budgets included.
    """
    refuse_several("prove")
    _require_pairs(plan)
    pairs = planned(recipe, plan, output)
    started = _require_difference(pairs[0], plan.remedies)
    heard = ears or Ears()
    if plan.metric is not None:  # one that is misspelt is told of before all other runs
        chosen_metric(plan.metric, started.task, figures_of(pairs[0][0].make(heard.sinks)))
    if plan.jobs > 1:
        make_together([one for pair in pairs for one in pair], plan.jobs, heard.tell)
    made, short = _made(pairs, heard)
    if short is not None and not made:
        raise short
    overlap = 0.0 if plan.same_rows else _overlap(started, plan, made[0].without)
    several = (overlap > 1 or plan.apart) and len(made) > 1
    runs = [(m.without, m.cured) for m in made]
    judging = judging_variance(runs, of_mean=plan.apart) if several else {}
    proof = proof_of(
        made,
        started,
        plan.remedies,
        metric=plan.metric,
        interval=Interval(CONFIDENCE, overlap, judging, plan.apart),
        output=output,
    )
    proof.write(output)
    if short is not None:
        heard.tell(f"the proof so far, of {len(made)} of {len(pairs)} seeds: {output}/proof.html")
        raise short
    return proof


def _made(
    pairs: Sequence[tuple[Attempt, Attempt]], heard: Ears
) -> tuple[list[Made], BudgetError | None]:
    """The pairs of runs, and what ended them early: a budget that does not suffice for all."""
    made: list[Made] = []
    for n, (without, cured) in enumerate(pairs, 1):
        seed = without.seed
        try:
            heard.tell(f"seed {seed} ({n} of {len(pairs)}), without the remedy")
            first = without.make(heard.sinks)
            heard.tell(f"seed {seed} ({n} of {len(pairs)}), with the remedy")
            made.append(Made(seed, first, cured.make(heard.sinks)))
        except BudgetError as error:
            runs = list(dict.fromkeys(one for pair in pairs for one in pair))
            missing = sum(not one.finished for one in runs)
            error.fix = (
                f"{error.fix}. {len(runs) - missing} of the {len(runs)} runs of the proof are made "
                f"and kept, and {missing} are missing, from seed {seed} on: once the budget "
                "suffices, the same command makes those alone"
            )
            return made, error
    return made, None


def planned(recipe: Path, plan: Plan, output: Path) -> list[tuple[Attempt, Attempt]]:
    """The runs of a proof: for each seed one without and one with the remedy.

    Raises:
        RecipeError: A recipe or a remedy is wrong; all are read before the first run.
    """
    remedies = overrides_of(plan.remedies)
    first = load_recipe(recipe, [text.replace("{seed}", "0") for text in plan.overrides]).recipe
    pairs: list[tuple[Attempt, Attempt]] = []
    for i in range(plan.seeds):
        seed = first.train.seed + i
        own = [text.replace("{seed}", str(seed)) for text in plan.overrides]
        own += [f"train.seed={seed}"]
        own += [] if plan.same_rows else [f"data.seed={first.data.seed + i}"]
        pair = (
            Attempt(recipe, tuple(own), seed, output),
            Attempt(recipe, (*own, *remedies), seed, output),
        )
        for one in pair:
            one.load()
        pairs.append(pair)
    return pairs


def _overlap(recipe: Recipe, plan: Plan, finished: Path) -> float:
    """Rows judged over rows learned from, if the rows judged are drawn anew for each seed."""
    own_files = any(text.startswith("data.test=") and "{seed}" in text for text in plan.overrides)
    if isinstance(recipe.data.test, str) and not own_files:
        return 0.0
    rows = rows_of(finished)
    return rows["test"] / rows["train"]


def _require_pairs(plan: Plan) -> None:
    if plan.seeds < 1:
        raise RecipeError(
            "a proof needs a seed at least",
            code="arguments-missing",
            path="--seeds",
            got=plan.seeds,
            expected="1 or more; 2 or more for an interval",
            fix="ask for several: --seeds 5",
        )
    if plan.jobs < 1:
        raise RecipeError(
            "runs are made by a process at least",
            code="arguments-missing",
            path="--jobs",
            got=plan.jobs,
            expected="1 or more",
            fix="leave --jobs out, or name how many runs are made at a time",
        )


def _require_difference(pair: tuple[Attempt, Attempt], remedies: Sequence[str]) -> Recipe:
    """The recipe without the remedy, once it is sure that the other is another."""
    without, cured = (one.load() for one in pair)
    if identity(without) == identity(cured):
        raise RecipeError(
            "the remedy changes nothing of this recipe",
            code="remedy-idle",
            path="--remedy",
            got=", ".join(remedies),
            why="a recipe beside itself shows no effect",
            fix="name what the recipe does not ask for yet, or take it out of the recipe first",
        )
    return without.recipe
