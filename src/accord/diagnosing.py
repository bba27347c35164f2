"""`accord diagnose`: typical problems of data, recipe and machine, found and remedied."""

from __future__ import annotations

import difflib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accord.agreement.allowance import allowances
from accord.agreement.charging import charge_look
from accord.agreement.ledger.reservation import PREPARATION
from accord.agreement.sealing import key_held
from accord.agreement.stage import permit_and_budgets
from accord.artifact import write_atomic
from accord.data.look import Look, look_at
from accord.diagnose.find import findings, problems
from accord.diagnose.finding import SEVERITIES, Finding, Patch
from accord.diagnose.machine import measured_flops, this_machine
from accord.diagnose.patch import conflict, together, with_fields
from accord.diagnose.seen import Seen
from accord.errors import AccordError, AgreementError, BudgetError, Problems, RecipeError
from accord.permit import Permit
from accord.recipe.amend import amend, block
from accord.recipe.load import Loaded, load_recipe
from accord.recipe.tree import Recipe

Tell = Callable[[str], None]
DIAGNOSIS = "diagnosis.json"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found.

    Args:
        recipe: Name of the recipe file, or `python`.
        task: Its task.
        rows: Rows of each split; empty where the data were not opened.
        sampled: Rows of the sample that costly looks draw from, by split.
        findings: One for each problem that was looked for, in order.
        patch: All remedies as one part of a recipe.
        refused: Why the data were not opened.
    """

    recipe: str
    task: str
    rows: dict[str, int]
    sampled: dict[str, int]
    findings: tuple[Finding, ...]
    patch: dict[str, Any]
    refused: AccordError | None = None

    @property
    def found(self) -> tuple[Finding, ...]:
        """The problems, gravest first."""
        found = [one for one in self.findings if one.status == "found"]
        return tuple(sorted(found, key=lambda one: SEVERITIES.index(one.severity or "low")))

    def to_json(self) -> dict[str, Any]:
        """JSON value; keys are stable."""
        kinds = [one.status for one in self.findings]
        return {
            "recipe": self.recipe,
            "task": self.task,
            "rows": self.rows,
            "sampled": self.sampled,
            "refused": None if self.refused is None else self.refused.problem,
            "counts": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
            "findings": [_with_yaml(one) for one in self.findings],
            "patch": self.patch,
            "yaml": "\n".join(block(self.patch, 0)) if self.patch else None,
        }


def diagnose_recipe(
    loaded: Loaded,
    names: Sequence[str] = (),
    *,
    run: Path | None = None,
    tell: Tell | None = None,
) -> Diagnosis:
    """Look at data, recipe and machine for typical problems.

    Data that are given for so many accesses are charged one. Nothing is changed.

    Args:
        loaded: The recipe.
        names: Problems to look for; all by default.
        run: A run directory, if there is one: its evaluations are looked at too.
        tell: Hears what is being done.

    Raises:
        RecipeError: There is no problem of a name.
        DataError: The data cannot be read at all.
    """
    told = tell or (lambda _: None)
    chosen = problems(names)
    with loaded.placing(), key_held(loaded.recipe, loaded.base):
        permit, budgets, look, refused = _opened(loaded, told, reads=_reads(names))
        machine = this_machine()
        seen = Seen(
            loaded, machine, measured_flops(), permit, tuple(budgets), refused, look, run=run
        )
        found = findings(seen, chosen, told)
    return Diagnosis(
        recipe=loaded.path.name if loaded.path else "python",
        task=loaded.recipe.task,
        rows={} if look is None else look.rows,
        sampled={} if look is None else {n: len(s.at) for n, s in look.sample.items()},
        findings=found,
        patch=_as_one(loaded, [patch for _, patch in _patches(found)]),
        refused=refused,
    )


def _patches(found: Sequence[Finding]) -> list[tuple[str, Patch]]:
    """Problems that are found, with the patch of each that has one."""
    with_remedy = [(one, one.remedy) for one in found if one.status == "found"]
    return [(one.problem, r.patch) for one, r in with_remedy if r is not None and r.patch]


def _as_one(loaded: Loaded, patches: Sequence[Patch]) -> dict[str, Any]:
    return with_fields({}, together(loaded.source.plain(), patches))


def _reads(names: Sequence[str]) -> bool:
    return any(getattr(part.spec, "reads", True) for part in problems(names))


def _opened(
    loaded: Loaded, tell: Tell, *, reads: bool
) -> tuple[Permit | None, list[dict[str, Any]], Look | None, AccordError | None]:
    """Permit, budgets and data, as far as agreements and budgets allow."""
    recipe, base = loaded.recipe, loaded.base
    try:
        tell("agreements")
        permit, given = permit_and_budgets(recipe, base)
        # A private run lets out its steps, which are priced by `accord check`; not the rows.
        purpose = "train" if recipe.privacy is None else PREPARATION
        budgets = allowances(given, purpose=purpose)
        if reads:
            _require_spare(budgets)
            counted = {n: b for n, b in given.items() if b.accesses is not None}
            charge_look(counted, "diagnose", private=recipe.privacy is not None)
            budgets = allowances(given, purpose=purpose)
    except (AgreementError, BudgetError) as error:
        return None, [], None, error
    except Problems as error:
        if not all(isinstance(one, AgreementError | BudgetError) for one in error.problems):
            raise
        return None, [], None, error
    if not reads:
        return permit, budgets, None, None
    tell("data")
    look = look_at(recipe, permit, base, lambda rows: tell(f"data: {rows:,} rows"))
    return permit, budgets, look, None


def _require_spare(budgets: Sequence[dict[str, Any]]) -> None:
    """The last access is kept for the run.

    Raises:
        BudgetError: A look would take it; nothing was charged.
    """
    for budget in budgets:
        left, cost = budget["left"]["accesses"], budget["cost"]["accesses"]
        if left is not None and left < cost + 1:
            raise BudgetError(
                "a look at the data would take an access that the run needs",
                code="budget-accesses",
                path=str(budget["agreement"]),
                got=f"{left:g} left, and the run takes {cost:g}",
                why="the rights holder capped how often the data may be used",
                fix="ask for problems that need no look, such as `privacy-budget`, or for more",
            )


@dataclass(frozen=True, slots=True)
class Applied:
    """What was written into a recipe file.

    Args:
        problems: Whose patches were put in.
        diff: Unified; empty if nothing changed.
        patch: All of them as one.
    """

    problems: tuple[str, ...]
    diff: str
    patch: dict[str, Any]


def apply(diagnosis: Diagnosis, loaded: Loaded) -> Applied:
    """Write the patches of what was found into the recipe file, comments and layout kept.

    The file is replaced as a whole, and only by one that loads. Applied again, nothing changes.

    Raises:
        RecipeError: The recipe is no file, two patches set one field differently, a value would be
            written that came from the environment, or the new file would not load.
    """
    if loaded.path is None:
        raise RecipeError(
            "there is no file to write patches into",
            code="arguments-conflict",
            path="--apply",
            fix="name a recipe file",
        )
    chosen = _patches(diagnosis.found)
    _require_peace(chosen)
    tree = loaded.source.plain()
    fields = together(tree, [patch for _, patch in chosen])
    for path in fields:
        _require_own(loaded, path)
    path = loaded.path.resolve()
    raw = path.read_bytes()
    before = raw.decode("utf-8")
    changes = [(place, value) for place, value in fields.items()]
    after = amend(before, changes, tuple(Recipe.model_fields), str(loaded.path))
    _replace(path, raw, after)
    name = str(loaded.path)
    diff = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name}, patched"
    )
    return Applied(tuple(n for n, _ in chosen), "".join(diff), with_fields({}, fields))


def _require_peace(chosen: Sequence[tuple[str, Patch]]) -> None:
    for i, (name, patch) in enumerate(chosen):
        for other, theirs in chosen[:i]:
            field = conflict(patch, theirs)
            if field is not None:
                raise RecipeError(
                    f"the remedies of {other} and {name} set one field differently",
                    code="diagnose-conflict",
                    path=".".join(field),
                    why="one of the two would be lost without a word",
                    fix=f"apply one of them: accord diagnose RECIPE --apply {name}",
                )


def _require_own(loaded: Loaded, path: tuple[str, ...]) -> None:
    """What came from the environment is not written down."""
    node = loaded.source
    for step in path:
        child = node.child(step)
        if child is None:
            return
        node = child
    if any(scalar.secret for scalar in node.scalars()):
        raise RecipeError(
            "a field that a patch changes comes from the environment",
            code="diagnose-conflict",
            path=".".join(path),
            location=node.key or node.location,
            why="its value would be written into the recipe",
            fix="change it where the variable is set",
        )


def _replace(path: Path, before: bytes, after: str) -> None:
    """Put a new text in the place of a file, if it loads and nobody has changed it meanwhile."""
    raw = after.encode("utf-8")
    if raw == before:
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".yaml", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        load_recipe(Path(name))
        if path.read_bytes() != before:
            raise RecipeError(
                "the recipe was changed while it was diagnosed",
                code="diagnose-conflict",
                path=str(path),
                fix="run it again",
            )
        shutil.copymode(path, name)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def write_diagnosis(diagnosis: Diagnosis, folder: Path) -> Path:
    """Write `diagnosis.json` and `diagnosis.html` into a folder; the page's path."""
    from accord.report.diagnosis import write_page

    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(diagnosis.to_json(), ensure_ascii=False, indent=1, default=float)
    write_atomic(folder / DIAGNOSIS, text)
    return write_page(folder)


def _with_yaml(finding: Finding) -> dict[str, Any]:
    """JSON of a finding, its patch also as the text to be put into a recipe."""
    found = finding.to_json()
    if found["remedy"] is not None:
        patch = found["remedy"]["patch"]
        found["remedy"]["yaml"] = None if patch is None else "\n".join(block(patch, 0))
    return found


__all__ = ["Applied", "Diagnosis", "apply", "diagnose_recipe", "write_diagnosis"]
