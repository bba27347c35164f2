"""Weights and work of staged models by formula are near what PyTorch counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from torch.utils.flop_counter import FlopCounterMode

from accord.diagnose.pyramid import USUAL
from accord.diagnose.shape import shape_of
from accord.recipe.load import recipe_from
from accord.recipe.support import smallest

SMALL: dict[str, Any] = {
    "model_type": "convnext", "image_size": 8, "patch_size": 2, "num_stages": 2,
    "hidden_sizes": [48, 96], "depths": [2, 2],
}  # fmt: skip


@pytest.mark.parametrize("given", [SMALL, *({"model_type": kind} for kind in USUAL)], ids=str)
def test_a_pyramid_is_counted(given: dict[str, Any]) -> None:
    config = transformers.AutoConfig.for_model(**given)
    with torch.device("meta"):
        model = transformers.AutoModelForImageClassification.from_config(config)
        side = given.get("image_size", 224)
        with FlopCounterMode(display=False) as counted:
            model(torch.randn(1, 3, side, side))
    real = sum(weight.numel() for weight in model.parameters())
    work = counted.get_total_flops()
    for told in (given, config.to_dict()):  # whether a file leaves out what is usual or not
        value = smallest("image-classification")
        value["model"] = {"config": told}
        shape = shape_of(recipe_from(value).recipe, Path())
        assert shape is not None
        assert 0.7 < shape.parameters / real < 1.5
        assert 0.7 < 2 * shape.matrix * shape.row_tokens / work < 1.5
