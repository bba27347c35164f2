"""Contract of parts that compare a student's answers with its teacher's."""

from __future__ import annotations

from typing import Any

import torch

from accord.objective.distillation.answers import Answers, Match
from accord.testing.contract import Contract

ROWS, TOKENS, WIDTH = 5, 4, 6
PROBLEMS = ("single-label", "multi-label", "token-label", "next-token", "regression")


class DistillationContract(Contract):
    """Distances of rows: none where answers are alike, finite and no row's business but its own."""

    def match(self, problem: str) -> Match:
        return self.part(self.spec(), problem)

    def batch(self, problem: str) -> dict[str, torch.Tensor]:
        """Labels of five rows; of tokens, some without one."""
        if problem in ("token-label", "next-token"):
            labels = torch.arange(ROWS * TOKENS).view(ROWS, TOKENS) % WIDTH
            labels[1, 2:] = -100
            return {"rows": torch.arange(ROWS), "labels": labels}
        return {"rows": torch.arange(ROWS), "labels": torch.zeros(ROWS)}

    def answers(self, problem: str, seed: int) -> Answers:
        chance = torch.Generator().manual_seed(seed)
        tokens = (TOKENS,) if problem in ("token-label", "next-token") else ()
        outputs = 1 if problem == "regression" else WIDTH
        logits = torch.randn(ROWS, *tokens, outputs, generator=chance).requires_grad_()
        return Answers(logits, torch.randn(ROWS, *tokens, 7, generator=chance).requires_grad_())

    def test_answers_that_are_alike_are_no_distance_apart(self) -> None:
        for problem in PROBLEMS:
            one, batch = self.answers(problem, 0), self.batch(problem)
            found = self.match(problem)(one, one, batch)
            torch.testing.assert_close(found, torch.zeros(ROWS), atol=1e-5, rtol=0)

    def test_others_are_apart_with_a_finite_gradient(self) -> None:
        for problem in PROBLEMS:
            one, other, batch = (
                self.answers(problem, 0),
                self.answers(problem, 1),
                self.batch(problem),
            )
            found = self.match(problem)(one, other, batch)
            assert found.shape == (ROWS,) and found.dtype == torch.float32
            assert bool((found >= 0).all()) and float(found.detach().sum()) > 0
            found.sum().backward()
            read: Any = one.logits.grad if one.logits.grad is not None else one.hidden
            assert bool((read.grad if read is one.hidden else read).isfinite().all())

    def test_rows_do_not_look_at_each_other(self) -> None:
        for problem in PROBLEMS:
            one, other, batch = (
                self.answers(problem, 0),
                self.answers(problem, 1),
                self.batch(problem),
            )
            whole = self.match(problem)(one, other, batch)
            for at in range(ROWS):
                row = {name: value[at : at + 1] for name, value in batch.items()}
                alone = self.match(problem)(_row(one, at), _row(other, at), row)
                torch.testing.assert_close(alone, whole[at : at + 1])


def _row(answers: Answers, at: int) -> Answers:
    assert answers.hidden is not None
    return Answers(answers.logits[at : at + 1], answers.hidden[at : at + 1])
