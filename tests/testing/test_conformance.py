"""Every built-in part keeps the contract of its slot, by the kit that plug-in authors use."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import torch

from accord.part import SLOTS, Spec, parts
from accord.testing import (
    AdapterContract,
    AugmenterContract,
    ClassLossContract,
    ClassWeightsContract,
    ClippingContract,
    Contract,
    DistillationContract,
    EnsembleContract,
    GeneralisationContract,
    HeadContract,
    ImputerContract,
    KeyServiceContract,
    LabelModelContract,
    MechanismContract,
    MixerContract,
    ObjectiveContract,
    OptimizerContract,
    OutlierContract,
    PenaltyContract,
    ProblemContract,
    RegressionLossContract,
    ResamplerContract,
    RobustContract,
    SamplerContract,
    ScalerContract,
    ScheduleContract,
    ScorerContract,
    SinkContract,
    ThresholdContract,
)

CONTRACTS: dict[str, type[Contract]] = {
    "adapter": AdapterContract,
    "augmenter": AugmenterContract,
    "class-loss": ClassLossContract,
    "class-weights": ClassWeightsContract,
    "clipping": ClippingContract,
    "distillation": DistillationContract,
    "ensemble": EnsembleContract,
    "generalisation": GeneralisationContract,
    "head": HeadContract,
    "key-service": KeyServiceContract,
    "mechanism": MechanismContract,
    "mixer": MixerContract,
    "objective": ObjectiveContract,
    "optimizer": OptimizerContract,
    "outlier": OutlierContract,
    "imputer": ImputerContract,
    "scaler": ScalerContract,
    "label-model": LabelModelContract,
    "penalty": PenaltyContract,
    "problem": ProblemContract,
    "regression-loss": RegressionLossContract,
    "resampler": ResamplerContract,
    "robust": RobustContract,
    "sampler": SamplerContract,
    "schedule": ScheduleContract,
    "scorer": ScorerContract,
    "sink": SinkContract,
    "threshold": ThresholdContract,
}
OPTIONS: dict[str, dict[str, Any]] = {
    "env": {"name": "ACCORD_CONTRACT_KEY"},
    "file": {"path": "key"},
    "command": {"run": f"{sys.executable} -c \"print('a key that nobody can guess')\""},
    "linear": {"order_by": "day"},
    "group-dro": {"groups": "source"},
    "hierarchy": {"paths": [["10115", "Berlin"], ["10117", "Berlin"], ["20095", "Hamburg"]]},
    "shares": {"of": [["a", 1], ["b", 2], ["c", 3]]},
    "cost": {"of": [["b", "a", 5.0]]},
    "descriptions": {"texts": {"a": "one thing", "b": "another", "c": "a third"}},
}
WORDS = {
    "synonyms": {"source": "embeddings", "near": -1.0},
    "contextual": {},
}
"""Augmenters that need a model; it is made when they are tested."""
COVERED = {slot: set(parts(slot)) for slot in CONTRACTS}


def _with_model(self: AugmenterContract) -> Spec:
    from tests.data.augment.masked import masked_model

    kind = self.part.kind
    fields = {"kind": kind, "model": masked_model(), **WORDS[kind]}
    return self.part.spec.model_validate(fields)


def _tested(slot: str, kind: str) -> type[Contract]:
    fields: dict[str, Any] = {"part": parts(slot)[kind]}
    if slot in ("objective", "scorer"):
        fields["problem"] = kind
    if kind == "asymmetric":
        fields["classes"] = 2
    if kind in OPTIONS and (kind != "linear" or slot == "imputer"):
        fields["options"] = OPTIONS[kind]
    if slot == "augmenter" and kind in WORDS:
        fields |= {"spec": _with_model, "cells": {"text": "the cat drinks milk ."}}
    if kind == "adamw-8bit":
        fields["device"] = "cuda"
    name = "Test" + "".join(word.title() for word in f"{slot}-{kind}".split("-"))
    made = type(name, (CONTRACTS[slot],), fields)
    if kind == "adamw-8bit":
        made = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")(made)
    return made


for _slot in CONTRACTS:
    for _kind in parts(_slot):
        _class = _tested(_slot, _kind)
        globals()[_class.__name__] = _class


def test_every_slot_has_a_contract() -> None:
    from tests.data.engine import test_engines
    from tests.data.protect import test_recognisers
    from tests.testing import test_reading

    apart = {
        "reader": test_reading,
        "encoder": test_reading,
        "engine": test_engines,
        "recogniser": test_recognisers,
    }
    assert set(CONTRACTS) | set(apart) == set(SLOTS)
    for slot, file in apart.items():
        tested = {
            value.part.kind
            for value in vars(file).values()
            if isinstance(value, type) and "part" in vars(value) and value.part.slot == slot
        }
        assert tested == set(parts(slot))
