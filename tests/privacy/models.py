"""Small models of every kind of layer, and of the families that people train, with a batch each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from accord.model.checkpointing import keep_layer_inputs

ROWS, LENGTH, WIDTH, WORDS = 5, 6, 8, 17
Batch = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class Curved:
    """A loss of each row that is linear in no output, of all outputs of a model."""

    def losses(self, model: nn.Module, batch: Batch) -> torch.Tensor:
        inputs = {name: value for name, value in batch.items() if name not in ("rows", "weight")}
        output: Any = model(**inputs)
        values = getattr(output, "logits", output)
        weights = torch.linspace(0.2, 2.0, values[0].numel()).view_as(values[0])
        return ((values.float() * weights).sin() + values.float().square()).flatten(1).sum(1)


class Around(nn.Module):
    """A layer between two that are trained too, so that gradients go through it."""

    def __init__(self, layer: nn.Module, before: nn.Module | None = None) -> None:
        super().__init__()
        self.before, self.layer = before or nn.Linear(WIDTH, WIDTH), layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(self.before(x))


class Attending(nn.Module):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self.before = nn.Linear(WIDTH, WIDTH)
        self.attention = nn.MultiheadAttention(WIDTH, 2, **kwargs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.before(x)
        if not self.attention.batch_first:
            x = x.transpose(0, 1)
        mask = torch.ones(LENGTH, LENGTH, dtype=torch.bool).triu(1)
        mixed, _ = self.attention(x, x.flip(-1), x, attn_mask=mask, need_weights=False)
        return mixed if self.attention.batch_first else mixed.transpose(0, 1)


class Tied(nn.Module):
    """One table for tokens, used twice, and as a head; positions are the same for all rows."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(WORDS, WIDTH, padding_idx=0)
        self.positions = nn.Embedding(LENGTH, WIDTH)
        self.head = nn.Linear(WIDTH, WORDS)
        self.head.weight = self.tokens.weight

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.tokens(ids) + self.tokens(ids.flip(1)).tanh()
        return self.head(x + self.positions(torch.arange(ids.shape[1])[None]))


