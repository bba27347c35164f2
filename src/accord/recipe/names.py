"""Nearest valid names: spelling, names known from other tools, and the right section."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel

from accord.part import parts
from accord.recipe.tree import Recipe

KNOWN_ELSEWHERE: Mapping[str, str] = {
    "model_name_or_path": "model.base",
    "model_name": "model.base",
    "pretrained_model_name_or_path": "model.base",
    "base_model": "model.base",
    "tokenizer_name": "model.tokenizer",
    "tokenizer_name_or_path": "model.tokenizer",
    "attn_implementation": "model.attention",
    "use_lora": "model.adapt",
    "lora": "model.adapt",
    "peft": "model.adapt",
    "adapter": "model.adapt",
    "bitfit": "model.adapt",
    "lora_r": "model.adapt.rank",
    "r": "model.adapt.rank",
    "lora_rank": "model.adapt.rank",
    "lora_alpha": "model.adapt.alpha",
    "lora_dropout": "model.adapt.dropout",
    "lora_target": "model.adapt.targets",
    "target_modules": "model.adapt.targets",
    "hidden_dropout_prob": "model.dropout",
    "train_file": "data.train",
    "train_data": "data.train",
    "dataset": "data.train",
    "datasets": "data.train",
    "dataset_name": "data.train",
    "validation_file": "data.validation",
    "val": "data.validation",
    "valid": "data.validation",
    "dev": "data.validation",
    "eval": "data.validation",
    "val_size": "data.validation",
    "test_file": "data.test",
    "test_size": "data.test",
    "text_column": "data.text",
    "text_column_name": "data.text",
    "dataset_text_field": "data.text",
    "sentence": "data.text",
    "label_column": "data.label",
    "label_column_name": "data.label",
    "labels": "data.label",
    "target": "data.label",
    "max_length": "data.max_tokens",
    "max_len": "data.max_tokens",
    "max_seq_length": "data.max_tokens",
    "max_seq_len": "data.max_tokens",
    "seq_length": "data.max_tokens",
    "sequence_len": "data.max_tokens",
    "cutoff_len": "data.max_tokens",
    "block_size": "data.max_tokens",
    "packing": "data.pack",
    "sample_packing": "data.pack",
    "num_train_epochs": "train.epochs",
    "num_epochs": "train.epochs",
    "epoch": "train.epochs",
    "max_epochs": "train.epochs",
    "max_steps": "train.steps",
    "per_device_train_batch_size": "train.batch_size",
    "train_batch_size": "train.batch_size",
    "global_batch_size": "train.batch_size",
    "batch": "train.batch_size",
    "gradient_accumulation_steps": "train.batch_size",
    "micro_batch_size": "machine.micro_batch_tokens",
    "per_device_eval_batch_size": "machine.micro_batch_tokens",
    "lr": "train.learning_rate",
    "bf16": "train.precision",
    "fp16": "train.precision",
    "fp32": "train.precision",
    "dtype": "train.precision",
    "torch_dtype": "train.precision",
    "mixed_precision": "train.precision",
    "random_seed": "train.seed",
    "random_state": "train.seed",
    "data_seed": "train.seed",
    "optim": "train.optimizer",
    "lr_scheduler_type": "train.schedule",
    "lr_scheduler": "train.schedule",
    "scheduler": "train.schedule",
    "warmup_ratio": "train.warmup",
    "warmup_steps": "train.warmup",
    "max_grad_norm": "train.clip_norm",
    "gradient_clip_val": "train.clip_norm",
    "grad_clip": "train.clip_norm",
    "label_smoothing_factor": "train.label_smoothing",
    "layerwise_lr_decay": "train.layer_decay",
    "ema_decay": "train.ema",
    "early_stopping_patience": "train.early_stopping.patience",
    "patience": "train.early_stopping.patience",
    "metric_for_best_model": "train.early_stopping.metric",
    "load_best_model_at_end": "train.keep",
    "eval_steps": "train.evaluate_every",
    "eval_strategy": "train.evaluate_every",
    "evaluation_strategy": "train.evaluate_every",
    "adam_beta1": "train.optimizer.betas",
    "adam_beta2": "train.optimizer.betas",
    "adam_epsilon": "train.optimizer.eps",
    "no_cuda": "machine.device",
    "use_cpu": "machine.device",
    "dataloader_num_workers": "machine.workers",
    "num_workers": "machine.workers",
    "save_steps": "machine.checkpoint_every",
    "save_strategy": "machine.checkpoint_every",
    "save_total_limit": "machine.checkpoints",
    "logging_steps": "machine.log_every",
    "report_to": "machine.sinks",
    "group_by_length": "machine.bucket",
    "stratify_by_column": "data.stratify",
}
"""Names from other trainers, and the field here that does the same."""


@cache
def all_fields() -> tuple[str, ...]:
    """Every fixed field of a recipe as a dotted path; fields of parts are not listed."""
    return tuple(_paths(Recipe, ""))


def fields_at(path: tuple[str, ...]) -> tuple[str, ...]:
    """Names that are valid below a dotted path, those of parts by their kind left out."""
    prefix = ".".join(step for step in path if not step.isdigit())
    start = f"{prefix}." if prefix else ""
    below = (name.removeprefix(start) for name in all_fields() if name.startswith(start))
    return tuple(name for name in below if "." not in name)


def part_fields(slot: str, kind: str) -> tuple[str, ...]:
    """Names that a part's spec takes."""
    return tuple(parts(slot)[kind].spec.model_fields)


