"""Units' gradients: all of a micro-batch in one backward pass, or each by its own."""

from __future__ import annotations

import torch
from torch import nn

from accord.privacy.layer.rules import Ruled
from accord.privacy.rows import Arithmetic, Batch, Losses, row_losses, rows_of
from accord.privacy.sweep import Layouts, OffRules, Sweep
from accord.privacy.tape import Tape
from accord.privacy.trained import Trained


def together(
    subject: tuple[nn.Module, Losses],
    batch: Batch,
    arithmetic: Arithmetic,
    trained: Trained,
    rules: Ruled,
    layouts: Layouts,
    *,
    learning: bool = False,
) -> tuple[torch.Tensor, Tape]:
    """The losses of a batch's rows [B], and its units' gradients on a tape.

    Raises:
        OffRules: A weight was used in a way that no rule can follow.
    """
    rows = rows_of(batch)
    tape = Tape(rows // layouts.rows_per_unit, trained.several, trained.fleeting)
    sweep = Sweep(rows, tape, layouts, learning, patient=trained.in_step)
    trained.clear()
    with rules.within(sweep):  # in the backward pass too: checkpoints compute layers again
        with arithmetic():
            losses = row_losses(*subject, batch)
        losses.sum().backward()
    past = trained.found()
    if sweep.off is not None:
        trained.clear()
        raise sweep.off
    if past:
        name = trained.name(min(past))
        trained.clear()
        raise OffRules(f"the weight {name} is used past the module that owns it")
    return losses.detach(), tape


def alone(
    subject: tuple[nn.Module, Losses], batch: Batch, arithmetic: Arithmetic, trained: Trained
) -> torch.Tensor:
    """The losses of a unit's rows; its gradient is in its weights' `grad`."""
    trained.clear()
    with arithmetic():
        losses = row_losses(*subject, batch)
    losses.sum().backward()
    return losses.detach()


def rounding(device: torch.device) -> float:
    """Share by which the norm of a gradient may come out too low in the arithmetic at hand.

    Products of bf16 are summed in fp32, but each factor has 8 bits; so the sum of what is let
    through may be longer than what was measured by one part in 128 where nothing cancels.
    """
    if torch.is_autocast_enabled(device.type):
        return 2.0**-7
    low = device.type == "cuda" and torch.backends.cuda.matmul.allow_tf32
    return 2.0**-9 if low else 2.0**-14
