"""The members of a run, taught one after the other; a plain run has one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from accord.ensemble.setting import Ensemble, Member, Mistakes, Rows, alone
from accord.errors import RecipeError
from accord.fit import Fitted
from accord.metric.calibration import probabilities
from accord.metric.decision import likeliest
from accord.model.save import save_ensemble, save_model
from accord.model.side_heads import save_heads, take_heads
from accord.parallel.checkpoint import Tensors, copies
from accord.parallel.held import Undivided, changing
from accord.part import find
from accord.train.lesson import Lesson
from accord.train.place import Place


def teach(lesson: Lesson, folder: Path, facts: Mapping[str, Any]) -> None:
    """Train every member and save what came about; no more than one is in memory.

    Members that were finished before are read from their last checkpoints, so a run that was killed
    goes on bit for bit.

    Args:
        lesson: What members share.
        folder: Where the model is saved: the one, or the members below it.
        facts: What `accord.json` says beside what this function finds out.
    """
    ensemble, mistakes = ensemble_of(lesson), list[Mistakes]()
    single, told = ensemble.size == 1, list[dict[str, Any]]()
    # Not by `enumerate`, which holds what it gave last until it has the next: two models.
    for member, fitted in taught(lesson, ensemble, mistakes):
        own = {"seed": member.seed, "steps": fitted.steps, "best": _best(lesson, fitted, facts)}
        target = folder if single else folder / _name(len(told))
        told.append(own)
        target.mkdir(parents=True, exist_ok=True)
        _save(lesson, fitted, target, {**_known(facts), **own})
        del fitted
    if not single:
        _save_whole(lesson, folder, ensemble, mistakes, {**_known(facts), "members": told})


def taught(
    lesson: Lesson, ensemble: Ensemble, mistakes: list[Mistakes]
) -> Iterator[tuple[Member, Fitted]]:
    """Every member as it is trained; no more than one is in memory once the last is let go.

    Args:
        lesson: What members share.
        ensemble: Who they are.
        mistakes: Takes what each is wrong about, where later ones look back.
    """
    start: Tensors | None = None
    for number in range(ensemble.size):
        member = ensemble.member(number, mistakes)
        fitted = lesson.fit(member, _place(lesson, number, ensemble.size), start)
        if ensemble.looks_back and ensemble.size > 1:
            mistakes.append(_mistakes(lesson, member, fitted))
        start = _handed_on(ensemble, number, mistakes, fitted)
        yield member, fitted
        del fitted


def ensemble_of(lesson: Lesson) -> Ensemble:
    """The recipe's ensemble.

    Raises:
        RecipeError: It balances classes, and rows have no single class.
    """
    spec, seed = lesson.recipe.train.ensemble, lesson.recipe.train.seed
    if spec is None:
        return alone(seed)
    split, problem = lesson.split("train"), lesson.schema["problem"]
    if getattr(spec, "by_class", False) and problem != "single-label":
        raise RecipeError(
            f"`{spec.kind}` has no meaning for rows without one class each",
            code="recipe-conflict",
            path="train.ensemble",
            got=problem,
            expected="one label a row",
            fix="use `bagging`, `seeds` or `snapshot`",
        )
    labels = np.zeros(0, dtype=np.int64)
    if problem == "single-label":
        labels = split.table["label"].to_numpy().astype(np.int64)
    rows = Rows(split.rows, labels, len(lesson.schema["labels"]), seed)
    return find("ensemble", spec.kind)(spec, rows)


def _name(number: int) -> str:
    return f"members/{number + 1:02d}"


def _place(lesson: Lesson, number: int, size: int) -> Place:
    """A single model keeps the places of a run that knows of no members."""
    context, folder = lesson.context, lesson.context.run / "checkpoints"
    if size == 1:
        return Place(folder, context.identity, context.log)
    log = context.log.within(member=number + 1, members=size)
    return Place(folder / f"member-{number + 1:02d}", f"{context.identity}/{number + 1}", log)


def _handed_on(
    ensemble: Ensemble, number: int, mistakes: list[Mistakes], fitted: Fitted
) -> Tensors | None:
    """Weights that the next member starts from; taken before saving, which may merge adapters."""
    if number + 1 == ensemble.size or not ensemble.member(number + 1, mistakes).goes_on:
        return None
    return copies(changing(Undivided(fitted.model)))


def _mistakes(lesson: Lesson, member: Member, fitted: Fitted) -> Mistakes:
    """Which of its own rows a member is wrong about."""
    found = lesson.scores(fitted.model, lesson.rows_of(member))
    return likeliest({}, probabilities(found["scores"])) != found["label"]


def _best(lesson: Lesson, fitted: Fitted, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """What validation said of the weights; a figure of private rows is given on with no model."""
    best, privacy = fitted.best, lesson.recipe.privacy
    private = privacy is not None and "validation" not in privacy.public
    if best.step is None or private:
        return None
    return {"step": best.step, "metric": facts["metric"], "value": best.value}


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "metric"}


def _save(lesson: Lesson, fitted: Fitted, folder: Path, facts: Mapping[str, Any]) -> None:
    heads = take_heads(fitted.model)
    if heads is not None:
        save_heads(heads, folder)
    save_model(
        fitted.model,
        folder,
        schema=lesson.schema,
        tokenizer_folder=lesson.dataset.path / "tokenizer",
        facts=facts,
    )


def _save_whole(
    lesson: Lesson,
    folder: Path,
    ensemble: Ensemble,
    mistakes: list[Mistakes],
    facts: Mapping[str, Any],
) -> None:
    spec = lesson.recipe.train.ensemble
    assert spec is not None, "only a recipe with `train.ensemble` has several members"
    names = [_name(number) for number in range(ensemble.size)]
    votes = ensemble.votes(mistakes)
    told = [
        {"folder": name, "vote": vote, **own}
        for name, vote, own in zip(names, votes, facts["members"], strict=True)
    ]
    own = {"seed": lesson.recipe.train.seed, "best": None, "ensemble": spec.kind, "members": told}
    save_ensemble(
        folder,
        names,
        votes,
        schema=lesson.schema,
        tokenizer_folder=lesson.dataset.path / "tokenizer",
        facts={**facts, **own},
    )
