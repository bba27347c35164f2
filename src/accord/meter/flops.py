"""Floating-point operations of a training step, and what the device can do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn


@dataclass(frozen=True, slots=True)
class Work:
    """Operations of one forward and backward pass, by tokens and by attention.

    A multiplication and an addition are two operations. Forward costs 2 per weight and token,
    backward 2 for the input and 2 for the weight, the latter only where the weight is trained
    (Kaplan et al., 2020, without embeddings). Attention costs `4 * length^2 * hidden` forward
    and twice that backward, per layer and sequence; half for causal attention. Padding is not
    counted as work.
    """

    per_token: float
    per_square: float

    def flops(self, lengths: npt.NDArray[np.int64]) -> float:
        """Operations for sequences of these lengths. Shape [sequences]."""
        squares = np.square(lengths.astype(np.float64)).sum()
        return float(self.per_token * lengths.sum() + self.per_square * squares)


def work_of(model: nn.Module) -> Work:
    """Count a model's matrix weights (linear, convolution); embeddings are look-ups."""
    per_token = 0.0
    for module in model.modules():
        if isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D":
            weight: Any = module.weight
            per_token += weight.numel() * (6.0 if weight.requires_grad else 4.0)
    config = getattr(model, "config", None)
    layers = getattr(config, "num_hidden_layers", 0) or 0
    hidden = getattr(config, "hidden_size", 0) or 0
    causal = 0.5 if type(model).__name__.endswith("ForCausalLM") else 1.0
    return Work(per_token, 12.0 * layers * hidden * causal)


def measured_peak(device: torch.device, dtype: torch.dtype, seconds: float = 0.3) -> float:
    """Operations per second of the best of several square matrix products on the device."""
    size = 1024 if device.type == "cpu" else 8192
    left = torch.randn(size, size, device=device).to(dtype)
    best, start = 0.0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        before = time.perf_counter()
        product = left @ left
        if device.type != "cpu":
            product[0, 0].item()
        best = max(best, 2.0 * size**3 / (time.perf_counter() - before))
    return best
