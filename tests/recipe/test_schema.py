from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accord.part import parts
from accord.recipe.reference import recipe_reference
from accord.recipe.schema import recipe_schema
from accord.recipe.support import support_matrix

DOCS = Path(__file__).parents[2] / "docs"


def resolved(schema: dict[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    name = value.get("$ref", "").rpartition("/")[2]
    return schema["$defs"][name] if name else value


def test_parts_are_accepted_by_name_and_by_mapping() -> None:
    schema = recipe_schema()
    field = resolved(schema, schema["properties"]["train"])["properties"]["optimizer"]
    named, spelt = field["anyOf"]
    assert set(named["enum"]) == set(parts("optimizer"))
    assert len(spelt["oneOf"]) == len(parts("optimizer"))


def test_unknown_keys_are_refused_and_extends_is_not() -> None:
    schema = recipe_schema()
    assert schema["additionalProperties"] is False
    assert "extends" in schema["properties"]
    for definition in schema["$defs"].values():
        if definition.get("type") == "object":
            assert definition["additionalProperties"] is False


def test_numbers_may_be_variables() -> None:
    schema = recipe_schema()
    field = resolved(schema, schema["properties"]["train"])["properties"]["batch_size"]
    number, variable = field["anyOf"]
    assert number == {"minimum": 1, "type": "integer"}
    assert variable["type"] == "string"


def test_every_field_of_a_section_is_described() -> None:
    schema = recipe_schema()
    for section in ("model", "data", "train", "evaluate", "machine"):
        for name, field in resolved(schema, schema["properties"][section])["properties"].items():
            assert "$ref" in field or field.get("description"), f"{section}.{name}"


@pytest.mark.parametrize(
    ("page", "content"),
    [("support-matrix.md", support_matrix), ("reference/recipe.md", recipe_reference)],
)
def test_generated_pages_are_fresh(page: str, content: Any) -> None:
    assert (DOCS / page).read_text(encoding="utf-8") == content(), f"write docs/{page} again"
