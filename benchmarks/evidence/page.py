"""Pages of what was measured, and the index of all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

INDEX = """# Evidence

Whether each technique does what it is for: real data, several seeds, each run beside the same run
without the remedy. An interval is the 95 percent t interval of paired differences, corrected for
rows that the seeds share (Nadeau and Bengio, 2003; where more rows are judged than learned from,
with the measured share of judging, whose coverage `benchmarks/coverage.py` shows; where no row is
learned from with two seeds, for the judged ones alone). A verdict of *helps* or *harms* says that
zero lies outside. With few seeds intervals are wide: *no difference seen* is not *no difference*.
Settings of the cases of cleaning were chosen after a look at their first division: of several
divisions, that one counts for less than it seems.
`python benchmarks/evidence` makes all of it again; [how](../../benchmarks/evidence/README.md).

"""


def page(case: dict[str, Any]) -> str:
    """A case as Markdown, from its results."""
    names = [case["metric"], *case["also"]]
    lines = [f"# {case['title']}", "", case["data"], ""]
    lines += [f"`python benchmarks/evidence {case['name']}`, {case['seeds']} seeds.", ""]
    heads = ["remedy", f"{_short(names[0])} without", "with", "95 % interval of the difference"]
    heads += ["verdict", *(f"{_short(name)} without / with" for name in names[1:]), "time"]
    lines += [_row(heads), _row(["---"] * len(heads))]
    for remedy, proof in case["proofs"].items():
        first = proof["effects"][names[0]]
        cells = [f"`{remedy}`", f"{first['without']:.3f}", f"{first['with']:.3f}"]
        cells += [_interval(first["interval"]), first["verdict"] or "one seed"]
        for name in names[1:]:
            own = proof["effects"][name]
            cells.append(f"{own['without']:.3f} / {own['with']:.3f}")
        cells.append(f"{proof['time']:.2f}x" if proof["time"] else "")
        lines.append(_row(cells))
    lines += ["", "Less is better." if first["lower_is_better"] else "More is better."]
    lines += ["", *case["notes"]] if case["notes"] else []
    settings = json.dumps(case["recipe"], ensure_ascii=False, indent=1)
    lines += ["", "<details><summary>The recipe without a remedy</summary>", "", "```json"]
    return "\n".join([*lines, settings, "```", "", "</details>", ""])


def index(results: Path) -> str:
    """All cases, a line for each remedy."""
    cases = [json.loads(file.read_text("utf-8")) for file in sorted(results.glob("*.json"))]
    lines = [_row(["case", "remedy", "metric", "without", "with", "verdict"])]
    lines.append(_row(["---"] * 6))
    for case in cases:
        shown = f"[{case['title']}]({case['name']}.md)"
        for remedy, proof in case["proofs"].items():
            own = proof["effects"][case["metric"]]
            figures = [f"{own['without']:.3f}", f"{own['with']:.3f}", own["verdict"] or "one seed"]
            lines.append(_row([shown, f"`{remedy}`", _short(case["metric"]), *figures]))
            shown = ""
    return INDEX + "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _interval(bounds: list[float] | None) -> str:
    return "" if bounds is None else f"{bounds[0]:+.3f} to {bounds[1]:+.3f}"


def _short(metric: str) -> str:
    told = metric.replace("_", " ")
    return told.replace(" [class=", " of ").removesuffix("]") if " [class=" in told else told
