"""A run with canaries is audited: what it claims and what is found stand side by side."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

import accord
from accord.audit.verdict import judged
from accord.auditing import audit, contradicted, lines
from accord.errors import RecipeError

RECIPE = """
task: table-classification
model: {config: {hidden_size: 8, num_hidden_layers: 1, num_attention_heads: 2}}
data: {agreement: own, train: rows.csv, numeric: [a, b], label: label, test: 0.4}
train: {epochs: 2, batch_size: 32, precision: fp32}
evaluate: {baseline: false, resamples: 0, canaries: 80}
machine: {threads: 1}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audited")
    draw = random.Random(0)
    rows = [(draw.gauss(0, 1), draw.gauss(0, 1)) for _ in range(150)]
    lines = [f"{a},{b},{'yes' if a > b else 'no'}" for a, b in rows]
    (folder / "rows.csv").write_text("a,b,label\n" + "\n".join(lines) + "\n")
    (folder / "recipe.yaml").write_text(RECIPE)
    return accord.train(folder / "recipe.yaml", output=folder / "run").path


def test_what_is_found_stands_beside_the_claim(run: Path) -> None:
    found = audit(run)
    verdict = found["verdict"]
    assert verdict["answer"] == "no-claim"
    assert verdict["bound"]["canaries"] == 80
    assert 0 <= verdict["bound"]["epsilon"] <= verdict["bound"]["ceiling"]
    assert json.loads((run / "audit.json").read_text("utf-8")) == found
    assert contradicted(found) is None
    assert any("could have shown" in line for line in lines(found))


def test_a_claim_that_is_too_good_is_contradicted(run: Path) -> None:
    summary = run / "summary.json"
    before = summary.read_text("utf-8")
    claim = {"epsilon": -1.0, "delta": 1e-5, "unit": "record"}
    try:
        summary.write_text(json.dumps(json.loads(before) | {"privacy": claim}))
        found = audit(run)
        assert found["verdict"]["answer"] == "contradicted"
        error = contradicted(found)
        assert error is not None
        assert error.code == "audit-contradicted"
        summary.write_text(json.dumps(json.loads(before) | {"privacy": claim | {"unit": "user"}}))
        assert audit(run)["verdict"]["answer"] == "untested"
    finally:
        summary.write_text(before)


def test_a_wrong_reference_is_told_before_rows_are_opened(run: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"architectures": ["GPT2LMHeadModel"], "vocab_size": 9}')
    with pytest.raises(RecipeError) as caught:
        audit(run, reference=tmp_path)
    assert caught.value.code == "reference-unlike"
    with pytest.raises(RecipeError) as caught:
        audit(tmp_path)
    assert caught.value.code == "run-missing"


def test_canaries_tell_nothing_of_users() -> None:
    assert "about a user" in judged(1.0, 1e-5, None, "user").why
