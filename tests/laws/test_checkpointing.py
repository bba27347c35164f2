"""Layers that are computed again in the backward pass give the same gradients from less memory.

Under privacy: `tests/privacy/test_gradient.py`; from a recipe: `test_known_failures.py` there.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from accord.errors import ModelError
from accord.model.checkpointing import keep_layer_inputs
from accord.model.dropout import pack_dropout
from accord.model.ft_transformer import FTTransformer, FTTransformerConfig
from accord.model.unpadded import unpad
from tests.laws import models


def lean_bert() -> nn.Module:
    model = models.tiny_bert(dropout=0.3)
    pack_dropout(model)
    assert unpad(model) == "first"
    return model


def table() -> nn.Module:
    torch.manual_seed(0)
    figures = {"median": (0.0,) * 5, "mean": (0.0,) * 5, "std": (1.0,) * 5}
    return FTTransformer(FTTransformerConfig(5, (3,), 2, **figures, hidden_size=32))


def forward(model: nn.Module) -> torch.Tensor:
    torch.manual_seed(3)
    if isinstance(model, FTTransformer):
        return model(torch.randn(6, 5), torch.randint(3, (6, 1))).logits
    ids = torch.randint(2, 40, (6, 9))
    return model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits


def kept(model: nn.Module) -> int:
    """Numbers that a forward pass keeps for the backward pass, weights aside."""
    own = {weight.data_ptr() for weight in model.parameters()}
    found: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.data_ptr() not in own:
            found[tensor.data_ptr()] = tensor.numel()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        result = forward(model)
    del result
    return sum(found.values())


@pytest.mark.parametrize("build", [lean_bert, table, models.tiny_gpt2, models.tiny_llama])
def test_gradients_are_the_same_bit_for_bit_and_less_is_kept(
    build: Callable[[], nn.Module],
) -> None:
    plain, lean = build().train(), build().train()
    keep_layer_inputs(lean)
    for model in (plain, lean):
        forward(model).square().sum().backward()
    for (name, one), two in zip(plain.named_parameters(), lean.parameters(), strict=True):
        assert one.grad is not None and two.grad is not None, name
        assert torch.equal(one.grad, two.grad), name
    assert kept(lean) < 0.5 * kept(plain)


def test_a_model_without_layers_of_its_own_is_refused() -> None:
    with pytest.raises(ModelError) as refused:
        keep_layer_inputs(nn.Linear(2, 2))
    assert refused.value.code == "model-checkpointing"
