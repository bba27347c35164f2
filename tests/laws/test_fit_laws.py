"""Every axis has a zero, and the zero changes nothing."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from accord.batch import Division, Feed, PreparedSplit, collate, epoch_order, micro_batches
from accord.errors import Interrupted, ModelError, RecipeError
from accord.model.inputs import model_inputs
from accord.objective.gradient import accumulate
from accord.optimizer.stopping import Rule
from tests.laws import models, prepared
from tests.laws.fitting import Computed, losses, run_fit


def weights(model: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.state_dict().items()}


def largest_difference(a: nn.Module, b: nn.Module) -> float:
    left, right = weights(a), weights(b)
    return max(float((left[name] - right[name]).abs().max()) for name in left)


@given(
    lengths=st.lists(st.integers(1, 300), min_size=1, max_size=70),
    limit=st.integers(1, 2000),
    division=st.sampled_from(["ordered", "bucketed", "unpadded"]),
)
def test_micro_batches_hold_every_row_once_and_respect_the_limit(
    lengths: list[int], limit: int, division: Division
) -> None:
    values = np.array(lengths)
    groups = micro_batches(values, limit, division=division)
    assert sorted(itertools.chain.from_iterable(g.tolist() for g in groups)) == list(
        range(len(lengths))
    )
    tokens = [
        values[g].sum() if division == "unpadded" else values[g].max() * len(g) for g in groups
    ]
    assert all(len(g) == 1 or n <= limit for g, n in zip(groups, tokens, strict=True))


def test_bucketing_leaves_the_global_batches_as_drawn(tmp_path: Path) -> None:
    split = PreparedSplit(prepared.classification(tmp_path, 50), "train")
    plain = Feed(split, 8, seed=3, division="ordered", workers=0)
    bucketed = Feed(split, 8, seed=3, division="bucketed", workers=2)
    for a, b in zip(plain.windows(0, 14, 10**6), bucketed.windows(0, 14, 64), strict=True):
        drawn = torch.cat([batch["rows"] for batch in a.batches]).tolist()
        assert sorted(torch.cat([batch["rows"] for batch in b.batches]).tolist()) == sorted(drawn)
    first_epoch = np.concatenate([epoch_order(50, 3, 0)])
    assert sorted(first_epoch.tolist()) == list(range(50))


def test_k_micro_batches_equal_one_batch(tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 36)
    one, one_events = run_fit(
        models.tiny_bert(), data, tmp_path / "a", train={"epochs": 2}, machine={"bucket": False}
    )
    many, many_events = run_fit(
        models.tiny_bert(),
        data,
        tmp_path / "b",
        train={"epochs": 2},
        machine={"micro_batch_tokens": 24},
    )
    np.testing.assert_allclose(losses(one_events), losses(many_events), atol=1e-6)
    assert largest_difference(one.model, many.model) < 1e-5


def test_gradient_is_exact_in_the_last_partial_window_by_tokens(tmp_path: Path) -> None:
    documents = [[1, *range(5, 5 + n)] for n in (2, 9, 4, 30, 3, 17, 6)]
    data = prepared.language(tmp_path, documents, [[i] for i in range(7)])
    for micro in (10**6, 20, 1):
        fitted, events = run_fit(
            models.tiny_llama(),
            data,
            tmp_path / str(micro),
            train={"epochs": 1, "batch_size": 5},
            machine={"micro_batch_tokens": micro},
        )
        if micro == 10**6:
            expected_model, expected = fitted.model, losses(events)
        np.testing.assert_allclose(losses(events), expected, atol=1e-6)
        assert largest_difference(fitted.model, expected_model) < 1e-5


@pytest.mark.parametrize("build", [models.tiny_llama, models.tiny_gpt2])
def test_packed_equals_unpacked(tmp_path: Path, build: type) -> None:
    rng = np.random.default_rng(0)
    documents = [[1, *rng.integers(5, 40, n).tolist()] for n in (5, 12, 3, 20, 8, 9)]
    apart = prepared.language(tmp_path / "apart", documents, [[i] for i in range(6)])
    packed = prepared.language(tmp_path / "packed", documents, [[0, 1, 2], [3, 4], [5]])
    a, events_a = run_fit(build(), apart, tmp_path / "a", train={"steps": 5, "batch_size": 6})
    b, events_b = run_fit(build(), packed, tmp_path / "b", train={"steps": 5, "batch_size": 3})
    np.testing.assert_allclose(losses(events_a), losses(events_b), atol=2e-6)
    assert largest_difference(a.model, b.model) < 1e-4


def test_no_attention_across_packed_documents(tmp_path: Path) -> None:
    first, second, other = [1, 8, 9, 10], [1, 20, 21], [1, 30, 31, 32]
    model = models.tiny_llama().eval()
    outputs = []
    for start in (first, other):
        data = prepared.language(tmp_path / str(start[1]), [start, second], [[0, 1]])
        split = PreparedSplit(data, "train")
        batch = collate(split.take(np.array([0])), split.schema)
        outputs.append(model(**model_inputs(model, batch)).logits[0, 4:])
    torch.testing.assert_close(outputs[0], outputs[1])


def test_interrupted_anywhere_and_resumed_equals_never_stopped(tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 40)
    train = {"epochs": 3, "ema": 0.9, "keep": "last", "schedule": "cosine"}
    whole, whole_events = run_fit(models.tiny_bert(dropout=0.1), data, tmp_path / "a", train=train)
    for stops in ([1], [7], [3, 4, 11]):
        work = tmp_path / "-".join(map(str, stops))
        for stop in stops:
            count = itertools.count(1)
            done = stops[stops.index(stop) - 1] if stops.index(stop) else 0
            with pytest.raises(Interrupted):
                run_fit(
                    models.tiny_bert(dropout=0.1),
                    data,
                    work,
                    train=train,
                    interrupted=lambda c=count, n=stop - done: next(c) >= n,
                )
        fitted, events = run_fit(models.tiny_bert(dropout=0.1), data, work, train=train)
        assert any(event["event"] == "resume" for event in events)
        assert largest_difference(whole.model, fitted.model) == 0.0
        assert losses(whole_events)[stops[-1] :] == losses(events)


def test_two_machine_sections_give_the_same_gradients(tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 24)
    fitted = [
        run_fit(models.tiny_bert(), data, tmp_path / str(i), train={"epochs": 1}, machine=machine)[
            0
        ]
        for i, machine in enumerate(
            ({"workers": 0, "bucket": False}, {"workers": 3, "micro_batch_tokens": 40})
        )
    ]
    assert largest_difference(fitted[0].model, fitted[1].model) < 1e-6


def test_out_of_memory_halves_the_micro_batch_and_keeps_the_global_batch(tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 24)
    expected, _ = run_fit(models.tiny_bert(dropout=0.0), data, tmp_path / "a", train={"epochs": 1})

    def short_of_memory(model, objective, batches, *, arithmetic, scale):  # type: ignore[no-untyped-def]
        if any(batch["rows"].shape[0] > 2 for batch in batches):
            accumulate(model, objective, batches[:1], arithmetic=arithmetic, scale=scale)
            raise torch.OutOfMemoryError("out of memory")
        return accumulate(model, objective, batches, arithmetic=arithmetic, scale=scale)

    fitted, events = run_fit(
        models.tiny_bert(dropout=0.0),
        data,
        tmp_path / "b",
        train={"epochs": 1},
        gradient=Computed(short_of_memory),
    )
    assert any(event["event"] == "out_of_memory" for event in events)
    assert largest_difference(expected.model, fitted.model) < 1e-6


def test_non_finite_losses_are_skipped_counted_and_stopped_on(tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 40)
    calls = itertools.count()

    def sometimes_nan(model, objective, batches, *, arithmetic, scale):  # type: ignore[no-untyped-def]
        loss = accumulate(model, objective, batches, arithmetic=arithmetic, scale=scale)
        if next(calls) == 2:
            next(model.parameters()).grad.fill_(float("nan"))
        return loss

    fitted, _ = run_fit(
        models.tiny_bert(),
        data,
        tmp_path / "a",
        train={"epochs": 1},
        gradient=Computed(sometimes_nan),
    )
    assert fitted.bad_steps == 1
    assert all(torch.isfinite(tensor).all() for tensor in fitted.model.state_dict().values())

    def always_nan(model, objective, batches, *, arithmetic, scale):  # type: ignore[no-untyped-def]
        accumulate(model, objective, batches, arithmetic=arithmetic, scale=scale)
        return float("nan")

    start = weights(models.tiny_bert())
    model = models.tiny_bert()
    with pytest.raises(ModelError, match="not finite in 3 consecutive"):
        run_fit(
            model,
            data,
            tmp_path / "b",
            train={"epochs": 2, "max_bad_steps": 3},
            gradient=Computed(always_nan),
        )
    assert all(torch.equal(start[name], tensor) for name, tensor in weights(model).items())


def test_early_stopping_restores_the_best_weights(tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 16)
    values = iter([3.0, 1.0, 2.0, 2.5, 9.0, 9.0, 9.0])
    seen: list[dict[str, torch.Tensor]] = []

    def validate(model: nn.Module) -> dict[str, float | None]:
        seen.append(weights(model))
        return {"loss": next(values)}

    fitted, events = run_fit(
        models.tiny_bert(),
        data,
        tmp_path / "a",
        train={"epochs": 7},
        validate=validate,
        rule=Rule("loss", lower_is_better=True, patience=2),
    )
    assert len(seen) == 4
    assert fitted.best.value == 1.0
    assert all(torch.equal(seen[1][name], t) for name, t in weights(fitted.model).items())
    assert any(event["event"] == "early_stop" for event in events)


def test_fp16_with_scaler_and_bf16_train(tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 64)
    for precision in ("fp16", "bf16"):
        _, events = run_fit(
            models.tiny_bert(),
            data,
            tmp_path / precision,
            train={"epochs": 6, "precision": precision, "learning_rate": 3e-3},
        )
        values = losses(events)
        assert np.mean(values[-8:]) < np.mean(values[:8])


def test_foreign_checkpoints_are_refused(tmp_path: Path) -> None:
    from accord.events import Log
    from accord.parallel.checkpoint import Checkpoints

    data = prepared.classification(tmp_path, 16)
    run_fit(models.tiny_bert(), data, tmp_path, train={"epochs": 1})
    with pytest.raises(RecipeError, match="another recipe"):
        Checkpoints(tmp_path / "checkpoints", "other", keep=1, log=Log(None)).load_latest()


def test_damaged_checkpoint_is_passed_over(tmp_path: Path) -> None:
    data = prepared.classification(tmp_path, 40)
    train = {"epochs": 2, "keep": "last"}
    whole, _ = run_fit(models.tiny_bert(), data, tmp_path / "a", train=train)
    count = itertools.count(1)
    with pytest.raises(Interrupted):
        run_fit(
            models.tiny_bert(),
            data,
            tmp_path / "b",
            train=train,
            machine={"checkpoint_every": 1e-9},
            interrupted=lambda: next(count) >= 6,
        )
    newest = sorted((tmp_path / "b" / "checkpoints").glob("step-*"))[-1]
    content = bytearray((newest / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (newest / "model.safetensors").write_bytes(content)
    fitted, events = run_fit(models.tiny_bert(), data, tmp_path / "b", train=train)
    assert any(event["event"] == "checkpoint_damaged" for event in events)
    assert largest_difference(whole.model, fitted.model) == 0.0


@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 1000), epoch=st.integers(0, 50))
def test_order_is_a_permutation_and_a_pure_function(seed: int, epoch: int) -> None:
    order = epoch_order(97, seed, epoch)
    assert sorted(order.tolist()) == list(range(97))
    assert np.array_equal(order, epoch_order(97, seed, epoch))
