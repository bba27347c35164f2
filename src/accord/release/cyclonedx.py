"""CycloneDX ML-BOM, 1.6 and 1.7: the model with its card, the data and models it was made of.

https://cyclonedx.org/docs/1.7/json/
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from accord.release.duty import owed
from accord.release.facts import Facts, Source
from accord.release.license_id import expression, is_expression
from accord.release.notice import changes, how_used
from accord.release.openness.licence import spdx

Version = Literal["1.6", "1.7"]
SCOPE = uuid.UUID("6d0c2a52-7c0b-5d2e-9a52-0c8f0f6d3a11")
"""Names of documents are derived below it, so that they are the same each time."""
MODEL = "model"


def cyclonedx(facts: Facts, version: Version) -> str:
    """The document as JSON; the same facts give the same bytes."""
    value = {
        "$schema": f"http://cyclonedx.org/schema/bom-{version}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": version,
        "serialNumber": f"urn:uuid:{uuid.uuid5(SCOPE, f'{facts.name} {facts.digests[MODEL]}')}",
        "version": 1,
        "metadata": {
            "timestamp": f"{facts.day}T00:00:00Z",
            "tools": {
                "components": [{"type": "application", "name": "accord", "version": facts.accord}]
            },
            "component": _model(facts),
            **_supplier(facts.provider, facts.contact),
        },
        "components": [_component(facts, source) for source in facts.sources],
        "dependencies": _dependencies(facts),
    }
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def _model(facts: Facts) -> dict[str, Any]:
    bases = [_reference(source) for source in facts.of("base")]
    found: dict[str, Any] = {
        "type": "machine-learning-model",
        "bom-ref": MODEL,
        "name": facts.title,
        "version": facts.version,
        "description": facts.description or changes(facts),
        "hashes": [{"alg": "SHA-256", "content": facts.digests[MODEL]}],
        "licenses": _licenses(facts.license),
        "modelCard": _card(facts),
        "properties": list(_properties(facts)),
        "components": [
            {
                "type": "file",
                "bom-ref": f"file:{name}",
                "name": name,
                "hashes": [{"alg": "SHA-256", "content": record.sha256}],
            }
            for name, record in sorted(facts.files.items())
        ],
        **_supplier(facts.provider, facts.contact),
    }
    if bases:
        ancestors = [
            {"type": "machine-learning-model", "name": s.title, "licenses": _licenses(s.license)}
            for s in facts.of("base")
        ]
        found["pedigree"] = {"ancestors": ancestors, "notes": changes(facts)}
    return found


def _card(facts: Facts) -> dict[str, Any]:
    learnt = [{"ref": _reference(source)} for source in facts.of("learnt")]
    results = [
        {"type": name, "value": f"{value:.6g}", **_interval(facts, name)}
        for name, value in facts.metrics.items()
    ]
    considerations = {
        "technicalLimitations": [
            "measured on the rows that the release's evaluation.json names, and nowhere else"
        ]
    }
    limits = [
        f"{o.work}: {', '.join(o.values)}" for o in owed(facts.verdict) if o.duty == "pass-on"
    ]
    if limits:
        considerations["useCases"] = [
            f"within the limits that are passed on by {one}" for one in limits
        ]
    return {
        "modelParameters": {
            "approach": {"type": "supervised"},
            "task": facts.task,
            "architectureFamily": facts.architecture,
            "modelArchitecture": facts.architecture,
            "datasets": learnt,
            "inputs": [{"format": facts.modality}],
            "outputs": [{"format": ", ".join(facts.labels[:50]) or facts.task}],
        },
        "quantitativeAnalysis": {"performanceMetrics": results},
        "considerations": considerations,
    }


def _interval(facts: Facts, name: str) -> dict[str, Any]:
    split = "test" if facts.summary["metrics"].get("test") else "validation"
    found = (facts.summary["intervals"].get(split) or {}).get(name)
    if not found:
        return {}
    return {
        "confidenceInterval": {"lowerBound": f"{found[0]:.6g}", "upperBound": f"{found[1]:.6g}"}
    }


def _properties(facts: Facts) -> Iterator[dict[str, str]]:
    """What the standard has no field for: the verdict, waivers, hyperparameters, digests."""
    told = {
        "accord:verdict": facts.verdict["verdict"],
        "accord:reading": facts.verdict["reading"],
        "accord:parameters": str(facts.parameters),
        **{f"accord:waived:{work}": why for work, why in facts.waivers.items()},
        **{f"accord:digest:{kind}": digest for kind, digest in facts.digests.items()},
        **{
            f"accord:train:{name}": json.dumps(value, ensure_ascii=False)
            for name, value in (facts.recipe.get("train") or {}).items()
        },
    }
    for name, value in sorted(told.items()):
        yield {"name": name, "value": value}


def _component(facts: Facts, source: Source) -> dict[str, Any]:
    kinds = {"data": "data", "model": "machine-learning-model", "code": "library"}
    duties = [
        {"name": f"accord:owed:{number}", "value": f"{o.duty} {', '.join(o.values)}".strip()}
        for number, o in enumerate(one for one in owed(facts.verdict) if one.work == source.id)
    ]
    found: dict[str, Any] = {
        "type": kinds.get(source.kind, "platform"),
        "bom-ref": _reference(source),
        "name": source.title,
        "description": how_used(source),
        "licenses": _licenses(source.license),
        "properties": [{"name": "accord:part", "value": source.part}, *duties],
        **_supplier(source.holder, None),
    }
    if source.kind == "data":
        found["data"] = [_data(facts, source)]
        found["components"] = [
            {
                "type": "file",
                "bom-ref": f"{_reference(source)}/{number}",
                "name": file.name,
                "hashes": [{"alg": "SHA-256", "content": file.sha256}],
            }
            for number, file in enumerate(source.files)
            if file.sha256
        ]
    if source.origin.startswith(("https://", "http://")) and not set(source.origin) & set(
        ' <>"{}|\\^`'
    ):
        found["externalReferences"] = [{"type": "distribution", "url": source.origin}]
    return found


def _data(facts: Facts, source: Source) -> dict[str, Any]:
    custodian = facts.provider or "not said"
    governance = {"custodians": [{"organization": {"name": custodian}}]}
    if source.holder:
        governance["owners"] = [{"organization": {"name": source.holder}}]
    rows = ", ".join(f"{split} {count}" for split, count in source.rows.items())
    return {
        "type": "dataset",
        "name": source.title,
        "description": f"rows: {rows}" if rows else how_used(source),
        "classification": "not classified",
        "governance": governance,
    }


def _dependencies(facts: Facts) -> list[dict[str, Any]]:
    inside = [_reference(s) for s in facts.of("learnt", "base", "taught", "inside")]
    rest = [{"ref": _reference(source)} for source in facts.sources]
    return [{"ref": MODEL, "dependsOn": inside}, *rest]


def _licenses(license: str) -> list[dict[str, Any]]:
    said = {"acknowledgement": "declared"}
    if license in spdx():
        return [{"license": {"id": license, **said}}]
    if is_expression(license):
        return [{"expression": expression(license), **said}]
    return [{"license": {"name": license, **said}}]


def _supplier(name: str | None, contact: str | None) -> Mapping[str, Any]:
    if not name:
        return {}
    return {"supplier": {"name": name, **({"contact": [{"name": contact}]} if contact else {})}}


def _reference(source: Source) -> str:
    return f"work:{source.id}"


__all__ = ["Version", "cyclonedx"]
