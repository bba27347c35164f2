"""A private gradient is that of one row at a time whatever family a model is of."""

from __future__ import annotations

import pytest
import torch

from accord.privacy.clipping.flat import FlatSpec
from accord.privacy.private import PrivateGradient
from tests.privacy.architectures import ARCHITECTURES, SLOW, built
from tests.privacy.models import ROWS
from tests.privacy.test_gradient import MARGIN, by_row, gradient_of, norm_of, plan


@pytest.mark.parametrize("name", ARCHITECTURES)
@pytest.mark.filterwarnings("ignore:gradients are computed one row at a time")
@pytest.mark.filterwarnings("ignore:no row's gradient reaches")
def test_the_gradient_of_a_family_is_that_of_its_rows(name: str) -> None:
    model, batch = built(name)
    norms = [norm_of(gradient) for gradient in by_row(model, batch)]
    norm = sorted(norms)[ROWS // 2]  # some are cut, some are not
    private = PrivateGradient(plan(clipping=FlatSpec(norm=norm), expected_batch=1.0))
    found = gradient_of(private, model, [batch])
    expected = {key: torch.zeros_like(value) for key, value in found.items()}
    for gradient, size in zip(by_row(model, batch), norms, strict=True):
        for key, value in gradient.items():
            expected[key] += value * min(1.0, norm * MARGIN / size)
    whole = norm_of(expected)
    for key, value in expected.items():
        assert float((found[key] - value).norm()) < 1e-5 * whole, key
    assert (private.slow is not None) == (name in SLOW), private.slow
