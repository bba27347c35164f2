"""What every recogniser's description says beside its options."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from accord.part import Spec

Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class RecogniserSpec(Spec):
    """A part that finds identifiers in texts."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Kinds of identifier that it may find."""
        return ()

    @property
    def files(self) -> Mapping[str, str]:
        """Files and folders that it rests on, by the field that names them; data that were
        prepared with others are prepared anew."""
        return {}
