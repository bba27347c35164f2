"""Mixed rows: zeros change nothing, divisions change nothing, labels go with their inputs."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from transformers import (
    LlamaConfig,
    LlamaForSequenceClassification,
    RobertaConfig,
    RobertaForSequenceClassification,
)

from accord.batch import Feed, PreparedSplit, collate
from accord.batch.pairing import Pairing, collate_pairs, parted, partners
from accord.errors import Interrupted, ModelError, RecipeError
from accord.model.blend import blended
from accord.model.ft_transformer import FTTransformer, FTTransformerConfig
from accord.objective.balance.balanced import Balanced
from accord.objective.balance.focal import Focal, focal
from accord.objective.mix.cutmix import Cutmix, cutmix
from accord.objective.mix.mixed import Mixed
from accord.objective.mix.mixup import Mixup, mixup
from accord.objective.multi_label import MultiLabel
from accord.objective.objective import logits
from accord.objective.regression import Regression
from accord.objective.single_label import SingleLabel
from accord.recipe.load import recipe_from
from accord.testing.tiny import tiny_model, tiny_rows, tiny_schema
from accord.train.mixing import Mixing, mixing_of
from tests.laws import models, prepared
from tests.laws.fitting import losses, run_fit
from tests.laws.test_fit_laws import largest_difference


def recipe(mix: Any, **more: Any) -> Any:
    return recipe_from(
        {
            "task": "text-classification",
            "model": {"base": "x"},
            "data": {"agreement": "own", "train": "x", "text": "text", "label": "label"},
            "augment": {"mix": mix},
            **more,
        }
    ).recipe


def mixing(alpha: float = 1.0, share: float = 1.0) -> Mixing:
    mixer = mixup(Mixup(alpha=alpha, share=share), {})
    return Mixing(Pairing(0, share, mixer.draw), mixer)


def pairs(problem: str, rows: int = 10, share: float = 1.0) -> tuple[Any, Any, Any]:
    """A batch of pairs, and the plain batches of its rows and partners."""
    schema, table = tiny_schema(problem), tiny_rows(problem, rows)
    drawn = Pairing(0, share, mixup(Mixup(alpha=1.0), {}).draw).drawn(table, 0)
    others = partners(drawn)
    return collate_pairs(drawn, drawn.take(pa.array(others)), schema), table, others


@pytest.mark.parametrize("mix", [{"kind": "mixup", "alpha": 0}, {"kind": "mixup", "share": 0}])
def test_nothing_mixed_changes_nothing_bit_for_bit(mix: Any, tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 30)
    idle = mixing_of(recipe(mix), PreparedSplit(data, "train").schema, 0)
    train = {"epochs": 2}
    plain, _ = run_fit(models.tiny_bert(dropout=0.1), data, tmp_path / "a", train=train)
    zero, _ = run_fit(models.tiny_bert(dropout=0.1), data, tmp_path / "b", train=train, mixing=idle)
    assert largest_difference(plain.model, zero.model) == 0.0


def test_k_micro_batches_of_mixed_rows_equal_one_batch(tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 36)
    found = [
        run_fit(
            models.tiny_bert(),
            data,
            tmp_path / str(number),
            train={"epochs": 2},
            machine=machine,
            mixing=mixing(),
        )
        for number, machine in enumerate(({"bucket": False}, {"micro_batch_tokens": 24}))
    ]
    (one, one_events), (many, many_events) = found
    np.testing.assert_allclose(losses(one_events), losses(many_events), atol=1e-6)
    assert largest_difference(one.model, many.model) < 1e-5
    plain, _ = run_fit(models.tiny_bert(), data, tmp_path / "plain", train={"epochs": 2})
    assert largest_difference(one.model, plain.model) > 1e-3


def test_interrupted_and_resumed_equals_never_stopped(tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 40)
    train = {"epochs": 2}
    whole, whole_events = run_fit(
        models.tiny_bert(dropout=0.1), data, tmp_path / "a", train=train, mixing=mixing(share=0.6)
    )
    count = itertools.count(1)
    with pytest.raises(Interrupted):
        run_fit(
            models.tiny_bert(dropout=0.1),
            data,
            tmp_path / "b",
            train=train,
            mixing=mixing(share=0.6),
            interrupted=lambda: next(count) >= 4,
        )
    fitted, events = run_fit(
        models.tiny_bert(dropout=0.1), data, tmp_path / "b", train=train, mixing=mixing(share=0.6)
    )
    assert largest_difference(whole.model, fitted.model) == 0.0
    assert losses(whole_events)[4:] == losses(events)


def test_a_window_is_mixed_alike_however_it_is_divided(tmp_path: Path) -> None:
    split = PreparedSplit(prepared.classification(tmp_path, 20), "train")
    found = []
    for limit in (10**6, 30):
        feed = Feed(
            split, 10, seed=0, division="bucketed", workers=0, pairing=mixing(share=0.7).pairing
        )
        (window,) = feed.windows(1, 2, limit)
        assert all(
            n <= limit or len(b["rows"]) == 1
            for n, b in zip(window.padded, window.batches, strict=True)
        )
        found.append(
            {
                int(row): (int(other), float(share))
                for batch in window.batches
                for row, other, share in zip(
                    batch["rows"], batch["other:rows"], batch["mix:share"], strict=True
                )
            }
        )
    assert found[0] == found[1]
    assert 0 < sum(row == other for row, (other, _) in found[0].items()) < 10


@given(
    weights=st.lists(st.floats(0, 5), min_size=2, max_size=12),
    share=st.floats(0, 1),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_rows_bring_their_weights_into_the_mixture(
    weights: list[float], share: float, seed: int
) -> None:
    table = pa.table({"row": range(len(weights)), "weight": pa.array(weights, pa.float64())})
    pairing = Pairing(seed, share, mixup(Mixup(alpha=0.5), {}).draw)
    drawn = pairing.drawn(table, 3)
    others, part = partners(drawn), drawn["mix:share"].to_numpy()
    given_weights, mixed = np.array(weights), drawn["weight"].to_numpy()
    label = drawn["mix:label"].to_numpy()
    np.testing.assert_allclose(
        mixed, part * given_weights + (1 - part) * given_weights[others], atol=1e-12
    )
    np.testing.assert_allclose(mixed * label, part * given_weights, atol=1e-9)
    assert sorted(others.tolist()) == list(range(len(weights))) or share < 1
    assert pairing.drawn(table, 3).equals(drawn)
    if len(weights) > 5 and share == 1:
        assert not pairing.drawn(table, 4).equals(drawn)


def test_the_loss_is_that_of_the_mixed_label() -> None:
    batch, _, _ = pairs("single-label")
    model = tiny_model("single-label").eval()
    own, other, drawn = parted(batch)
    mixer = mixup(Mixup(), {})
    values = blended(model, own, other, lambda a, b: mixer.blend(a, b, drawn)).logits
    share = drawn["share"].unsqueeze(-1)
    one_hot = nn.functional.one_hot
    target = share * one_hot(own["labels"], 3) + (1 - share) * one_hot(other["labels"], 3)
    expected = nn.functional.cross_entropy(values, target, reduction="none")
    torch.testing.assert_close(Mixed(SingleLabel(), mixer).losses(model, batch), expected)


def test_numbers_and_several_labels_are_mixed_too() -> None:
    mixer = mixup(Mixup(), {})
    batch, _, _ = pairs("multi-label")
    model = tiny_model("multi-label").eval()
    own, other, drawn = parted(batch)
    values = blended(model, own, other, lambda a, b: mixer.blend(a, b, drawn)).logits
    share = drawn["share"].unsqueeze(-1)
    target = share * own["labels"] + (1 - share) * other["labels"]
    expected = nn.functional.binary_cross_entropy_with_logits(values, target, reduction="none")
    torch.testing.assert_close(Mixed(MultiLabel(), mixer).losses(model, batch), expected.mean(1))
    batch, _, _ = pairs("regression")
    model = tiny_model("regression").eval()
    own, other, drawn = parted(batch)
    found = Mixed(Regression(3.0, 2.0), mixer).losses(model, batch)
    values = blended(model, own, other, lambda a, b: mixer.blend(a, b, drawn)).logits.squeeze(-1)
    share, ours, theirs = drawn["share"], *((r["labels"] - 3) / 2 for r in (own, other))
    mean = share * ours + (1 - share) * theirs
    spread = share * (1 - share) * (ours - theirs) ** 2  # no function of the prediction
    torch.testing.assert_close(found, (values - mean) ** 2 + spread)


def test_class_losses_and_weights_take_part_by_both_labels() -> None:
    batch, _, _ = pairs("single-label")
    model = tiny_model("single-label").eval()
    own, other, drawn = parted(batch)
    weights = torch.tensor([0.5, 1.0, 4.0])
    rows = focal(Focal(gamma=2.0), torch.ones(3))
    mixer = mixup(Mixup(), {})
    values = blended(model, own, other, lambda a, b: mixer.blend(a, b, drawn)).logits
    expected = sum(
        share * rows(values, row["labels"]) * weights[row["labels"]]
        for share, row in ((drawn["share"], own), (1 - drawn["share"], other))
    )

    def weighed(values: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return rows(values, labels) * weights[labels]

    objective = Mixed(Balanced(SingleLabel(), weighed), mixer)
    torch.testing.assert_close(objective.losses(model, batch), expected)


def _llama() -> nn.Module:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64, num_labels=3, pad_token_id=0,
    )  # fmt: skip
    return LlamaForSequenceClassification(config)


def _roberta() -> nn.Module:
    torch.manual_seed(0)
    config = RobertaConfig(
        vocab_size=40, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64, num_labels=3, pad_token_id=0,
    )  # fmt: skip
    return RobertaForSequenceClassification(config)


@pytest.mark.parametrize("build", [lambda: tiny_model("single-label"), _llama, _roberta])
def test_a_row_that_keeps_all_of_itself_is_answered_as_ever(build: Any) -> None:
    """Beside a longer partner of which nothing is taken, an encoder still reads further; so
    partners are as long here, and the longer the partner the more is padded otherwise."""
    model, schema = build().eval(), tiny_schema("single-label")
    table = tiny_rows("single-label", 8)
    batch = collate(table, schema)
    same = blended(model, batch, batch, lambda own, other: 0.3 * own + 0.7 * other).logits
    torch.testing.assert_close(same, logits(model, batch))


def test_embeddings_learn_from_both_rows() -> None:
    batch, table, _ = pairs("single-label", 2)
    model = tiny_model("single-label").train()
    Mixed(SingleLabel(), mixup(Mixup(), {})).loss(model, batch).backward()
    touched = model.get_input_embeddings().weight.grad.abs().sum(1) > 0  # type: ignore[operator]
    read = {i for row in table["input_ids"].to_pylist() for i in row}
    assert set(touched.nonzero().flatten().tolist()) == read


def test_columns_of_tables_are_mixed_as_tokens() -> None:
    config = FTTransformerConfig(
        numeric=2, categories=(3,), outputs=3, median=(0.0, 0.0), mean=(0.0, 0.0), std=(1.0, 1.0),
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
    )  # fmt: skip
    model = FTTransformer(config).eval()
    own = {"numeric": torch.randn(4, 2), "categorical": torch.randint(0, 3, (4, 1))}
    other = {"numeric": torch.randn(4, 2), "categorical": own["categorical"]}
    half = blended(model, own, other, lambda a, b: (a + b) / 2).logits
    middle = {**own, "numeric": (own["numeric"] + other["numeric"]) / 2}
    torch.testing.assert_close(half, model(**middle).logits)


@given(st.integers(1, 20), st.integers(1, 20), st.floats(0.1, 4), st.integers(0, 999))
@settings(max_examples=40, deadline=None)
def test_a_label_counts_by_the_pixels_that_are_left(
    height: int, width: int, alpha: float, seed: int
) -> None:
    mixer = cutmix(Cutmix(alpha=alpha), {"image": {"size": [height, width]}})
    drawn = {
        name: torch.from_numpy(values)
        for name, values in mixer.draw(5, np.random.default_rng(seed)).items()
    }
    own, other = torch.ones(5, 3, height, width), torch.zeros(5, 3, height, width)
    left = mixer.blend(own, other, drawn).double().mean((1, 2, 3))
    torch.testing.assert_close(left, drawn["share"])


def test_a_model_that_looks_up_no_words_cannot_mix_them() -> None:
    class Deaf(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table = nn.Embedding(40, 4)

        def get_input_embeddings(self) -> nn.Module:
            return self.table

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            return nn.functional.embedding(input_ids, self.table.weight)

    batch, _, _ = pairs("single-label")
    own, other, _ = parted(batch)
    with pytest.raises(ModelError, match="cannot be mixed"):
        blended(Deaf(), own, other, lambda a, b: a)


def test_what_cannot_be_mixed_is_refused() -> None:
    with pytest.raises(RecipeError, match="has no meaning for this task"):
        recipe("cutmix")
    with pytest.raises(RecipeError, match="has no meaning for this task"):
        recipe_from(
            {
                "task": "causal-lm",
                "model": {"base": "x"},
                "data": {"agreement": "own", "train": "x", "text": "text"},
                "augment": {"mix": "mixup"},
            }
        )
