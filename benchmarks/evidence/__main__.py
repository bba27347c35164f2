"""Put every technique to the proof on real data, and write docs/evidence.

Finished runs are not repeated: interrupted, the same command goes on. `--fresh` forgets them.
"""

from __future__ import annotations

import argparse
import importlib
import json
import math
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import wait
from pathlib import Path
from typing import Any

os.environ.setdefault("HF_HUB_OFFLINE", "1")
HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from accord.proving.attempt import begin, hands  # noqa: E402
from accord.proving.prove import Ears, Plan, planned, prove  # noqa: E402
from benchmarks.evidence.case import Case  # noqa: E402
from benchmarks.evidence.page import index, page  # noqa: E402

WORK = ROOT / "runs" / "evidence"
RESULTS = ROOT / "benchmarks" / "results" / "evidence"
PAGES = ROOT / "docs" / "evidence"
PLAIN: Mapping[str, Mapping[str, Any]] = {
    "data": {"agreement": "own", "validation": 0, "leakage": {"action": "off"}},
    "evaluate": {"resamples": 0, "baseline": False},
    "machine": {"device": "cpu", "threads": 1, "checkpoints": 1},
}


def cases() -> dict[str, Case]:
    """All cases by name, from the files under `cases/`."""
    found: dict[str, Case] = {}
    for file in sorted((HERE / "cases").glob("[a-z]*.py")):
        module = importlib.import_module(f"benchmarks.evidence.cases.{file.stem}")
        found |= {case.name: case for case in module.CASES}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="cases; by default all")
    parser.add_argument("--seeds", type=int, help="pairs of runs; by default each case's own")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time, of all cases")
    parser.add_argument("--index", action="store_true", help="only write the pages again")
    parser.add_argument("--list", action="store_true", help="name the cases")
    parser.add_argument("--fresh", action="store_true", help="forget runs made before")
    asked = parser.parse_args()
    known = cases()
    if asked.list:
        print("\n".join(known))
        return
    if unknown := set(asked.names) - set(known):
        parser.error(f"no such case: {', '.join(unknown)}; there are {', '.join(known)}")
    if not asked.index:
        chosen = [known[name] for name in asked.names or known]
        if asked.fresh:
            for case in chosen:
                shutil.rmtree(WORK / case.name, ignore_errors=True)
        for case, plans in _made_by(asked.jobs, chosen, asked.seeds):
            result = proved(case, plans)
            RESULTS.mkdir(parents=True, exist_ok=True)
            text = json.dumps(result, ensure_ascii=False, indent=1)
            (RESULTS / f"{case.name}.json").write_text(text + "\n", "utf-8")
            print(page(result), flush=True)
    write_pages()


def plans_of(case: Case, seeds: int) -> dict[str, Plan]:
    """The data of a case made, its recipes written, and what is to be proved, by remedy."""
    folder = WORK / case.name
    for seed in range(seeds):
        place = folder / f"seed-{seed}"
        if not (place / "made").exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            case.make(place, seed)
            (place / "made").touch()
    files = tuple(
        f"data.{role}=seed-{{seed}}/{_made(folder / 'seed-0', role)}" for role in ("train", "test")
    )
    recipe = _rooted(_with(PLAIN, case.recipe))
    (folder / "recipe.json").write_text(json.dumps(recipe, ensure_ascii=False), "utf-8")
    plans: dict[str, Plan] = {}
    for number, (label, change) in enumerate(case.remedies.items()):
        patch = folder / f"remedy-{number}.json"
        patch.write_text(json.dumps(_rooted(change), ensure_ascii=False), "utf-8")
        plans[label] = Plan(
            (str(patch),), seeds, case.disjoint, files, case.metric, apart=case.apart
        )
    return plans


def proved(case: Case, plans: Mapping[str, Plan]) -> dict[str, Any]:
    """The results of a case."""
    folder = WORK / case.name
    proofs: dict[str, Any] = {}
    for label, plan in plans.items():
        print(f"{case.name}: {label}", file=sys.stderr)
        proof = prove(folder / "recipe.json", plan, folder / "proof", Ears(tell=_tell))
        shown = {n: _brief(proof.effects[n].to_json()) for n in (case.metric, *case.also)}
        proofs[label] = {"effects": shown, "time": _busy(folder / "proof", proof.runs)}
    return {
        "name": case.name, "title": case.title, "data": case.data, "metric": case.metric,
        "also": list(case.also), "seeds": plan.seeds, "notes": list(case.notes),
        "recipe": case.recipe, "proofs": proofs,
    }  # fmt: skip


def _busy(output: Path, runs: Sequence[tuple[str, str]]) -> float:
    """How many times as long the processor trains: other work on the machine changes it little."""
    spent = [
        [done["train_seconds"] * done["cpu_percent"] for done in map(_efficiency, pair)]
        for pair in ((output / without, output / cured) for without, cured in runs)
    ]
    return math.exp(sum(math.log(cured / without) for without, cured in spent) / len(spent))


def _efficiency(run: Path) -> dict[str, Any]:
    return json.loads((run / "summary.json").read_text("utf-8"))["efficiency"]


def _made_by(
    jobs: int, chosen: Sequence[Case], seeds: int | None
) -> Iterator[tuple[Case, dict[str, Plan]]]:
    """Cases in their order, each once its runs are made if several are made at a time."""
    if jobs < 2:
        yield from ((case, plans_of(case, seeds or case.seeds)) for case in chosen)
        return
    with hands(jobs) as pool:
        asked: list[tuple[Case, dict[str, Plan], list[Any]]] = []
        for case in chosen:
            plans, folder = plans_of(case, seeds or case.seeds), WORK / case.name
            runs = dict.fromkeys(
                attempt
                for plan in plans.values()
                for pair in planned(folder / "recipe.json", plan, folder / "proof")
                for attempt in pair
            )
            asked.append((case, plans, [begin(pool, run, jobs) for run in runs]))
        for case, plans, runs in asked:
            wait(runs)
            yield case, plans


def write_pages() -> None:
    PAGES.mkdir(parents=True, exist_ok=True)
    for file in sorted(RESULTS.glob("*.json")):
        result = json.loads(file.read_text("utf-8"))
        (PAGES / f"{file.stem}.md").write_text(page(result), "utf-8")
    (PAGES / "README.md").write_text(index(RESULTS), "utf-8")


def _tell(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


def _brief(effect: dict[str, Any]) -> dict[str, Any]:
    """Four digits are enough, and a small change of rounding changes no file."""
    return {
        name: round(value, 4) if isinstance(value, float) else
        [round(v, 4) if isinstance(v, float) else [round(w, 4) for w in v] for v in value]
        if isinstance(value, list) else value
        for name, value in effect.items()
    }  # fmt: skip


def _made(folder: Path, role: str) -> str:
    (name,) = {p.name for p in folder.iterdir() if p.stem == role}
    return name


def _with(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in more.items():
        old = merged.get(name)
        both = isinstance(old, Mapping) and isinstance(value, Mapping)
        merged[name] = {**old, **value} if both else value
    return merged


def _rooted(part: Mapping[str, Any]) -> dict[str, Any]:
    """Paths that start with `examples/` as the recipe in its folder sees them."""
    text = json.dumps(part, ensure_ascii=False)
    return json.loads(text.replace('"examples/', f'"{ROOT.as_posix()}/examples/'))


if __name__ == "__main__":
    main()
