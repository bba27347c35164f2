"""The JSON Schema of recipes, from the same types that validate them."""

from __future__ import annotations

from typing import Any

from accord.recipe.extends import EXTENDS
from accord.recipe.tree import Recipe

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "Accord recipe"


def recipe_schema() -> dict[str, Any]:
    """JSON Schema (2020-12): descriptions, bounds, choices, and every installed part.

    What the reader accepts beyond the types is accepted here too: a part by its name alone,
    `${VAR}` in place of a number, an empty section, `extends:`.
    """
    types = Recipe.model_json_schema()
    schema: dict[str, Any] = {"$schema": DIALECT, **_accepting(types)}
    schema["title"] = TITLE
    path = {"type": "string", "description": "A recipe file, relative to this one."}
    schema["properties"][EXTENDS] = {
        "description": "Recipes that this one begins as; its own values are laid over theirs.",
        "anyOf": [path, {"type": "array", "items": path}],
    }
    # A recipe that extends another need not repeat what the other one gives.
    required = schema.pop("required", [])
    schema["anyOf"] = [{"required": [EXTENDS]}, {"required": required}]
    return schema


def _accepting(value: Any) -> Any:
    """The schema with the reader's shorthands, applied from the inside out."""
    if isinstance(value, list):
        return [_accepting(item) for item in value]
    if not isinstance(value, dict):
        return value
    opened = {key: _accepting(item) for key, item in value.items()}
    if value.get("discriminator", {}).get("propertyName") == "kind":
        kinds = sorted(value["discriminator"]["mapping"])
        choices = {"anyOf": [{"type": "string", "enum": kinds}, {"oneOf": opened["oneOf"]}]}
        kept = {k: v for k, v in opened.items() if k not in ("oneOf", "discriminator")}
        return kept | choices
    if value.get("type") in ("integer", "number") and "enum" not in value:
        variable = {"type": "string", "pattern": r"^\$\{.+\}$"}
        notes = ("description", "title", "default")
        number = {k: v for k, v in opened.items() if k not in notes}
        return {k: v for k, v in opened.items() if k in notes} | {"anyOf": [number, variable]}
    return opened
