"""What every section of a recipe has in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator
from pydantic_core import PydanticKnownError


class Section(BaseModel):
    """Frozen; unknown keys are errors; defaults are validated like values."""

    model_config = ConfigDict(
        frozen=True,
        defer_build=True,
        extra="forbid",
        validate_default=True,
        use_attribute_docstrings=True,
        allow_inf_nan=False,
    )

    @field_validator("*", mode="before")
    @classmethod
    def _truth_is_no_number(cls, value: Any, info: ValidationInfo) -> Any:
        """`epochs: true` is a mistake, though Python counts it as 1."""
        if isinstance(value, bool) and info.field_name is not None:
            wanted = str(cls.model_fields[info.field_name].annotation)
            if "bool" not in wanted:
                raise PydanticKnownError("int_type" if "int" in wanted else "float_type")
        return value