def nearest(word: str, choices: tuple[str, ...]) -> str | None:
    """The choice that `word` most likely meant, or None."""
    folded = {choice.lower().replace("_", "-"): choice for choice in choices}
    cutoff = 0.6 if len(word) > 2 else 0.5
    close = get_close_matches(word.lower().replace("_", "-"), folded, n=1, cutoff=cutoff)
    return folded[close[0]] if close else None


def suggest(path: tuple[str, ...], key: str, valid: tuple[str, ...]) -> str:
    """What to do about an unknown key below `path`, in a sentence."""
    here = nearest(key, valid)
    if here is not None and here.lower().replace("-", "_") == key.lower().replace("-", "_"):
        return f"write `{here}`"
    elsewhere = [name for name in all_fields() if name.rpartition(".")[2] == key]
    if elsewhere and not here:
        return f"`{key}` belongs under {_section(elsewhere[0])}"
    known = KNOWN_ELSEWHERE.get(key)
    if known is not None:
        return _renamed(path, key, known)
    if here is not None:
        return f"did you mean `{here}`?"
    far = nearest(key, tuple(name.rpartition(".")[2] for name in all_fields()))
    if far is not None:
        full = next(name for name in all_fields() if name.rpartition(".")[2] == far)
        return f"did you mean `{full}`? otherwise remove it"
    return "remove it; `accord schema` lists every field"


def _renamed(path: tuple[str, ...], key: str, known: str) -> str:
    section, _, name = known.rpartition(".")
    if known == "train.precision":
        return "choose by `train.precision`: fp32, bf16 or fp16"
    if key in ("gradient_accumulation_steps", "per_device_train_batch_size"):
        return "give the whole batch of a step as `train.batch_size`; Accord divides it by itself"
    if section == ".".join(path):
        return f"here it is called `{name}`"
    return f"here it is called `{known}`: write `{name}` under {_section(known)}"


def _section(path: str) -> str:
    section = path.rpartition(".")[0]
    return f"`{section}:`" if section else "the top level"


def section_in(annotation: Any) -> type[BaseModel] | None:
    """The section that a field holds, one or several of it, or none; None for values and parts."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return None if "kind" in annotation.model_fields else annotation
    found = (section_in(inner) for inner in get_args(annotation))
    return next((section for section in found if section is not None), None)


def _paths(model: type[BaseModel], prefix: str) -> list[str]:
    found: list[str] = []
    for name, field in model.model_fields.items():
        found.append(prefix + name)
        section = section_in(field.annotation)
        if section is not None:
            found += _paths(section, f"{prefix}{name}.")
    return found
