"""Whether a saved model was trained privately, by what it says itself."""

from __future__ import annotations

import json
import math
from pathlib import Path

from accord.artifact import MANIFEST, hash_folder, open_artifact
from accord.errors import IntegrityError

PRIVATE = "privacy.json"
"""In the model artifact: the guarantee, what it covers and what it does not."""
BESIDE = f"{MANIFEST}.sig"
"""Signatures stand beside the manifest of a release, as they cannot be in it."""


def trained_privately(folder: Path) -> bool:
    """Whether a model directory holds a finite guarantee, and every file as its manifest has it.

    No where nothing says so: a plain Hugging Face model, or a guarantee that was put, or left, in
    a folder of other weights. It is no proof against whoever writes a new manifest.
    """
    try:
        named = open_artifact(folder).manifest.files
        if PRIVATE not in named:  # most models: their weights need not be hashed
            return False
        made = {name: record for name, record in hash_folder(folder).items() if name != BESIDE}
        if made != dict(named):
            return False
        epsilon = json.loads((folder / PRIVATE).read_text("utf-8"))["epsilon"]
    except (IntegrityError, OSError, ValueError, KeyError, TypeError):
        return False
    return isinstance(epsilon, float | int) and math.isfinite(epsilon)
