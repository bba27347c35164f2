"""Losses and weights for rare classes: their zeros change nothing, their formulas hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

import accord
from accord.errors import AccordError
from accord.part import find

COUNTS = torch.tensor([900.0, 90.0, 10.0])
LOGITS = torch.randn(64, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
LABELS = torch.arange(64) % 3


def losses(kind: str, **fields: Any) -> torch.Tensor:
    found = find("class-loss", kind)
    return found(found.spec(kind=kind, **fields), COUNTS)(LOGITS, LABELS)


def weights(kind: str, **fields: Any) -> torch.Tensor:
    found = find("class-weights", kind)
    return found(found.spec(kind=kind, **fields), COUNTS)


PLAIN = functional.cross_entropy(LOGITS, LABELS, reduction="none")
OWN = LOGITS.softmax(-1).gather(-1, LABELS[:, None])[:, 0]


@pytest.mark.parametrize(
    ("kind", "zero"),
    [
        ("focal", {"gamma": 0}),
        ("ldam", {"margin": 0}),
        ("logit-adjustment", {"tau": 0}),
        ("generalised", {"q": 1e-9}),
        ("symmetric", {"alpha": 1, "beta": 0}),
    ],
)
def test_the_zero_of_a_loss_is_cross_entropy(kind: str, zero: dict[str, float]) -> None:
    torch.testing.assert_close(losses(kind, **zero), PLAIN, rtol=1e-5, atol=1e-6)


def test_losses_are_those_of_the_papers() -> None:
    torch.testing.assert_close(losses("focal", gamma=2), (1 - OWN) ** 2 * PLAIN)
    torch.testing.assert_close(losses("generalised", q=0.7), (1 - OWN**0.7) / 0.7)
    one_hot = functional.one_hot(LABELS, 3).double()
    clean = torch.where(one_hot == 1, 0.0, -4.0)
    reverse = -(LOGITS.softmax(-1) * clean).sum(-1)
    torch.testing.assert_close(losses("symmetric"), 0.1 * PLAIN + reverse)
    margins = 0.5 * (10 / COUNTS.double()) ** 0.25
    moved = functional.cross_entropy(LOGITS - one_hot * margins, LABELS, reduction="none")
    plain = losses("ldam", normalised=False)
    torch.testing.assert_close(plain, moved, rtol=1e-5, atol=1e-6)
    prior = (COUNTS / COUNTS.sum()).log().double()
    adjusted = functional.cross_entropy(LOGITS + prior, LABELS, reduction="none")
    torch.testing.assert_close(losses("logit-adjustment"), adjusted, rtol=1e-5, atol=1e-6)


def test_weights_are_those_of_the_formulas() -> None:
    inverse = weights("inverse")
    torch.testing.assert_close(inverse * COUNTS, (inverse * COUNTS).mean().expand(3))
    root = weights("square-root")
    torch.testing.assert_close(root[2] / root[0], torch.tensor(90.0).sqrt())
    number = (1 - 0.99**COUNTS) / (1 - 0.99)
    effective = weights("effective", beta=0.99)
    torch.testing.assert_close(effective / effective[0], number[0] / number)
    torch.testing.assert_close(weights("effective", beta=0), torch.ones(3))


def recipe(folder: Path, **balance: Any) -> dict[str, Any]:
    rows = (f"{i},{i % 7},{'rare' if i % 20 == 0 else 'often'}\n" for i in range(400))
    (folder / "a.csv").write_text("x,z,y\n" + "".join(rows))
    return {
        "task": "table-classification",
        "model": {"config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}},
        "data": {
            **{"agreement": "own", "train": str(folder / "a.csv"), "numeric": ["x", "z"]},
            "label": "y",
        },
        "balance": balance,
        "train": {"epochs": 1, "batch_size": 32, "precision": "fp32"},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }


def weights_of(folder: Path, name: str, **balance: Any) -> bytes:
    run = accord.train(recipe(folder, **balance), output=folder / name)
    return (run.path / "model" / "model.safetensors").read_bytes()


def test_in_a_run_zeros_change_nothing_and_the_others_do(tmp_path: Path) -> None:
    plain = weights_of(tmp_path, "plain")
    assert weights_of(tmp_path, "again") == plain
    assert weights_of(tmp_path, "zero", weights={"kind": "effective", "beta": 0}) == plain
    assert weights_of(tmp_path, "focal", loss="focal") != plain
    half = {"kind": "inverse", "defer": 0.5}
    assert weights_of(tmp_path, "half", weights=half) != plain
    assert weights_of(tmp_path, "inverse", weights="inverse") != plain


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"task": "table-regression"}, "balance.loss"),
        ({"train": {"epochs": 1, "label_smoothing": 0.1}}, "balance.loss"),
        ({"balance": {"loss": "fokal"}}, "balance.loss"),
        ({"balance": {"loss": {"kind": "focal", "gamma": -1}}}, "balance.loss.gamma"),
    ],
)
def test_what_has_no_meaning_is_refused(change: dict[str, Any], path: str, tmp_path: Path) -> None:
    with pytest.raises(AccordError) as error:
        accord.check(recipe(tmp_path, loss="focal") | change)
    assert path in str(error.value)
