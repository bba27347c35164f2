"""Compiles what is in C when Accord is installed or packed: plain libraries, which ctypes loads.

It needs a C compiler that takes the options of GCC or Clang (`CC` names another than the one
found), and no headers of Python.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIBRARIES = {
    "src/accord/data/protect/_native.so": "c/*.c",
    "src/accord/privacy/_gauss.so": "gauss.c",
}
"""What each is made of, from its folder."""
OPTIONS = ("-O3", "-std=c11", "-fPIC", "-shared", "-ffp-contract=off", "-fno-math-errno")


class Compile(BuildHookInterface):
    """The hook of hatchling's name `custom`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for library, sources in LIBRARIES.items():
            target = Path(self.root) / library
            _compile(target, [str(path) for path in sorted(target.parent.glob(sources))])
            build_data["artifacts"].append(f"/{library}")
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"


def _compile(target: Path, sources: Sequence[str]) -> None:
    fresh = target.with_name(f"{target.stem}.{os.getpid()}.so")
    try:
        subprocess.run([*_compiler(), *OPTIONS, *sources, "-o", str(fresh), "-lm"], check=True)
        fresh.replace(target)  # one that is loaded right now stays whole
    finally:
        fresh.unlink(missing_ok=True)


def _compiler() -> list[str]:
    """The command that compiles C."""
    built_with = sysconfig.get_config_var("CC") or ""
    for command in (os.environ.get("CC", ""), "cc", "gcc", "clang", built_with):
        words = shlex.split(command)
        if words and shutil.which(words[0]):
            return words
    raise RuntimeError("Accord needs a C compiler: install gcc or clang, or name one in CC")
