"""Nothing we call may phone home or chatter: set before any library is imported."""

from __future__ import annotations

import os
from collections.abc import Mapping

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
