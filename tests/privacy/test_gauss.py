"""Normal deviates in C are those of Box and Muller's formula, whatever the bits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.privacy.gauss import normal

FEW = settings(max_examples=60, deadline=None)
CASES = [(32, np.int32, torch.float32, 1e-6), (64, np.int64, torch.float64, 4e-15)]


def numbers(size: int) -> st.SearchStrategy[list[int]]:
    """Of that many bits; those at the ends of quarters and of the whole are among them."""
    ends = [0, 1, 2, 3, 1 << size - 2, (1 << size - 2) - 1, 1 << size - 1, (1 << size) - 1]
    one = st.sampled_from(ends) | st.integers(0, (1 << size) - 1)
    return st.lists(st.tuples(one, one), max_size=70).map(
        lambda pairs: [p[0] for p in pairs] + [p[1] for p in pairs]
    )


def formula(bits: list[int], size: int) -> Any:
    """Twice the logarithm of one number is the length; the other's share of a turn its way."""
    half = len(bits) // 2
    uniform = [_uniform(one, size) for one in bits[:half]]
    length = np.array([math.sqrt(max(0.0, -2 * math.log(u))) for u in uniform])
    quarter = 1 << size - 2
    # From 64 bits, 62 of which say how far into a quarter, ten are not used.
    dropped = 10 if size == 64 else 0
    into = np.array([((b % quarter >> dropped) << dropped) / quarter - 0.5 for b in bits[half:]])
    turn = (np.array([b // quarter for b in bits[half:]], dtype=float) + into) * (math.pi / 2)
    return np.concatenate([length * np.cos(turn), length * np.sin(turn)])


def _uniform(bits: int, size: int) -> float:
    if size == 32:
        return float(np.float32(bits >> 1) * np.float32(2.0**-31) + np.float32(2.0**-32))
    return (bits >> 12) * 2.0**-52 + 2.0**-53


@pytest.mark.parametrize("case", CASES, ids=["single", "double"])
@FEW
@given(data=st.data())
def test_they_are_what_the_formula_gives(case: Any, data: st.DataObject) -> None:
    size, kind, dtype, tolerance = case
    bits = data.draw(numbers(size))
    found = torch.empty(len(bits), dtype=dtype)
    given_bits = np.array(bits, dtype=np.uint32 if size == 32 else np.uint64).view(kind)
    normal(torch.from_numpy(given_bits), found)
    assert bool(found.isfinite().all())
    np.testing.assert_allclose(found.numpy(), formula(bits, size), atol=tolerance, rtol=tolerance)


def test_a_place_does_not_matter() -> None:
    """What is computed several at once, and what is left over, are the same bits."""
    bits = torch.randint(-(1 << 31), 1 << 31, (2, 1000), dtype=torch.int64).int()
    whole = torch.empty(2, 1000)
    normal(bits.flatten(), whole.view(-1))
    for start, size in ((0, 1), (3, 7), (501, 33), (999, 1)):
        part, found = bits[:, start : start + size].contiguous(), torch.empty(2, size)
        normal(part.flatten(), found.view(-1))
        assert torch.equal(found, whole[:, start : start + size])
