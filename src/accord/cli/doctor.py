"""`accord doctor`: what is installed, what it runs on, what is missing for which extra."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
from importlib import metadata
from pathlib import Path
from typing import Any

import typer

from accord.cli.options import JsonOption
from accord.cli.quiet import telemetry_state


def doctor(as_json: JsonOption = False) -> None:
    """Show versions, devices, threads, disk, telemetry and missing extras."""
    found = diagnosis()
    if as_json:
        typer.echo(json.dumps(found))
        return
    for title, facts in found.items():
        typer.echo(title)
        for name, value in facts.items():
            typer.echo(f"  {name:<24} {value}")


def diagnosis() -> dict[str, dict[str, Any]]:
    """All facts by title; sizes in GiB. Starts no tensor library."""
    from accord.diagnose.machine import this_machine

    machine = this_machine()
    return {
        "accord": {
            "version": metadata.version("accord"),
            "python": platform.python_version(),
            "system": platform.platform(),
        },
        "machine": {
            "processor": machine.processor,
            "threads": machine.threads,
            "memory": f"{machine.memory / 2**30:.1f} GiB, free {machine.free / 2**30:.1f} GiB",
            "disk here": f"free {shutil.disk_usage(Path.cwd()).free / 2**30:.1f} GiB",
            "accelerator": machine.accelerator or "none",
            "accelerator memory": f"{machine.accelerator_memory / 2**30:.1f} GiB",
        },
        "extras": {name: _extra(packages) for name, packages in extras().items()},
        "packages": {name: _version(name) or "-" for name in sorted(_all_packages())},
        "telemetry": {
            name: "off" if off else f"changed by you: {os.environ.get(name)}"
            for name, off in telemetry_state().items()
        },
    }


def extras() -> dict[str, tuple[str, ...]]:
    """The packages each extra brings, from Accord's own metadata."""
    found: dict[str, list[str]] = {}
    for line in metadata.requires("accord") or ():
        named = re.match(r"([A-Za-z0-9_.-]+)", line)
        extra = re.search(r"extra\s*==\s*['\"]([a-z0-9-]+)['\"]", line)
        if named and extra and named[1] != "accord":
            found.setdefault(extra[1], []).append(named[1])
    return {name: tuple(packages) for name, packages in sorted(found.items())}


def _all_packages() -> set[str]:
    base = (line for line in metadata.requires("accord") or () if "extra ==" not in line)
    named = (re.match(r"([A-Za-z0-9_.-]+)", line) for line in base)
    return {m[1] for m in named if m} | {p for names in extras().values() for p in names}


def _extra(packages: tuple[str, ...]) -> str:
    missing = [name for name in packages if _version(name) is None]
    return f"missing {', '.join(missing)}" if missing else "installed"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
