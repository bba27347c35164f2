"""Whether a language model writes on word by word what it was trained on.

Carlini et al., Extracting training data from large language models (arXiv:2012.07805), in the form
of their Quantifying memorization (arXiv:2202.07646): given the start of a row, it continues
greedily; the row counts as extracted if every token of the continuation is the row's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from accord.batch import PreparedSplit
from accord.model.quiet import quiet
from accord.parallel.placement import Placement

PREFIX, LONGEST, SHORTEST = 32, 32, 8
"""Tokens given; most and fewest tokens that are compared."""
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Extracted:
    """How many rows were written on word by word.

    Args:
        rows: Tried; those too short are not.
        verbatim: Of those.
        matched: Mean share of tokens, from the first on, that were the row's own.
    """

    rows: int
    verbatim: int
    matched: float

    def to_json(self) -> dict[str, Any]:
        """JSON value."""
        return {"rows": self.rows, "verbatim": self.verbatim, "matched": self.matched}


def extracted(
    model: Any, split: PreparedSplit, schema: Mapping[str, Any], placement: Placement
) -> Extracted:
    """Try every row of a split that is long enough.

    Args:
        model: A causal language model of Transformers on the placement's device.
        split: Rows of token sequences; of packed ones the first document is tried.
        schema: Of the data set.
        placement: Device and arithmetic.
    """
    starts, rests = _tries(split)
    matches: list[float] = []
    was_training = model.training
    model.eval()
    for at in range(0, len(starts), AT_ONCE):
        written = _continued(model, starts[at : at + AT_ONCE], schema, placement)
        for own, rest in zip(written, rests[at : at + AT_ONCE], strict=True):
            same = own[: len(rest)] == rest
            matches.append(float(np.argmin(same) / len(rest)) if not same.all() else 1.0)
    model.train(was_training)
    mean = float(np.mean(matches)) if matches else 0.0
    return Extracted(len(matches), sum(share == 1.0 for share in matches), mean)


def _tries(split: PreparedSplit) -> tuple[list[np.ndarray[Any, Any]], list[np.ndarray[Any, Any]]]:
    table = split.take(np.arange(split.rows))
    starts: list[np.ndarray[Any, Any]] = []
    rests: list[np.ndarray[Any, Any]] = []
    for ids, lengths in zip(
        table["input_ids"].to_pylist(), table["lengths"].to_pylist(), strict=True
    ):
        document = np.array(ids[: lengths[0]])
        if len(document) >= PREFIX + SHORTEST:
            starts.append(document[:PREFIX])
            rests.append(document[PREFIX : PREFIX + LONGEST])
    return starts, rests


def _continued(
    model: Any,
    starts: list[np.ndarray[Any, Any]],
    schema: Mapping[str, Any],
    placement: Placement,
) -> np.ndarray[Any, Any]:
    """The likeliest next tokens. Shape [rows, LONGEST], padded where the model ended."""
    inputs = torch.from_numpy(np.stack(starts)).to(placement.device)
    pad = int(schema["pad_id"] or 0)
    with quiet(), torch.no_grad(), placement.arithmetic():
        found = model.generate(
            inputs,
            attention_mask=torch.ones_like(inputs),
            max_new_tokens=LONGEST,
            do_sample=False,
            pad_token_id=pad,
            eos_token_id=schema.get("eos_id"),
        )
    written = found[:, PREFIX:].cpu().numpy()
    return np.pad(written, ((0, 0), (0, LONGEST - written.shape[1])), constant_values=-1)