class Twice(nn.Module):
    """A layer that is used several times, as ALBERT's are."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.norm = nn.Linear(WIDTH, WIDTH), nn.LayerNorm(WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.norm(self.layer(self.norm(self.layer(x)).tanh()))


class Shifted(nn.Module):
    """A module that no rule knows, with weights of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.rand(WIDTH)), nn.Parameter(torch.rand(WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x * self.scale + self.shift).softmax(-1) @ torch.diag(self.scale)


class Scaled(nn.Embedding):
    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return super().forward(input) * 3.0


class Functional(nn.Module):
    """Uses a weight past the module that owns it: rows have to go one at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(self.layer(x).tanh(), self.layer.weight)


class PerPosition(nn.Module):
    """A table read by positions alone, with positions in front: as T5's relative biases."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.before = nn.Embedding(LENGTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.before(x) + self.table(torch.arange(x.shape[1]))


class Windows(nn.Module):
    """A layer that sees parts of a row beside each other, as Swin's does; `across` in an order that
    keeps no row together."""

    def __init__(self, *, across: bool = False) -> None:
        super().__init__()
        self.layer, self.across = nn.Linear(WIDTH, WIDTH), across

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        half = x.unflatten(1, (2, -1))
        if self.across:
            return self.layer(half.transpose(0, 1).flatten(0, 1)).unflatten(0, (2, -1)).sum(0)
        return self.layer(half.flatten(0, 1)).unflatten(0, (-1, 2))


class Weighed(nn.Module):
    """Weights of its own beside a layer, over the last dimension, as ConvNeXt's."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.scale = nn.Linear(WIDTH, WIDTH), nn.Parameter(torch.rand(WIDTH))
        self.shift = nn.Parameter(torch.rand(LENGTH, WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.scale * self.layer(x) + self.shift


def vectors(*shape: int) -> Batch:
    return {"x": torch.randn(ROWS, *(shape or (LENGTH, WIDTH))), "rows": torch.arange(ROWS)}


def ids(**more: torch.Tensor) -> Batch:
    found = torch.randint(0, WORDS, (ROWS, LENGTH))
    return {"ids": found, "rows": torch.arange(ROWS), **more}


def _convolution(**kwargs: Any) -> nn.Module:
    first = nn.Conv2d(4, 6, 3, **{"padding": 1, **kwargs})
    return nn.Sequential(first, nn.GroupNorm(3, 6), nn.ReLU(inplace=True), nn.Flatten(1))


def _named(layer: nn.Module) -> nn.Module:
    return _Inputs(layer)


class _Inputs(nn.Module):
    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x)


def _gpt2_layer() -> nn.Module:
    from transformers.pytorch_utils import Conv1D

    return Around(Conv1D(WIDTH + 2, WIDTH))


def _llama_norm() -> nn.Module:
    from transformers.models.llama.modeling_llama import LlamaRMSNorm

    return Around(LlamaRMSNorm(WIDTH))


def _gemma_norm() -> nn.Module:
    from transformers.models.gemma.modeling_gemma import GemmaRMSNorm

    return Around(GemmaRMSNorm(WIDTH))


LAYERS: dict[str, Callable[[], tuple[nn.Module, Batch]]] = {
    "linear": lambda: (Around(nn.Linear(WIDTH, 3)), vectors()),
    "linear-of-rows": lambda: (Around(nn.Linear(WIDTH, 3, bias=False)), vectors(WIDTH)),
    "linear-deep": lambda: (Around(nn.Linear(WIDTH, 3)), vectors(2, 3, WIDTH)),
    "linear-long": lambda: (Around(nn.Linear(WIDTH, 3)), vectors(64, WIDTH)),
    "conv1d-of-gpt2": lambda: (_gpt2_layer(), vectors()),
    "tied-embedding": lambda: (Tied(), ids()),
    "scaled-embedding": lambda: (nn.ModuleDict({"e": Scaled(WORDS, WIDTH)})["e"], _input_ids()),
    "layer-norm": lambda: (Around(nn.LayerNorm(WIDTH)), vectors()),
    "layer-norm-long": lambda: (Around(nn.LayerNorm(WIDTH)), vectors(512, WIDTH)),
    "layer-norm-2d": lambda: (Around(nn.LayerNorm((LENGTH, WIDTH))), vectors()),
    "rms-norm": lambda: (Around(nn.RMSNorm(WIDTH)), vectors()),
    "rms-norm-of-llama": lambda: (_llama_norm(), vectors()),
    "rms-norm-of-gemma": lambda: (_gemma_norm(), vectors()),
    "conv2d": lambda: (_named(_convolution(stride=2)), vectors(4, 7, 7)),
    "conv2d-groups": lambda: (_named(_convolution(groups=2, dilation=2)), vectors(4, 7, 7)),
    "conv2d-same": lambda: (_named(_convolution(padding="same")), vectors(4, 5, 5)),
    "conv1d": lambda: (_named(nn.Conv1d(4, 6, 3, padding=2, dilation=2)), vectors(4, 9)),
    "conv3d": lambda: (_named(nn.Conv3d(2, 3, 2)), vectors(2, 3, 3, 3)),
    "attention": lambda: (Attending(batch_first=True), vectors()),
    "attention-length-first": lambda: (Attending(add_bias_kv=True), vectors()),
    "used-twice": lambda: (Twice(), vectors()),
    "unknown": lambda: (Around(Shifted()), vectors()),
    "windows": lambda: (Around(Windows()), vectors()),
    "windows-across": lambda: (Around(Windows(across=True)), vectors()),
    "weighed": lambda: (Around(Weighed()), vectors()),
    "weighed-as-many": lambda: (Around(Weighed()), vectors(2, LENGTH, WIDTH)),
    "past-its-module": lambda: (Functional(), vectors()),
    "per-position": lambda: (PerPosition(), vectors()),
}


def _input_ids() -> Batch:
    return {"input": torch.randint(0, WORDS, (ROWS, LENGTH)), "rows": torch.arange(ROWS)}


SIZES: dict[str, Any] = {
    "vocab_size": WORDS,
    "hidden_size": WIDTH,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "max_position_embeddings": 16,
}
GPT2: dict[str, Any] = {
    "vocab_size": WORDS, "n_embd": WIDTH, "n_layer": 2, "n_head": 2, "n_positions": 16,
    "bos_token_id": 1, "eos_token_id": 1, "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0,
}  # fmt: skip
STILL: dict[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}


def _transformer(name: str, config: Any, **more: torch.Tensor) -> tuple[nn.Module, Batch]:
    import transformers

    model = getattr(transformers, name)(config)
    batch = {"input_ids": torch.randint(2, WORDS, (ROWS, LENGTH)), "rows": torch.arange(ROWS)}
    return model, {**batch, **more}


def _bert(name: str, prefix: str) -> tuple[nn.Module, Batch]:
    import transformers

    config = getattr(transformers, f"{prefix}Config")(**SIZES, **STILL, pad_token_id=1)
    mask = torch.ones(ROWS, LENGTH, dtype=torch.long)
    mask[1, 4:] = 0
    return _transformer(name, config, attention_mask=mask)


def _distilbert() -> tuple[nn.Module, Batch]:
    import transformers

    config = transformers.DistilBertConfig(
        vocab_size=WORDS, dim=WIDTH, n_layers=2, n_heads=2, hidden_dim=12, dropout=0.0,
        attention_dropout=0.0, seq_classif_dropout=0.0, max_position_embeddings=16,
    )  # fmt: skip
    return _transformer("DistilBertForSequenceClassification", config)


def _llama(prefix: str) -> tuple[nn.Module, Batch]:
    import transformers

    config = getattr(transformers, f"{prefix}Config")(**SIZES, num_key_value_heads=1)
    return _transformer(f"{prefix}ForCausalLM", config)


def _gpt2() -> tuple[nn.Module, Batch]:
    import transformers

    return _transformer("GPT2LMHeadModel", transformers.GPT2Config(**GPT2))


def _vit() -> tuple[nn.Module, Batch]:
    import transformers

    config = transformers.ViTConfig(
        hidden_size=WIDTH, num_hidden_layers=1, num_attention_heads=2, intermediate_size=12,
        image_size=8, patch_size=4, **STILL,
    )  # fmt: skip
    model = transformers.ViTForImageClassification(config)
    return model, {"pixel_values": torch.randn(ROWS, 3, 8, 8), "rows": torch.arange(ROWS)}


def table(categories: tuple[int, ...] = (4, 5)) -> tuple[nn.Module, Batch]:
    from accord.model.ft_transformer import FTTransformer, FTTransformerConfig

    config = FTTransformerConfig(
        numeric=3, categories=categories, outputs=2,
        median=(0.0,) * 3, mean=(0.0,) * 3, std=(1.0,) * 3,
        hidden_size=WIDTH, num_hidden_layers=2, num_attention_heads=2, attention_dropout=0.0,
        hidden_dropout=0.0,
    )  # fmt: skip
    numeric = torch.randn(ROWS, 3)
    numeric[0, 1] = torch.nan
    categorical = torch.randint(0, 4, (ROWS, len(categories)))
    batch = {"numeric": numeric, "categorical": categorical, "rows": torch.arange(ROWS)}
    return FTTransformer(config), batch


def _lora() -> tuple[nn.Module, Batch]:
    import peft

    model, batch = _llama("Llama")
    adapters = peft.LoraConfig(r=2, target_modules=["q_proj", "down_proj"])
    adapted = peft.get_peft_model(model, adapters)
    for name, weight in adapted.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(weight, std=0.1)
    return adapted, batch


def _biases() -> tuple[nn.Module, Batch]:
    from accord.model.bias import Bias, bias

    model, batch = FAMILIES["bert"]()
    return bias(Bias(norms=True, layers=(-1,)), model), batch


def _checkpointed() -> tuple[nn.Module, Batch]:
    model, batch = _gpt2()
    keep_layer_inputs(model)
    return model.train(), batch


def _checkpointed_reentrant() -> tuple[nn.Module, Batch]:
    model, batch = _gpt2()
    model.gradient_checkpointing_enable({"use_reentrant": True})
    model.enable_input_require_grads()
    return model.train(), batch


FAMILIES: dict[str, Callable[[], tuple[nn.Module, Batch]]] = {
    "bert": lambda: _bert("BertForSequenceClassification", "Bert"),
    "roberta": lambda: _bert("RobertaForSequenceClassification", "Roberta"),
    "distilbert": _distilbert,
    "gpt2": _gpt2,
    "llama": lambda: _llama("Llama"),
    "qwen": lambda: _llama("Qwen3"),
    "vit": _vit,
    "table": table,
    "lora": _lora,
    "bias": _biases,
    "checkpointed": _checkpointed,
    "checkpointed-reentrant": _checkpointed_reentrant,
}
SLOW = {"past-its-module", "per-position", "conv2d-same", "windows-across"}
"""Those whose rows go one at a time."""


def build(name: str) -> tuple[nn.Module, Batch]:
    """A model and a batch for it, the same every time."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model, batch = (LAYERS | FAMILIES)[name]()
    return model, batch
