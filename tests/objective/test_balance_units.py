"""Labels and tags under weights and losses; weights that begin late."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any, cast

import pytest
import torch
from torch import nn
from torch.nn import functional

from accord.errors import AccordError
from accord.model.ensemble import Output
from accord.objective.balance.balanced import balanced
from accord.objective.deferred import Deferred
from accord.part import find
from accord.recipe.balance import Balance
from tests.laws.fitting import Computed

COUNTS = torch.tensor([900.0, 90.0, 10.0])
YES = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
SAID = torch.tensor([[0.3, -1.0], [0.2, 2.0], [-0.5, 1.5]])
HELD = torch.tensor([[50.0, 50.0], [90.0, 10.0]])


class Says(nn.Module):
    """A model that gives the same logits whatever it is asked."""

    def __init__(self, logits: torch.Tensor) -> None:
        super().__init__()
        self.logits = logits

    def forward(self) -> Output:
        return Output(self.logits)


def losses(
    problem: str, balance: dict[str, Any], counts: torch.Tensor, logits: torch.Tensor, labels: Any
) -> torch.Tensor:
    part = find("objective", problem)
    plain = part(part.spec(kind=problem), label_smoothing=0.0, schema={})
    made = balanced(plain, Balance(**balance), counts, 0.0, problem)
    return made.losses(Says(logits), {"labels": labels})


def test_each_label_of_a_row_is_weighed_by_itself() -> None:
    found = losses("multi-label", {"weights": "inverse"}, HELD, SAID, YES)
    entropy = functional.binary_cross_entropy_with_logits(SAID, YES, reduction="none")
    weight = torch.stack([torch.ones(3), torch.where(YES[:, 1] == 1, 5.0, 5 / 9)], 1)
    torch.testing.assert_close(found, (entropy * weight).mean(1))


def test_losses_of_labels_are_those_of_the_papers() -> None:
    p = SAID.sigmoid()
    own = torch.where(YES == 1, p, 1 - p)
    focal = losses("multi-label", {"loss": "focal"}, HELD, SAID, YES)
    torch.testing.assert_close(focal, (-((1 - own) ** 2) * own.log()).mean(1))
    moved = (p - 0.05).clamp(min=0)
    asymmetric = torch.where(YES == 1, -p.log(), -(moved**4) * (1 - moved).log())
    found = losses("multi-label", {"loss": "asymmetric"}, HELD, SAID, YES)
    torch.testing.assert_close(found, asymmetric.mean(1))


@pytest.mark.parametrize(
    "zero",
    [
        {"kind": "asymmetric", "positive": 0, "negative": 0, "shift": 0},
        {"kind": "focal", "gamma": 0},
        {"kind": "ldam", "margin": 0},
        {"kind": "logit-adjustment", "tau": 0},
    ],
)
def test_the_zero_of_a_loss_of_labels_is_cross_entropy(zero: dict[str, Any]) -> None:
    plain = functional.binary_cross_entropy_with_logits(SAID, YES, reduction="none")
    torch.testing.assert_close(
        losses("multi-label", {"loss": zero}, HELD, SAID, YES), plain.mean(1)
    )


def test_tags_are_weighed_by_how_many_tokens_have_them() -> None:
    logits = torch.randn(2, 3, 3, generator=torch.Generator().manual_seed(1))
    tags = torch.tensor([[0, 1, -100], [2, -100, -100]])
    found = losses("token-label", {"weights": "inverse"}, COUNTS, logits, tags)
    each = functional.cross_entropy(logits.flatten(0, 1), tags.flatten(), reduction="none")
    part = find("class-weights", "inverse")
    weight = part(part.spec(kind="inverse"), COUNTS)
    torch.testing.assert_close(found, (weight[tags.clamp(min=0)] * each.view(2, 3)).sum(1))


def test_a_loss_for_labels_is_refused_for_classes() -> None:
    part = find("class-loss", "asymmetric")
    with pytest.raises(AccordError, match="a row has or lacks"):
        part(part.spec(kind="asymmetric"), COUNTS)


def test_deferred_weights_begin_at_their_step_and_are_remembered() -> None:
    used: list[Any] = []

    def compute(model: Any, objective: Any, *rest: Any, **more: Any) -> float:
        used.append(objective)
        return 0.0

    plain, later = cast(Any, "plain"), cast(Any, "later")
    first = Deferred(Computed(compute), later, start=2)
    for _ in range(2):
        first(nn.Linear(1, 1), plain, [], arithmetic=nullcontext, scale=1.0)
    again = Deferred(Computed(compute), later, start=2)
    again.restore(first.state())
    again(nn.Linear(1, 1), plain, [], arithmetic=nullcontext, scale=1.0)
    assert used == ["plain", "plain", "later"]
