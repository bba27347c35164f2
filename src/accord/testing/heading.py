"""Contract of parts that start a classifier head."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from accord.model.head.embeddings import Embeddings
from accord.testing.contract import Contract

WIDTH = 6


class HeadContract(Contract):
    """One finite point a class, by what it is given alone."""

    labels: tuple[str, ...] = ("a", "b", "c")

    def given(self) -> Embeddings:
        means = torch.randn(3, WIDTH, generator=torch.Generator().manual_seed(0))
        return Embeddings(self.labels, means, self.texts)

    def texts(self, given: Sequence[str]) -> torch.Tensor:
        """Some embedding of texts [n, WIDTH]: of their letters."""
        rows = [[float(ord(letter)) for letter in f"{text:<{WIDTH}}"[:WIDTH]] for text in given]
        return torch.tensor(rows)

    def test_each_class_has_a_finite_point(self) -> None:
        found = self.part(self.spec(), self.given())
        assert found.shape == (len(self.labels), WIDTH) and bool(found.isfinite().all())

    def test_the_same_gives_the_same_and_nothing_given_is_changed(self) -> None:
        given = self.given()
        first = self.part(self.spec(), given)
        assert torch.equal(given.means, self.given().means)
        assert torch.equal(first, self.part(self.spec(), self.given()))
