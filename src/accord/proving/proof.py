"""What a remedy did, over all pairs of runs, as a value and as proof.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from accord.artifact import write_atomic
from accord.errors import RecipeError
from accord.proving.effect import Effect, Interval, effects_of, time_ratio
from accord.proving.figures import figures_of, rarest_class
from accord.recipe.task import TASKS
from accord.recipe.tree import Recipe
from accord.report.console import HEADLINES

METHODS = {
    "same": "paired t interval over seeds; all judged on the same rows",
    "shared": "paired t interval over seeds, corrected for rows that splits share",
    "apart": "paired t interval over seeds that learn apart, corrected for judged rows they share",
}


@dataclass(frozen=True, slots=True)
class Proof:
    """What a remedy did.

    Args:
        task: Of the recipe.
        remedies: As they were written.
        metric: The one that the verdict is about.
        seeds: Of the pairs, in order.
        interval: How intervals were reckoned.
        effects: On every figure of the test rows, by its name.
        rarest: The class with fewest training rows and how many, of the first run without.
        time: Ratio of training times with its interval; None where it was not measured.
        runs: Directories of the runs without and with the remedy, in order of the seeds, seen
            from the proof's.
    """

    task: str
    remedies: tuple[str, ...]
    metric: str
    seeds: tuple[int, ...]
    interval: Interval
    effects: dict[str, Effect]
    rarest: tuple[str, int] | None
    time: dict[str, Any] | None
    runs: tuple[tuple[str, str], ...]

    @property
    def headline(self) -> Effect:
        """The effect that the verdict is about."""
        return self.effects[self.metric]

    @property
    def names(self) -> list[str]:
        """Figures as they are shown: the verdict's, what the rarest class is found with, the
        well-known ones, all others."""
        rare = [] if self.rarest is None else [f"recall [class={self.rarest[0]}]"]
        first = [self.metric, *rare, *HEADLINES]
        return [n for n in dict.fromkeys((*first, *self.effects)) if n in self.effects]

    def to_json(self) -> dict[str, Any]:
        """Content of `proof.json`."""
        return {
            "task": self.task,
            "remedies": list(self.remedies),
            "metric": self.metric,
            "verdict": self.headline.verdict,
            "split": "test",
            "seeds": list(self.seeds),
            "confidence": self.interval.confidence,
            "overlap": self.interval.overlap,
            "method": METHODS[self.interval.kind],
            "rarest_class": None if self.rarest is None else list(self.rarest),
            "train_time": self.time,
            "effects": {name: self.effects[name].to_json() for name in self.names},
            "runs": [
                {"seed": seed, "without": without, "with": cured}
                for seed, (without, cured) in zip(self.seeds, self.runs, strict=True)
            ],
        }

    def write(self, output: Path) -> None:
        """Write `proof.json` and `proof.html` into a folder."""
        from accord.report.proof import write_proof

        content = self.to_json()
        write_atomic(output / "proof.json", json.dumps(content, indent=1, ensure_ascii=False))
        write_proof(output)


@dataclass(frozen=True, slots=True)
class Made:
    """A finished pair: its seed and its two run directories."""

    seed: int
    without: Path
    cured: Path


def proof_of(
    made: Sequence[Made],
    recipe: Recipe,
    remedies: Sequence[str],
    *,
    metric: str | None,
    interval: Interval,
    output: Path,
) -> Proof:
    """The proof that finished pairs give.

    Args:
        made: The pairs; one at least.
        recipe: Of the first run without the remedy.
        remedies: As they were written.
        metric: That the verdict is about; by default the task's own.
        interval: How intervals are reckoned.
        output: Folder that the runs lie in.

    Raises:
        RecipeError: The runs have no such metric.
    """
    figures = [(figures_of(pair.without), figures_of(pair.cured)) for pair in made]
    effects = effects_of([one for one, _ in figures], [two for _, two in figures], interval)
    return Proof(
        task=recipe.task,
        remedies=tuple(remedies),
        metric=chosen_metric(metric, recipe.task, effects),
        seeds=tuple(pair.seed for pair in made),
        interval=interval,
        effects=effects,
        rarest=rarest_class(made[0].without),
        time=time_ratio(effects, interval),
        runs=tuple(
            (p.without.relative_to(output).as_posix(), p.cured.relative_to(output).as_posix())
            for p in made
        ),
    )


def chosen_metric(metric: str | None, task: str, figures: Mapping[str, object]) -> str:
    """The metric of the verdict, if the runs have it.

    Raises:
        RecipeError: They have no such metric.
    """
    own = TASKS[task].metric if metric is None else metric
    # The loss is what training minimises; of a finished model it is known as the log loss.
    name = "log_loss" if own == "loss" and own not in figures else own
    if name in figures:
        return name
    near = get_close_matches(name, list(figures), 1)
    raise RecipeError(
        f"the runs have no metric {name!r}",
        code="metric-unknown",
        path="--metric",
        got=name,
        expected=", ".join(figures),
        fix=f"did you mean {near[0]!r}?" if near else "choose one of these",
    )
