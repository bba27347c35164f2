"""For authors of parts: tiny models and data, and what every part of a slot must do.

A plug-in's test inherits the contract of its slot:

    from accord.testing import ObjectiveContract

    class TestFocal(ObjectiveContract):
        part = focal
        problem = "single-label"
"""

from accord.testing.contract import PartContract
from accord.testing.data import PROBLEMS, tiny_batch, tiny_columns, tiny_schema, tiny_table
from accord.testing.light import PenaltyContract, ScheduleContract, ScorerContract, SinkContract
from accord.testing.models import MODELS, tiny_config, tiny_model, tiny_tokenizer
from accord.testing.records import EncoderContract, ReaderContract
from accord.testing.tensors import AdapterContract, ObjectiveContract, OptimizerContract

__all__ = [
    "MODELS",
    "PROBLEMS",
    "AdapterContract",
    "EncoderContract",
    "ObjectiveContract",
    "OptimizerContract",
    "PartContract",
    "PenaltyContract",
    "ReaderContract",
    "ScheduleContract",
    "ScorerContract",
    "SinkContract",
    "tiny_batch",
    "tiny_columns",
    "tiny_config",
    "tiny_model",
    "tiny_schema",
    "tiny_table",
    "tiny_tokenizer",
]
