"""A head that compares directions: what it is given, and the row of each class, have length 1.

Shapes: B rows, D width of the head's input, L classes. It is saved as a plain head whose rows are
equally long and whose biases are 0: a program that knows of no such head chooses the same classes,
for the length of what it is given stretches all logits of a row alike. `accord.json` says that
lengths are to be taken away, so that the probabilities are the same too.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from accord.model.head.embeddings import last_layer

KIND = "normalised"


class NormalisedHead(nn.Linear):
    """`logit_c = scale cos(x, w_c)`, in fp32 whatever the precision of the rest.

    Args:
        plain: The head in whose place it stands; its rows are kept, its biases dropped.
        scale: Largest logit.
    """

    def __init__(self, plain: nn.Linear, scale: float) -> None:
        super().__init__(plain.in_features, plain.out_features, bias=False, device="meta")
        self.weight = plain.weight
        self.scale, self.biased = scale, "bias" in dict(plain.named_parameters())

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """[..., D] to [..., L]."""
        with torch.autocast(input.device.type, enabled=False):
            directions = functional.normalize(input.float(), dim=-1)
            return functional.linear(self.scale * directions, self.rows())

    def rows(self) -> torch.Tensor:
        """Of length 1. [L, D]"""
        return functional.normalize(self.weight.float(), dim=-1)

    def plain(self) -> nn.Linear:
        """A plain head that chooses the same classes; as sure as this one of an input as long as
        that of D standardised numbers."""
        size = (self.in_features, self.out_features)
        head = nn.Linear(*size, bias=self.biased, device=self.weight.device)
        with torch.no_grad():
            head.weight.copy_(self.scale / self.in_features**0.5 * self.rows())
            if self.biased:
                head.bias.zero_()
        return head


def normalise_head(model: nn.Module, labels: int, scale: float) -> None:
    """Let the last layer of a classifier compare directions, in place.

    Args:
        model: Any classifier.
        labels: Outputs of the layer.
        scale: Largest logit.

    Raises:
        ModelError: It has no such layer.
    """
    name, plain = last_layer(model, labels, trained=False, field="balance.loss")
    model.set_submodule(name, NormalisedHead(plain, scale))


@contextmanager
def saved_plainly(model: nn.Module) -> Generator[dict[str, Any]]:
    """Plain heads stand in the places of those that compare directions; gives what `accord.json`
    is to say of it."""
    facts: dict[str, Any] = {}
    changed: list[tuple[nn.Module, str, NormalisedHead]] = []
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, NormalisedHead):
                changed.append((parent, name, child))
                setattr(parent, name, child.plain())
                facts["head"] = {"kind": KIND, "scale": child.scale}
    try:
        yield facts
    finally:
        for parent, name, child in changed:
            setattr(parent, name, child)


def restore_head(model: nn.Module, folder: Path) -> nn.Module:
    """The model, its head as it was trained.

    Args:
        model: As its folder's weights and configuration give it.
        folder: With `accord.json`, if Accord wrote it.
    """
    file = folder / "accord.json"
    facts: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    head = facts.get("head")
    if head is not None and head["kind"] == KIND:
        normalise_head(model, len(facts["labels"]), head["scale"])
    return model
