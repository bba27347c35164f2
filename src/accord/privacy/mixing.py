"""Why a layer that computes with other rows than its own is refused. Loads no tensor library."""

from __future__ import annotations

from accord.errors import ModelError


def mixes(name: str, kind: str) -> ModelError:
    """The refusal of a layer.

    Args:
        name: Of the layer.
        kind: Of its type.
    """
    return ModelError(
        f"the layer {name} ({kind}) mixes the rows of a batch",
        code="privacy-mixing",
        path="model",
        got=kind,
        expected="normalisation within a row: GroupNorm, LayerNorm or RMSNorm",
        why="one person's data would change what is computed of all others: nothing that is cut "
        "or noised for each by itself protects then",
        fix="use a model with GroupNorm (in convolutions) or LayerNorm in its place",
    )
