"""FT-Transformer: a Transformer over the columns of a table.

After Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", NeurIPS 2021. Shapes:
B rows, N numeric and C categorical columns, D width of a token, K outputs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, cast

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from accord.errors import ModelError

OF_THE_DATA = frozenset(("numeric", "categories", "outputs", "median", "mean", "std"))
"""Fields that the data decide."""


@dataclass(frozen=True, slots=True)
class FTTransformerConfig:
    """Sizes of the model and the statistics of the columns it was made for."""

    model_type: ClassVar[str] = "accord-ft-transformer"

    numeric: int
    categories: tuple[int, ...]
    outputs: int
    median: tuple[float, ...] = ()
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    hidden_size: int = 96
    num_hidden_layers: int = 3
    num_attention_heads: int = 8
    intermediate_factor: float = 4 / 3
    attention_dropout: float = 0.2
    hidden_dropout: float = 0.1

    @classmethod
    def of(
        cls, given: Mapping[str, Any], schema: Mapping[str, Any], dropout: float | None = None
    ) -> FTTransformerConfig:
        """The configuration for a prepared table.

        Args:
            given: Sizes and dropout that differ from the defaults.
            schema: The prepared data's `schema.json`.
            dropout: Overrides every dropout.

        Raises:
            ModelError: `given` names something else, or sizes that cannot be.
        """
        chosen = dict(given)
        kind = chosen.pop("model_type", cls.model_type)
        free = {f.name for f in fields(cls)} - OF_THE_DATA
        unknown = sorted(set(chosen) - free)
        if kind != cls.model_type or unknown:
            raise ModelError(
                "tables are learned by an FT-Transformer only",
                code="model-config",
                path="model.config",
                got=unknown or kind,
                expected=f"model_type: {cls.model_type} and any of {', '.join(sorted(free))}",
                fix="correct `model.config`",
            )
        if dropout is not None:
            chosen |= {"attention_dropout": dropout, "hidden_dropout": dropout}
        numeric = schema["numeric"]
        config = cls(
            numeric=len(numeric),
            categories=tuple(1 + len(column["values"]) for column in schema["categorical"]),
            outputs=1 if schema["problem"] == "regression" else len(schema["labels"]),
            median=tuple(float(column["median"]) for column in numeric),
            mean=tuple(float(column["mean"]) for column in numeric),
            std=tuple(float(column["std"]) or 1.0 for column in numeric),
            **chosen,
        )
        _check_sizes(asdict(config))
        return config


@dataclass(frozen=True, slots=True)
class Output:
    """`logits` [B, K]."""

    logits: torch.Tensor


class FTTransformer(nn.Module):
    """Feature tokenizer, pre-norm Transformer blocks with ReGLU, a head on the [CLS] token.

    `checkpointed`: what is inside a block is computed again in the backward pass, not kept.
    """

    checkpointed = False

    median: torch.Tensor
    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, config: FTTransformerConfig) -> None:
        super().__init__()
        self.config = config
        width = config.hidden_size
        self.register_buffer("median", torch.tensor(config.median, dtype=torch.float32))
        self.register_buffer("mean", torch.tensor(config.mean, dtype=torch.float32))
        self.register_buffer("std", torch.tensor(config.std, dtype=torch.float32))
        self.numeric_weight = nn.Parameter(_uniform(config.numeric, width))
        self.numeric_bias = nn.Parameter(_uniform(config.numeric, width))
        self.missing_bias = nn.Parameter(torch.zeros(config.numeric, width))
        self.category_embeddings = nn.ModuleList(nn.Embedding(n, width) for n in config.categories)
        self.category_bias = nn.Parameter(_uniform(len(config.categories), width))
        self.cls_token = nn.Parameter(_uniform(1, width))
        self.layers = nn.ModuleList(_Block(config) for _ in range(config.num_hidden_layers))
        # A norm before the first attention would take away the size of each number (section 3.3).
        cast(_Block, self.layers[0]).attention_norm = nn.Identity()
        self.head_norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, config.outputs)

    def forward(self, numeric: torch.Tensor, categorical: torch.Tensor) -> Output:
        """Args: `numeric` [B, N] float, NaN where missing; `categorical` [B, C] ids, 0 unknown."""
        return self.read(self.tokens(numeric, categorical))

    def tokens(self, numeric: torch.Tensor, categorical: torch.Tensor) -> torch.Tensor:
        """One token a column, after that of the row. [B, 1 + N + C, D]."""
        return torch.cat(
            [self._cls(numeric), self._numeric(numeric), self._categorical(categorical)], 1
        )

    def read(self, tokens: torch.Tensor) -> Output:
        """What the layers and the head make of tokens [B, 1 + N + C, D]."""
        for layer in self.layers:
            if self.checkpointed and self.training:
                tokens = cast(torch.Tensor, checkpoint(layer, tokens, use_reentrant=False))
            else:
                tokens = layer(tokens)
        return Output(self.head(functional.relu(self.head_norm(tokens[:, 0]))))

    def save(self, folder: Path) -> None:
        """Write `config.json` and `model.safetensors`."""
        content = {"model_type": self.config.model_type, **asdict(self.config)}
        text = json.dumps(content, indent=2) + "\n"
        (folder / "config.json").write_text(text, encoding="utf-8")
        state = {name: tensor.contiguous() for name, tensor in self.state_dict().items()}
        save_file(state, str(folder / "model.safetensors"))

    @classmethod
    def load(cls, folder: Path) -> FTTransformer:
        """Read what `save` wrote."""
        content = json.loads((folder / "config.json").read_text("utf-8"))
        del content["model_type"]
        values = {k: tuple(v) if isinstance(v, list) else v for k, v in content.items()}
        model = cls(FTTransformerConfig(**cast(Any, values)))
        model.load_state_dict(load_file(str(folder / "model.safetensors")))
        return model

    def _cls(self, numeric: torch.Tensor) -> torch.Tensor:
        return self.cls_token.expand(numeric.shape[0], 1, -1)

    def _numeric(self, values: torch.Tensor) -> torch.Tensor:
        missing = values.isnan()
        known = torch.where(missing, self.median, values)
        scaled = ((known - self.mean) / self.std)[..., None]
        tokens = scaled * self.numeric_weight + self.numeric_bias
        return tokens + missing[..., None] * self.missing_bias

    def _categorical(self, ids: torch.Tensor) -> torch.Tensor:
        if not len(self.category_embeddings):
            return self.cls_token.new_zeros(ids.shape[0], 0, self.config.hidden_size)
        embedded = [table(ids[:, i]) for i, table in enumerate(self.category_embeddings)]
        return torch.stack(embedded, 1) + self.category_bias


class _Block(nn.Module):
    def __init__(self, config: FTTransformerConfig) -> None:
        super().__init__()
        width = config.hidden_size
        inner = int(width * config.intermediate_factor)
        self.heads, self.attention_dropout = config.num_attention_heads, config.attention_dropout
        self.attention_norm: nn.Module = nn.LayerNorm(width)
        self.projections = nn.Linear(width, 3 * width)
        self.attention_output = nn.Linear(width, width)
        self.feed_norm = nn.LayerNorm(width)
        self.feed_in = nn.Linear(width, 2 * inner)
        self.feed_out = nn.Linear(inner, width)
        self.dropout = nn.Dropout(config.hidden_dropout)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        tokens = tokens + self._attention(self.attention_norm(tokens))
        value, gate = self.feed_in(self.feed_norm(tokens)).chunk(2, -1)
        return tokens + self.feed_out(self.dropout(value * functional.relu(gate)))

    def _attention(self, tokens: torch.Tensor) -> torch.Tensor:
        rows, count, width = tokens.shape
        split = self.projections(tokens).view(rows, count, 3, self.heads, -1)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(
            query, key, value, dropout_p=self.attention_dropout if self.training else 0.0
        )
        return self.attention_output(mixed.transpose(1, 2).reshape(rows, count, width))


def _uniform(columns: int, width: int) -> torch.Tensor:
    bound = width**-0.5
    return torch.empty(columns, width).uniform_(-bound, bound)


def _check_sizes(values: Mapping[str, Any]) -> None:
    width, heads = values["hidden_size"], values["num_attention_heads"]
    factor = values["intermediate_factor"]
    whole = (width, heads, values["num_hidden_layers"])
    shares = (values["attention_dropout"], values["hidden_dropout"])
    fits = (
        all(isinstance(size, int) and size > 0 for size in whole)
        and width % heads == 0
        and isinstance(factor, int | float)
        and width * factor >= 1
        and all(isinstance(share, int | float) and 0 <= share < 1 for share in shares)
    )
    if not fits:
        raise ModelError(
            "the sizes of the FT-Transformer are impossible",
            code="model-config",
            path="model.config",
            got={k: v for k, v in values.items() if k not in OF_THE_DATA},
            expected="whole numbers above 0, hidden_size a multiple of num_attention_heads; "
            "dropouts from 0 to below 1",
            fix="correct `model.config`",
        )
