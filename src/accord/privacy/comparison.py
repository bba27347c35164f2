"""Before the first step: two units together beside each alone, by ordinary differentiation."""

from __future__ import annotations

import warnings
from collections.abc import Generator
from contextlib import contextmanager

import torch
from torch import nn

from accord.errors import ModelError
from accord.privacy.differentiate import alone, rounding, together
from accord.privacy.layer.rules import Ruled
from accord.privacy.rows import Arithmetic, Batch, Losses, units_between
from accord.privacy.sweep import Layouts, OffRules
from accord.privacy.trained import Trained

TOLERANCE = 8
"""Differences may be this many times the rounding of one product."""


def compared(
    subject: tuple[nn.Module, Losses],
    batch: Batch,
    arithmetic: Arithmetic,
    trained: Trained,
    rules: Ruled,
    layouts: Layouts,
    *,
    private: bool = True,
) -> str | None:
    """Learn the layouts, and see that the rules give the gradients that one row alone has.

    Without dropout; random generators are left as they were.

    Returns:
        Why the rules cannot be used, if they cannot.

    Raises:
        ModelError: A row's loss depends on the rows beside it, and this is private.
    """
    model, _ = subject
    count = layouts.rows_per_unit
    two = {name: value[: 2 * count] for name, value in batch.items()}
    with _undisturbed(model, trained.device):
        with arithmetic():
            # a coarse bound in low precision: kernels differ with the number of rows
            tolerance = TOLERANCE * max(rounding(trained.device), 2.0**-12)
        losses, squares, used = [], [], set[int]()
        with rules.watched(layouts), trained.measured():
            for unit in units_between(two, 0, 2, count):
                losses.append(alone(subject, unit, arithmetic, trained))
                squares.append(trained.squares())
                used |= trained.found()
        trained.clear()
        if private:
            _warn_of_noise(trained, used)
        try:
            found, tape = together(subject, two, arithmetic, trained, rules, layouts, learning=True)
        except OffRules as off:
            return str(off)
        except (RuntimeError, ValueError) as error:
            # Each unit alone went through: what fails is a rule. Where processes go in step,
            # others wait in the middle of the pass.
            if trained.in_step or isinstance(error, torch.OutOfMemoryError):
                raise
            return f"a rule fails: {str(error).splitlines()[0].split('. ')[0]}"
        if not private and bool(_mixes(torch.cat(losses), found, tolerance).any()):
            return "a row's loss depends on the rows beside it"
        _refuse_mixing(torch.cat(losses), found, tolerance)
        missed = used - tape.entries.keys()
        if missed:
            return f"the gradient of {trained.name(min(missed))} did not come by its module"
        expected = torch.stack(squares, 1).sqrt()
        got = tape.squares(trained.layers, trained.count).sqrt()
        off = (got - expected).abs() > tolerance * expected.norm(dim=0).clamp(min=1e-12)
        if bool(off.any()):
            layer = int(off.any(1).nonzero()[0])
            name = next(trained.name(w) for w, at in trained.layers.items() if at == layer)
            return f"the gradient of {name} is not that of a row alone"
    return None


def _warn_of_noise(trained: Trained, used: set[int]) -> None:
    idle = [
        trained.name(weight) for weight in map(id, trained.weights.values()) if weight not in used
    ]
    if idle:
        named = ", ".join(idle[:3]) + (", ..." if len(idle) > 3 else "")
        told = f"no row's gradient reaches {named}: under `privacy` they learn noise alone"
        warnings.warn(told, stacklevel=2)


def _mixes(alone: torch.Tensor, together: torch.Tensor, tolerance: float) -> torch.Tensor:
    """Which rows' losses are not what they are alone."""
    close = (alone - together).abs() <= tolerance * alone.abs().clamp(min=1.0)
    return ~close & alone.isfinite()


def _refuse_mixing(alone: torch.Tensor, together: torch.Tensor, tolerance: float) -> None:
    mixed = _mixes(alone, together, tolerance)
    if not bool(mixed.any()):
        return
    raise ModelError(
        "the loss of a row depends on the rows beside it",
        code="privacy-mixing",
        path="model",
        got=f"{float(together[mixed][0]):g} beside another row",
        expected=f"{float(alone[mixed][0]):g}, as alone",
        why="one person's data would change what is computed of all others: nothing that is cut "
        "or noised for each by itself protects then",
        fix="use a model whose layers see one row at a time, and no loss over a whole batch",
    )


@contextmanager
def _undisturbed(model: nn.Module, device: torch.device) -> Generator[None]:
    """In evaluation mode, and as if nothing had been drawn."""
    modes = {module: module.training for module in model.modules()}
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        model.eval()
        try:
            yield
        finally:
            for module, training in modes.items():
                module.training = training
