"""The audit of a finished run: what its model gives away of the rows that it learned from."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from accord.agreement.charging import charge_look
from accord.agreement.sealing import key_held
from accord.agreement.stage import permit_and_budgets
from accord.artifact import write_atomic
from accord.directories import model_folder
from accord.errors import IntegrityError, RecipeError
from accord.model.guarantee import trained_privately
from accord.privacy.examining import EXAMINED, engine_broken, engine_examined
from accord.privacy.examining import lines as engine_lines
from accord.recipe.load import Loaded, load_recipe
from accord.report.summary import AUDIT, read_artifact, run_artifacts

DELTA = 1e-5
"""Of the bound where the run claims none."""
ROWS = 2000
"""Most rows of each kind that attacks are judged on."""
Floats = npt.NDArray[np.float64]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Rows:
    """Losses of rows under the model, and under one that did not see them, if there is one."""

    own: Floats
    reference: Floats | None

    def take(self, at: npt.NDArray[np.int64]) -> Rows:
        """Some of the rows."""
        return Rows(self.own[at], None if self.reference is None else self.reference[at])


def audit(
    run: str | Path,
    *,
    reference: str | Path | None = None,
    rows: int = ROWS,
    confidence: float = 0.95,
    seed: int = 0,
    tell: Tell = lambda _: None,
) -> dict[str, Any]:
    """Attack the model of a run and compare what is found with what the run claims.

    Reading the rows once more is an access, charged where an agreement counts them.

    Args:
        run: A finished run directory.
        reference: A model or run directory for the same task that did not learn from these rows;
            of language models by default the pretrained base.
        rows: Most rows of each kind that membership attacks are judged on.
        confidence: Of the lower bound on epsilon.
        seed: Of what is drawn at random: rows, resamples.
        tell: Hears a line before each step.

    Returns:
        What is written to `audit.json`: `verdict`, `membership` by attack, `exposure` of canaries,
        `extraction` of language models, `engine` of runs with Poisson sampling.

    Raises:
        RecipeError: It is no finished run, or the reference is for another task.
        AgreementError, BudgetError: The rows may not be opened once more.
        IntegrityError: An artifact was changed.
    """
    folder = Path(run)
    artifacts = run_artifacts(folder)
    if not {"dataset", "model"} <= artifacts.keys():
        raise _unfinished(folder)
    loaded = load_recipe(folder / "recipe.yaml")
    with loaded.placing(), key_held(loaded.recipe, loaded.base):
        # Before the rows are opened: a mistyped reference must not cost an access.
        _require_reference(artifacts, reference)
        _, budgets = permit_and_budgets(loaded.recipe, loaded.base, roles=("train", "test"))
        private = bool(budgets) and trained_privately(artifacts["model"])
        charge_look(budgets, "audit", private=private)
        found = _found(folder, loaded, artifacts, _Asked(reference, rows, confidence, seed), tell)
    write_atomic(folder / AUDIT, json.dumps(found, indent=1, ensure_ascii=False))
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    reference: str | Path | None
    rows: int
    confidence: float
    seed: int


def _found(
    run: Path, loaded: Loaded, artifacts: Mapping[str, Path], asked: _Asked, tell: Tell
) -> dict[str, Any]:
    from accord.audit.verdict import judged
    from accord.batch import PreparedSplit
    from accord.evaluate.losses import losses_of
    from accord.parallel.placement import place_on

    schema = read_artifact(artifacts, "dataset", "schema.json")
    placement = place_on(loaded.recipe.machine, loaded.recipe.train.precision)
    splits = _splits(artifacts["dataset"], asked)
    model, other = _models(loaded, artifacts["model"], schema, asked, tell)

    def losses(of: Any) -> dict[str, Floats]:
        placed = placement.place(of)
        return {name: losses_of(placed, split, schema, placement) for name, split in splits.items()}

    tell("losses of the model")
    own = losses(model)
    tell("losses of the reference")
    beside = losses(other) if other is not None else dict[str, Floats]()
    seen = {name: Rows(own[name], beside.get(name)) for name in splits}
    claim = _claim(run)
    bound = None
    told: dict[str, Any] = {"run": run.resolve().name, "reference": _named(asked, other)}
    if "canaries" in seen:
        included = PreparedSplit(artifacts["dataset"], "canaries").table["included"]
        coins = included.to_numpy().astype(np.bool_)
        shown = seen["canaries"]
        if asked.reference is not None:
            # A run of the same recipe has canaries by the same coins: its losses would tell them.
            shown = Rows(shown.own, None)
        bound, told["canaries"] = _canaries(shown, coins, claim, asked.confidence)
        if claim["unit"] not in (None, "record"):
            bound = None  # a canary is a record: its coin says nothing of a user or a source
        if coins.any() and not coins.all():
            told["exposure"] = _exposure(artifacts["dataset"], own, coins)
    told["verdict"] = judged(claim["epsilon"], claim["delta"], bound, claim["unit"]).to_json()
    privacy = loaded.recipe.privacy
    if privacy is not None and privacy.mechanism.kind in EXAMINED:
        tell("the engine, from inside")
        told["engine"] = engine_examined(privacy)
    tell("membership")
    told["membership"] = _membership(seen["train"], seen["test"], asked.seed)
    if schema["problem"] == "next-token":
        tell("extraction")
        told["extraction"] = _extraction(model, splits, schema, placement)
    return told


def _splits(dataset: Path, asked: _Asked) -> dict[str, Any]:
    """Rows that were learned from, rows that were not, and canaries if there are any."""
    from accord.batch import PreparedSplit

    found: dict[str, Any] = {}
    chance = np.random.default_rng(asked.seed)
    for name in ("train", "test"):
        at = np.arange(PreparedSplit(dataset, name).rows)
        if name == "train":
            # Canaries are numbered below 0; what they show is told apart.
            at = at[PreparedSplit(dataset, name).table["row"].to_numpy() >= 0]
        chosen = np.sort(chance.permutation(at)[: asked.rows])
        found[name] = PreparedSplit(dataset, name, chosen=chosen)
    for name in ("canaries", "repeated"):
        if (dataset / f"{name}.arrow").is_file():
            found[name] = PreparedSplit(dataset, name)
    return found


def _models(
    loaded: Loaded, folder: Path, schema: Mapping[str, Any], asked: _Asked, tell: Tell
) -> tuple[Any, Any]:
    """The model, and the one that it is compared with, if any."""
    from accord.model.load import load_model, load_trained
    from accord.recipe.model import Model

    tell("loading the model")
    model, spec = load_trained(folder), loaded.recipe.model
    if asked.reference is not None:
        return model, load_trained(model_folder(Path(asked.reference)))
    if schema["problem"] == "next-token" and spec.base is not None:
        plain = Model(base=spec.base, revision=spec.revision)
        task = loaded.recipe.task
        return model, load_model(plain, schema, task=task, seed=0, base=loaded.base).eval()
    return model, None


def _require_reference(artifacts: Mapping[str, Path], reference: str | Path | None) -> None:
    if reference is None:
        return
    found = [
        json.loads((folder / "config.json").read_text("utf-8"))
        for folder in (artifacts["model"], model_folder(Path(reference)))
    ]
    outputs = [_outputs(one) for one in found]
    if outputs[0] != outputs[1]:
        raise RecipeError(
            "the reference is a model for another task",
            code="reference-unlike",
            path="--reference",
            got=f"{reference}: {outputs[1]}",
            expected=outputs[0],
            fix="name a run of the same recipe on other rows",
        )


def _outputs(config: Mapping[str, Any]) -> str:
    """What a model says, in words: of a pretrained base without a head, nothing."""
    kind = (config.get("architectures") or [""])[0]
    if kind.endswith(("LMHeadModel", "ForCausalLM")):
        return f"{config.get('vocab_size')} tokens"
    known = config.get("outputs") or config.get("num_labels") or len(config.get("id2label") or ())
    # Two classes are Transformers' default, which it does not write.
    return f"{known or 2} outputs" if known or "For" in kind else "no head"


def _claim(run: Path) -> dict[str, Any]:
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    stated = summary.get("privacy") or {}
    return {name: stated.get(name) for name in ("epsilon", "delta", "unit")}


def _canaries(
    seen: Rows, included: npt.NDArray[np.bool_], claim: Mapping[str, Any], sure: float
) -> tuple[Any, dict[str, Any]]:
    from accord.audit.membership import attacked, by_loss, calibrated
    from accord.audit.one_run import bound_of

    scores = by_loss(seen.own) if seen.reference is None else calibrated(seen.own, seen.reference)
    bound = bound_of(scores, included, claim["delta"] or DELTA, sure)
    told = attacked(scores[included], scores[~included]).to_json()
    return bound, told | {
        "scores": {"in": _kept(scores[included]), "out": _kept(scores[~included])}
    }


def _kept(scores: Floats) -> list[float]:
    return [round(float(score), 5) for score in np.sort(scores)]


def _membership(members: Rows, others: Rows, seed: int) -> dict[str, Any]:
    """Each attack on rows that were in training, beside rows that were not."""
    from accord.audit.membership import attacked, by_loss, calibrated, relative

    found = {"loss": attacked(by_loss(members.own), by_loss(others.own), seed).to_json()}
    if members.reference is None or others.reference is None:
        return found
    ours = calibrated(members.own, members.reference)
    theirs = calibrated(others.own, others.reference)
    found["calibrated"] = attacked(ours, theirs, seed).to_json()
    # Rows that others are measured by are not judged themselves.
    order = np.random.default_rng(seed).permutation(len(others.own))
    population, judged = others.take(order[::2]), others.take(order[1::2])
    assert population.reference is not None
    assert judged.reference is not None
    by = (population.own, population.reference)
    found["relative"] = attacked(
        relative(members.own, members.reference, *by),
        relative(judged.own, judged.reference, *by),
        seed,
    ).to_json()
    return found


def _exposure(
    dataset: Path, losses: Mapping[str, Floats], included: npt.NDArray[np.bool_]
) -> dict[str, Any]:
    """How well canaries are known, those too that stood there more than once: these are no coin's,
    and no bound on epsilon is taken of them."""
    from accord.audit.exposure import exposure_of
    from accord.batch import PreparedSplit

    repeated = dict[int, Floats]()
    if "repeated" in losses:
        times = PreparedSplit(dataset, "repeated").table["times"].to_numpy()
        repeated = {int(one): losses["repeated"][times == one] for one in np.unique(times)}
    return exposure_of(losses["canaries"], included, repeated)


def _extraction(
    model: Any, splits: Mapping[str, Any], schema: Mapping[str, Any], placement: Any
) -> dict[str, Any]:
    from accord.evaluate.extraction import extracted

    return {
        name: extracted(model, splits[name], schema, placement).to_json()
        for name in ("train", "test")
    }


def _named(asked: _Asked, other: Any) -> str | None:
    if other is None:
        return None
    return "base" if asked.reference is None else Path(asked.reference).name


def contradicted(found: Mapping[str, Any]) -> IntegrityError | None:
    """The error that says so where evidence and claim contradict each other."""
    verdict, engine = found["verdict"], found.get("engine")
    if engine is not None and engine["answer"] == "broken":
        return engine_broken(engine)
    if verdict["answer"] != "contradicted":
        return None
    return IntegrityError(
        "the run is less private than it claims",
        code="audit-contradicted",
        path="privacy.epsilon",
        got=f"at least {verdict['bound']['epsilon']:.2f}",
        expected=f"{verdict['claim']['epsilon']:.2f}, as the run claims",
        why="whoever relies on the claim would be deceived",
        fix="do not release the model; report the run to the developers of Accord",
    )


def _unfinished(run: Path) -> RecipeError:
    return RecipeError(
        "there is no finished run to audit",
        code="run-missing",
        path=str(run),
        expected="a run directory of `accord train`",
        fix="check the path; an interrupted run is finished with --resume",
    )


def lines(found: Mapping[str, Any]) -> Sequence[str]:
    """For people."""
    verdict = found["verdict"]
    told = [f"{verdict['answer']}: {verdict['why']}", ""]
    if "engine" in found:
        told += [*engine_lines(found["engine"]), ""]
    told.append(f"{'attack':<22}{'area':>8}  {'95 % interval':<18}{'at 1 %':>8}{'at 0.1 %':>10}")
    named = {"canaries": found["canaries"]} if "canaries" in found else {}
    for name, one in {**found["membership"], **named}.items():
        rates, (low, high) = one["true_positive_rate"], one["interval"]
        told.append(
            f"{name:<22}{one['auc']:>8.3f}  {f'{low:.3f} to {high:.3f}':<18}"
            f"{rates['0.01']['value']:>8.2%}{rates['0.001']['value']:>10.2%}"
        )
    if found["reference"] is None:
        told.append("no reference model: `--reference RUN` makes attacks sharper")
    if "exposure" in found:
        one = found["exposure"]
        told.append(
            f"exposure of canaries: {one['mean']:.1f} bits on average, {one['most']:.1f} at most "
            f"(chance {one['chance']:.1f}, ceiling {one['ceiling']:.1f})"
        )
        told += _repeated(one)
    for name, one in found.get("extraction", {}).items():
        told.append(
            f"{name} rows continued word by word: {one['verbatim']} of {one['rows']}; "
            f"{one['matched']:.1%} of their tokens from the first on"
        )
    return told


def _repeated(exposure: Mapping[str, Any]) -> list[str]:
    """A line for each number of times that canaries stood there, if some did more than once."""
    told: list[str] = []
    for one in exposure.get("repeated", []):
        often = "once" if one["times"] == 1 else f"{one['times']:,} times"
        told.append(
            f"  {often:<11}{one['median']:.1f} bits in the middle, loss {one['loss']:.2f}; "
            f"{one['at_ceiling']:.0%} of {one['canaries']} better known than any left out"
        )
    return told and [*told, f"  {'left out':<11}loss {exposure['loss_left_out']:.2f}"]
