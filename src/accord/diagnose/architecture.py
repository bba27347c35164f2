"""What an architecture cannot do, told by its files and by the text of its code in Transformers: no
weights are loaded, and no tensor library is."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from accord.diagnose.shape import model_config, stored_tensors
from accord.errors import AccordError
from accord.model.checkpointing import unsupported
from accord.privacy.mixing import mixes
from accord.recipe.tree import Recipe

CHECKPOINTED = re.compile(r"^\s*supports_gradient_checkpointing\s*=\s*True", re.MULTILINE)
"""As Transformers marks the models whose layers can be computed again: tested for all it has."""
COUNTING = ".running_mean"
"""Ends the names of what batch normalisation keeps of all rows."""
MIXING = re.compile(r"\bnn\.(Sync)?BatchNorm\dd\(")


def refused_architecture(recipe: Recipe, base: Path) -> list[AccordError]:
    """Why training would refuse the model, as far as it is known; empty otherwise."""
    kind = _kind(recipe, base)
    found: list[AccordError] = []
    if recipe.machine.gradient_checkpointing and kind is not None:
        code = _code(kind)
        if code is not None and not CHECKPOINTED.search(code):
            found.append(unsupported(kind))
    if _by_row(recipe) and recipe.model.base is not None:
        named = (n for n in stored_tensors(base / recipe.model.base) if n.endswith(COUNTING))
        if (layer := next(named, None)) is not None:
            found.append(mixes(layer.removesuffix(COUNTING), "batch normalisation"))
    return found


def doubtful_architecture(recipe: Recipe, base: Path) -> list[str]:
    """What may be refused once the model is made, a sentence each."""
    kind = _kind(recipe, base) if _by_row(recipe) and recipe.model.base is None else None
    if kind is None or not MIXING.search(_code(kind) or ""):
        return []
    what = "privacy" if recipe.privacy is not None else "train.clip_each"
    return [
        f"the code of `{kind}` has batch normalisation, which mixes rows: if the model has such "
        f"layers, `{what}` is refused before anything is reserved (privacy-mixing)"
    ]


def _by_row(recipe: Recipe) -> bool:
    """Whether gradients are cut for each row by itself."""
    return recipe.privacy is not None or recipe.train.clip_each is not None


def _kind(recipe: Recipe, base: Path) -> str | None:
    config = model_config(recipe, base)
    found = (config or {}).get("model_type")
    return found if isinstance(found, str) else None


def _code(kind: str) -> str | None:
    """The text of an architecture's code, read and not run; None where it is not found."""
    name = kind.replace("-", "_")
    package = importlib.util.find_spec("transformers") if name.isidentifier() else None
    for folder in (package.submodule_search_locations or ()) if package is not None else ():
        file = Path(folder) / "models" / name / f"modeling_{name}.py"
        if file.is_file():
            return file.read_text(encoding="utf-8")
    return None


__all__ = ["doubtful_architecture", "refused_architecture"]
