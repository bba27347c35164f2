"""For authors of plug-ins: a contract of tests for every slot, tiny models and tiny data.

from accord.testing import ScheduleContract
from my_package import my_schedule

class TestMySchedule(ScheduleContract):
    part = my_schedule
"""

from accord.testing.adapting import AdapterContract
from accord.testing.clipping import ClippingContract
from accord.testing.contract import Contract
from accord.testing.data_care import (
    AugmenterContract,
    GeneralisationContract,
    ImputerContract,
    LabelModelContract,
    OutlierContract,
    ResamplerContract,
    SamplerContract,
    ScalerContract,
)
from accord.testing.diagnosing import ProblemContract
from accord.testing.heading import HeadContract
from accord.testing.judging import ScorerContract, SinkContract
from accord.testing.key_service import KeyServiceContract
from accord.testing.losses import (
    ClassLossContract,
    ClassWeightsContract,
    ObjectiveContract,
    PenaltyContract,
)
from accord.testing.mixing import MixerContract
from accord.testing.optimizing import OptimizerContract, ScheduleContract
from accord.testing.private_engine import PrivateEngineContract
from accord.testing.privately import MechanismContract
from accord.testing.reading import EncoderContract, ReaderContract, asset_of
from accord.testing.recognising import RecogniserContract, tiny_tagger
from accord.testing.teaching import DistillationContract
from accord.testing.tiny import tiny_columns, tiny_model, tiny_rows, tiny_schema
from accord.testing.voting import EnsembleContract, ThresholdContract
from accord.testing.weighing import RegressionLossContract, RobustContract
from accord.testing.working import EngineContract

__all__ = [
    "AdapterContract",
    "AugmenterContract",
    "ClassLossContract",
    "ClassWeightsContract",
    "ClippingContract",
    "Contract",
    "DistillationContract",
    "EncoderContract",
    "EngineContract",
    "EnsembleContract",
    "GeneralisationContract",
    "HeadContract",
    "ImputerContract",
    "KeyServiceContract",
    "LabelModelContract",
    "MechanismContract",
    "MixerContract",
    "ObjectiveContract",
    "OptimizerContract",
    "OutlierContract",
    "PenaltyContract",
    "PrivateEngineContract",
    "ProblemContract",
    "ReaderContract",
    "RecogniserContract",
    "RegressionLossContract",
    "ResamplerContract",
    "RobustContract",
    "SamplerContract",
    "ScalerContract",
    "ScheduleContract",
    "ScorerContract",
    "SinkContract",
    "ThresholdContract",
    "asset_of",
    "tiny_columns",
    "tiny_model",
    "tiny_rows",
    "tiny_schema",
    "tiny_tagger",
]
