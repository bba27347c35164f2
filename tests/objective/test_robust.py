"""Robust training: zeros change nothing, divisions change nothing, formulas hold."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import accord
from accord.batch import PreparedSplit
from accord.errors import AccordError, Interrupted
from accord.objective.gradient import Gradient, accumulate
from accord.objective.reweighed import Reweighed
from accord.objective.robust.group_dro import Groups
from accord.objective.robust.setting import TrainingRows
from accord.objective.robust.trimmed import Trimming
from accord.part import find
from accord.privacy.clipped import Clipped
from tests.laws import models, prepared
from tests.laws.fitting import losses, run_fit
from tests.laws.test_fit_laws import largest_difference

RESIDUALS = torch.linspace(-4, 4, 41, dtype=torch.float64)


def loss_of(kind: str, **fields: Any) -> torch.Tensor:
    found = find("regression-loss", kind)
    return found(found.spec(kind=kind, **fields))(RESIDUALS)


def test_huber_without_a_bound_is_squared_error_bit_for_bit() -> None:
    assert torch.equal(loss_of("huber", delta=1e9), RESIDUALS.square())


def test_losses_of_residuals_are_those_of_the_papers() -> None:
    reference = nn.functional.huber_loss
    zero = torch.zeros_like(RESIDUALS)
    twice = 2 * reference(RESIDUALS, zero, reduction="none", delta=0.7)
    torch.testing.assert_close(loss_of("huber", delta=0.7), twice)
    torch.testing.assert_close(loss_of("log-cosh", scale=1.0), 2 * RESIDUALS.cosh().log())
    torch.testing.assert_close(
        loss_of("log-cosh", scale=1e3), RESIDUALS.square(), rtol=1e-3, atol=1e-3
    )
    torch.testing.assert_close(loss_of("quantile", at=0.5), RESIDUALS.abs())


@given(st.floats(0.05, 0.95), st.integers(0, 100))
@settings(max_examples=25, deadline=None)
def test_the_quantile_loss_is_least_at_the_quantile(at: float, seed: int) -> None:
    """Of all constants: those between the values around the quantile."""
    found = find("regression-loss", "quantile")
    loss = found(found.spec(kind="quantile", at=at))
    values = torch.randn(50, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    costs = torch.stack([loss(constant - values).sum() for constant in values])
    best = values[costs.argmin()]
    below, up_to = (values < best).double().mean(), (values <= best).double().mean()
    assert below <= at + 1e-9 and up_to >= at - 1e-9


def with_groups(folder: Path, rows: int = 40) -> Path:
    """`prepared.classification`, every fourth training row of the group `b`."""
    prepared.classification(folder, rows)
    split = PreparedSplit(folder, "train")
    columns = {name: split.table[name].combine_chunks() for name in split.table.column_names}
    columns["carried:source"] = pa.array(["b" if i % 4 == 0 else "a" for i in range(rows)])
    facts = {"carried": {"source": ["a", "b"]}}
    prepared.write_split(folder, "train", columns, split.schema | facts)
    return folder


def trimming(share: float, ramp: int = 0) -> Reweighed:
    return Reweighed(accumulate, (Trimming(share, ramp),))


def dro(step: float = 0.5, groups: int = 2) -> Reweighed:
    rows = TrainingRows((), torch.zeros(0), {"source": ("a", "b")}, {"source": torch.ones(groups)})
    part = find("robust", "group-dro")
    return Reweighed(accumulate, (part(part.spec(groups="source", step=step), rows),))


@pytest.mark.parametrize(
    "made", [lambda: trimming(0.0), lambda: dro(groups=1), lambda: Reweighed(accumulate, ())]
)
def test_zeros_change_nothing_bit_for_bit(made: Any, tmp_path: Path) -> None:
    data = with_groups(tmp_path)
    train = {"epochs": 2}
    plain, _ = run_fit(models.tiny_bert(dropout=0.1), data, tmp_path / "a", train=train)
    zero, _ = run_fit(
        models.tiny_bert(dropout=0.1), data, tmp_path / "b", train=train, gradient=made()
    )
    assert largest_difference(plain.model, zero.model) == 0.0


def test_a_norm_no_row_reaches_changes_nothing_but_rounding(tmp_path: Path) -> None:
    data = with_groups(tmp_path)
    plain, _ = run_fit(models.tiny_bert(), data, tmp_path / "a", train={"epochs": 1})
    zero, _ = run_fit(
        models.tiny_bert(), data, tmp_path / "b", train={"epochs": 1}, gradient=Clipped(1e9)
    )
    assert largest_difference(plain.model, zero.model) < 1e-5


@pytest.mark.parametrize(
    "made",
    [
        lambda: trimming(0.3, 3),
        dro,
        lambda: Clipped(0.5),
        lambda: Reweighed(Clipped(0.5), (Trimming(0.2, 0),)),
    ],
)
def test_k_micro_batches_equal_one_batch(made: Any, tmp_path: Path) -> None:
    data = with_groups(tmp_path, 36)
    found = [
        run_fit(
            models.tiny_bert(),
            data,
            tmp_path / name,
            train={"epochs": 2},
            machine=machine,
            gradient=made(),
        )
        for name, machine in (("a", {"bucket": False}), ("b", {"micro_batch_tokens": 24}))
    ]
    assert largest_difference(found[0][0].model, found[1][0].model) < 2e-5


@pytest.mark.parametrize("made", [lambda: trimming(0.3, 9), dro])
def test_resumed_anywhere_equals_never_stopped(made: Any, tmp_path: Path) -> None:
    data = with_groups(tmp_path)
    train = {"epochs": 3, "keep": "last"}
    model = lambda: models.tiny_bert(dropout=0.1)  # noqa: E731
    whole, events = run_fit(model(), data, tmp_path / "a", train=train, gradient=made())
    plain, _ = run_fit(model(), data, tmp_path / "p", train=train)
    assert largest_difference(whole.model, plain.model) > 1e-4
    count = itertools.count(1)
    with pytest.raises(Interrupted):
        run_fit(
            model(),
            data,
            tmp_path / "b",
            train=train,
            gradient=made(),
            interrupted=lambda: next(count) >= 7,
        )
    again, rest = run_fit(model(), data, tmp_path / "b", train=train, gradient=made())
    assert largest_difference(whole.model, again.model) == 0.0
    assert losses(events)[7:] == losses(rest)


@given(
    values=st.lists(st.sampled_from([0.0, 0.5, 1.0, 7.0]), min_size=1, max_size=30),
    share=st.floats(0, 0.99),
)
@settings(max_examples=60, deadline=None)
def test_trimming_leaves_out_the_highest_losses_exactly(values: list[float], share: float) -> None:
    losses = torch.tensor(values, dtype=torch.float64)
    columns = {"rows": torch.arange(len(values)), "weight": torch.ones(len(values))}
    kept = Trimming(share, 0).weigh(losses, columns) == 1
    assert int((~kept).sum()) == min(round(share * len(values)), len(values) - 1)
    if (~kept).any():
        assert losses[kept].max() <= losses[~kept].min()


def test_group_weights_are_those_of_the_algorithm() -> None:
    groups = Groups(
        "carried:g", 0.1, torch.zeros(3).double(), torch.zeros(3).double().log_softmax(0)
    )
    q = torch.full((3,), 1 / 3, dtype=torch.float64)
    for seed in range(5):
        chance = torch.Generator().manual_seed(seed)
        losses = torch.rand(10, generator=chance, dtype=torch.float64)
        group = torch.arange(10) % 3
        weight = torch.ones(10, dtype=torch.float64)
        found = groups.weigh(losses, {"carried:g": group, "weight": weight})
        groups.settle()
        means = torch.stack([losses[group == g].mean() for g in range(3)])
        q = q * (0.1 * means).exp()
        q = q / q.sum()
        expected = (q * means).sum()
        torch.testing.assert_close((found * losses).sum() / found.sum(), expected)
    torch.testing.assert_close(groups.logs.exp(), q)


def rows_of(batch: dict[str, torch.Tensor]) -> Sequence[dict[str, torch.Tensor]]:
    return [{n: v[i : i + 1] for n, v in batch.items()} for i in range(len(batch["rows"]))]


def test_clipping_each_row_equals_brute_force(tmp_path: Path) -> None:
    from accord.batch import Feed
    from accord.objective.single_label import SingleLabel

    split = PreparedSplit(prepared.classification(tmp_path, 12), "train")
    window = next(Feed(split, 12, seed=0, division="bucketed", workers=0).windows(0, 1, 60))
    model, objective, norm = models.tiny_bert(), SingleLabel(), 1.1
    Clipped(norm)(model, objective, window.batches, arithmetic=nullcontext, scale=8.0)
    found = [None if p.grad is None else p.grad / 8.0 for p in model.parameters()]
    weights = list(model.parameters())
    expected = [torch.zeros_like(p) for p in weights]
    sizes: list[float] = []
    for batch in window.batches:
        for row in rows_of(batch):
            own = torch.autograd.grad(objective.loss(model, row), weights, allow_unused=True)
            flat = torch.cat([g.flatten() for g in own if g is not None])
            sizes.append(float(flat.norm()))
            for total, gradient in zip(expected, own, strict=True):
                if gradient is not None:
                    total += gradient * min(1.0, norm / sizes[-1]) / 12
    assert min(sizes) < norm < max(sizes)
    for one, other in zip(found, expected, strict=True):
        assert one is None or torch.allclose(one, other, atol=1e-6)


def test_rows_that_depend_on_each_other_are_clipped_one_at_a_time() -> None:
    model = nn.Sequential(nn.Conv1d(2, 3, 1), nn.BatchNorm1d(3), nn.Flatten()).train()

    class Squares:
        def losses(self, model: nn.Module, batch: Any) -> torch.Tensor:
            return model(batch["x"]).sub(batch["x"].mean()).pow(2).sum(1)

        def units(self, batch: Any) -> float:
            return float(len(batch["rows"]))

    batch = {"x": torch.randn(3, 2, 5), "rows": torch.arange(3)}
    gradient = Clipped(1.0)
    with pytest.warns(UserWarning, match="one row at a time"):
        gradient(model, Squares(), [batch], arithmetic=nullcontext, scale=1.0)
    found = [p.grad.clone() for p in model.parameters() if p.grad is not None]
    expected = [torch.zeros_like(p) for p in found]
    for row in rows_of(batch):
        own = torch.autograd.grad(Squares().losses(model, row).sum(), list(model.parameters()))
        factor = min(1.0, 1.0 / float(nn.utils.get_total_norm(own))) / 3
        for total, one in zip(expected, own, strict=True):
            total += one * factor
    for one, other in zip(found, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def recipe(folder: Path, **train: Any) -> dict[str, Any]:
    rows = (
        f"{i},{i % 7},{'no' if i % 3 else 'yes'},{'abc'[i % 3]},{i * 0.5}\n" for i in range(200)
    )
    (folder / "a.csv").write_text("x,z,y,source,number\n" + "".join(rows))
    return {
        "task": "table-classification",
        "model": {"config": {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1}},
        "data": {
            "agreement": "own",
            "train": str(folder / "a.csv"),
            "numeric": ["x", "z"],
            "label": "y",
        },
        "train": {"epochs": 1, "batch_size": 32, "precision": "fp32", **train},
        "evaluate": {"resamples": 0, "baseline": False},
        "machine": {"threads": 1},
    }


def test_a_run_carries_groups_into_the_training_rows_alone(tmp_path: Path) -> None:
    run = accord.train(
        recipe(tmp_path, robust={"kind": "group-dro", "groups": "source"}), output=tmp_path / "run"
    )
    folder = next((run.path / "artifacts").glob("dataset-*"))
    train, held = PreparedSplit(folder, "train"), PreparedSplit(folder, "test")
    assert train.schema["carried"] == {"source": ["a", "b", "c"]}
    assert set(train.table["carried:source"].to_pylist()) == {"a", "b", "c"}
    assert "carried:source" not in held.table.column_names
    events = (run.path / "events.jsonl").read_text()
    assert '"step"' in events


def test_a_group_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    wrong = recipe(tmp_path, robust={"kind": "group-dro", "groups": "sauce"})
    with pytest.raises(AccordError) as error:
        accord.train(wrong, output=tmp_path / "run")
    assert (error.value.code, error.value.path) == ("column-missing", "train.robust")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"loss": "huber"}, "train.loss"),
        ({"clip_each": 1.0, "penalties": ["l2"]}, "train.clip_each"),
        ({"robust": {"kind": "trimmed", "share": 1.0}}, "train.robust"),
        ({"robust": "group-dro"}, "train.robust"),
        ({"clip_each": 0}, "train.clip_each"),
    ],
)
def test_what_has_no_meaning_is_refused(change: dict[str, Any], path: str, tmp_path: Path) -> None:
    with pytest.raises(AccordError) as error:
        accord.check(recipe(tmp_path, **change))
    assert path in str(error.value)


def test_gradients_that_remember_nothing_save_nothing() -> None:
    made: list[Gradient] = [accumulate, Clipped(1.0)]
    assert all(gradient.state() == {} for gradient in made)
