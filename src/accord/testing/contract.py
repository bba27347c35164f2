"""What every part keeps to, whatever its slot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import ValidationError

from accord.part import SLOTS, Part, Spec


class Contract:
    """Tests of one part: subclass it in a test file that pytest collects.

    Attributes:
        part: The part under test.
        options: Fields of its spec that differ from the defaults.
    """

    part: ClassVar[Part]
    options: ClassVar[Mapping[str, Any]] = {}

    def spec(self) -> Spec:
        return self.part.spec.model_validate({"kind": self.part.kind, **self.options})

    def test_it_is_named_like_its_kind(self) -> None:
        assert self.part.slot in SLOTS
        assert self.part.spec.model_fields["kind"].default == self.part.kind

    def test_its_spec_survives_a_file(self) -> None:
        spec = self.spec()
        assert self.part.spec.model_validate_json(spec.model_dump_json()) == spec
        assert hash(spec) == hash(self.spec())

    def test_its_spec_refuses_what_it_does_not_know(self) -> None:
        values = {**self.spec().model_dump(), "no_such_field": 1}
        assert refused(lambda: self.part.spec.model_validate(values))

    def test_its_spec_cannot_be_changed(self) -> None:
        assert refused(lambda: setattr(self.spec(), "kind", "other"))


def refused(attempt: Any) -> bool:
    """Whether pydantic refuses what `attempt` does."""
    try:
        attempt()
    except ValidationError:
        return True
    return False
