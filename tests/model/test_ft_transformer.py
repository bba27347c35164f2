"""FT-Transformer: shapes, missing values, files, and that it learns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from accord.errors import ModelError
from accord.model.ft_transformer import FTTransformer, FTTransformerConfig
from accord.model.load import load_trained
from tests.model.schemas import inputs_for, new_model, saved


def _config(
    numeric: int, categories: tuple[int, ...], outputs: int, **more: Any
) -> FTTransformerConfig:
    filled = {"median": (0.0,) * numeric, "mean": (0.0,) * numeric, "std": (1.0,) * numeric}
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 4}
    return FTTransformerConfig(numeric, categories, outputs, **{**filled, **sizes, **more})


@pytest.mark.parametrize("rows", [1, 5])
@pytest.mark.parametrize(("numeric", "categories"), [(3, (4, 2)), (3, ()), (0, (4, 2))])
def test_any_mix_of_columns(rows: int, numeric: int, categories: tuple[int, ...]) -> None:
    model = FTTransformer(_config(numeric, categories, 2)).eval()
    ids = torch.zeros(rows, len(categories), dtype=torch.int64)
    assert model(torch.randn(rows, numeric), ids).logits.shape == (rows, 2)


def test_missing_numbers_are_finite_and_differ_from_the_median_once_learned() -> None:
    model = FTTransformer(_config(2, (), 1, median=(1.5, 0.0))).eval()
    none = torch.zeros(1, 0, dtype=torch.int64)
    missing, median = torch.tensor([[float("nan"), 2.0]]), torch.tensor([[1.5, 2.0]])
    assert torch.equal(model(missing, none).logits, model(median, none).logits)
    with torch.no_grad():
        model.missing_bias.copy_(torch.randn(2, 16))
    assert not torch.allclose(model(missing, none).logits, model(median, none).logits)
    model(missing, none).logits.sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


def test_rows_do_not_see_each_other() -> None:
    model = FTTransformer(_config(3, (4,), 2)).eval()
    numeric, ids = torch.randn(6, 3), torch.randint(0, 4, (6, 1))
    together = model(numeric, ids).logits
    alone = torch.cat([model(numeric[i : i + 1], ids[i : i + 1]).logits for i in range(6)])
    torch.testing.assert_close(together, alone)


@pytest.mark.parametrize("task", ["table-classification", "table-regression"])
def test_it_is_saved_and_loaded(task: str, tmp_path: Path) -> None:
    model = new_model(task).eval()
    again = load_trained(saved(task, tmp_path / "m", model))
    assert isinstance(again, FTTransformer)
    assert again.config == model.config  # type: ignore[comparison-overlap]
    assert torch.equal(again(**inputs_for(task)).logits, model(**inputs_for(task)).logits)


@pytest.mark.parametrize(
    "config",
    [{"hidden_size": 30, "num_attention_heads": 4}, {"hidden_dropout": 1.0}, {"layers": 3}],
)
def test_impossible_sizes_are_refused(config: dict[str, Any]) -> None:
    with pytest.raises(ModelError) as caught:
        new_model("table-classification", config=config)
    assert caught.value.code == "model-config"


def _split(name: str) -> tuple[Any, Any, Any, Any]:
    from sklearn import datasets
    from sklearn.model_selection import train_test_split

    values, target = getattr(datasets, f"load_{name}")(return_X_y=True)
    return tuple(train_test_split(values, target, test_size=0.3, random_state=0))


def _trained(values: Any, target: Any, outputs: int, epochs: int) -> FTTransformer:
    torch.manual_seed(0)
    columns = values.shape[1]
    model = FTTransformer(
        _config(
            columns,
            (),
            outputs,
            mean=tuple(values.mean(0)),
            std=tuple(values.std(0)),
            median=tuple(np.median(values, 0)),
            hidden_size=32,
            num_hidden_layers=2,
        )
    ).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-4)
    rows = torch.tensor(values, dtype=torch.float32)
    wanted = torch.tensor(target)
    for _ in range(epochs):
        for part in torch.randperm(len(rows)).split(64):
            logits = model(rows[part], torch.zeros(len(part), 0, dtype=torch.int64)).logits
            if outputs > 1:
                loss = nn.functional.cross_entropy(logits, wanted[part])
            else:
                loss = nn.functional.mse_loss(logits[:, 0], wanted[part].float())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model.eval()


def _outputs(model: FTTransformer, values: Any) -> Any:
    rows = torch.tensor(values, dtype=torch.float32)
    with torch.no_grad():
        return model(rows, torch.zeros(len(rows), 0, dtype=torch.int64)).logits.numpy()


def test_it_classifies_as_well_as_logistic_regression() -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, test, labels, truth = _split("breast_cancer")
    plain = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(train, labels)
    found = _outputs(_trained(train, labels, 2, 8), test).argmax(1)
    assert (found == truth).mean() >= plain.score(test, truth) - 0.03


def test_its_error_is_within_a_tenth_of_ridge_regression() -> None:
    from sklearn.linear_model import RidgeCV
    from sklearn.metrics import root_mean_squared_error as error
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    train, test, target, truth = _split("diabetes")
    plain = make_pipeline(StandardScaler(), RidgeCV()).fit(train, target)
    mean, std = target.mean(), target.std()
    found = _outputs(_trained(train, (target - mean) / std, 1, 15), test)[:, 0] * std + mean
    assert error(truth, found) <= 1.1 * error(truth, plain.predict(test))
