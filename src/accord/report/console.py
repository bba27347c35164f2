"""Progress while a run goes on, and its result at the end."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table

from accord.events import Sink
from accord.report.summary import interval_title

HEADLINES = (
    "accuracy", "f1", "f1_macro", "roc_auc", "pr_auc", "log_loss", "ece", "perplexity",
    "bits_per_byte", "token_accuracy", "mae", "rmse", "r2",
)  # fmt: skip
PLAIN_SECONDS = 5.0
TITLES = {
    "permit": "checking the agreement",
    "dataset": "preparing the data",
    "model": "training",
    "evaluation": "evaluating",
}


@contextmanager
def progress() -> Generator[Sink]:
    """A sink that shows events on stderr: a bar on a terminal, plain lines elsewhere."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    bar = Progress(
        TextColumn("{task.description:<22}"),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[told]}"),
        TimeRemainingColumn(compact=True),
        console=console,
        transient=True,
    )
    with bar:
        yield _Bar(bar)


def print_summary(run: Path) -> None:
    """The test metrics beside the baseline's, efficiency, and where the report lies."""
    summary = json.loads((run / "summary.json").read_text("utf-8"))
    console = Console(width=None if sys.stdout.isatty() else 100)
    console.print(metrics_table(summary, interval_title(run)))
    console.print(efficiency_table(summary["efficiency"]))
    for line in _agreements(summary["agreements"]):
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    console.print(f"report: {run / 'report.html'}", soft_wrap=True, markup=False, highlight=False)


