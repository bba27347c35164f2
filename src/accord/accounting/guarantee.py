"""A privacy guarantee in words: for the report and for the model card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

NEIGHBOURS = {
    "add-or-remove-one": "one {unit} more or less",
    "replace-one": "one {unit} in place of another",
    "replace-special": "one {unit} in place of a blank",
}
ACCOUNTANTS = {
    "pld": "privacy loss distributions (dp-accounting)",
    "rdp": "Renyi divergences, looser than need be",
}


def facts(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Name and text of each fact of the `privacy` block of summary.json; none without privacy."""
    return list(_facts(found)) if found.get("epsilon") is not None else []


def _facts(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    unit = found["unit"]
    yield "privacy loss", f"epsilon {found['epsilon']:.4g} at delta {found['delta']:.3g}"
    neighbours = NEIGHBOURS[found["relation"]].format(unit=unit)
    yield "hidden", f"{neighbours}, of {found['units']:,} that are learned from"
    several = found["mechanisms"]
    noise = " and ".join(f"{one['noise_multiplier']:g} ({one['steps']:,} steps)" for one in several)
    kind = "from a cryptographic generator, on a lattice" if found["secure_noise"] else "in floats"
    yield "mechanism", f"Gaussian noise of {noise} times the clipping norm, {kind}"
    yield "clipping", _clipping(found["clipping"])
    yield "sampling", _sampling(found)
    yield "accountant", f"{ACCOUNTANTS[found['accountant']]}, over {found['steps']:,} steps"
    for one in found.get("charged") or ():
        yield f"charged to {one['agreement']}", _charged(one)
    yield "covered", "; ".join(found["covered"])
    yield "not covered", "; ".join(found["not_covered"])


def _sampling(found: Mapping[str, Any]) -> str:
    if all(one["sampling"] == "poisson" for one in found["mechanisms"]):
        rate = found["sampling_probability"]
        return f"Poisson: each {found['unit']} takes part in a step with probability {rate:.4g}"
    return f"none that is counted with: each {found['unit']} takes part once in so many steps"


def _clipping(spec: Mapping[str, Any]) -> str:
    rest = ", ".join(
        f"{name} {value:g}" if isinstance(value, float | int) else f"{name} {value}"
        for name, value in spec.items()
        if name != "kind" and value is not None
    )
    return f"{spec['kind']} ({rest})" if rest else str(spec["kind"])


def _charged(one: Mapping[str, Any]) -> str:
    if one["cap"] is None:
        return "recorded; the agreement has no limit"
    if one["after"] is None:
        return f"epsilon {one['cap']:g} at delta {one['delta']:g} is the limit"
    before = f"{one['before']:.4g} before, " if one["before"] else ""
    return (
        f"{before}{one['after']:.4g} with this run, of epsilon {one['cap']:g} at delta "
        f"{one['delta']:g} by {one['unit']}"
    )


__all__ = ["facts"]
