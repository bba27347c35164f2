from __future__ import annotations

import torch

from accord.objective.averaged import Averaged
from accord.objective.next_token import NextToken
from accord.objective.single_label import SingleLabel
from tests.laws.models import tiny_bert, tiny_gpt2


def test_a_rows_loss_is_the_mean_over_its_tokens_whatever_stands_beside_it() -> None:
    model, ids = tiny_gpt2().eval(), torch.randint(2, 40, (2, 12))
    labels = ids.clone()
    labels[1, 4:] = -100
    batch = {"input_ids": ids, "labels": labels, "rows": torch.arange(2)}
    sums = NextToken().losses(model, batch)
    means = Averaged(NextToken()).losses(model, batch | {"weight": torch.tensor([1.0, 0.5])})
    assert torch.allclose(means, sums / torch.tensor([11.0, 3.0]))


def test_a_row_of_one_unit_stays_what_it_is() -> None:
    model, ids = tiny_bert().eval(), torch.randint(2, 40, (3, 5))
    batch = {"input_ids": ids, "labels": torch.tensor([0, 1, 0]), "rows": torch.arange(3)}
    batch |= {"attention_mask": torch.ones_like(ids)}
    objective = SingleLabel()
    assert torch.equal(Averaged(objective).losses(model, batch), objective.losses(model, batch))
