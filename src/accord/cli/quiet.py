"""Nothing we call may phone home or chatter: set before any library is imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType

SILENT: Mapping[str, str] = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "DISABLE_TELEMETRY": "1",
    "HF_DATASETS_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "RAY_USAGE_STATS_ENABLED": "0",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "WANDB_MODE": "disabled",
    "NO_ALBUMENTATIONS_UPDATE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
    "TOKENIZERS_PARALLELISM": "true",
    "TRANSFORMERS_VERBOSITY": "error",
}
"""What switches telemetry and chatter off, by library convention."""


def quiet() -> None:
    """Set every switch that the user has not set otherwise."""
    for name, value in SILENT.items():
        os.environ.setdefault(name, value)


def telemetry_state() -> Mapping[str, bool]:
    """Each telemetry switch, and whether it stands as Accord sets it."""
    names = [name for name in SILENT if "TELEMETRY" in name or "TRACK" in name or "STATS" in name]
    return {name: os.environ.get(name) == SILENT[name] for name in names}


def without_pandas() -> None:
    """Spare pyarrow the import of pandas, which it asks for at its first array: an eighth of a
    check's time. `to_pandas` asks again and finds it. May go when pyarrow imports it where needed.
    """
    if "pandas" in sys.modules:
        return
    import pyarrow

    refused = _Refused()
    sys.meta_path.insert(0, refused)
    try:
        pyarrow.scalar(0)
    finally:
        sys.meta_path.remove(refused)


class _Refused(MetaPathFinder):
    """No pandas is found."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> None:
        if fullname == "pandas":
            raise ImportError("not wanted")
