"""Contract of problems that a diagnosis looks for."""

from __future__ import annotations

import atexit
import json
import math
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import cast, get_args

import numpy as np

from accord.agreement.stage import permit_and_budgets
from accord.data.look import look_at
from accord.diagnose.find import findings
from accord.diagnose.finding import Finding, Looking, Status
from accord.diagnose.machine import MachineFacts
from accord.diagnose.patch import accepted
from accord.diagnose.seen import Seen
from accord.errors import DataError
from accord.part import Part
from accord.recipe.load import recipe_from
from accord.testing.contract import Contract

HERE = MachineFacts("a processor", frozenset(), 1, 2**34, 2**34, None, 0)
ROWS = 240
WORDS = {"good": "fine warm clever rich lively", "bad": "dull cold thin weak empty"}


@cache
def seen_rows(task: str, *, opened: bool = True) -> Seen:
    """A small table, or small texts, with one rare class, a value far out and repeated rows."""
    chance = np.random.default_rng(0)
    kinds = np.where(chance.random(ROWS) < 0.1, "bad", "good")
    lines: list[str] = []
    for row, kind in enumerate(kinds.tolist()):
        words = chance.choice(f"{WORDS[kind]} a film the plot it is".split(), 9)
        value = chance.normal() + (kind == "bad") + 1e4 * (row == 7)
        said = "the same again and again" if row % 20 == 0 else " ".join(words)
        lines.append(f"{said},{value:.3f},{chance.integers(0, 3)},{kind}")
    folder = Path(tempfile.mkdtemp(prefix="accord-contract-"))
    # Kept as long as the process: what was seen of the rows is, and looks at the file again.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "rows.csv").write_text("text,x,place,label\n" + "\n".join(lines) + "\n", "utf-8")
    data = {"agreement": "own", "train": "rows.csv", "label": "label"}
    text = task.startswith("text")
    data |= {"text": "text"} if text else {"numeric": ["x"], "categorical": ["place"]}
    model = {"base": "some/model"} if text else {"config": {"model_type": "accord-ft-transformer"}}
    loaded = recipe_from({"task": task, "model": model, "data": data}, folder)
    permit, _ = permit_and_budgets(loaded.recipe, folder)
    if not opened:
        closed = DataError("nobody opened them", code="data-missing")
        return Seen(loaded, HERE, 1e10, permit, refused=closed)
    return Seen(loaded, HERE, 1e10, permit, look=look_at(loaded.recipe, permit, folder))


def _looked(part: Part, task: str, *, opened: bool) -> Finding:
    (finding,) = findings(seen_rows(task, opened=opened), [part], lambda _: None)
    return finding


_found = cache(_looked)


class ProblemContract(Contract):
    """Says one of the known things, in numbers, of a place and never of what stands there; what it
    would have written into a recipe is accepted."""

    tasks: tuple[str, ...] = ("text-classification", "table-classification")

    def found(self, task: str, *, opened: bool = True) -> Finding:
        return _found(self.part, task, opened=opened)

    def test_it_is_described(self) -> None:
        described = cast("type[Looking]", self.part.spec)
        assert described.title
        assert described.__doc__

    def test_it_says_one_of_the_known_things(self) -> None:
        for task in self.tasks:
            finding = self.found(task)
            assert finding.status in get_args(Status)
            assert finding.meaning.strip().endswith((".", ":", "?"))
            assert (finding.severity is not None) == (finding.status == "found")

    def test_figures_are_numbers(self) -> None:
        for task in self.tasks:
            finding = self.found(task)
            assert all(math.isfinite(figure.value) for figure in finding.figures)
            assert finding.figures or finding.status not in ("found", "remedied")
            assert json.loads(json.dumps(finding.to_json()))["problem"] == self.part.kind

    def test_its_patch_is_accepted(self) -> None:
        for task in self.tasks:
            remedy = self.found(task).remedy
            if remedy is not None and remedy.patch is not None:
                assert accepted(seen_rows(task).loaded, [remedy.patch], HERE) is not None

    def test_it_shows_no_row(self) -> None:
        for task in self.tasks:
            told = json.dumps(self.found(task).to_json())
            assert "the same again" not in told

    def test_without_data_it_says_so(self) -> None:
        described = cast("type[Looking]", self.part.spec)
        if described.reads:
            statuses = {self.found(task, opened=False).status for task in self.tasks}
            assert statuses <= {"not looked at", "not applicable"}

    def test_the_same_rows_give_the_same(self) -> None:
        for task in self.tasks:
            again = _looked(self.part, task, opened=True)
            assert again.to_json() == self.found(task).to_json()
