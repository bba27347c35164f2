"""The agreement's section: verdict, findings, questions, what is owed, waivers, budgets."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from accord.permit import Granted, Permit
from accord.report.budget import budget_plots
from accord.report.html import write_report
from accord.terms import Terms
from tests.report.made import HOSTILE, make_run
from tests.report.test_tasks import Balance

FINDING = {
    "verdict": "warn", "why": f"one may not train on it {HOSTILE}", "work": "poems",
    "license": "CC-BY-NC-4.0", "clause": f"2(a)(1) {HOSTILE}", "basis": "contested",
}  # fmt: skip
OWED = {
    "work": "poems", "duty": "cite", "values": [], "license": "CC-BY-NC-4.0",
    "clause": "3(a)", "when": "", "basis": "stated", "title": "", "origin": "",
}  # fmt: skip
JUDGED: dict[str, Any] = {
    "use": {"acts": ["share", "use"], "commercial": False, "purpose": HOSTILE, "region": []},
    "findings": [FINDING],
    "obligations": [OWED, OWED | {"clause": "3(b)", "basis": "contested"}],
    "outbound": ["CC-BY-NC-4.0", HOSTILE],
    "names": [f"Poem-{HOSTILE}"],
    "questions": [{"variable": "region", "ask": f"Where? {HOSTILE}", "works": [HOSTILE]}],
    "fixes": [{"drop": [HOSTILE, "poems"], "outbound": ["MIT"], "names": []}],
    "set_aside": [FINDING | {"why": "it was set aside"}],
}
WAIVED = {"poems": f"Asked the poet. {HOSTILE}"}


def _budget(before: Any, after: Any, **given: Any) -> dict[str, Any]:
    known = {"runs": None, "accesses": None, "epsilon": None, "delta": None}
    return {"unit": "user", "given": known | given, "before": before, "after": after}


CHARGES = {
    "accounts": [["poems", "user"]],
    "budgets": {
        f"poems {HOSTILE}": _budget(
            {"runs": 1, "accesses": 3, "epsilon": 0.5},
            {"runs": 2, "accesses": 4, "epsilon": 2.0},
            runs=4, epsilon=8.0, delta=1e-5,
        ),
    }
}  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    run = make_run(tmp_path_factory.mktemp("agreed") / "run", "regression")
    owed = ("name who made it", "say what was changed")
    works = (
        Granted("poems", "CC-BY-NC-4.0", None, "warn", owed, None, ("train",), title=HOSTILE),
        Granted(HOSTILE, HOSTILE, None, "allow", (), None, ()),
    )
    permit = Permit("warn", "cautious", works, Terms(), (), {"waive": WAIVED}, "", JUDGED)
    _rewrite(run, permit)
    (run / "charges.json").write_text(json.dumps(CHARGES), "utf-8")
    return write_report(run).read_text("utf-8")


def _rewrite(run: Path, permit: Permit) -> None:
    (path,) = run.glob("artifacts/permit-*/permit.json")
    path.write_text(json.dumps(permit.to_json()), "utf-8")


def _section(page: str) -> str:
    """The section's words, without tags, in single spaces."""
    return _words(re.findall(r'<section id="agreement">.*?</section>', page, re.DOTALL)[0])


def _words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", markup).split()).replace(" ,", ",")


ESCAPED = "&lt;script&gt;document.title=&#39;owned&#39;&lt;/script&gt;"


def test_section_tells_what_was_decided_and_why(page: str) -> None:
    told = _section(page)
    for said in (
        "warn under the cautious reading: what the texts leave open is taken to bind.",
        f"Judged for acts: share, use ; purpose: {ESCAPED} ; commercial: no .",
        f"warn poems CC-BY-NC-4.0, 2(a)(1) {ESCAPED} (contested) one may not train on it",
        f"Where? {ESCAPED}",
        f"do without {ESCAPED} and poems, and give it on under MIT",
        f"It can be given on under CC-BY-NC-4.0, {ESCAPED}.",
        "name who made it [3(a)] say what was changed [3(b)] (contested)",
        f"poems Asked the poet. {ESCAPED}",
        "it was set aside",
        "in the base",
    ):
        assert said in told


