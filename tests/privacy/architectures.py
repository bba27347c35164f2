"""Small models of many families of Transformers: what their configurations take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
import transformers
from torch import nn

from tests.privacy.models import ROWS, WORDS, Batch

TEXT = "AutoModelForSequenceClassification"
LM = "AutoModelForCausalLM"
IMAGE = "AutoModelForImageClassification"

_BODY: Mapping[str, Any] = {
    "vocab_size": WORDS, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
    "intermediate_size": 12, "max_position_embeddings": 32,
}  # fmt: skip
_STILL: Mapping[str, Any] = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
_BERT = {**_BODY, **_STILL}
_LLAMA = {**_BODY, "num_key_value_heads": 1, "head_dim": 4, "pad_token_id": 0}
_GPT: Mapping[str, Any] = {
    "vocab_size": WORDS, "n_embd": 8, "n_layer": 2, "n_head": 2, "n_positions": 32,
    "resid_pdrop": 0.0, "embd_pdrop": 0.0, "attn_pdrop": 0.0,
}  # fmt: skip
_FEW: Mapping[str, Any] = {
    "vocab_size": WORDS, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
}  # fmt: skip
_PARTED = {**_BERT, "relative_attention": True, "pos_att_type": ["p2c", "c2p"], "pooler_dropout": 0,
           "pooler_hidden_size": 8}  # fmt: skip
_IMAGE: Mapping[str, Any] = {
    "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2, "image_size": 8,
    "patch_size": 4, **_STILL,
}  # fmt: skip
_STAGES: Mapping[str, Any] = {"depths": [1, 1], "hidden_sizes": [6, 8]}
_CONVNEXT = {**_STAGES, "image_size": 8, "patch_size": 2, "num_stages": 2}
_SWIN: Mapping[str, Any] = {
    "image_size": 16, "patch_size": 2, "embed_dim": 8, "depths": [1, 1], "num_heads": [2, 2],
    "window_size": 4, "drop_path_rate": 0.0, **_STILL,
}  # fmt: skip
_PYRAMID: Mapping[str, Any] = {
    "num_encoder_blocks": 2, "depths": [1, 1], "hidden_sizes": [8, 8], "mlp_ratios": [2, 2],
    "num_attention_heads": [1, 2], "drop_path_rate": 0.0, **_STILL,
}  # fmt: skip

ARCHITECTURES: dict[str, tuple[str, Mapping[str, Any]]] = {
    "albert": (TEXT, {**_BERT, "embedding_size": 6, "classifier_dropout_prob": 0.0}),
    "camembert": (TEXT, _BERT),
    "convbert": (TEXT, {**_BERT, "embedding_size": 8, "head_ratio": 1, "conv_kernel_size": 3}),
    "deberta": (TEXT, _PARTED),
    "deberta-v2": (TEXT, {**_PARTED, "share_att_key": True, "norm_rel_ebd": "layer_norm"}),
    "electra": (TEXT, {**_BERT, "embedding_size": 6}),
    "ernie": (TEXT, _BERT),
    "mobilebert": (TEXT, {**_BERT, "embedding_size": 8, "intra_bottleneck_size": 4,
                          "num_feedforward_networks": 1}),
    "modernbert": (TEXT, {**_BODY, "pad_token_id": 0, "local_attention": 8}),
    "mpnet": (TEXT, _BERT),
    "nystromformer": (TEXT, {**_BERT, "num_landmarks": 4, "segment_means_seq_len": 12}),
    "rembert": (TEXT, {**_BERT, "classifier_dropout_prob": 0.0, "input_embedding_size": 6}),
    "squeezebert": (TEXT, {**_BERT, "embedding_size": 8}),
    "xlm-roberta": (TEXT, _BERT),
    "xlnet": (TEXT, {"vocab_size": WORDS, "d_model": 8, "n_layer": 2, "n_head": 2, "d_inner": 12}),
    "bloom": (LM, {"vocab_size": WORDS, "hidden_size": 8, "n_layer": 2, "n_head": 2}),
    "cohere": (LM, _LLAMA),
    "falcon": (LM, _FEW),
    "gemma": (LM, _LLAMA),
    "gemma2": (LM, _LLAMA),
    "gemma3_text": (LM, _LLAMA),
    "glm": (LM, _LLAMA),
    "gpt_neo": (LM, {"vocab_size": WORDS, "hidden_size": 8, "num_layers": 2, "num_heads": 2,
                     "attention_types": [[["global", "local"], 1]]}),
    "gpt_neox": (LM, _BODY),
    "gptj": (LM, {**_GPT, "rotary_dim": 4}),
    "granite": (LM, _LLAMA),
    "mamba": (LM, {"vocab_size": WORDS, "hidden_size": 8, "state_size": 4, "time_step_rank": 2,
                   "num_hidden_layers": 2}),
    "mistral": (LM, _LLAMA),
    "mixtral": (LM, {**_LLAMA, "num_local_experts": 2, "num_experts_per_tok": 1}),
    "mpt": (LM, {"vocab_size": WORDS, "d_model": 8, "n_heads": 2, "n_layers": 2}),
    "olmo2": (LM, _LLAMA),
    "opt": (LM, {**_FEW, "ffn_dim": 12, "word_embed_proj_dim": 8, "dropout": 0.0}),
    "phi": (LM, {**_BODY, "num_key_value_heads": 2, "pad_token_id": 0}),
    "phi3": (LM, {**_BODY, "num_key_value_heads": 1, "pad_token_id": 0}),
    "qwen2": (LM, _LLAMA),
    "smollm3": (LM, _LLAMA),
    "stablelm": (LM, {**_BODY, "num_key_value_heads": 1}),
    "starcoder2": (LM, {**_BODY, "num_key_value_heads": 1}),
    "beit": (IMAGE, {**_IMAGE, "intermediate_size": 12, "use_relative_position_bias": True}),
    "convnext": (IMAGE, {**_CONVNEXT, "layer_scale_init_value": 1.0}),
    "convnextv2": (IMAGE, _CONVNEXT),
    "dinov2": (IMAGE, {**_IMAGE, "mlp_ratio": 2}),
    "dinov2_with_registers": (IMAGE, {**_IMAGE, "mlp_ratio": 2}),
    "focalnet": (IMAGE, {"image_size": 16, "patch_size": 2, "embed_dim": 8, "depths": [1, 1],
                         "hidden_sizes": [8, 16], "focal_levels": [1, 1], "focal_windows": [3, 3]}),
    "poolformer": (IMAGE, {**_STAGES, "num_encoder_blocks": 2, "patch_sizes": [3, 3],
                           "strides": [2, 2], "padding": [1, 1]}),
    "pvt": (IMAGE, {**_PYRAMID, "image_size": 32, "sequence_reduction_ratios": [2, 1],
                    "patch_sizes": [4, 2], "strides": [4, 2]}),
    "segformer": (IMAGE, {**_PYRAMID, "sr_ratios": [2, 1], "patch_sizes": [3, 3],
                          "strides": [2, 2]}),
    "swin": (IMAGE, _SWIN),
    "swinv2": (IMAGE, _SWIN),
}  # fmt: skip
SLOW = {"deberta", "deberta-v2", "mamba", "mpnet", "swin"}
"""Those whose rows go one at a time."""


def built(name: str) -> tuple[nn.Module, Batch]:
    """A model without dropout, and rows for it."""
    auto, given = ARCHITECTURES[name]
    config = transformers.AutoConfig.for_model(name, **given)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        made = getattr(transformers, auto).from_config(config, attn_implementation="eager").eval()
        batch: Batch = {"rows": torch.arange(ROWS)}
        if auto == IMAGE:
            size = given.get("image_size", 32)
            batch["pixel_values"] = torch.randn(ROWS, 3, size, size)
        else:
            batch["input_ids"] = torch.randint(2, WORDS, (ROWS, 12))
    return made, batch
