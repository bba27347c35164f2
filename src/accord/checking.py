"""`accord check`: everything that can be known without training. Loads no tensor library."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from accord.accounting.accountant import expect_accountants
from accord.accounting.calibrate import forecast_of
from accord.agreement.allowance import allowances
from accord.agreement.ledger.reservation import PREPARATION
from accord.agreement.private_steps import weighed_steps
from accord.agreement.sealing import key_held
from accord.agreement.short import Budget
from accord.agreement.stage import permit_and_budgets
from accord.data.preview import Preview, preview
from accord.diagnose.architecture import doubtful_architecture, refused_architecture
from accord.diagnose.estimate import Estimate, device_of, estimate, slow_half
from accord.diagnose.machine import MachineFacts, measured_flops, this_machine
from accord.diagnose.shape import Shape, shape_of
from accord.diagnose.trained import told_trained
from accord.errors import raise_all
from accord.permit import Permit
from accord.processes import processes, refuse_several
from accord.recipe.consistency import inconsistencies
from accord.recipe.load import Loaded
from accord.recipe.tree import Recipe
from accord.reuse import planned
from accord.train.private_terms import refuse_clipping, terms_of

ABSENT = ("the base model is not on this machine: it will be downloaded; no estimate",)
UNPRICED = (
    "what private training reserves depends on how many units there are: `accord privacy plan` "
    "counts them"
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What a check found; errors are raised, not listed.

    Args:
        task: The recipe's task.
        agreement: Ids, verdict, obligations and open questions of the permit; `budgets`: what is
            left of each and what the run would take.
        data: The data preview: rows, labels, lengths, first batch; None where opening them would be
            charged.
        estimate: Memory and time; None without a preview, or where the model's files are not here.
        stages: What a run would do, in order: kind and `run` or `reuse`.
        private: Noise, sampling and steps of private training, its `epsilon` and `delta`, and in
            `budgets` what it would reserve of each; None where nothing is private, or the units are
            not known.
        warnings: What may go wrong, a sentence each.
    """

    task: str
    agreement: Mapping[str, Any]
    private: Mapping[str, Any] | None
    data: Preview | None
    estimate: Estimate | None
    stages: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON value of the findings."""
        return asdict(self)


def check_recipe(loaded: Loaded, output: Path | None = None) -> Findings:
    """Look at agreement, data, model and machine.

    Args:
        loaded: The recipe.
        output: A run directory; its finished stages are named.

    Raises:
        AccordError: What would stop a run. No budget is charged.
    """
    refuse_several("check")
    processes()  # what training refuses of a launcher
    recipe, base = loaded.recipe, loaded.base
    machine = this_machine()
    with loaded.placing(), key_held(recipe, base):
        _raise_conflicts_with(machine, loaded)
        permit, given = permit_and_budgets(recipe, base)
        raise_all(refused_architecture(recipe, base))
        # What the steps of a private run cost is known once the rows are counted.
        purpose = "train" if recipe.privacy is None else PREPARATION
        budgets = allowances(given, output, purpose)
        counted = [name for name, budget in given.items() if budget.accesses is not None]
        # Each opening of such data is charged, and a check charges nothing.
        seen = None if counted else preview(recipe, permit, base)
        private = _private_steps(recipe, permit, given, output, seen)
    shape = shape_of(recipe, base)
    found = None
    if shape is not None and seen is not None:
        rows, lengths = training_rows(recipe, shape, seen)
        flops = measured_flops()
        classes = len({name for counts in seen.labels.values() for name in counts})
        shape = replace(shape, trained=told_trained(recipe, base, classes))
        beside = seen.beside
        found = estimate(recipe, shape, lengths, rows, machine=machine, flops=flops, beside=beside)
    return Findings(
        task=recipe.task,
        agreement={
            "id": permit.agreement,
            "verdict": permit.verdict,
            "reading": permit.reading,
            "obligations": list(permit.obligations),
            "questions": [question["ask"] for question in permit.judged["questions"]],
            "budgets": budgets,
        },
        private=private,
        data=seen,
        estimate=found,
        stages=planned(recipe, permit, base, output),
        warnings=(
            *(f"{name} was not opened: each opening of it is charged" for name in counted),
            *(() if seen is None else (*seen.warnings, *_unread(seen))),
            *(ABSENT if shape is None else ()),
            *_warnings(found, output or base),
            *_slow(recipe, machine),
            *doubtful_architecture(recipe, base),
            *(() if recipe.privacy is None or private is not None else (UNPRICED,)),
        ),
    )


def _private_steps(
    recipe: Recipe,
    permit: Permit,
    given: Mapping[str, Budget],
    output: Path | None,
    seen: Preview | None,
) -> dict[str, Any] | None:
    """What private training would reserve, forecast; refused as a run would be."""
    privacy = recipe.privacy
    if privacy is None:
        return None
    expect_accountants()
    by_row = privacy.unit == "record" and seen is not None and seen.complete
    units = privacy.units or (seen.rows["train"] if by_row and seen is not None else None)
    if units is None:
        return None
    deltas = [one.delta for one in given.values() if one.delta is not None]
    terms = terms_of(privacy, recipe.train, units, min(deltas, default=None), proven=False)
    refuse_clipping(privacy, terms)
    plan = (terms.mechanism, terms.charges)
    prices, refused = weighed_steps(recipe, permit, given, plan, output)
    raise_all(refused)
    return {
        "epsilon": forecast_of(terms.composition, terms.delta, privacy.accountant),
        "delta": terms.delta,
        "unit": privacy.unit,
        "units": terms.units,
        "noise_multiplier": terms.mechanism.noise_multiplier,
        "sampling_probability": terms.course.probability,
        "steps": terms.steps,
        "budgets": prices,
    }


def training_rows(recipe: Recipe, shape: Shape, seen: Preview) -> tuple[int, Sequence[int]]:
    """Rows as the model is given them, and tokens of a sample of them.

    Documents of a language model are packed into, or divided by, `data.max_tokens`.
    """
    documents, lengths = seen.rows["train"], seen.lengths
    if not lengths:
        return documents, [shape.row_tokens or 1 + _columns(recipe)]
    if recipe.task == "causal-lm":
        most, mean = recipe.data.max_tokens, sum(lengths) / len(lengths)
        if recipe.data.pack:
            return max(1, math.ceil(mean * documents / most)), [most]
        pieces = sum(math.ceil(length / most) for length in lengths) / len(lengths)
        return math.ceil(documents * pieces), [min(length, most) for length in lengths]
    return documents, lengths


def _columns(recipe: Recipe) -> int:
    return len(recipe.data.numeric) + len(recipe.data.categorical)


def _raise_conflicts_with(machine: MachineFacts, loaded: Loaded) -> None:
    """Rules about devices, now that `auto` has become one."""
    recipe = loaded.recipe
    here = recipe.machine.model_copy(update={"device": device_of(recipe, machine)})
    raise_all(inconsistencies(recipe.model_copy(update={"machine": here}), loaded.source))


def _unread(seen: Preview) -> list[str]:
    if seen.complete:
        return []
    return ["only the first rows were read: rows, steps and time count those alone"]


def _warnings(found: Estimate | None, folder: Path) -> list[str]:
    if found is None:
        return []
    told: list[str] = []
    if found.memory.expected > found.available:
        told.append(
            f"memory will not suffice: about {gib(found.memory.expected)} needed, "
            f"{gib(found.available)} free; lower machine.micro_batch_tokens or use adapt: lora"
        )
    elif found.memory.high > found.available:
        told.append(
            f"memory may not suffice: up to {gib(found.memory.high)} needed, "
            f"{gib(found.available)} free; micro-batches would be halved until they fit"
        )
    existing = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if found.disk > free:
        told.append(f"the disk is too full: {gib(found.disk)} needed, {gib(free)} free")
    return told


def _slow(recipe: Recipe, machine: MachineFacts) -> list[str]:
    if not slow_half(recipe, machine):
        return []
    precision = recipe.train.precision
    return [
        f"this processor computes {precision} in software, several times slower than fp32; "
        "set train.precision: fp32"
    ]


def gib(size: float) -> str:
    """Bytes for people."""
    return f"{size / 2**30:.1f} GiB" if size >= 2**29 else f"{size / 2**20:.0f} MiB"
