"""AdamW with 8-bit moments (Dettmers et al., 2022), through torchao."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from accord.errors import ModelError
from accord.part import Spec, part, require

if TYPE_CHECKING:
    from torch.optim import Optimizer


class AdamW8bit(Spec):
    """A quarter of AdamW's optimizer memory; needs a CUDA device."""

    kind: Literal["adamw-8bit"] = "adamw-8bit"
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = Field(1e-8, gt=0)


@part("optimizer", AdamW8bit)
def adamw_8bit(spec: AdamW8bit, groups: list[dict[str, Any]]) -> Optimizer:
    """Raises ModelError where the weights are not on a CUDA device: the kernels are for GPUs."""
    devices = {p.device.type for group in groups for p in group["params"]}
    if devices != {"cuda"}:
        raise ModelError(
            "8-bit AdamW needs a CUDA device",
            code="optimizer-device",
            path="train.optimizer",
            got=", ".join(sorted(devices)),
            fix="use `optimizer: adafactor` to save memory on this device, or `adamw`",
        )
    optim = require("torchao.optim", "gpu", "8-bit AdamW")
    return optim.AdamW8bit(groups, betas=spec.betas, eps=spec.eps)
