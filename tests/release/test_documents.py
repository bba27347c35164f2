"""The documents of a release: valid by their standards, the same each time, whatever they name."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st
from spdx_python_model import v3_0_1 as spdx_model

from accord.agreement.license.hub import tags
from accord.artifact import FileRecord
from accord.release.card import card
from accord.release.chinese_sources import chinese_sources
from accord.release.croissant import croissant
from accord.release.cyclonedx import cyclonedx
from accord.release.data_card import data_card
from accord.release.eu.summary import eu_summary
from accord.release.facts import Facts
from accord.release.hub_metadata import faults, metadata
from accord.release.license_id import expression, is_expression
from accord.release.notice import notice
from accord.release.spdx import spdx
from accord.release.technical_report import technical_report
from tests.release.made_facts import facts

DOCUMENTS: dict[str, Callable[[Facts], str]] = {
    "card": lambda f: card(f, ("no class",)),
    "data card": lambda f: data_card(f, f.sources[0]),
    "notice": notice,
    "report": technical_report,
    "spdx": spdx,
    "cyclonedx": lambda f: cyclonedx(f, "1.7"),
    "croissant": lambda f: croissant(f, f.sources[0], {}),
    "eu": eu_summary,
    "chinese": chinese_sources,
}
HOSTILE = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_same_facts_give_the_same_bytes(name: str) -> None:
    assert DOCUMENTS[name](facts()) == DOCUMENTS[name](facts())


def _hostile(text: str) -> Facts:
    plain = facts()
    return facts(
        provider=text,
        description=text,
        labels=(text, "yes"),
        sources=tuple(
            replace(s, title=text, holder=text, origin=text, id=f"{s.id}{text}", license=text)
            for s in plain.sources
        ),
    )


@settings(deadline=None, max_examples=30)
@given(HOSTILE)
def test_any_names_leave_documents_valid(text: str) -> None:
    found = _hostile(text)
    for version, schema in (("1.6", SchemaVersion.V1_6), ("1.7", SchemaVersion.V1_7)):
        assert JsonStrictValidator(schema).validate_str(cyclonedx(found, version)) is None  # type: ignore[arg-type]
    _read_spdx(spdx(found))
    for name in ("card", "data card", "report", "chinese"):
        for line in DOCUMENTS[name](found).splitlines():
            assert not line.startswith("<script")
    assert list(faults(metadata(found), tags())) == []


@pytest.mark.parametrize("version", ["1.6", "1.7"])
def test_cyclonedx_is_valid_and_tells_what_is_known(version: Any) -> None:
    text = cyclonedx(facts(waivers={"data:web": "we asked"}), version)
    schema = {"1.6": SchemaVersion.V1_6, "1.7": SchemaVersion.V1_7}[version]
    assert JsonStrictValidator(schema).validate_str(text) is None
    value = json.loads(text)
    model = value["metadata"]["component"]
    learnt = {one["ref"] for one in model["modelCard"]["modelParameters"]["datasets"]}
    assert learnt == {"work:corpus", "work:own"}
    assert model["pedigree"]["ancestors"][0]["name"] == "org/base"
    assert {one["bom-ref"] for one in value["components"]} >= {*learnt, "work:exam"}
    properties = {one["name"]: one["value"] for one in model["properties"]}
    assert properties["accord:waived:data:web"] == "we asked"


def _read_spdx(text: str) -> Any:
    whole = spdx_model.SHACLObjectSet()
    spdx_model.JSONLDDeserializer().read(io.BytesIO(text.encode()), whole)
    assert not whole.link()
    return whole


def test_spdx_keeps_the_musts_of_its_profiles() -> None:
    whole = _read_spdx(spdx(facts()))
    relations = list(whole.foreach_type(spdx_model.Relationship))
    packages = [
        *whole.foreach_type(spdx_model.ai_AIPackage),
        *whole.foreach_type(spdx_model.dataset_DatasetPackage),
    ]
    assert {one.name for one in packages} == {
        *("Tone-1", "org/base", "A corpus", "The web", "An exam", "own"),
    }
    for one in packages:
        for kind in ("hasDeclaredLicense", "hasConcludedLicense"):
            wanted = getattr(spdx_model.RelationshipType, kind)
            mine = [r for r in relations if r.from_ is one and r.relationshipType == wanted]
            assert len(mine) == 1 and len(mine[0].to) == 1
        assert one.software_downloadLocation and one.software_primaryPurpose and one.releaseTime
        if isinstance(one, spdx_model.ai_AIPackage):
            assert one.suppliedBy is not None and one.software_packageVersion
        else:
            assert one.builtTime and len(one.originatedBy) == 1 and one.dataset_datasetType
    (model,) = (one for one in packages if one.name == "Tone-1")
    how = {
        target.name: relation.relationshipType.rsplit("/", 1)[-1]
        for relation in relations
        if relation.from_ is model
        for target in relation.to
        if target in packages and not relation.relationshipType.endswith("testedOn")
    }
    assert how == {
        "org/base": "descendantOf",
        "The web": "descendantOf",
        "A corpus": "trainedOn",
        "own": "trainedOn",
    }


def test_a_notice_names_the_works_in_the_model_and_their_holders() -> None:
    text = notice(facts())
    inside, _, measured = text.partition("Measured with")
    assert "A corpus" in inside and "by Ann" in inside and "org/base" in inside
    assert "The web" in inside and "An exam" not in inside and "An exam" in measured
    assert "own" not in re.findall(r"^own$", text, re.MULTILINE)


def test_the_metadata_of_a_card_is_what_the_hub_reads() -> None:
    found = metadata(facts())
    assert found["license"] == "apache-2.0"
    assert found["base_model"] == "org/base"
    assert found["pipeline_tag"] == "text-classification"
    assert list(faults(found, tags())) == []
    other = metadata(facts(license="LicenseRef-x", hub_license=None))
    assert (other["license"], other["license_name"], other["license_link"]) == (
        *("other", "x" if other["license_name"] == "x" else "licenseref-x", "LICENSE"),
    )
    assert list(faults(other, tags())) == []


def test_an_adapter_says_that_it_is_one() -> None:
    record = FileRecord(size=1, sha256="ab" * 32)
    files = {"adapter_config.json": record, "adapter_model.safetensors": record}
    found = metadata(facts(files=files))
    assert (found["base_model_relation"], found["library_name"]) == ("adapter", "peft")
    assert "An adapter alone" in card(facts(files=files), ())
    assert metadata(facts())["base_model_relation"] == "finetune"


def test_a_head_that_compares_directions_is_told_beside_how_to_use_it() -> None:
    recipe = {"balance": {"loss": {"kind": "ldam", "normalised": True}}}
    assert "compares directions" in card(facts(recipe=recipe), ())
    assert "compares directions" not in card(facts(), ())


@pytest.mark.parametrize(
    "wrong",
    [
        {"license": "apache"},
        {"license": "other"},
        {"license": "mit", "license_name": "x"},
        {"license": "mit", "datasets": ["no id"]},
        {"license": "mit", "base_model_relation": "finetune"},
        {"license": "mit", "language": ["English"]},
        {"license": "mit", "model-index": [{"name": "x"}]},
    ],
)
def test_what_the_hub_would_refuse_is_found(wrong: dict[str, Any]) -> None:
    assert list(faults({"pipeline_tag": "text-generation", **wrong}, tags()))


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("MIT", True),
        ("MIT OR Apache-2.0", True),
        ("LicenseRef-x", True),
        ("GPL-3.0-or-later WITH Classpath-exception-2.0", True),
        ("contract 7", False),
        ("own", False),
        ("MIT AND", False),
        ("mit", False),
        ("LicenseRef-ü", False),
    ],
)
def test_what_spdx_does_not_know_becomes_a_reference(written: str, known: bool) -> None:
    assert is_expression(written) is known
    assert (
        expression(written) == written if known else expression(written).startswith("LicenseRef-")
    )
    assert is_expression(expression(written))
