"""Keys and passwords in what is learned from."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from accord.diagnose.finding import Figure, Finding, Looking, Remedy, fine
from accord.diagnose.seen import Seen
from accord.part import part
from accord.recipe.task import Modality


class Secrets(Looking):
    """Rows with an API key, token, private key or password that `protect` leaves."""

    title: ClassVar[str] = "Secrets"
    place: ClassVar[int] = 120
    modalities: ClassVar[tuple[Modality, ...]] = ("text", "table")
    kind: Literal["secrets"] = "secrets"


@part("problem", Secrets)
def secrets(spec: Secrets, seen: Seen) -> Finding:
    """By form, in every row; one is too many."""
    rows, at = seen.data.identifiers.get("secret", (0, ()))
    figure = Figure("rows with a secret", rows, "rows")
    if not rows:
        return fine("No key, token or password was recognised by its form.", figure)
    protect = seen.recipe.protect
    known = () if protect.entities == "all" else protect.entities
    patch: dict[str, Any] = {"entities": list(dict.fromkeys((*known, "secret")))}
    if seen.task.modality == "table":
        patch["columns"] = list(dict.fromkeys((*protect.columns, *seen.recipe.data.categorical)))
    say = "Mask them, and have them revoked: who has read the data has them."
    return Finding(
        "found",
        "Rows hold keys, tokens or passwords. A model can learn them by heart and tell them.",
        (figure,),
        "high",
        (Remedy(say, {"protect": patch}),),
        seen.names(list(at)),
    )