def _agreements(several: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each work; those inside of a base model that ask for nothing share one."""
    quiet = 0
    for one in several:
        if one["roles"] == [] and one["verdict"] == "allow" and not one["obligations"]:
            quiet += 1
            continue
        told = "; ".join(one["obligations"]) or "no obligations"
        yield f"agreement {one['id']}: {one['verdict']}; {told}"
    if quiet:
        yield f"inside of the base model: {quiet} works; to share or serve it, their terms matter"


def metrics_table(summary: Mapping[str, Any], interval: str = "interval") -> Table:
    """Test metrics with intervals; the baseline's in a column of their own."""
    metrics = summary["metrics"].get("test", {})
    intervals = summary["intervals"].get("test", {})
    baseline = summary.get("baseline") or {}
    table = Table(title=f"{summary['task']}: test, {_rows(summary)} rows")
    table.add_column("metric")
    table.add_column("model", justify="right")
    table.add_column(interval, justify="right")
    table.add_column(baseline.get("name", "baseline"), justify="right")
    for name in HEADLINES:
        if metrics.get(name) is None:
            continue
        low_high = intervals.get(name)
        told = f"{_number(low_high[0])} to {_number(low_high[1])}" if low_high else ""
        other = baseline.get("metrics", {}).get(name)
        table.add_row(name, _number(metrics[name]), told, "" if other is None else _number(other))
    return table


def efficiency_table(efficiency: Mapping[str, Any]) -> Table:
    """Where the time went and how well the machine was used."""
    table = Table(title="efficiency", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    if not efficiency:
        return table
    step = efficiency["step_seconds"]
    rows = {
        "training": f"{efficiency['train_seconds']:.1f} s, {efficiency['steps']} steps",
        "per step": f"{step['p50']:.3f} s median, {step['p95']:.3f} s at 95%",
        "samples per second": f"{efficiency['samples_per_second']:.1f}",
        "tokens per second": f"{efficiency['tokens_per_second']:,.0f}",
        "padding": f"{efficiency['padding_share']:.1%}",
        "utilisation": f"{efficiency['utilisation']:.0%} of measured peak",
        "peak memory": f"{efficiency['peak_memory_bytes'] / 2**30:.2f} GiB",
        "CPU": f"{efficiency['cpu_percent']:.0f}%",
    }
    if efficiency.get("gpu_percent") is not None:
        rows["GPU"] = f"{efficiency['gpu_percent']:.0f}%"
    for name, value in rows.items():
        table.add_row(name, value)
    return table


class _Lines:
    """A line for what happens, at most every few seconds."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self, event: Mapping[str, Any]) -> None:
        kind = event["event"]
        if kind in ("step", "prepare", "embed"):
            final = kind == "step" and event["step"] == event["steps"]
            if time.monotonic() - self._last < PLAIN_SECONDS and not final:
                return
            self._last = time.monotonic()
        line = _line(event)
        if line:
            print(line, file=sys.stderr, flush=True)


class _Bar:
    """One bar for the stage under way."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task: TaskID | None = None

    def __call__(self, event: Mapping[str, Any]) -> None:
        kind = event["event"]
        if kind == "stage" and event["state"] == "run":
            self._close()
            title = TITLES.get(str(event["stage"]), str(event["stage"]))
            self._task = self._bar.add_task(title, total=None, told="")
        elif kind == "step" and self._task is not None:
            told = (
                f"{_member(event)}loss {event['loss']:.4f} {event['samples_per_second']:.1f} rows/s"
            )
            self._bar.update(self._task, total=event["steps"], completed=event["step"], told=told)
        elif kind in ("prepare", "embed") and self._task is not None:
            what = "rows" if kind == "prepare" else "rows through the base"
            self._bar.update(self._task, told=f"{event['rows']:,} {what}")
        elif kind == "stage":
            self._close()
        line = _line(event) if kind not in ("step", "prepare", "embed") else ""
        if line:
            self._bar.console.print(line, markup=False, highlight=False)

    def _close(self) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None


def _member(event: Mapping[str, Any]) -> str:
    """Which of several members an event is of."""
    return f"member {event['member']}/{event['members']}  " if "member" in event else ""


def _thresholds(event: Mapping[str, Any]) -> str:
    """What classes are chosen from, and a warning where few rows told."""
    kind, found = event["aim"]["kind"], event.get("thresholds") or event["factors"]
    word = "thresholds" if event.get("thresholds") else "factors"
    shown = ", ".join(f"{name} {value:.3f}" for name, value in list(found.items())[:8])
    told = f"  {word} for {kind}: {shown}" + (" ..." if len(found) > 8 else "")
    if event["few"]:
        named = ", ".join(event["few"][:5])
        told += f"\n  warning: few validation rows of {named}: thresholds hang on chance"
    return told


def _line(event: Mapping[str, Any]) -> str:
    """What an event says to a person; empty for those that say nothing."""
    match event["event"]:
        case "stage" if event["state"] == "run":
            return f"{TITLES.get(event['stage'], event['stage'])} ..."
        case "stage" if event["state"] == "reuse":
            return f"{TITLES.get(event['stage'], event['stage'])}: done before"
        case "stage":
            return f"  done in {event['seconds']:.1f} s"
        case "prepare":
            return f"  {event['rows']:,} rows"
        case "embed":
            return f"  {event['rows']:,} rows through the base model"
        case "step":
            return (
                f"  {_member(event)}step {event['step']}/{event['steps']}  "
                f"loss {event['loss']:.4f}  lr {event['learning_rate']:.2e}  "
                f"{event['samples_per_second']:.1f} rows/s  {event['eta_seconds']:.0f} s left"
            )
        case "evaluate":
            shown = {n: v for n, v in event["metrics"].items() if v is not None and n in HEADLINES}
            told = "  ".join(f"{name} {_number(value)}" for name, value in shown.items())
            at = f"{_member(event)}validation at step {event['step']}"
            return f"  {at}: {told}" if told else ""
        case "resume":
            return f"  {_member(event)}going on from step {event['step']}"
        case "early_stop":
            return f"  validation no longer improves: stopped at step {event['step']}"
        case "loading" if event.get("member", 1) > 1:
            return ""  # what the first member's was
        case "thresholds":
            return _thresholds(event)
        case "loading":
            return _loading(event["new"], event["unused"])
        case "out_of_memory":
            return f"  out of memory: micro-batches of {event['micro_batch_tokens']} tokens now"
        case "idle_weights":
            return f"  warning: no gradient reaches {_some(event['names'])}: they learn nothing"
        case "bad_step":
            return f"  step {event['step']} skipped: its loss or gradient is not finite"
        case "checkpoint_failed":
            return f"  checkpoint at step {event['step']} failed: {event['reason']}"
        case "checkpoint_damaged":
            return f"  checkpoint {event['path']} is damaged, taking the one before"
        case _:
            return ""


def _loading(new: Sequence[str], unused: Sequence[str]) -> str:
    """Weights that a head change leaves behind or begins anew."""
    starts = "weight starts" if len(new) == 1 else "weights start"
    told = [f"{len(new)} {starts} new ({_some(new)})"] if new else []
    told += [f"{len(unused)} of the base unused ({_some(unused)})"] if unused else []
    return f"  {'; '.join(told)}" if told else ""


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _rows(summary: Mapping[str, Any]) -> str:
    return f"{summary['data']['rows'].get('test', 0):,}"


def _number(value: float) -> str:
    return f"{value:.4f}" if abs(value) < 100 else f"{value:,.1f}"
