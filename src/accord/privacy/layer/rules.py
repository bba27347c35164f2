"""Which rule each module goes by."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm  # pyright: ignore[reportPrivateUsage]
from torch.nn.modules.instancenorm import _InstanceNorm  # pyright: ignore[reportPrivateUsage]

from accord.privacy.layer.attention import attention
from accord.privacy.layer.convolution import convolution
from accord.privacy.layer.embedding import derived, embedding, noted
from accord.privacy.layer.linear import linear, turned
from accord.privacy.layer.norm import group_norm, layer_norm, rms_norm
from accord.privacy.layer.spread import own, whole
from accord.privacy.mixing import mixes
from accord.privacy.sweep import Layouts, OffRules, Sweep, leading, own_weights, tensors_of

Rule = Callable[..., Any]

RULES: tuple[tuple[type[nn.Module], Rule], ...] = (
    (nn.Linear, linear),
    (nn.Embedding, embedding),
    (nn.LayerNorm, layer_norm),
    (nn.GroupNorm, group_norm),
    (nn.Conv1d, convolution),
    (nn.Conv2d, convolution),
    (nn.MultiheadAttention, attention),
)
"""Rules of classes and of those derived from them without a forward of their own."""


@dataclass(slots=True)
class Ruled:
    """The modules of a model that go by a rule, and the model with the rules put in.

    Args:
        rules: Of each module that owns, or stands for, trained weights.
    """

    rules: Mapping[nn.Module, Rule]

    def mapped(self) -> Ruled | None:
        """The same, but modules with weights of their own beside layers are mapped over rows with
        all that is in them: slower, and exact whatever they do with these weights. None if there
        are none."""
        owners = [module for module, rule in self.rules.items() if rule is own]
        if not owners:
            return None
        inside = {child for module in owners for child in module.modules()}
        rules = {module: rule for module, rule in self.rules.items() if module not in inside}
        outer = inside - {child for m in owners for child in m.modules() if child is not m}
        return Ruled(rules | dict.fromkeys((m for m in owners if m in outer), whole))

    @contextmanager
    def within(self, sweep: Sweep) -> Generator[None]:
        """Rules in place of the modules' own forward for one pass, whatever happens in it."""

        def ruling(module: nn.Module, rule: Rule, own: Rule) -> Rule:
            followed = partial(rule, sweep, module, own)
            return partial(_patiently, sweep, followed, own) if sweep.patient else followed

        with self._instead(ruling):
            yield

    @contextmanager
    def watched(self, layouts: Layouts) -> Generator[None]:
        """The modules as they are; `layouts` learns the sizes that they are given."""

        def watching(module: nn.Module, rule: Rule, own: Rule) -> Rule:
            if rule is derived:
                return partial(noted, layouts, module, own)

            def forward(*args: Any, **kwargs: Any) -> Any:
                sizes = tuple(leading(tensor) for tensor in tensors_of(args, kwargs))
                layouts.alone.setdefault(module, []).append(sizes)
                return own(*args, **kwargs)

            return forward

        with self._instead(watching):
            yield

    @contextmanager
    def _instead(self, make: Callable[[nn.Module, Rule, Rule], Rule]) -> Generator[None]:
        before = {module: module.__dict__.get("forward") for module in self.rules}
        try:
            for module, rule in self.rules.items():
                module.forward = make(module, rule, module.forward)
            yield
        finally:
            for module, forward in before.items():
                module.__dict__.pop("forward", None)
                if forward is not None:
                    module.forward = forward


def ruled(model: nn.Module) -> Ruled | nn.Module:
    """The rules of a model, or a module of it that none can be given for.

    Raises:
        ModelError: A layer computes with other rows than its own.
    """
    rules: dict[nn.Module, Rule] = {}
    inside: set[nn.Module] = set()
    for name, module in model.named_modules():
        _refuse_mixing(name, module)
        if module in inside or not any(p.requires_grad for p in module.parameters()):
            continue
        if any(name == "parametrizations" for name, _ in module.named_children()):
            return module
        rule = _rule(module)
        if rule is None:
            continue
        rules[module] = rule
        if rule in (attention, whole):
            inside.update(module.modules())
    return Ruled(rules)


def _patiently(sweep: Sweep, followed: Rule, own: Rule, /, *args: Any, **kwargs: Any) -> Any:
    """A module by its rule, or as it is where the rule cannot follow."""
    try:
        return followed(*args, **kwargs)
    except OffRules as off:
        sweep.off = sweep.off or off
        return own(*args, **kwargs)


def _rule(module: nn.Module) -> Rule | None:
    """None for one that owns no trained weights itself."""
    for kind, rule in RULES:
        if isinstance(module, kind) and type(module).forward is kind.forward:
            return rule
    if not any(p is not None and p.requires_grad for p in own_weights(module).values()):
        return None
    kind = type(module)
    if isinstance(module, nn.Embedding):
        return derived
    if kind.__name__ == "Conv1D" and kind.__module__ == "transformers.pytorch_utils":
        return turned
    names = {name for name, p in own_weights(module).items() if p is not None}
    if kind.__name__.endswith("RMSNorm") and names == {"weight"}:
        return rms_norm
    children = any(p.requires_grad for child in module.children() for p in child.parameters())
    return own if children else whole


def refuse_mixing(model: nn.Module) -> None:
    """Raises: ModelError: A layer's output for a row depends on the other rows."""
    for name, module in model.named_modules():
        _refuse_mixing(name, module)


def _refuse_mixing(name: str, module: nn.Module) -> None:
    tracked = isinstance(module, _InstanceNorm) and module.track_running_stats
    if isinstance(module, _BatchNorm) or tracked:
        raise mixes(name, type(module).__name__)
