"""Accord trains large models under agreements.

>>> import accord
>>> run = accord.train("recipe.yaml")          # doctest: +SKIP
>>> run.summary["metrics"]["test"]             # doctest: +SKIP
>>> model = accord.load(run.path)              # doctest: +SKIP
>>> model.predict(["a fine film"])             # doctest: +SKIP
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accord.api import check, diagnose, evaluate, load, prove, train
    from accord.errors import AccordError
    from accord.recipe.load import load_recipe
    from accord.run import Run

    __version__: str

_HOMES = {
    "train": "accord.api",
    "load": "accord.api",
    "check": "accord.api",
    "diagnose": "accord.api",
    "evaluate": "accord.api",
    "prove": "accord.api",
    "load_recipe": "accord.recipe.load",
    "Run": "accord.run",
    "AccordError": "accord.errors",
}

__all__ = [
    "AccordError",
    "Run",
    "__version__",
    "check",
    "diagnose",
    "evaluate",
    "load",
    "load_recipe",
    "prove",
    "train",
]


def __getattr__(name: str) -> Any:
    """Public names are imported on first use: `import accord` loads no tensor library."""
    if name == "__version__":
        from importlib.metadata import version

        return version("accord")
    if name not in _HOMES:
        raise AttributeError(f"module 'accord' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__


class _Verb(ModuleType):
    """A stage's package that is also the public function of its name."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return getattr(importlib.import_module("accord.api"), self.__name__.rpartition(".")[2])(
            *args, **kwargs
        )


class _Accord(ModuleType):
    """`accord.train` is a stage's package and a function: importing the one must not hide the
    other, so a package that is bound under a public name becomes callable."""

    def __setattr__(self, name: str, value: object) -> None:
        if name in _HOMES and isinstance(value, ModuleType):
            value.__class__ = _Verb
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Accord
