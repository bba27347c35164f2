"""Unpadded encoders compute what padded ones do: results, gradients, dropout's distribution."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers as t
from torch import nn

from accord.model.attention import attend, groups_of
from accord.model.dropout import PackedDropout, dropped, pack_dropout
from accord.model.unpadded import layout_of, unpad

SIZES: dict[str, Any] = {
    "vocab_size": 60,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 40,
    "num_labels": 3,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}
DISTIL: dict[str, Any] = {
    "vocab_size": 60,
    "dim": 32,
    "n_layers": 2,
    "n_heads": 4,
    "hidden_dim": 48,
    "max_position_embeddings": 40,
    "num_labels": 3,
    "dropout": 0.0,
    "attention_dropout": 0.0,
    "seq_classif_dropout": 0.0,
}
ENCODERS = {
    "bert": (lambda: t.BertForSequenceClassification(t.BertConfig(**SIZES)), "first"),
    "roberta": (lambda: t.RobertaForSequenceClassification(t.RobertaConfig(**SIZES)), "first"),
    "electra": (lambda: t.ElectraForSequenceClassification(t.ElectraConfig(**SIZES)), "first"),
    "distilbert": (
        lambda: t.DistilBertForSequenceClassification(t.DistilBertConfig(**DISTIL)),
        "first",
    ),
    "bert-tokens": (lambda: t.BertForTokenClassification(t.BertConfig(**SIZES)), "all"),
    "roberta-tokens": (lambda: t.RobertaForTokenClassification(t.RobertaConfig(**SIZES)), "all"),
}


def padded_batch(lengths: list[int], *, left: bool = False) -> dict[str, torch.Tensor]:
    """Random ids, padded with 1 as RoBERTa does."""
    width = max(lengths)
    torch.manual_seed(1)
    inside = torch.arange(width) < torch.tensor(lengths)[:, None]
    inside = inside.flip(1) if left else inside
    ids = torch.randint(5, 60, (len(lengths), width)).masked_fill(~inside, 1)
    return {"input_ids": ids, "attention_mask": inside.long()}


def computed(model: nn.Module, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, Any]:
    """Logits of real tokens or rows, and the gradients of a loss of them."""
    model.zero_grad()
    logits = model(**batch).logits
    if logits.ndim == 3:
        logits = logits[batch["attention_mask"].bool()]
    (logits * torch.arange(logits.numel()).view(logits.shape).cos()).sum().backward()
    return logits.detach(), {
        n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None
    }


@pytest.mark.parametrize("name", ENCODERS)
def test_results_and_gradients_are_those_of_the_padded_model(name: str) -> None:
    torch.manual_seed(0)
    make, reads = ENCODERS[name]
    model = make().train()
    batch = padded_batch([3, 11, 30, 1, 11, 8])
    expected, slopes = computed(model, batch)
    assert unpad(model) == reads
    found, found_slopes = computed(model, batch)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    for weight, slope in slopes.items():
        torch.testing.assert_close(found_slopes[weight], slope, rtol=1e-3, atol=1e-5, msg=weight)


def test_tokens_are_computed_once_and_padding_never() -> None:
    model = ENCODERS["bert"][0]()
    unpad(model)
    seen: list[torch.Size] = []
    for layer in model.bert.encoder.layer:
        layer.intermediate.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape))
    model(**padded_batch([4, 20, 6]))
    assert seen == [torch.Size([1, 30, 32]), torch.Size([1, 3, 32])]


def test_batches_padded_on_the_left_take_the_ordinary_way() -> None:
    model = ENCODERS["bert"][0]().eval()
    batch = padded_batch([3, 9], left=True)
    expected = model(**batch).logits
    assert unpad(model) is not None
    torch.testing.assert_close(model(**batch).logits, expected, rtol=1e-4, atol=1e-5)
    assert layout_of(batch["attention_mask"]) is None


def test_models_that_read_otherwise_keep_their_forward() -> None:
    torch.manual_seed(0)
    model = ENCODERS["bert"][0]().eval()

    class LastToken(nn.Module):
        """A head that an unpadded row order would mislead: reads by padded position."""

        def forward(self, hidden: torch.Tensor) -> torch.Tensor:
            return hidden[:, 4]

    model.bert.pooler = LastToken()
    batch = padded_batch([5, 9])
    expected = model(**batch).logits
    unpad(model)
    torch.testing.assert_close(model(**batch).logits, expected, rtol=1e-4, atol=1e-5)


def test_a_model_that_tells_rows_not_apart_is_left_alone() -> None:
    model = ENCODERS["bert"][0]()
    nn.init.zeros_(model.classifier.weight)
    assert unpad(model) is None
    assert model.config._attn_implementation == "sdpa"


def test_saved_configuration_names_no_attention_of_ours(tmp_path: Any) -> None:
    model = ENCODERS["bert"][0]()
    unpad(model)
    pack_dropout(model)
    model.save_pretrained(tmp_path)
    assert "accord" not in (tmp_path / "config.json").read_text()
    again = t.BertForSequenceClassification.from_pretrained(tmp_path).eval()
    batch = padded_batch([3, 9])
    torch.testing.assert_close(again(**batch).logits, model.eval()(**batch).logits)


def test_attention_with_dropout_has_the_right_mean_and_gradient() -> None:
    torch.manual_seed(0)
    lengths = [9, 9, 4, 2]
    query, key, value = (torch.randn(1, 2, 24, 8, dtype=torch.float64) for _ in range(3))
    groups = groups_of(lengths)
    plain = attend(query, key, value, groups, 0.3, 0.0)
    draws = torch.stack([attend(query, key, value, groups, 0.3, 0.2) for _ in range(800)])
    assert (draws.mean(0) - plain).abs().max() < 0.15
    inputs = tuple(x.clone().requires_grad_() for x in (query, key, value))

    def fixed(*tensors: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(5)
        return attend(*tensors, groups, 0.3, 0.25)

    # softmax is taken in single precision, so the numerical derivative is coarse
    assert torch.autograd.gradcheck(fixed, inputs, eps=1e-2, atol=2e-3, rtol=1e-2)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
def test_packed_dropout_keeps_the_distribution(dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    values = torch.ones(401, 251, dtype=dtype, requires_grad=True)
    out = dropped(values, 0.3)
    share = float((out == 0).double().mean())
    assert abs(share - 0.3) < 5 * (0.3 * 0.7 / values.numel()) ** 0.5
    torch.testing.assert_close(out[out != 0].max().item(), 1 / 0.7, rtol=5e-3, atol=0)
    out.sum().backward()
    assert values.grad is not None
    assert torch.equal(values.grad, out.detach())
    # no pattern over neighbours: four share a draw
    zero = (out.detach() == 0).double()
    assert abs(float((zero[:, 1:] * zero[:, :-1]).mean()) - 0.09) < 0.01


def test_packed_dropout_repeats_with_the_seed_and_rests_in_evaluation() -> None:
    model = nn.Sequential(nn.Linear(8, 8), nn.Sequential(nn.Dropout(0.5)), nn.Dropout1d(0.5))
    pack_dropout(model)
    assert isinstance(model[1][0], PackedDropout)
    assert type(model[2]) is nn.Dropout1d
    values = torch.ones(4, 8)
    torch.manual_seed(3)
    first = model[1](values)
    torch.manual_seed(3)
    assert torch.equal(model[1](values), first)
    assert torch.equal(model.eval()[1](values), values)
    assert torch.equal(dropped(values, 1.0), torch.zeros(4, 8))
