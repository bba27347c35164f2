"""Privacy bugs that other engines had or have: none of them is here.

Elsewhere: a weighted sampler that is accounted with the wrong rate (opacus#813) is refused
(`tests/recipe/test_private_refusals.py`); tied embeddings, both kinds of checkpointing, GPT-2
without positions and LoRA have exact gradients (`test_gradient.py`); an optimizer that trains other
tensors than the model's (opacus#820, peft#3409) is refused (`tests/laws/test_movement.py`); a
resumed or killed run keeps its account (opacus#117, #373: `tests/laws/test_private.py`,
`test_kill.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from accord.fit import fit
from accord.privacy.members import Members, grouped
from accord.privacy.private import PrivateGradient
from accord.privacy.sampling import Poisson
from accord.recipe.privacy import Privacy
from accord.recipe.train import Train
from accord.train import lesson, releases
from accord.train.private_terms import terms_of
from tests.laws.private_runs import STEPS, lay_out, recipe, trained


@pytest.mark.parametrize("rows", [31, 32, 33, 48, 49])
def test_the_divisor_is_the_batch_that_was_asked_for(rows: int) -> None:
    """opacus#571, #819: 15, 16, 11, 16 and 12 of these, which tells how many rows there are."""
    spec = Train(batch_size=16, steps=3)
    terms = terms_of(Privacy(noise_multiplier=1.0), spec, rows)
    assert terms.mechanism.sampling_probability * terms.units == pytest.approx(16)
    public = Privacy(noise_multiplier=1.0, units=40)
    assert terms_of(public, Train(batch_size=16, epochs=2), rows).steps == 6
    assert terms_of(public, spec, rows) == terms_of(public, spec, 40)


def test_what_is_learned_from_is_what_is_accounted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A private loader that is built and not used (FATE-LLM), shuffled batches that are accounted
    as Poisson (opacus#80, private-transformers#7), and LoRA whose weights never move. All at once
    with bf16, micro-batches, gradient checkpointing, an average of weights and secure noise."""
    place, secret = lay_out(tmp_path), b"\7" * 32
    monkeypatch.setattr(releases, "token_bytes", lambda size: secret)
    seen: list[list[int]] = []
    weights: list[dict[str, torch.Tensor]] = []

    def watched(self: PrivateGradient, model: Any, objective: Any, batches: Any, **how: Any) -> Any:
        seen.append(sorted(int(row) for batch in batches for row in batch["rows"]))
        return computed(self, model, objective, batches, **how)

    def bracketed(model: Any, *args: Any, **kwargs: Any) -> Any:
        weights.append({n: p.detach().clone() for n, p in model.named_parameters()})
        assert any(vars(module).get("gradient_checkpointing") for module in model.modules())
        fitted = fit(model, *args, **kwargs)
        weights.append({n: p.detach().clone() for n, p in model.named_parameters()})
        trained = {n for n, p in model.named_parameters() if p.requires_grad}
        moved = {n for n, before in weights[0].items() if not torch.equal(before, weights[1][n])}
        assert moved == trained
        assert {"A", "B"} == {n.split("lora_")[1][0] for n in trained if "lora_" in n}
        return fitted

    computed = PrivateGradient.__call__
    monkeypatch.setattr(PrivateGradient, "__call__", watched)
    monkeypatch.setattr(lesson, "fit", bracketed)
    made = recipe(place, noise_multiplier=3, secure_noise=True)
    made["train"] |= {"precision": "bf16", "schedule": "wsd", "ema": 0.9}
    made["machine"] |= {"micro_batch_tokens": 30, "gradient_checkpointing": True}
    base = place / "tokenizer"
    BertModel(BertConfig(**made["model"]["config"])).save_pretrained(base)
    made["model"] = {"base": str(base), "agreement": "own", "adapt": "lora"}
    privacy = trained(place, "run", made)["privacy"]
    rate = privacy["sampling_probability"]
    order = Poisson(Members(*grouped(np.arange(160)), secret=secret), rate, 160)
    assert seen == [sorted(order.step(step).rows.tolist()) for step in range(STEPS)]
    assert len({len(rows) for rows in seen}) > 3  # of Poisson batches, sizes differ
    ((mechanism),) = privacy["mechanisms"]
    assert (mechanism["sampling"], mechanism["sampling_probability"]) == ("poisson", rate)
    assert mechanism["steps"] == STEPS
