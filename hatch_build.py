"""Compiles the C of `accord.data.protect` when Accord is installed or packed.

It becomes a plain library, which ctypes loads. It needs a C compiler that takes the options of GCC
or Clang (`CC` names another than the one found), and no headers of Python.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = Path("src/accord/data/protect/c")


class Compile(BuildHookInterface):
    """The hook of hatchling's name `custom`."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        folder = Path(self.root) / SOURCES
        sources = [str(path) for path in sorted(folder.glob("*.c"))]
        target = folder.with_name("_native.so")
        fresh = target.with_name(f"_native.{os.getpid()}.so")
        try:
            options = ["-O3", "-std=c11", "-fPIC", "-shared", *sources, "-o", str(fresh)]
            subprocess.run([*_compiler(), *options], check=True)
            fresh.replace(target)  # one that is loaded right now stays whole
        finally:
            fresh.unlink(missing_ok=True)
        build_data["artifacts"].append(f"/{target.relative_to(self.root)}")
        build_data["pure_python"] = False
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["tag"] = f"py3-none-{platform}"


def _compiler() -> list[str]:
    """The command that compiles C."""
    built_with = sysconfig.get_config_var("CC") or ""
    for command in (os.environ.get("CC", ""), "cc", "gcc", "clang", built_with):
        words = shlex.split(command)
        if words and shutil.which(words[0]):
            return words
    raise RuntimeError("Accord needs a C compiler: install gcc or clang, or name one in CC")