def test_whatever_is_named_there_is_escaped(page: str) -> None:
    assert HOSTILE not in page
    found = Balance()
    found.feed(page)
    assert (found.wrong, found.stack) == ([], [])


def test_what_nobody_said_leaves_no_heading(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", "regression")
    plain = Granted("own", "own", None, "allow", (), None, ("train",))
    _rewrite(run, Permit("allow", "literal", (plain,), Terms(), (), {}))
    told = _section(write_report(run).read_text("utf-8"))
    assert "allow under the literal reading: what the texts do not say does not bind." in told
    for heading in ("Findings", "Waived", "To be answered", "What would help", "Budgets"):
        assert heading not in told


def test_clauses_that_do_not_match_are_left_out(tmp_path: Path) -> None:
    """Rather no clause than that of another duty."""
    run = make_run(tmp_path / "run", "regression")
    work = Granted("poems", "MIT", None, "allow", ("keep the notice",), None, ("train",))
    _rewrite(run, Permit("allow", "literal", (work,), Terms(), (), {}, "", JUDGED))
    told = _section(write_report(run).read_text("utf-8"))
    assert "keep the notice" in told and "[3(a)]" not in told


def test_many_works_are_counted_in_the_headline(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", "regression")
    works = [Granted(f"w{i}", "MIT", None, "allow", (), None, ("train",)) for i in range(40)]
    _rewrite(run, Permit("allow", "literal", tuple(works), Terms(), (), {}))
    page = write_report(run).read_text("utf-8")
    (lede,) = re.findall(r'<p class="lede">(.*?)</p>', page, re.DOTALL)
    assert "under w0, w1, w2, w3, w4 and 35 more" in _words(lede)
    assert page.count('<g class="work ') == 41


def _bars(figure: str) -> dict[str, list[tuple[str, float, float]]]:
    """By limit: class, left edge and width of each rectangle."""
    root = ET.fromstring(re.findall(r"<svg.*</svg>", figure)[0])
    return {
        str(row.findtext("text")): [
            (str(one.get("class")), float(str(one.get("x"))), float(str(one.get("width"))))
            for one in row.findall("rect")
        ]
        for row in root.findall("g")
    }


def test_bars_are_as_long_as_what_was_spent() -> None:
    (figure,) = budget_plots(CHARGES)
    assert HOSTILE not in figure
    assert "counted by user, delta 1e-05" in _words(figure)
    assert "2 of 4, 1 by this run" in figure and "2 of 8, 1.5 by this run" in figure
    bars = _bars(figure)
    assert set(bars) == {"runs", "epsilon"}  # accesses have no limit
    for limit, old, new in (("runs", 1 / 4, 1 / 4), ("epsilon", 0.5 / 8, 1.5 / 8)):
        (_, x, whole), (_, x_old, wide_old), (_, x_new, wide_new) = bars[limit]
        assert (x_old, wide_old) == pytest.approx((x, old * whole), abs=0.1)
        assert (x_new, wide_new) == pytest.approx((x + old * whole, new * whole), abs=0.1)


def test_budgets_at_their_ends() -> None:
    none = {"runs": 0, "accesses": 0, "epsilon": None}
    much = {"runs": 9, "accesses": 1, "epsilon": None}
    budgets = {
        "over": _budget(none, much, runs=3),
        "nothing": _budget(none, none, runs=0),
        "unknown": _budget(none, much, epsilon=3.0, delta=1e-6),
        "died": _budget(none, None, accesses=2),
        "free": _budget(none, much),
    }
    figures = dict(zip(budgets, budget_plots({"budgets": budgets}), strict=True))
    (_, x, whole), _, (_, left, wide) = _bars(figures["over"])["runs"]
    assert left + wide <= x + whole
    assert "0 of 0, 0 by this run" in figures["nothing"]
    assert "not known, of 3" in figures["unknown"] and "not known, of 2" in figures["died"]
    assert "without limit" in figures["free"]
    assert budget_plots(None) == budget_plots({"run": "1", "accounts": []}) == []
